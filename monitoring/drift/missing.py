"""Share of rows without a value: an outcome of its own, tested by Fisher's exact test. Pure. Fisher 1922."""

from __future__ import annotations

import numpy as np

from monitoring.drift.categories import grouped_chi_square
from monitoring.drift.measurement import Measurement, ShareShift
from monitoring.drift.pair import Pair, highest_share
from monitoring.drift.shown import shown_share
from monitoring.profiles.grid import Floats

LARGE = 1_000
"""Expected count in each of the four cells from which X² and G stand in for the exact test."""
AS_LIKELY = 1 + 1e-7
"""What counts as no more likely than the split found, for rounding, as in R's fisher.test."""


def measure_missing(pair: Pair) -> Measurement:
    """Difference of the missing shares."""
    n, m = pair.reference.rows, pair.batch.rows
    missing = (pair.reference.missing, pair.batch.missing)
    share = missing[0] / max(n, 1)
    shift = ShareShift(
        share_reference=share,
        share_batch=missing[1] / max(m, 1),
        highest_reference_block=highest_share(pair.reference_blocks, -1, share),
    )
    return shown_share(
        pair,
        "missing",
        shift,
        (n, m),
        p_value=missing_p_value(*missing, n, m),
        smallest_p=smallest_missing_p_value(sum(missing), n, m),
        constant=bool(n and m) and sum(missing) in (0, n + m),
    )


def missing_p_value(missing_reference: int, missing_batch: int, n: int, m: int) -> float:
    """Two-sided p-value of equal missing shares: Fisher's, or max of X² and G where every cell expects over 1,000."""
    pooled = missing_reference + missing_batch
    if not pooled or pooled == n + m or not n or not m:
        return 1.0
    if _fewest_expected(pooled, n, m) > LARGE:
        reference, batch = (missing_reference, n - missing_reference), (missing_batch, m - missing_batch)
        return grouped_chi_square(np.array(reference), np.array(batch))[1]
    chances = split_chances(pooled, n, m)
    found = chances[missing_batch - max(0, pooled - n)]
    return min(1.0, float(chances[chances <= found * AS_LIKELY].sum()))


def smallest_missing_p_value(pooled: int, n: int, m: int) -> float:
    """Smallest p-value that any split of `pooled` missing rows over both sides could have."""
    if not pooled or pooled == n + m or not n or not m:
        return 1.0
    if _fewest_expected(pooled, n, m) > LARGE:
        return 0.0
    chances = split_chances(pooled, n, m)
    return float(chances[chances <= min(chances[0], chances[-1]) * AS_LIKELY].sum())


def split_chances(pooled: int, n: int, m: int) -> Floats:
    """Hypergeometric chances of every possible number of the `pooled` rows among the batch's m, the fewest first.

    From the ratios of neighbours, so that the chances keep their digits however large the sizes.

    >>> split_chances(2, 2, 2).round(4).tolist()
    [0.1667, 0.6667, 0.1667]
    """
    k = np.arange(max(0, pooled - n), min(pooled, m), dtype=np.float64)
    steps = np.log((pooled - k) * (m - k)) - np.log((k + 1) * (n - pooled + k + 1))
    heights = np.concatenate(([0.0], np.cumsum(steps)))
    chances = np.exp(heights - heights.max())
    return np.asarray(chances / chances.sum())


def _fewest_expected(pooled: int, n: int, m: int) -> float:
    """Expected count of the smallest of the four cells."""
    return min(pooled, n + m - pooled) * min(n, m) / (n + m)
