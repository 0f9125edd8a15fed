"""Rows that repeat an earlier one: a feed sent twice, a join gone wrong. Shown, not tested. Pure.

A larger sample of the same world repeats itself more often: of a hundred kinds of rows a hundred thousand are nearly
all repeats. So the batch is compared with what the reference repeats in as many rows: rarefaction (Hurlbert 1971) where
the reference is the larger one; beyond its size its share of repeats, which grows ever more slowly, can at most grow in
proportion to the rows.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import sqrt

import numpy as np
from scipy.special import gammaln

from monitoring.drift.intervals import effect_interval
from monitoring.drift.measurement import Measurement, ShareShift
from monitoring.drift.pair import RowPair
from monitoring.profiles.grid import Floats, Ints
from monitoring.profiles.merged_sample import Repeats

WIDTH = 1.96
"""Standard errors to either end of a 95 % interval."""


@dataclass(frozen=True, slots=True)
class Share:
    """A share with the ends of its 95 % interval, equal where it is exact."""

    value: float
    low: float
    high: float


def measure_duplicates(pair: RowPair) -> Measurement | None:
    """Share of rows that repeat an earlier one, and how far it lies from what the reference repeats in as many rows.

    None where a side has no rows.
    """
    reference, batch = pair.reference, pair.batch
    n, m = reference.seen, batch.seen
    if not n or not m:
        return None
    found, usual = repeated_share(batch, m), usual_share(reference, m)
    expected = min(max(found.value, usual.low), usual.high)
    effect = abs(found.value - expected)
    distance = max(abs(found.value - usual.low), abs(found.value - usual.high))
    unsure = (found.high - found.low) / 2
    low, high = effect_interval(distance, effect, n, m)
    return Measurement(
        column=pair.column,
        role=pair.role,
        detector="duplicates",
        statistic=found.value,
        statistic_low=found.low,
        statistic_high=found.high,
        p_value=None,
        distance=min(1.0, distance),
        effect=effect,
        effect_low=max(0.0, low - unsure),
        effect_high=min(1.0, high + unsure),
        n_reference=n,
        n_batch=m,
        evidence=ShareShift(share_reference=expected, share_batch=found.value, highest_reference_block=usual.high),
    )


def repeated_share(rows: Repeats, size: int) -> Share:
    """Share of rows that repeat an earlier one, expected in `size` of them drawn without replacement.

    With all distinct rows kept it is exact, 1 - Σ (1 - C(N - c, s) / C(N, s)) / s; else a ratio of means over these.
    That misses one row sent very often, which is hardly ever among those kept. Where it is known how far the sample
    reaches, it tells the number of distinct rows by itself: the interval is then the one that this leaves.

    >>> repeated_share(Repeats(np.array([2, 1, 1]), 4), 4).value
    0.25

    One of the six pairs that can be drawn from these four rows repeats itself:

    >>> round(repeated_share(Repeats(np.array([2, 1, 1]), 4), 2).value * 2 * 6, 9)
    1.0
    """
    found = _chance_to_appear(rows.counts, rows.seen, size)
    counts = rows.counts.astype(np.float64)
    distinct_per_row = float(found.mean() / counts.mean()) * rows.seen / size
    value = max(0.0, 1 - distinct_per_row)
    if rows.complete or len(counts) < 2:
        return Share(value, value, value)
    spread = float(np.std(found - found.mean() / counts.mean() * counts, ddof=1))
    error = WIDTH * spread / (sqrt(len(counts)) * float(counts.mean())) * rows.seen / size
    if rows.reach < 1 and size == rows.seen:
        reached = _by_reach(rows)
        return replace(reached, value=value) if reached.low <= value <= reached.high else reached
    return Share(value, max(0.0, value - error), min(1.0, value + error))


def _by_reach(rows: Repeats) -> Share:
    """The share from the k-th smallest hash u of distinct rows, about (k - 1) / u of them (Bar-Yossef et al. 2002)."""
    k = len(rows.counts)
    distinct, error = (k - 1) / rows.reach / rows.seen, WIDTH / sqrt(max(k - 2, 1))
    ends = (1 - distinct * (1 + error), 1 - distinct, 1 - distinct * (1 - error))
    low, value, high = (min(1.0, max(0.0, end)) for end in ends)
    return Share(value, low, high)


def usual_share(reference: Repeats, size: int) -> Share:
    """What the reference would repeat in `size` rows, between the ends that are possible and probable."""
    if size <= reference.seen:
        return repeated_share(reference, size)
    whole = repeated_share(reference, reference.seen)
    growth = (size - 1) / max(reference.seen - 1, 1)
    return Share(whole.value, whole.low, min(1.0, whole.high * growth))


def _chance_to_appear(counts: Ints, seen: int, size: int) -> Floats:
    """For each row (k,) the chance that it is among `size` of `seen` rows: 1 - C(N - c, s) / C(N, s)."""
    left = seen - counts.astype(np.float64)
    possible = left >= size
    rest = np.where(possible, left, size)
    log_none = gammaln(rest + 1) - gammaln(rest - size + 1) - (gammaln(seen + 1) - gammaln(seen - size + 1))
    several = np.where(possible, -np.expm1(log_none), 1.0)
    return np.asarray(np.where(counts == 1, size / seen, several))
