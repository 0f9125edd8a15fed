"""The two-sample Cramér-von Mises statistic, with mid-ranks for ties. Pure.

Anderson 1962; its limiting distribution: Anderson & Darling 1952.

T = U / (n m (n + m)) - (4 n m - 1) / (6 (n + m)), U = n Σ (r_i - i)² + m Σ (s_j - j)², r and s the ranks of either
sample in both. A value's r_i - i is the number of the other side's values below it, plus half of those tied with it.
"""

from __future__ import annotations

from math import pi, sqrt

import numpy as np
from scipy.special import gammaln, kve

from monitoring.drift.measurement import Measurement
from monitoring.drift.pair import NumericPair
from monitoring.drift.shown import shown_number
from monitoring.profiles.counts import NumericCounts
from monitoring.profiles.grid import Floats

TERMS = 60
"""Terms of the limit's series; the last is beyond the precision of a float up to the largest argument."""
LARGEST = 8.0
"""Argument beyond which the p-value, about exp(-π² x / 2), is below the precision of 1."""


def measure_cramer_von_mises(pair: NumericPair) -> Measurement:
    """T between the finite values of both sides, and the asymptotic p-value, which no verdict counts."""
    n, m = pair.reference.present, pair.batch.present
    if not n or not m:
        return shown_number(pair, "cvm", (0.0, 0.0), p_value=1.0)
    interval = cramer_von_mises_bounds(pair.reference, pair.batch)
    if interval[0] < interval[1] and pair.values is not None and pair.every_row:
        exact = cramer_von_mises(pair.ordered, pair.values)
        interval = (exact, exact)
    return shown_number(pair, "cvm", interval, p_value=cramer_von_mises_p_value(interval[0], n, m))


def cramer_von_mises(ordered: Floats, values: Floats) -> float:
    """Exact T of sorted `ordered` (n,) and sorted `values` (m,)."""
    points = np.unique(np.concatenate((ordered, values)))
    f, g = (
        np.diff(np.searchsorted(side, points, side="right"), prepend=0).astype(np.float64) for side in (ordered, values)
    )
    before_f, before_g = np.cumsum(f) - f, np.cumsum(g) - g
    n, m = len(ordered), len(values)
    return _statistic(n * _tied(f, before_g + g / 2) + m * _tied(g, before_f + f / 2), n, m)


def cramer_von_mises_bounds(reference: NumericCounts, batch: NumericCounts) -> tuple[float, float]:
    """Bounds of T from counts on the same grid; both sides must have values.

    In an open cell with f and g values the order is not known, nor which are tied. Let B be the number of pairs whose
    batch value is below, ties half: U grows by a known part, by 2 B (n j0 - m i0) with 0 <= B <= f g, by squares
    between f g n g m f / (n g + m f) and f g max(n g, m f), and by what ties within a side can add.
    """
    n, m = reference.present, batch.present
    f, g = reference.cells, batch.cells
    known = n * float((f * batch.squares_before).sum()) + m * float((g * reference.squares_before).sum())
    at = 2 * np.flatnonzero(g[1::2]) + 1
    tied_f, tied_g = (side[at].astype(np.float64) for side in (f, g))
    before_f, before_g = reference.upto[at] - tied_f, batch.upto[at] - tied_g
    known += float((tied_f * tied_g * (n * (before_g + tied_g / 4) + m * (before_f + tied_f / 4))).sum())
    ties_f, ties_g = n * reference.ties, m * batch.ties
    known += float(ties_f[1] + ties_g[1])
    both = 2 * np.flatnonzero((f[0::2] > 0) & (g[0::2] > 0))
    mine, other = (side[both].astype(np.float64) for side in (f, g))
    before_f, before_g = reference.upto[both] - mine, batch.upto[both] - other
    pairs, mine, other = mine * other, m * mine, n * other
    known += 2 * m * float((pairs * before_f).sum())
    turned = 2 * pairs * (n * before_g - m * before_f)
    low = float((np.minimum(turned, 0) + pairs * mine * other / (mine + other)).sum())
    high = float((np.maximum(turned, 0) + pairs * np.maximum(mine, other)).sum()) + float(ties_f[0] + ties_g[0])
    return max(0.0, _statistic(known + low, n, m)), max(0.0, _statistic(known + high, n, m))


def cramer_von_mises_p_value(statistic: float, n: int, m: int) -> float:
    """Asymptotic P(T >= statistic), T brought to the limit's mean and variance, as in Anderson 1962.

    To 1e-15 absolutely; scipy breaks the same series off at terms of 1e-7.
    """
    total, product = n + m, n * m
    mean = (1 + 1 / total) / 6
    spread = (total + 1) * (4 * product * total - 3 * (n * n + m * m) - 2 * product)
    if not spread:
        return 1.0
    variance_45 = spread / (total * total * 4 * product)
    x = 1 / 6 + (statistic - mean) / sqrt(variance_45)
    if x < 0.003 or x > LARGEST:
        return 1.0 if x < 0.003 else 0.0
    return min(1.0, max(0.0, 1 - _limit(x)))


def _limit(x: float) -> float:
    """Limiting distribution function, by Anderson and Darling's series of Bessel functions."""
    k = np.arange(TERMS)
    y = 4 * k + 1
    q = y * y / (16 * x)
    terms = np.exp(gammaln(k + 0.5) - gammaln(k + 1) - 2 * q) * np.sqrt(y) * kve(0.25, q)
    return float(terms.sum() / (pi**1.5 * sqrt(x)))


def _tied(counts: Floats, differences: Floats) -> float:
    """Σ (rank - place)² over groups of `counts` tied values whose mean difference is `differences`."""
    return float((counts * differences**2).sum() + (counts * (counts**2 - 1)).sum() / 12)


def _statistic(u: float, n: int, m: int) -> float:
    return u / (n * m * (n + m)) - (4 * n * m - 1) / (6 * (n + m))
