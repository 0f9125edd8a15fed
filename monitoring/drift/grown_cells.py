"""Where a column has more rows than its reference: the cells that grew most, to look at rows in them. Pure.

From what charts are drawn from, so that what is shown as a row is what stands out in the picture.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from monitoring.drift.measurement import ShareShift
from monitoring.profiles.picture import CategoryPicture, NumericPicture, Picture
from monitoring.profiles.profile import as_floats, as_levels

MOST_CELLS: Final = 3
"""Ranges or categories looked at, beside missing, never seen and out-of-range values."""
NOTEWORTHY: Final = 0.002
"""Growth, as a share of rows, below which a cell is not looked at."""

CellKind = Literal["range", "category", "unseen", "missing", "below", "above"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """Values that came more often than in the reference.

    Attributes:
        kind: `range` of numbers [low, high), one `category`, every `unseen` category, `missing` values, numbers
            `below` or `above` all of the reference's.
        low, high: ends of the numbers; None where there is none.
        least, most: of a range, the smallest and the largest value that it has room for, to be told; None elsewhere,
            and in what was stored without them.
        category: the category.
        share_reference, share_batch: share of rows, as in the column's picture.
    """

    kind: CellKind
    low: float | None = None
    high: float | None = None
    least: float | None = None
    most: float | None = None
    category: str = ""
    share_reference: float
    share_batch: float

    @property
    def growth(self) -> float:
        return self.share_batch - self.share_reference


def grown_cells(
    picture: Picture, *, out_of_range: ShareShift | None = None, unseen: ShareShift | None = None
) -> tuple[Cell, ...]:
    """The cells that grew most, largest growth first; then the kinds of values that have no place in the picture.

    Args:
        picture: of the column.
        out_of_range: what was measured of values outside the reference's range, for a number.
        unseen: what was measured of categories that were never seen.
    """
    cells = _ranges(picture) if isinstance(picture, NumericPicture) else _categories(picture)
    if out_of_range is not None:
        cells += _beyond(out_of_range)
    if unseen is not None and unseen.share_batch > 0:
        cells.append(Cell(kind="unseen", share_reference=unseen.share_reference, share_batch=unseen.share_batch))
    if picture.missing_batch - picture.missing_reference >= NOTEWORTHY:
        cells.append(Cell(kind="missing", share_reference=picture.missing_reference, share_batch=picture.missing_batch))
    return tuple(cells)


def rows_in(cell: Cell, values: pa.Array, known: Sequence[str] = ()) -> NDArray[np.bool_]:
    """Which of a column's `values` (n,) are in a cell; `known` are the categories of the reference."""
    if cell.kind == "missing":
        return np.asarray(pc.is_null(values, nan_is_null=True).to_numpy(zero_copy_only=False), dtype=bool)
    if cell.kind in ("category", "unseen"):
        levels = as_levels(values)
        if cell.kind == "category":
            found = pc.equal(levels, cell.category)
        else:
            found = pc.and_(pc.is_valid(levels), pc.invert(pc.is_in(levels, value_set=pa.array(known, pa.string()))))
        return np.asarray(pc.fill_null(found, False).to_numpy(zero_copy_only=False), dtype=bool)
    numbers = as_floats(values)
    inside = ~np.isnan(numbers)
    if cell.low is not None:
        inside &= numbers > cell.low if cell.kind == "above" else numbers >= cell.low
    if cell.high is not None:
        inside &= numbers < cell.high
    return np.asarray(inside)


def _ranges(picture: NumericPicture) -> list[Cell]:
    """The bins that grew most; neighbours among them are one range."""
    ours, theirs = np.array(picture.bins_reference), np.array(picture.bins_batch)
    growth = theirs - ours
    top = sorted(int(i) for i in np.argsort(-growth, kind="stable")[:MOST_CELLS] if growth[i] >= NOTEWORTHY)
    runs: list[list[int]] = []
    for i in top:
        if runs and runs[-1][-1] == i - 1:
            runs[-1].append(i)
        else:
            runs.append([i])
    cells = []
    for run in runs:
        least, most = picture.span(run[0], run[-1])
        cells.append(
            Cell(
                kind="range",
                low=picture.edges[run[0]],
                high=picture.edges[run[-1] + 1],
                least=least,
                most=most,
                share_reference=float(ours[run].sum()),
                share_batch=float(theirs[run].sum()),
            )
        )
    return sorted(cells, key=lambda cell: -cell.growth)


def _beyond(shift: ShareShift) -> list[Cell]:
    sides = (
        Cell(kind="below", high=shift.low, share_reference=0.0, share_batch=shift.below),
        Cell(kind="above", low=shift.high, share_reference=0.0, share_batch=shift.above),
    )
    return [cell for cell in sides if cell.share_batch > 0]


def _categories(picture: CategoryPicture) -> list[Cell]:
    """The known categories that grew most."""
    known = [
        Cell(kind="category", category=category, share_reference=ours, share_batch=theirs)
        for category, ours, theirs, new in zip(
            picture.categories, picture.share_reference, picture.share_batch, picture.unseen, strict=True
        )
        if not new and theirs - ours >= NOTEWORTHY
    ]
    return sorted(known, key=lambda cell: -cell.growth)[:MOST_CELLS]
