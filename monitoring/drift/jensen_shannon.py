"""The Jensen-Shannon distance on the reference's tenths or on categories. Pure.

JS = sqrt(H((p + q) / 2) - (H(p) + H(q)) / 2) with logarithms to base 2: a metric in [0, 1] (Lin 1991;
Endres & Schindelin 2003). A bin that one side lacks needs no smoothing: 0 log 0 = 0.
"""

from __future__ import annotations

from math import log, sqrt

from scipy.special import rel_entr

from monitoring.drift.measurement import Measurement
from monitoring.drift.pair import NumericPair, Pair
from monitoring.drift.shown import shown_category, shown_number
from monitoring.profiles.grid import Ints


def measure_jensen_shannon(pair: Pair) -> Measurement:
    """Jensen-Shannon distance between the present values of both sides."""
    statistic = jensen_shannon(*pair.bins)
    if isinstance(pair, NumericPair):
        return shown_number(pair, "js", (statistic, statistic))
    return shown_category(pair, "js", statistic)


def jensen_shannon(reference: Ints, batch: Ints) -> float:
    """Distance of counts (k,) in the same bins; 0 where a side is empty.

    >>> import numpy as np
    >>> jensen_shannon(np.array([3, 0]), np.array([0, 5]))
    1.0
    """
    n, m = int(reference.sum()), int(batch.sum())
    if not n or not m:
        return 0.0
    p, q = reference / n, batch / m
    middle = (p + q) / 2
    divergence = float(rel_entr(p, middle).sum() + rel_entr(q, middle).sum()) / (2 * log(2))
    return sqrt(min(1.0, max(0.0, divergence)))
