"""The two-sample Kolmogorov-Smirnov test, exact from counts where the grid is exact. Pure.

D = sup |F(x) - G(x)|. Kolmogorov 1933; Smirnov 1939; exact distribution by counting lattice paths: Hodges 1958;
correction of the asymptotic argument: Vrbik 2018, "Small-sample corrections to Kolmogorov-Smirnov test statistic".
"""

from __future__ import annotations

from math import frexp, gcd, sqrt

import numpy as np
from scipy.special import comb, kolmogorov

from monitoring.drift.attainable import largest_ks_distance, smallest_ks_p_value
from monitoring.drift.intervals import effect_interval
from monitoring.drift.measurement import Measurement
from monitoring.drift.pair import NumericPair
from monitoring.drift.quantiles import numeric_shift
from monitoring.profiles.grid import Floats, Ints

EXACT_UP_TO = 1_000
"""Size of the smaller sample up to which the p-value is exact."""


def measure_ks(pair: NumericPair) -> Measurement:
    """KS D between the finite values of both sides; exact when the grid is, or when the batch's values are given."""
    n, m = pair.reference.present, pair.batch.present
    statistic, upper, location = _statistic(pair) if n and m else (0.0, 0.0, 0.0)
    low, high = effect_interval(upper, statistic, n, m)
    return Measurement(
        column=pair.column,
        role=pair.role,
        detector="ks",
        statistic=statistic,
        statistic_low=statistic,
        statistic_high=upper,
        p_value=ks_p_value(statistic, n, m),
        smallest_p=smallest_ks_p_value(pair.reference.cells, pair.batch.cells, ks_p_value),
        constant=bool(n and m) and largest_ks_distance(pair.reference.cells, pair.batch.cells) == 0,
        distance=statistic,
        effect=statistic,
        effect_low=low,
        effect_high=high,
        n_reference=n,
        n_batch=m,
        evidence=numeric_shift(pair, location),
    )


def ks_bounds(reference: Ints, batch: Ints) -> tuple[float, float, int]:
    """Bounds of D from counts (2m + 1,) on the same grid, and the cell at whose right end the lower bound is reached.

    Within an open cell (a, b) both functions rise somewhere: |F - G| is at most F(b-) - G(a) or G(b-) - F(a).

    >>> ks_bounds(np.array([0, 1, 0, 1, 0]), np.array([0, 0, 0, 1, 1]))
    (0.5, 0.5, 1)
    """
    f, g = np.cumsum(reference) / reference.sum(), np.cumsum(batch) / batch.sum()
    gaps = np.abs(f - g)
    widest = int(np.argmax(gaps))
    both = (reference[0::2] > 0) & (batch[0::2] > 0)
    f_start, g_start = np.concatenate(([0.0], f[1::2])), np.concatenate(([0.0], g[1::2]))
    inside = np.maximum(f[0::2] - g_start, g[0::2] - f_start)[both]
    low = float(gaps[widest])
    return low, max(low, float(inside.max(initial=0.0))), widest


def ks_statistic(ordered: Floats, values: Floats) -> tuple[float, float]:
    """Exact D of sorted `ordered` (n,) and `values` (m,) in any order, and a value where it is reached."""
    points = np.concatenate((ordered, values))
    f = np.searchsorted(ordered, points, side="right") / len(ordered)
    g = np.searchsorted(np.sort(values), points, side="right") / len(values)
    gaps = np.abs(f - g)
    widest = int(np.argmax(gaps))
    return float(gaps[widest]), float(points[widest])


def ks_p_value(statistic: float, n: int, m: int) -> float:
    """P(D >= statistic) for two samples of `n` and `m` values of one continuous distribution.

    Exact for min(n, m) <= 1,000; where n != m only to about 1e-13 absolutely, so that a smaller one may be 0. Beyond
    it Kolmogorov's limit with a corrected argument: the mean step of the two-sample lattice (Hodges 1958) in the place
    of Vrbik's 1/6, which is for one sample, and Vrbik's second term (within 1 % of the exact value down to p = 2e-5).
    With ties it is an upper bound.
    """
    if not n or not m or statistic <= 0:
        return 1.0
    if n == m <= EXACT_UP_TO:
        return _outside_square(round(statistic * n), n)
    if min(n, m) <= EXACT_UP_TO:
        return min(1.0, max(0.0, 1 - _inside_probability(statistic, n, m)))
    root = sqrt(n * m / (n + m))
    x = root * statistic
    few, many = min(n, m), max(n, m)
    lattice = (many + 2 * few) / (6 * sqrt(few * many * (few + many))) - root * gcd(n, m) / (2 * n * m)
    return float(kolmogorov(x + lattice + (x - 1) / (4 * root * root)))


def smallest_p_value(n: int, m: int) -> float:
    """P-value of D = 1: 2 / C(n + m, n)."""
    return 1.0 if not n or not m else min(1.0, 2 / float(comb(n + m, min(n, m))))


def _outside_square(height: int, n: int) -> float:
    """Share of the lattice paths from (0, 0) to (n, n) on which |i - j| reaches `height` >= 1, by reflection.

    2 Σ (-1)^(k+1) C(2n, n - k h) / C(2n, n) (Gnedenko & Korolyuk 1951): small values keep their digits.

    >>> _outside_square(2, 2) == 2 / 6
    True
    """
    ratios = np.cumprod((n - np.arange(n)) / (n + 1 + np.arange(n)))
    terms = ratios[height - 1 :: height]
    return min(1.0, max(0.0, 2 * float(terms[0::2].sum() - terms[1::2].sum())))


def _inside_probability(statistic: float, n: int, m: int) -> float:
    """Share of the lattice paths from (0, 0) to (n, m) on which |i/n - j/m| stays below `statistic`.

    Row i of the table holds, for each j, paths that stayed inside, divided by the C(m + i, i) there are in all; one
    row is the running sum of the row before, so the work is min(n, m) vector operations.
    """
    n, m = min(n, m), max(n, m)
    g = gcd(n, m)
    down, across = m // g, n // g
    h = round(statistic * n * down)
    exponent = 0
    row = np.ones(min(m, (h - 1) // across) + 1) if h > 0 else np.zeros(0)
    first = 0
    for i in range(1, n + 1):
        low = max(0, (i * down - h) // across + 1)
        high = min(m, -((-i * down - h) // across) - 1)
        if high < low or not len(row):
            return 0.0
        kept = row[max(0, low - first) : high - first + 1]
        fresh = np.zeros(high - low + 1)
        fresh[: len(kept)] = kept
        row = np.cumsum(fresh) * (i / (m + i))
        first = low
        shift = frexp(float(row[-1]))[1]
        row, exponent = np.ldexp(row, -shift), exponent + shift
    return float(np.ldexp(row[-1], exponent))


def _statistic(pair: NumericPair) -> tuple[float, float, float]:
    """D, an upper bound of it, and where it is reached."""
    low, high, cell = ks_bounds(pair.reference.cells, pair.batch.cells)
    if high > low and pair.values is not None:
        exact, location = ks_statistic(pair.ordered, pair.values)
        return exact, exact, location
    points = pair.grid.points
    return low, high, float(points[min(cell // 2, len(points) - 1)])
