"""Counts of one column on its grid: a commutative monoid, equal to the counts of the concatenated rows. Pure."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import pairwise

import numpy as np

from monitoring.profiles.counting import Filled, Ordered, count_and_add
from monitoring.profiles.grid import CategoryGrid, Floats, Ints, NumericGrid
from monitoring.profiles.mismatch import refuse_negative

BINS = 10
"""Bins of about equal reference counts on which PSI and Jensen-Shannon see a number."""
UNSEEN_KEPT = 4_096
"""Unseen categories that keep a count of their own; the total of all of them is always kept."""


@dataclass(frozen=True, slots=True)
class Ties:
    """Σ (t³ - t) / 12 over the t values of a cell: exactly, of the points; at most, of those in open cells."""

    of_points: float
    in_open_cells: float


@dataclass(frozen=True)
class NumericCounts:
    """Counts of a numeric column.

    Attributes:
        cells: (2m + 1,) counts on the grid.
        sums: (m + 1,) sums of the values in the open cells, to rounding; 0 in an empty one.
        missing: rows without a value.
        above_all: rows with +inf.
        below_all: rows with -inf.
        not_numbers: of the missing ones, those that came as text that is no number.
        total: sum of the finite values, for the mean.
        lowest, highest: extremes of the finite values, +inf and -inf when there are none; after subtracting, bounds.
    """

    cells: Ints
    sums: Floats
    missing: int
    above_all: int
    below_all: int
    not_numbers: int
    total: float
    lowest: float
    highest: float

    @classmethod
    def of(cls, values: Floats | Ordered, grid: NumericGrid, not_numbers: int = 0) -> NumericCounts:
        """Counts of `values` (n,), NaN where missing, `not_numbers` of them because their text was no number."""
        ordered = values if isinstance(values, Ordered) else Ordered.of(values)
        if not 0 <= not_numbers <= ordered.missing:
            raise ValueError(f"not_numbers={not_numbers}, but {ordered.missing} values are missing")
        finite = ordered.finite
        counted = count_and_add(finite, grid)
        cells, sums = counted.cells, counted.sums
        counts = cls(
            cells=cells,
            sums=sums,
            missing=ordered.missing,
            above_all=ordered.above_all,
            below_all=ordered.below_all,
            not_numbers=not_numbers,
            total=float(finite.sum() if len(finite) < len(cells) else sums.sum() + (cells[1::2] * grid.points).sum()),
            lowest=float(finite[0]) if len(finite) else np.inf,
            highest=float(finite[-1]) if len(finite) else -np.inf,
        )
        # known already: not to be looked for again
        filled = Filled(counted.filled, counted.upto)
        counts.__dict__.update(present=len(finite), filled=filled, known_shortfalls=counted.shortfalls)
        return counts

    def forget_on_the_way(self) -> None:
        """Let go of what counting knew, which takes as much memory as the counts: it is found again when asked for."""
        for name in ("filled", "known_shortfalls"):
            self.__dict__.pop(name, None)

    def __add__(self, other: NumericCounts) -> NumericCounts:
        return NumericCounts(
            cells=self.cells + other.cells,
            sums=self.sums + other.sums,
            missing=self.missing + other.missing,
            above_all=self.above_all + other.above_all,
            below_all=self.below_all + other.below_all,
            not_numbers=self.not_numbers + other.not_numbers,
            total=self.total + other.total,
            lowest=min(self.lowest, other.lowest),
            highest=max(self.highest, other.highest),
        )

    def __sub__(self, other: NumericCounts) -> NumericCounts:
        """The counts of the rows that are here and not in `other`; the extremes here are bounds of theirs.

        Raises:
            ProfileMismatch: `other` is not contained.
        """
        cells = self.cells - other.cells
        missing, not_numbers = self.missing - other.missing, self.not_numbers - other.not_numbers
        above_all, below_all = self.above_all - other.above_all, self.below_all - other.below_all
        refuse_negative(min(int(cells.min(initial=0)), missing, not_numbers, above_all, below_all))
        some = bool(cells.any())
        return NumericCounts(
            cells=cells,
            sums=np.where(cells[0::2] > 0, self.sums - other.sums, 0.0),
            missing=missing,
            above_all=above_all,
            below_all=below_all,
            not_numbers=not_numbers,
            total=self.total - other.total if some else 0.0,
            lowest=self.lowest if some else np.inf,
            highest=self.highest if some else -np.inf,
        )

    def coarsened(self, grid: NumericGrid, coarse: NumericGrid) -> NumericCounts:
        """The same on a grid whose points are some of this grid's."""
        if len(coarse.points) == len(grid.points):
            return self
        kept = np.searchsorted(grid.points, coarse.points)
        starts = np.concatenate(([0], np.stack((2 * kept + 1, 2 * kept + 2), axis=1).ravel()))
        sums = np.zeros(len(self.cells))
        sums[0::2] = self.sums
        sums[1::2] = self.cells[1::2] * grid.points
        return replace(self, cells=np.add.reduceat(self.cells, starts), sums=np.add.reduceat(sums, starts)[0::2])

    @cached_property
    def upto(self) -> Ints:
        """(2m + 1,) values in a cell or one before it."""
        return np.cumsum(self.cells)

    @cached_property
    def passed(self) -> Floats:
        """(2m + 2,) values before each cell, and all of them: whole numbers."""
        return np.concatenate(([0.0], self.upto))

    @cached_property
    def heaviest_open(self) -> int:
        """Most values in any open cell."""
        return int(self.cells[0::2].max())

    @cached_property
    def filled(self) -> Filled:
        """The cells that hold values."""
        return Filled.of(self.cells)

    def upto_cells(self, cells: Ints) -> Ints:
        """Values in each of `cells` (k,) or one before it."""
        if "upto" in self.__dict__:  # known already, as it is of a reference
            return self.upto[cells]
        if not len(self.filled.cells):
            return np.zeros(len(cells), dtype=np.int64)
        places = self.filled.cells.searchsorted(cells, side="right")
        return self.filled.upto.take(places - 1, mode="clip") * (places > 0)

    def values_in(self, cells: Ints, ordered: Floats) -> Floats:
        """Those of the finite values, which are `ordered` (f,), that lie in `cells` (k,), cell by cell."""
        held = self.cells[cells]
        shifts = np.repeat(self.upto_cells(cells) - held.cumsum(), held)
        return np.asarray(ordered[np.arange(len(shifts)) + shifts])

    def shortfalls(self, ordered: Floats, points: Floats) -> Floats:
        """How far the finite values, which are `ordered` (f,), in each open cell fall short of its right end.

        Sums (m + 1,) over the cells of `points` (m,), 0 in the last one, which has no end. They are kept: every
        comparison with a reference asks for those of its values.
        """
        known: Floats | None = self.__dict__.get("known_shortfalls")
        if known is None:
            known = np.zeros(len(points) + 1)
            open_ones = self.cells[:-1:2].nonzero()[0]
            if len(open_ones):
                held = self.cells[2 * open_ones]
                short = points[open_ones].repeat(held) - self.values_in(2 * open_ones, ordered)
                known[open_ones] = np.add.reduceat(short, held.cumsum() - held)
            self.__dict__["known_shortfalls"] = known
        return known

    @cached_property
    def ties(self) -> Ties:
        """What ties are, or may be."""
        held = self.filled.held
        several = (held > 1).nonzero()[0]
        t = held.take(several, mode="clip").astype(np.float64)
        cubes = t * (t * t - 1)
        of_points = float((cubes * (self.filled.cells.take(several, mode="clip") & 1)).sum()) / 12
        return Ties(of_points, float(cubes.sum()) / 12 - of_points)

    @cached_property
    def tenths(self) -> Ints:
        """Up to 9 cells, each a point, up to which lie k tenths of the values or more; heavy ties make fewer."""
        points = self.upto[1::2]
        if not len(points) or not points[-1]:
            return points[:0]
        chosen = np.searchsorted(points, np.arange(1, BINS) * points[-1] / BINS)
        return 2 * np.unique(np.minimum(chosen, len(points) - 1)) + 1

    @cached_property
    def in_tenths(self) -> list[int]:
        """Values up to each of the `tenths`, from the one before on, and after the last."""
        upto = [0, *self.upto[self.tenths].tolist(), self.present]
        return [end - begin for begin, end in pairwise(upto)]

    @cached_property
    def present(self) -> int:
        """Rows with a finite value."""
        return int(self.cells.sum())

    @property
    def infinite(self) -> int:
        """Rows with +inf or -inf."""
        return self.above_all + self.below_all

    @property
    def rows(self) -> int:
        return self.present + self.missing + self.infinite

    @property
    def mean(self) -> float:
        """Mean of the finite values, 0 when there are none."""
        return self.total / self.present if self.present else 0.0


@dataclass(frozen=True)
class CategoryCounts:
    """Counts of a categorical column.

    Attributes:
        cells: (k,) counts of the known categories.
        missing: rows without a value.
        unseen: counts of categories that the grid does not know; of very many, those with the smallest hash.
        unseen_rows: rows with such a category, all of them.
        most: unseen categories that keep a count of their own.
    """

    cells: Ints
    missing: int
    unseen: Mapping[str, int] = field(default_factory=dict)
    unseen_rows: int = 0
    most: int = UNSEEN_KEPT

    @classmethod
    def of(cls, levels: Mapping[str, int], missing: int, grid: CategoryGrid) -> CategoryCounts:
        """Counts from `levels` (category → rows) and the number of `missing` rows."""
        cells = np.array([levels.get(category, 0) for category in grid.categories], dtype=np.int64)
        known = set(grid.categories)
        unseen = {level: n for level, n in levels.items() if level not in known}
        return cls(cells=cells, missing=missing, unseen=_capped(unseen, UNSEEN_KEPT), unseen_rows=sum(unseen.values()))

    def __add__(self, other: CategoryCounts) -> CategoryCounts:
        return CategoryCounts(
            cells=self.cells + other.cells,
            missing=self.missing + other.missing,
            unseen=_capped(self._known_in_both(Counter(self.unseen) + Counter(other.unseen), other), self.most),
            unseen_rows=self.unseen_rows + other.unseen_rows,
            most=self.most,
        )

    def __sub__(self, other: CategoryCounts) -> CategoryCounts:
        """The counts of the rows that are here and not in `other`.

        Raises:
            ProfileMismatch: `other` is not contained.
        """
        cells, unseen = self.cells - other.cells, Counter(self.unseen)
        unseen.subtract({level: n for level, n in other.unseen.items() if level in self.unseen or not self.lost})
        unseen = Counter(self._known_in_both(unseen, other))
        missing, unseen_rows = self.missing - other.missing, self.unseen_rows - other.unseen_rows
        refuse_negative(min(int(cells.min(initial=0)), missing, unseen_rows, *unseen.values()))
        left = {level: n for level, n in unseen.items() if n}
        return CategoryCounts(cells=cells, missing=missing, unseen=left, unseen_rows=unseen_rows, most=self.most)

    def coarsened(self, most: int) -> CategoryCounts:
        """The same with at most so many unseen categories counted one by one."""
        return replace(self, unseen=_capped(self.unseen, most), most=most)

    @property
    def lost(self) -> bool:
        """Whether there were unseen categories that have no count of their own."""
        return sum(self.unseen.values()) < self.unseen_rows

    @property
    def capped(self) -> bool:
        """Whether there may be unseen categories without a count of their own."""
        return self.lost or len(self.unseen) >= self.most

    def _known_in_both(self, unseen: Mapping[str, int], other: CategoryCounts) -> Mapping[str, int]:
        """Those of `unseen` whose counts are whole: beyond the last one kept a side may have lost some of theirs."""
        limits = [max(map(hashed_level, side.unseen), default=b"") for side in (self, other) if side.lost]
        return {level: n for level, n in unseen.items() if hashed_level(level) <= min(limits)} if limits else unseen

    @cached_property
    def present(self) -> int:
        """Rows with a value, known or unseen."""
        return int(self.cells.sum()) + self.unseen_rows

    @property
    def rows(self) -> int:
        return self.present + self.missing


Counts = NumericCounts | CategoryCounts


def hashed_level(level: str) -> bytes:
    """What decides which of very many unseen categories keep a count of their own."""
    return hashlib.blake2b(level.encode(errors="surrogatepass")).digest()


def _capped(unseen: Mapping[str, int], most: int) -> dict[str, int]:
    """The `most` levels with the smallest hash.

    A level that survives in the end was among the smallest in every part, so its count is complete: capping commutes
    with adding.
    """
    if len(unseen) <= most:
        return dict(unseen)
    ranked = sorted(unseen, key=hashed_level)
    return {level: unseen[level] for level in ranked[:most]}
