"""The smallest p-value that pooled counts leave a test: what cannot reject need not be counted. Pure.

Which rows are the reference's is not looked at, only how many: a choice of tests by these numbers leaves every p-value
as valid as it was (Tarone 1990, "A modified Bonferroni method for discrete data").
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from math import exp, lgamma, log

import numpy as np
from scipy.special import chdtrc, xlogy

from monitoring.compiled import kernel
from monitoring.profiles.counts import NumericCounts
from monitoring.profiles.grid import Floats

BEYOND_ANY_LEVEL = 30.0
"""Exponent 2 D² n m / (n + m) from which a p-value of KS is below 10⁻¹²."""


def largest_ks_distance(
    reference: NumericCounts, batch: NumericCounts, compiled: kernel.Compared | None = None
) -> float:
    """Largest D that any split of the pooled values into n and m could show, from counts on the same grid.

    F and G lie furthest apart where all of one side come first. Tied values stay together, so that D is less than 1
    where a tie reaches over both places. Values in one open cell are taken as different, which can only enlarge it.
    `compiled` is what compiled code makes of both sides, where it is at hand.
    """
    n, m = reference.present, batch.present
    if not n or not m:
        return 0.0
    one, other = compiled.places if compiled else _places(n, m, reference, batch)
    return max(_first(n, m, *one), _first(m, n, *other))


def _places(n: int, m: int, reference: NumericCounts, batch: NumericCounts) -> Iterator[tuple[int, int, int]]:
    pooled = reference.upto.take(batch.filled.cells) + batch.filled.upto
    for rank, place in zip((n, m), pooled.searchsorted((n, m)).tolist(), strict=True):
        yield _around(rank, place, reference, batch)


def _around(rank: int, place: int, reference: NumericCounts, batch: NumericCounts) -> tuple[int, int, int]:
    """The cell with the value of this `rank` among all, how many lie before that cell, and how many up to its end.

    From one of the batch's filled cells to the next only the reference's values are added: `place` is the first of
    these cells up to whose end the value lies.
    """
    filled = batch.filled
    passed = int(filled.upto[place - 1]) if place else 0
    cell = int(reference.upto.searchsorted(rank - passed))
    if place < len(filled.cells):
        cell = min(cell, int(filled.cells[place]))
    mine, other = int(reference.cells[cell]), int(batch.cells[cell])
    before = int(reference.upto[cell]) - mine + passed
    return cell, before, before + mine + other


def _first(first: int, second: int, cell: int, before: int, reached: int) -> float:
    """Largest distance when the side of `first` values has all it can of the smallest ones.

    Their last one lies in `cell`, `before` of all values before that, `reached` up to its end.

    >>> _first(4, 4, 1, 0, 7), _first(3, 4, 1, 0, 7), _first(3, 4, 2, 0, 7)
    (0.25, 0.0, 1.0)
    """
    if reached == first or cell % 2 == 0:
        return 1.0
    return max(before / first, 1 - (reached - first) / second)


def smallest_ks_p_value(distance: float, n: int, m: int, p_value: Callable[[float, int, int], float]) -> float:
    """Smallest p-value of KS where no split of `n` + `m` values shows more than `distance`, or less: `p_value` of it.

    Where Dvoretzky, Kiefer and Wolfowitz's inequality puts it below 10⁻¹², the p-value of D = 1 stands in for it.
    """
    if not distance:
        return 1.0
    if distance == 1 or 2 * distance**2 * n * m / (n + m) > BEYOND_ANY_LEVEL:
        return min(1.0, 2 * exp(lgamma(n + 1) + lgamma(m + 1) - lgamma(n + m + 1)))
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
