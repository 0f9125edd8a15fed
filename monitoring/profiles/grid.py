"""The cells that a reference defines, one grid a column. Pure.

A numeric grid of points v1 < … < vm has the cells (-inf, v1), {v1}, (v1, v2), {v2}, …, {vm}, (vm, +inf): cell 2i is the
open interval below point i, cell 2i + 1 the point itself. Where every reference value is a point, the reference's
distribution function is flat inside the open cells, so that a Kolmogorov-Smirnov statistic from counts is exact.
"""

from __future__ import annotations

from dataclasses import dataclass
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

MAX_POINTS = 8_191
"""Points of a numeric grid, so that it has at most 16,383 cells."""
COARSE_POINTS = 63
"""Points of the coarse grid on which blocks are counted: 127 cells."""
BINS = 10
"""Bins of about equal reference counts on which PSI and Jensen-Shannon see a number."""
HASHED_CELLS = 32
"""Coarse cells that share the categories which are not counted one by one."""
COARSE_CATEGORIES = 126
"""Categories that blocks count one by one; the others share a cell."""


@dataclass(frozen=True, slots=True)
class NumericGrid:
    """Cells of a numeric column.

    Attributes:
        points: (m,) increasing.
        exact: whether every reference value is a point.
        coarse: (k,) a subset of `points` for counts per block.
    """

    points: Floats
    exact: bool
    coarse: Floats

    @classmethod
    def of(cls, values: Floats, max_points: int = MAX_POINTS) -> NumericGrid:
        """The grid of finite reference `values` (n,), any order. Heavy ties become points of their own."""
        distinct, counts = np.unique(values, return_counts=True)
        points = _spread(distinct, counts, max_points)
        return cls(points=points, exact=len(points) == len(distinct), coarse=_spread(distinct, counts, COARSE_POINTS))

    def coarsened(self, cells: Ints, most: int) -> NumericGrid:
        """A grid of at most `most` of the points, spread over the reference's ranks, among them its `cuts`.

        Args:
            cells: (2m + 1,) the reference's counts on this grid.
            most: points to keep.
        """
        if len(self.points) <= most:
            return self
        weights = cells[0:-1:2] + cells[1::2]
        kept = np.union1d(_spread(self.points, weights, most - BINS + 1), self.cuts(cells))
        return NumericGrid(points=kept, exact=False, coarse=self.coarse)

    def cuts(self, cells: Ints) -> Floats:
        """Up to 9 points that cut the reference's values into bins (-inf, c1], (c1, c2], … of about a tenth each.

        Each is the smallest point up to which lie k tenths of the reference or more, so that heavy ties make fewer.
        """
        upto = np.cumsum(cells)[1::2]
        if not len(upto) or not upto[-1]:
            return self.points[:0]
        chosen = np.searchsorted(upto, np.arange(1, BINS) * upto[-1] / BINS)
        return np.asarray(self.points[np.unique(np.minimum(chosen, len(upto) - 1))])

    @property
    def cells(self) -> int:
        return 2 * len(self.points) + 1


@dataclass(frozen=True, slots=True)
class CategoryGrid:
    """Cells of a categorical column.

    Attributes:
        categories: one cell each: those the model was trained on, then those that only the reference has.
        trained: how many of them the model was trained on; None for all. Blocks count these singly, up to
            `COARSE_CATEGORIES`, and all others by their hash: the reference must not choose the cells of the day test.
    """

    categories: tuple[str, ...]
    trained: int | None = None

    @property
    def cells(self) -> int:
        return len(self.categories)

    @property
    def singly(self) -> int:
        """Categories that blocks count one by one."""
        return min(len(self.categories) if self.trained is None else self.trained, COARSE_CATEGORIES)

    def coarse_cell(self, level: str, index: int | None) -> int:
        """Coarse cell of a category with its place among `categories`, None for an unseen one."""
        if index is not None and index < self.singly:
            return index
        return self.singly + crc32(level.encode(errors="surrogatepass")) % HASHED_CELLS


Grid = NumericGrid | CategoryGrid


def count_cells(values: Floats, points: Floats) -> Ints:
    """Counts of `values` (n,), finite, any order, in the 2m + 1 cells of `points` (m,).

    >>> count_cells(np.array([0.0, 1.0, 1.0, 1.5, 9.0]), np.array([1.0, 2.0]))
    array([1, 2, 1, 0, 1])
    """
    if len(values) < len(points):
        return np.bincount(locate(values, points), minlength=2 * len(points) + 1)
    return _count_sorted(np.sort(values), points)


def count_and_add(values: Floats, points: Floats) -> tuple[Ints, Floats]:
    """Counts of `values` as by `count_cells`, and their sums (m + 1,) in the open cells, 0 in an empty one.

    >>> count_and_add(np.array([0.0, 1.0, 1.0, 1.25, 1.5, 9.0]), np.array([1.0, 2.0]))[1].tolist()
    [0.0, 2.75, 9.0]
    """
    if len(values) < len(points):
        cells = locate(values, points)
        width = 2 * len(points) + 1
        sums = np.bincount(cells, weights=values, minlength=width).astype(np.float64)
        return np.bincount(cells, minlength=width), sums[0::2]
    ordered = np.sort(values)
    counts = _count_sorted(ordered, points)
    sums = np.zeros(len(counts))
    filled = counts > 0
    if len(ordered):
        sums[filled] = np.add.reduceat(ordered, (np.cumsum(counts) - counts)[filled])
    return counts, sums[0::2]


def _count_sorted(ordered: Floats, points: Floats) -> Ints:
    below = np.searchsorted(ordered, points, side="left")
    upto = np.searchsorted(ordered, points, side="right")
    counts = np.empty(2 * len(points) + 1, dtype=np.int64)
    counts[1::2] = upto - below
    counts[0:-1:2] = below - np.concatenate(([0], upto[:-1]))
    counts[-1] = len(ordered) - (upto[-1] if len(points) else 0)
    return counts


def locate(values: Floats, points: Floats) -> Ints:
    """Cell of each of `values` (n,), finite, on the grid of `points` (m,): indices (n,) in [0, 2m]."""
    at_or_after = np.searchsorted(points, values, side="left")
    inside = at_or_after < len(points)
    on_point = np.zeros(len(values), dtype=np.int64)
    on_point[inside] = points[at_or_after[inside]] == values[inside]
    return 2 * at_or_after.astype(np.int64) + on_point


def _spread(distinct: Floats, counts: Ints, most: int) -> Floats:
    """At most `most` of `distinct`: all if they fit, else both ends and those at evenly spaced ranks.

    A tie heavier than the distance between two ranks is always among them.
    """
    if len(distinct) <= most:
        return distinct
    cumulative = np.cumsum(counts)
    ranks = (np.arange(most - 2) + 0.5) / (most - 2) * cumulative[-1]
    chosen = np.searchsorted(cumulative, ranks)
    return np.asarray(distinct[np.unique(np.concatenate(([0], chosen, [len(distinct) - 1])))])
