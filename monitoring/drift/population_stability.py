"""The population stability index on the reference's tenths or on categories. Pure.

PSI = Σ (q - p) ln(q / p) (Lewis 1994; Kullback & Leibler's divergence J, 1951). Half a row is added to each bin that
either side has (Krichevsky & Trofimov 1981), so that an empty bin costs what its size warrants, not infinity and not
what an arbitrary 0.0001 would make of it.
"""

from __future__ import annotations

import numpy as np

from monitoring.drift.measurement import Measurement
from monitoring.drift.pair import NumericPair, Pair
from monitoring.drift.shown import shown_category, shown_number
from monitoring.profiles.grid import Ints

ADDED = 0.5


def measure_population_stability(pair: Pair) -> Measurement:
    """PSI between the present values of both sides."""
    statistic = population_stability(*pair.bins)
    if isinstance(pair, NumericPair):
        return shown_number(pair, "psi", (statistic, statistic))
    return shown_category(pair, "psi", statistic)


def population_stability(reference: Ints, batch: Ints) -> float:
    """PSI of counts (k,) in the same bins; 0 where a side is empty.

    >>> round(population_stability(np.array([499, 499]), np.array([599, 399])), 4)
    0.0406
    """
    if not reference.sum() or not batch.sum():
        return 0.0
    p, q = ((side + ADDED) / (side.sum() + ADDED * len(side)) for side in (reference, batch))
    return max(0.0, float(((q - p) * np.log(q / p)).sum()))
