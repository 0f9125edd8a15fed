"""Counts per block of time on coarse grids: what the day test exchanges. A commutative monoid. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from monitoring.profiles.grid import HASHED_CELLS, CategoryGrid, Grid, Ints
from monitoring.profiles.mismatch import refuse_negative

UNDATED = -1
"""Block of the rows that have no timestamp."""


@dataclass(frozen=True, slots=True)
class Blocks:
    """Counts per block.

    Attributes:
        ids: (b,) increasing block numbers: days since 1970-01-01 divided by the contract's block length; `UNDATED` for
            the rows without a timestamp, which are one block.
        rows: (b,) rows of each block.
        columns: for each column (b, cells + 1) counts on its coarse grid, missing in the last cell.
    """

    ids: Ints
    rows: Ints
    columns: Mapping[str, Ints]

    def __add__(self, other: Blocks) -> Blocks:
        ids = np.union1d(self.ids, other.ids)
        here, there = np.searchsorted(ids, self.ids), np.searchsorted(ids, other.ids)

        def joined(a: Ints, b: Ints) -> Ints:
            total = np.zeros((len(ids), *a.shape[1:]), dtype=np.int64)
            total[here] += a
            total[there] += b
            return total

        return Blocks(
            ids=ids,
            rows=joined(self.rows, other.rows),
            columns={name: joined(counts, other.columns[name]) for name, counts in self.columns.items()},
        )

    def __sub__(self, other: Blocks) -> Blocks:
        """The blocks without the rows of `other`, which must be contained in them."""
        if not np.isin(other.ids, self.ids).all():
            refuse_negative(-1)
        where = np.searchsorted(self.ids, other.ids)

        def left(a: Ints, b: Ints) -> Ints:
            rest = a.copy()
            rest[where] -= b
            refuse_negative(int(rest.min(initial=0)))
            return rest

        rows = left(self.rows, other.rows)
        kept = rows > 0
        return Blocks(
            ids=self.ids[kept],
            rows=rows[kept],
            columns={name: left(counts, other.columns[name])[kept] for name, counts in self.columns.items()},
        )

    @property
    def dated(self) -> NDArray[np.bool_]:
        """(b,) which blocks are spans of time."""
        return np.asarray(self.ids != UNDATED)


def coarse_cells(grid: Grid) -> int:
    """Cells of the coarse grid without the one for missing values.

    A categorical column has the first categories of its contract singly, the others hashed.
    """
    if isinstance(grid, CategoryGrid):
        return grid.singly + HASHED_CELLS
    return 2 * len(grid.coarse) + 1


def count_blocks(blocks: Ints, cells: Mapping[str, Ints], grids: Mapping[str, Grid]) -> Blocks:
    """Counts of rows by block and coarse cell.

    Args:
        blocks: (n,) block number of each row, `UNDATED` without a timestamp.
        cells: for each column (n,) coarse cell of each row, the last cell for missing.
        grids: the columns' grids.
    """
    ids, position = np.unique(blocks, return_inverse=True)
    columns = {}
    for name, where in cells.items():
        width = coarse_cells(grids[name]) + 1
        flat = np.bincount(position * width + where, minlength=len(ids) * width)
        columns[name] = flat.reshape(len(ids), width)
    return Blocks(
        ids=ids.astype(np.int64),
        rows=np.bincount(position, minlength=len(ids)).astype(np.int64),
        columns=columns,
    )
