"""The two-sample Kolmogorov-Smirnov test, exact from counts where the grid is exact. Pure.

D = sup |F(x) - G(x)|. Kolmogorov 1933; Smirnov 1939; exact distribution by counting lattice paths: Hodges 1958;
correction of the asymptotic argument: Vrbik 2018, "Small-sample corrections to Kolmogorov-Smirnov test statistic".
"""

from __future__ import annotations

from math import frexp, gcd, sqrt

import numpy as np
from scipy.special import kolmogorov

from monitoring.compiled import kernel
from monitoring.drift.attainable import largest_ks_distance, smallest_ks_p_value
from monitoring.drift.measurement import Measurement
from monitoring.drift.pair import NumericPair

EXACT_UP_TO = 1_000
"""Size of the smaller sample up to which the p-value is exact."""
BEYOND = 4.3
"""sqrt(nm / (n + m)) D above which P is less than e exp(-2 * 4.3^2) = 2.4e-16 (Wei & Dudley 2012, for all n and m), so
that counting the paths, up to a quarter of a second a column, tells nothing but its own rounding."""


def measure_ks(pair: NumericPair) -> Measurement:
    """KS D between the finite values of both sides; exact when the grid is, or when the batch's values are given."""
    n, m = pair.reference.present, pair.batch.present
    gap, (low, high) = pair.gap, pair.effect_ends
    largest = largest_ks_distance(pair.reference, pair.batch, pair.compiled)
    return Measurement(
        column=pair.column,
        role=pair.role,
        detector="ks",
        statistic=gap.low,
        statistic_low=gap.low,
        statistic_high=gap.high,
        p_value=ks_p_value(gap.low, n, m),
        smallest_p=smallest_ks_p_value(largest, n, m, ks_p_value),
        constant=bool(n and m) and largest == 0,
        distance=gap.low,
        effect=gap.low,
        effect_low=low,
        effect_high=high,
        n_reference=n,
        n_batch=m,
        evidence=pair.shift_in_units,
    )


def ks_p_value(statistic: float, n: int, m: int) -> float:
    """P(D >= statistic) for two samples of `n` and `m` values of one continuous distribution.

    Exact for min(n, m) <= 1,000; where n != m only to about 1e-13 absolutely, so that a smaller one may be 0. Beyond
    it Kolmogorov's limit with a corrected argument: the mean step of the two-sample lattice (Hodges 1958) in the place
    of Vrbik's 1/6, which is for one sample, and Vrbik's second term (within 1 % of the exact value down to
    p = 2e-5, 2.5 % for sizes that are nearly but not quite equal).
    With ties it is an upper bound.
    """
    if not n or not m or statistic <= 0:
        return 1.0
    if n == m <= EXACT_UP_TO:
        return _outside_square(round(statistic * n), n)
    root = sqrt(n * m / (n + m))
    x = root * statistic
    if min(n, m) <= EXACT_UP_TO:
        return 0.0 if x > BEYOND else min(1.0, max(0.0, 1 - _inside_probability(statistic, n, m)))
    few, many = min(n, m), max(n, m)
    lattice = (many + 2 * few) / (6 * sqrt(few * many * (few + many))) - root * gcd(n, m) / (2 * n * m)
    return float(kolmogorov(x + lattice + (x - 1) / (4 * root * root)))


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
    if h > 0 and kernel.compiled():
        return kernel.inside(n, m, down, across, h)
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
