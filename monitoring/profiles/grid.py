"""The cells that a reference defines, one grid a column. Pure.

A numeric grid of points v1 < … < vm has the cells (-inf, v1), {v1}, (v1, v2), {v2}, …, {vm}, (vm, +inf): cell 2i is the
open interval below point i, cell 2i + 1 the point itself. Where every reference value is a point, the reference's
distribution function is flat inside the open cells, so that a Kolmogorov-Smirnov statistic from counts is exact.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from monitoring.compiled.kernel import Strips, Texts
from monitoring.profiles.point_table import PointTable

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

MAX_POINTS = 8_191
"""Points of a numeric grid, so that it has at most 16,383 cells."""
COARSE_POINTS = 32
"""Points of the coarse grid, on which blocks are counted, at quantiles of the reference."""
EVEN_POINTS = 31
"""Its points at equal distances over three times the reference's central range: a batch's days that lie beside those of
the reference, or between them, must be told from each other as those are, or exchanging them rings too often."""
CENTRAL = 0.01
"""Share of the reference at either end that is not its central range."""
GOLDEN = 2_654_435_769
"""Multiplier of Fibonacci hashing (Knuth 1973): checksums of names that are numbered differ by few patterns of bits."""
HASHED_CELLS = 32
"""Coarse cells that share the categories which are not counted one by one."""
COARSE_CATEGORIES = 126
"""Categories that blocks count one by one; the others share `HASHED_CELLS`."""


@dataclass(frozen=True)
class NumericGrid:
    """Cells of a numeric column.

    Attributes:
        points: (m,) increasing.
        exact: whether every reference value is a point.
        coarse: (k,) the few points on which blocks are counted.
    """

    points: Floats
    exact: bool
    coarse: Floats

    @classmethod
    def of(cls, values: Floats, max_points: int = MAX_POINTS) -> NumericGrid:
        """The grid of finite reference `values` (n,), any order. Heavy ties become points of their own."""
        distinct, counts = np.unique(values, return_counts=True)
        points = _spread(distinct, counts, max_points)
        return cls(points=points, exact=len(points) == len(distinct), coarse=_coarse_points(distinct, counts))

    def coarsened(self, cells: Ints, kept: Ints, most: int) -> NumericGrid:
        """A grid of at most `most` of the points, spread over the reference's ranks.

        Args:
            cells: (2m + 1,) the reference's counts on this grid.
            kept: cells of points that stay.
            most: points to keep.
        """
        if len(self.points) <= most:
            return self
        weights = cells[0:-1:2] + cells[1::2]
        points = np.union1d(_spread(self.points, weights, most - len(kept)), self.points[kept // 2])
        return NumericGrid(points=points, exact=False, coarse=self.coarse)

    @property
    def cells(self) -> int:
        return 2 * len(self.points) + 1

    @cached_property
    def table(self) -> PointTable:
        """What finds the points below a value."""
        return PointTable.of(self.points)

    @cached_property
    def strips(self) -> Strips | None:
        """The same for the compiled code; None where there is none, or its numbers are larger than that takes."""
        table = self.table
        if not len(table.before) or table.before.dtype != np.uint16:
            return None
        before: NDArray[np.uint16] = table.before.astype(np.uint16, copy=False)
        return Strips(before, table.low, table.high, table.scale)


@dataclass(frozen=True)
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

    @cached_property
    def texts(self) -> Texts:
        """The categories for the compiled code."""
        return Texts.of(self.categories)

    @cached_property
    def by_name(self) -> tuple[tuple[str, ...], Ints]:
        """The categories in the order of their names, and the cell of each (k,)."""
        order = sorted(range(self.cells), key=self.categories.__getitem__)
        return tuple(self.categories[i] for i in order), np.array(order, dtype=np.int64)

    @cached_property
    def coarse(self) -> Ints:
        """(k,) coarse cell of each category."""
        return np.array([self.coarse_cell(category, i) for i, category in enumerate(self.categories)], dtype=np.int64)

    def coarse_cell(self, level: str, index: int | None) -> int:
        """Coarse cell of a category with its place among `categories`, None for an unseen one."""
        if index is not None and index < self.singly:
            return index
        spread = crc32(level.encode(errors="surrogatepass")) * GOLDEN % 2**32
        return self.singly + spread * HASHED_CELLS // 2**32


Grid = NumericGrid | CategoryGrid


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


def _coarse_points(distinct: Floats, counts: Ints) -> Floats:
    if len(distinct) < 2:
        return distinct
    low, high = distinct[np.searchsorted(np.cumsum(counts), np.array([CENTRAL, 1 - CENTRAL]) * counts.sum())]
    if low == high:
        low, high = distinct[0], distinct[-1]
    with np.errstate(over="ignore", invalid="ignore"):
        even = np.linspace(2 * low - high, 2 * high - low, EVEN_POINTS + 2)[1:-1]
    return np.union1d(_spread(distinct, counts, COARSE_POINTS), even[np.isfinite(even)])
