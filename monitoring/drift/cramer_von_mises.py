"""The two-sample Cramér-von Mises statistic, with mid-ranks for ties. Pure.

Anderson 1962; its limiting distribution: Anderson & Darling 1952.

T = U / (n m (n + m)) - (4 n m - 1) / (6 (n + m)), U = n Σ (r_i - i)² + m Σ (s_j - j)², r and s the ranks of either
sample in both. A value's r_i - i is the number of the other side's values below it, plus half of those tied with it.
"""

from __future__ import annotations

from functools import cache
from math import exp, pi, sqrt

import numpy as np
from scipy.special import gammaln, kve

from monitoring.drift.gap import Steps
from monitoring.drift.measurement import Measurement
from monitoring.drift.pair import NumericPair
from monitoring.drift.shown import shown_number
from monitoring.profiles.counts import NumericCounts
from monitoring.profiles.grid import Floats

TERMS = 16
"""Terms of the limit's series; the last is beyond the precision of a float up to the largest argument."""
TERMS_A_ROOT = 4.5
"""Terms that count, for each unit of the argument's root: with y > 4 x 4.5 √x a term is below exp(-y² / 8x) < 1e-17."""
IN_ONE_THREAD = 8_192
"""Numbers whose sum of products every build of BLAS computes in the thread that asks for it."""
LARGEST = 8.0
"""Argument beyond which the p-value, about exp(-π² x / 2), is below the precision of 1."""


def measure_cramer_von_mises(pair: NumericPair) -> Measurement:
    """T between the finite values of both sides, and the asymptotic p-value, which no verdict counts."""
    n, m = pair.reference.present, pair.batch.present
    if not n or not m:
        return shown_number(pair, "cvm", (0.0, 0.0), p_value=1.0)
    if pair.compiled:
        low, high = pair.compiled.cramer_von_mises
        interval = (max(0.0, low), max(0.0, high))
    else:
        interval = cramer_von_mises_bounds(pair.steps, pair.reference, pair.batch)
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


def cramer_von_mises_bounds(steps: Steps, reference: NumericCounts, batch: NumericCounts) -> tuple[float, float]:
    """Bounds of T from counts on the same grid; both sides must have values.

    In an open cell with f and g values the order is not known, nor which are tied. Let B be the number of pairs whose
    batch value is below, ties half: with i0 and j0 values before the cell U grows by a known part, by 2 B (n j0 - m i0)
    with 0 <= B <= f g, by squares between f g n g m f / (n g + m f) and f g max(n g, m f), and by what ties within a
    side can add. Cells without values of the batch, between which j0 stays as it is, are taken together.
    """
    n, m, before_f, before_g, ahead = steps.n, steps.m, steps.f_before, steps.g_before, steps.over
    f, g = steps.f_upto - before_f, steps.g_upto - before_g
    rises = steps.f_upto.copy()
    rises[1:] -= steps.f_upto[:-1]
    rises *= before_g
    known = n * (_sum_of_products(rises, before_g) + (n - float(steps.f_upto[-1])) * m * m)
    known += m * _sum_of_products(g * before_f, before_f)
    known += n * reference.ties.of_points + m * batch.ties.of_points
    on_point = steps.cells & 1
    if on_point.any():
        on_point = on_point.astype(bool)
        tied_f, tied_g, i, j = (side[on_point] for side in (f, g, before_f, before_g))
        known += _sum_of_products(tied_f * tied_g, n * (j + tied_g / 4) + m * (i + tied_f / 4))
        f, g, before_f, ahead = (side[~on_point] for side in (f, g, before_f, ahead))
    pairs = f * g
    known += 2 * m * _sum_of_products(pairs, before_f)
    turned = ahead * pairs
    both, either = -float(turned.sum()), float(np.abs(turned, out=turned).sum())
    mine, other = f * m, g * n
    high = both + either + _sum_of_products(pairs, np.maximum(mine, other))
    mine += other
    low = both - either + float(n) * m * _sum_of_products(pairs, np.divide(pairs, mine, out=mine))
    high += n * reference.ties.in_open_cells + m * batch.ties.in_open_cells
    return max(0.0, _statistic(known + low, n, m)), max(0.0, _statistic(known + high, n, m))


def _sum_of_products(one: Floats, other: Floats) -> float:
    """The same as of `one * other` (u,), in parts for which no linear algebra library wakes its threads."""
    parts = range(0, len(one), IN_ONE_THREAD)
    return sum((float(one[i : i + IN_ONE_THREAD] @ other[i : i + IN_ONE_THREAD]) for i in parts), 0.0)


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
    total = 0.0
    for square, factor in _series()[: int(TERMS_A_ROOT * sqrt(x)) + 2]:
        q = square / (16 * x)
        total += factor * exp(-2 * q) * float(kve(0.25, q))
    return float(total / (pi**1.5 * sqrt(x)))


@cache
def _series() -> tuple[tuple[float, float], ...]:
    """Squares of y = 4k + 1 of the series, and what its terms have in common for all arguments."""
    k = np.arange(TERMS)
    y = 4 * k + 1
    factors = np.exp(gammaln(k + 0.5) - gammaln(k + 1)) * np.sqrt(y)
    return tuple(zip((y * y).tolist(), factors.tolist(), strict=True))


def _tied(counts: Floats, differences: Floats) -> float:
    """Σ (rank - place)² over groups of `counts` tied values whose mean difference is `differences`."""
    return float((counts * differences**2).sum() + (counts * (counts**2 - 1)).sum() / 12)


def _statistic(u: float, n: int, m: int) -> float:
    return u / (n * m * (n + m)) - (4 * n * m - 1) / (6 * (n + m))
