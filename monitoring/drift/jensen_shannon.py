"""The Jensen-Shannon distance on the reference's tenths or on categories. Pure.

JS = sqrt(H((p + q) / 2) - (H(p) + H(q)) / 2) with logarithms to base 2: a metric in [0, 1] (Lin 1991;
Endres & Schindelin 2003). A bin that one side lacks needs no smoothing: 0 log 0 = 0.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import log2, sqrt

from monitoring.drift.measurement import Measurement
from monitoring.drift.pair import NumericPair, Pair
from monitoring.drift.shown import shown_category, shown_number


def measure_jensen_shannon(pair: Pair) -> Measurement:
    """Jensen-Shannon distance between the present values of both sides."""
    statistic = jensen_shannon(*pair.bins)
    if isinstance(pair, NumericPair):
        return shown_number(pair, "js", (statistic, statistic))
    return shown_category(pair, "js", statistic)


def jensen_shannon(reference: Sequence[int], batch: Sequence[int]) -> float:
    """Distance of counts (k,) in the same bins; 0 where a side is empty.

    >>> jensen_shannon([3, 0], [0, 5])
    1.0
    """
    n, m, divergence = sum(reference), sum(batch), 0.0
    if not n or not m:
        return 0.0
    for f, g in zip(reference, batch, strict=True):
        p, q = f / n, g / m
        middle = (p + q) / 2
        for share in (p, q):
            if share:
                divergence += share * log2(share / middle) / 2
    return sqrt(min(1.0, max(0.0, divergence)))
