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
from monitoring.profiles.grid import Floats, Ints

TERMS = 60
"""Terms of the limit's series; the last is beyond the precision of a float up to the largest argument."""
LARGEST = 8.0
"""Argument beyond which the p-value, about exp(-π² x / 2), is below the precision of 1."""


def measure_cramer_von_mises(pair: NumericPair) -> Measurement:
    """T between the finite values of both sides, and the asymptotic p-value, which no verdict counts."""
    n, m = pair.reference.present, pair.batch.present
    if not n or not m:
        return shown_number(pair, "cvm", (0.0, 0.0), p_value=1.0)
    interval = cramer_von_mises_bounds(pair.reference.cells, pair.batch.cells)
    if interval[0] < interval[1] and pair.values is not None:
        exact = cramer_von_mises(pair.ordered, pair.values)
        interval = (exact, exact)
    return shown_number(pair, "cvm", interval, p_value=cramer_von_mises_p_value(interval[0], n, m))


def cramer_von_mises(ordered: Floats, values: Floats) -> float:
    """Exact T of sorted `ordered` (n,) and `values` (m,) in any order."""
    other = np.sort(values)
    points = np.unique(np.concatenate((ordered, other)))
    f, g = (
        np.diff(np.searchsorted(side, points, side="right"), prepend=0).astype(np.float64) for side in (ordered, other)
    )
    before_f, before_g = np.cumsum(f) - f, np.cumsum(g) - g
    n, m = len(ordered), len(other)
    return _statistic(n * _tied(f, before_g + g / 2) + m * _tied(g, before_f + f / 2), n, m)


def cramer_von_mises_bounds(reference: Ints, batch: Ints) -> tuple[float, float]:
    """Bounds of T from counts (2k + 1,) on the same grid; both sides must have values.

    In an open cell with f and g values the order is not known, nor which are tied. Let B be the number of pairs whose
    batch value is below, ties half: U grows by a known part, by 2 B (n j0 - m i0) with 0 <= B <= f g, by squares
    between f g n g m f / (n g + m f) and f g max(n g, m f), and by what ties within a side can add.
    """
    f, g = reference.astype(np.float64), batch.astype(np.float64)
    before_f, before_g = np.cumsum(f) - f, np.cumsum(g) - g
    n, m = int(reference.sum()), int(batch.sum())
    at = slice(1, None, 2)
    known = n * _tied(f[at], before_g[at] + g[at] / 2) + m * _tied(g[at], before_f[at] + f[at] / 2)
    between = slice(0, None, 2)
    f, g, before_f, before_g = f[between], g[between], before_f[between], before_g[between]
    both, mine, other = f * g, m * f, n * g
    known += n * float(f @ before_g**2) + m * float(g @ before_f**2) + 2 * m * float(both @ before_f)
    turned = 2 * both * (n * before_g - m * before_f)
    least = np.divide(both * mine * other, mine + other, out=np.zeros(len(f)), where=both > 0)
    ties = n * _tied(f, np.zeros(len(f))) + m * _tied(g, np.zeros(len(g)))
    low = float((np.minimum(turned, 0) + least).sum())
    high = float((np.maximum(turned, 0) + both * np.maximum(mine, other)).sum()) + ties
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
    return float(counts @ differences**2 + (counts * (counts**2 - 1)).sum() / 12)


def _statistic(u: float, n: int, m: int) -> float:
    return u / (n * m * (n + m)) - (4 * n * m - 1) / (6 * (n + m))
