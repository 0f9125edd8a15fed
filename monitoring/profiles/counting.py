"""Counting the values of one column in its cells: the inner loop of everything, sort and look up. Pure.

The reference's points are looked up in the sorted values, not the values among the points: seven times faster for a
million of them; few values are looked up among the points by a table. The sorted values are at hand for whoever wants
an exact look afterwards.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from monitoring.compiled import kernel
from monitoring.profiles.grid import Floats, Ints, NumericGrid

FEW = 6
"""Values for each point up to which looking up the values is quicker than looking up the points."""
COMPILED_UP_TO = 65_536
"""Values up to which compiled code, which looks at each of them, is quicker than looking up the points."""


class Filled(NamedTuple):
    """The cells of a column that hold values, in order: of few values much fewer than there are.

    Attributes:
        cells: (u,) increasing.
        upto: (u,) values in each or one before it.
    """

    cells: Ints
    upto: Ints

    @property
    def held(self) -> Ints:
        """(u,) values in each."""
        held = self.upto.copy()
        held[1:] -= self.upto[:-1]
        return held

    @classmethod
    def of(cls, counts: Ints) -> Filled:
        """From the counts (2m + 1,) of all cells."""
        cells = (counts != 0).nonzero()[0]
        return cls(cells, counts.take(cells, mode="clip").cumsum())

    @classmethod
    def of_each(cls, cells: Ints) -> Filled:
        """From the cell of each value (n,), in order.

        >>> Filled.of_each(np.array([0, 0, 4])).held.tolist()
        [2, 1]
        """
        if not len(cells):
            return cls(cells, cells)
        changes = (cells[1:] != cells[:-1]).nonzero()[0]
        upto = np.empty(len(changes) + 1, dtype=np.int64)
        upto[:-1], upto[-1] = changes, len(cells) - 1
        found = cells.take(upto, mode="clip")
        upto += 1
        return cls(found, upto)


class Ordered(NamedTuple):
    """The values of a numeric column in order.

    Attributes:
        finite: (f,) increasing.
        missing: values that are NaN.
        below_all, above_all: values that are -inf, +inf.
    """

    finite: Floats
    missing: int
    below_all: int
    above_all: int

    @classmethod
    def of(cls, values: Floats) -> Ordered:
        """`values` (n,), any order, NaN where missing.

        >>> Ordered.of(np.array([np.inf, 2.0, np.nan, 1.0]))
        Ordered(finite=array([1., 2.]), missing=1, below_all=0, above_all=1)
        """
        ordered = np.sort(values)
        if not len(ordered) or (ordered[0] > -np.inf and ordered[-1] < np.inf):
            return cls(ordered, 0, 0, 0)
        first = int(ordered.searchsorted(-np.inf, side="right"))
        last, present = ordered.searchsorted((np.inf, np.nan)).tolist()
        return cls(ordered[first:last], len(ordered) - present, first, present - last)


def count_cells(ordered: Floats, points: Floats) -> Ints:
    """Counts of sorted, finite `ordered` (n,) in the 2m + 1 cells of `points` (m,).

    >>> count_cells(np.array([0.0, 1.0, 1.0, 1.5, 9.0]), np.array([1.0, 2.0]))
    array([1, 2, 1, 0, 1])
    """
    counts = np.zeros(2 * len(points) + 1, dtype=np.int64)
    count_into(counts, ordered, points)
    return counts


def count_into(counts: Ints, ordered: Floats, points: Floats) -> None:
    """The same into the first 2m + 1 of `counts`, which are 0 beforehand."""
    if not len(points) or not len(ordered):
        counts[0] = len(ordered)
        return
    below = ordered.searchsorted(points)
    upto = below.copy()
    met = (ordered.take(below, mode="clip") == points).nonzero()[0]
    if len(met):
        upto[met] = ordered.searchsorted(points[met], side="right")
    last = 2 * len(points)
    counts[1:last:2] = upto - below
    counts[0], counts[last] = below[0], len(ordered) - upto[-1]
    counts[2:last:2] = below[1:] - upto[:-1]


def count_and_add(ordered: Floats, grid: NumericGrid) -> kernel.Counted:
    """Counts of sorted, finite `ordered` (n,) as by `count_cells`, and what is known on the way.

    >>> grid = NumericGrid.of(np.array([1.0, 2.0]))
    >>> count_and_add(np.array([0.0, 1.0, 1.0, 1.25, 1.5, 9.0]), grid).sums.tolist()
    [0.0, 2.75, 9.0]
    """
    points = grid.points
    if kernel.compiled() and len(ordered) <= COMPILED_UP_TO:
        return kernel.count(ordered, points, grid.strips)
    if len(ordered) > FEW * len(points):
        counts = count_cells(ordered, points)
        filled = Filled.of(counts)
        return kernel.Counted(counts, _add_runs(ordered, filled, len(counts)), filled.cells, filled.upto)
    below = grid.table.below(ordered)
    on_point = points.take(below, mode="clip") == ordered
    cells, added = below + below, ordered
    if on_point.any():
        cells += on_point
        added = np.where(on_point, 0.0, ordered)
    sums = np.bincount(below, weights=added, minlength=len(points) + 1)
    filled, counts = Filled.of_each(cells), np.zeros(grid.cells, dtype=np.int64)
    counts[filled.cells] = filled.held
    return kernel.Counted(counts, sums.astype(np.float64, copy=False), filled.cells, filled.upto)


def _add_runs(ordered: Floats, filled: Filled, cells: int) -> Floats:
    """Sums (m + 1,) in the open ones of `cells` = 2m + 1, of values that lie cell by cell."""
    sums = np.zeros(cells)
    sums[filled.cells] = np.add.reduceat(ordered, filled.upto - filled.held)
    return sums[0::2]
