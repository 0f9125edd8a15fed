"""Counts of one column on its grid: a commutative monoid, equal to the counts of the concatenated rows. Pure."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from monitoring.profiles.grid import CategoryGrid, Floats, Ints, NumericGrid, count_cells

UNSEEN_KEPT = 4_096
"""Unseen categories that keep a count of their own; the total of all of them is always kept."""


@dataclass(frozen=True, slots=True)
class NumericCounts:
    """Counts of a numeric column.

    Attributes:
        cells: (2m + 1,) counts on the grid.
        missing: rows without a value.
        infinite: rows with +inf or -inf.
        total: sum of the finite values, for the mean.
        lowest, highest: extremes of the finite values; +inf and -inf when there are none.
    """

    cells: Ints
    missing: int
    infinite: int
    total: float
    lowest: float
    highest: float

    @classmethod
    def of(cls, values: Floats, grid: NumericGrid) -> NumericCounts:
        """Counts of `values` (n,), NaN where missing."""
        finite = values[np.isfinite(values)]
        missing = int(np.isnan(values).sum())
        return cls(
            cells=count_cells(finite, grid.points),
            missing=missing,
            infinite=len(values) - len(finite) - missing,
            total=float(finite.sum()),
            lowest=float(finite.min(initial=np.inf)),
            highest=float(finite.max(initial=-np.inf)),
        )

    def __add__(self, other: NumericCounts) -> NumericCounts:
        return NumericCounts(
            cells=self.cells + other.cells,
            missing=self.missing + other.missing,
            infinite=self.infinite + other.infinite,
            total=self.total + other.total,
            lowest=min(self.lowest, other.lowest),
            highest=max(self.highest, other.highest),
        )

    @property
    def present(self) -> int:
        """Rows with a finite value."""
        return int(self.cells.sum())

    @property
    def rows(self) -> int:
        return self.present + self.missing + self.infinite

    @property
    def mean(self) -> float:
        """Mean of the finite values, 0 when there are none."""
        return self.total / self.present if self.present else 0.0


@dataclass(frozen=True, slots=True)
class CategoryCounts:
    """Counts of a categorical column.

    Attributes:
        cells: (k,) counts of the known categories.
        missing: rows without a value.
        unseen: counts of categories that the grid does not know; of very many, those with the smallest hash.
        unseen_rows: rows with such a category, all of them.
    """

    cells: Ints
    missing: int
    unseen: Mapping[str, int] = field(default_factory=dict)
    unseen_rows: int = 0

    @classmethod
    def of(cls, levels: Mapping[str, int], missing: int, grid: CategoryGrid) -> CategoryCounts:
        """Counts from `levels` (category → rows) and the number of `missing` rows."""
        cells = np.array([levels.get(category, 0) for category in grid.categories], dtype=np.int64)
        known = set(grid.categories)
        unseen = {level: n for level, n in levels.items() if level not in known}
        return cls(cells=cells, missing=missing, unseen=_capped(unseen), unseen_rows=sum(unseen.values()))

    def __add__(self, other: CategoryCounts) -> CategoryCounts:
        return CategoryCounts(
            cells=self.cells + other.cells,
            missing=self.missing + other.missing,
            unseen=_capped(Counter(self.unseen) + Counter(other.unseen)),
            unseen_rows=self.unseen_rows + other.unseen_rows,
        )

    @property
    def present(self) -> int:
        """Rows with a value, known or unseen."""
        return int(self.cells.sum()) + self.unseen_rows

    @property
    def rows(self) -> int:
        return self.present + self.missing


Counts = NumericCounts | CategoryCounts


def _capped(unseen: Mapping[str, int]) -> dict[str, int]:
    """The `UNSEEN_KEPT` levels with the smallest hash.

    A level that survives in the end was among the smallest in every part, so its count is complete: capping commutes
    with adding.
    """
    if len(unseen) <= UNSEEN_KEPT:
        return dict(unseen)
    ranked = sorted(unseen, key=lambda level: hashlib.blake2b(level.encode(errors="surrogatepass")).digest())
    return {level: unseen[level] for level in ranked[:UNSEEN_KEPT]}
