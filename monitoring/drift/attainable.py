"""The smallest p-value that pooled counts leave a test: what cannot reject need not be counted. Pure.

Which rows are the reference's is not looked at, only how many: a choice of tests by these numbers leaves every p-value
as valid as it was (Tarone 1990, "A modified Bonferroni method for discrete data").
"""

from __future__ import annotations

from collections.abc import Callable
from math import log

import numpy as np
from scipy.special import chdtrc, comb, xlogy

from monitoring.profiles.counts import NumericCounts
from monitoring.profiles.grid import Floats, Ints

BEYOND_ANY_LEVEL = 30.0
"""Exponent 2 D² n m / (n + m) from which a p-value of KS is below 10⁻¹²."""


def largest_ks_distance(reference: NumericCounts, batch: NumericCounts) -> float:
    """Largest D that any split of the pooled values into n and m could show, from counts on the same grid.

    F and G lie furthest apart where all of one side come first. Tied values stay together, so that D is less than 1
    where a tie reaches over both places. Values in one open cell are taken as different, which can only enlarge it.
    """
    n, m = reference.present, batch.present
    if not n or not m:
        return 0.0
    upto = reference.upto + batch.upto
    return max(_first(n, m, upto), _first(m, n, upto))


def _first(first: int, second: int, upto: Ints) -> float:
    """Largest distance when the side of `first` values has all it can of the smallest ones.

    >>> _first(4, 4, np.cumsum([0, 7, 0, 1, 0])), _first(3, 4, np.cumsum([0, 7, 0]))
    (0.25, 0.0)
    """
    cell = int(upto.searchsorted(first))
    reached = int(upto[cell])
    if reached == first or cell % 2 == 0:
        return 1.0
    before = int(upto[cell - 1])
    return max(before / first, 1 - (reached - first) / second)


def smallest_ks_p_value(
    reference: NumericCounts, batch: NumericCounts, p_value: Callable[[float, int, int], float]
) -> float:
    """Smallest p-value of KS that the pooled counts allow, or less: `p_value` of the largest distance.

    Where Dvoretzky, Kiefer and Wolfowitz's inequality puts it below 10⁻¹², the p-value of D = 1 stands in for it.

    Args:
        reference, batch: counts on the same grid.
        p_value: of a distance and both sizes.
    """
    n, m = reference.present, batch.present
    distance = largest_ks_distance(reference, batch)
    if not distance:
        return 1.0
    if distance == 1 or 2 * distance**2 * n * m / (n + m) > BEYOND_ANY_LEVEL:
        return min(1.0, 2 / float(comb(n + m, min(n, m))))
    return p_value(distance, n, m)


def smallest_chi_square_p_value(totals: Floats, n: int, m: int) -> float:
    """Smallest larger one of the p-values of X² and G for groups of these pooled `totals` (g,), or less.

    X² and G are convex in the smaller side's counts, hence largest where it lies in one group as far as the group
    reaches. Where it fits into none, that is the largest value; else they are at most N and 2 (n ln N/n + m ln N/m).

    >>> round(smallest_chi_square_p_value(np.array([500.0, 510.0]), 1_000, 10), 4)
    0.0013
    """
    if len(totals) < 2:
        return 1.0
    few, many, total = min(n, m), max(n, m), n + m
    x2, g = float(total), 2 * (n * log(total / n) + m * log(total / m))
    if few < totals.min():
        x2 = total**2 / (n * m) * (few**2 / float(totals.min()) - few**2 / total)
        rest = totals - few
        each = few * np.log(total / totals) + (total - totals) * log(total / many)
        g = 2 * float((each + xlogy(rest, rest * total / (totals * many))).max())
    return float(max(chdtrc(len(totals) - 1, x2), chdtrc(len(totals) - 1, g)))
