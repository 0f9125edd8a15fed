"""The population stability index on the reference's tenths or on categories. Pure.

PSI = Σ (q - p) ln(q / p) (Lewis 1994; Kullback & Leibler's divergence J, 1951). Half a row is added to each bin that
either side has (Krichevsky & Trofimov 1981), so that an empty bin costs what its size warrants, not infinity and not
what an arbitrary 0.0001 would make of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import log

from monitoring.drift.measurement import Measurement
from monitoring.drift.pair import NumericPair, Pair
from monitoring.drift.shown import shown_category, shown_number

ADDED = 0.5


def measure_population_stability(pair: Pair) -> Measurement:
    """PSI between the present values of both sides."""
    statistic = population_stability(*pair.bins)
    if isinstance(pair, NumericPair):
        return shown_number(pair, "psi", (statistic, statistic))
    return shown_category(pair, "psi", statistic)


def population_stability(reference: Sequence[int], batch: Sequence[int]) -> float:
    """PSI of counts (k,) in the same bins; 0 where a side is empty.

    >>> round(population_stability([499, 499], [599, 399]), 4)
    0.0406
    """
    n, m = sum(reference), sum(batch)
    if not n or not m:
        return 0.0
    added, total = ADDED * len(reference), 0.0
    for f, g in zip(reference, batch, strict=True):
        p, q = (f + ADDED) / (n + added), (g + ADDED) / (m + added)
        total += (q - p) * log(q / p)
    return max(0.0, total)
