"""Share of rows without a value: an outcome of its own, tested by Fisher's exact test. Pure. Fisher 1922."""

from __future__ import annotations

import numpy as np
from scipy.stats import fisher_exact

from monitoring.drift.attainable import smallest_missing_p_value
from monitoring.drift.categories import grouped_chi_square
from monitoring.drift.intervals import effect_interval
from monitoring.drift.measurement import Measurement, ShareShift
from monitoring.drift.pair import Pair, highest_share

LARGE = 1_000
"""Expected count in each of the four cells from which X² and G stand in for the exact test."""


def measure_missing(pair: Pair) -> Measurement:
    """Difference of the missing shares."""
    n, m = pair.reference.rows, pair.batch.rows
    missing = (pair.reference.missing, pair.batch.missing)
    shares = missing[0] / max(n, 1), missing[1] / max(m, 1)
    distance = abs(shares[1] - shares[0])
    low, high = effect_interval(distance, distance, n, m)
    return Measurement(
        column=pair.column,
        role=pair.role,
        detector="missing",
        statistic=shares[1],
        statistic_low=shares[1],
        statistic_high=shares[1],
        p_value=missing_p_value(*missing, n, m),
        smallest_p=smallest_missing_p_value(sum(missing), n, m),
        constant=sum(missing) in (0, n + m) and bool(n and m),
        distance=distance,
        effect=distance,
        effect_low=low,
        effect_high=high,
        n_reference=n,
        n_batch=m,
        evidence=ShareShift(
            share_reference=shares[0],
            share_batch=shares[1],
            highest_reference_block=highest_share(pair.reference_blocks, -1, shares[0]),
        ),
    )


def missing_p_value(missing_reference: int, missing_batch: int, n: int, m: int) -> float:
    """Two-sided p-value of equal missing shares: Fisher's, or max of X² and G where every cell expects over 1,000."""
    pooled = missing_reference + missing_batch
    if not pooled or pooled == n + m or not n or not m:
        return 1.0
    reference, batch = (missing_reference, n - missing_reference), (missing_batch, m - missing_batch)
    if min(pooled, n + m - pooled) * min(n, m) / (n + m) > LARGE:
        return grouped_chi_square(np.array(reference), np.array(batch))[1]
    return float(fisher_exact(np.array([reference, batch])).pvalue)
