"""Counts per block of time on coarse grids: what the day test exchanges. A commutative monoid. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from monitoring.performance.block_losses import NO_BLOCK
from monitoring.profiles.counting import Ordered, count_into
from monitoring.profiles.grid import HASHED_CELLS, CategoryGrid, Floats, Grid, Ints, NumericGrid, locate
from monitoring.profiles.mismatch import refuse_negative
from monitoring.profiles.sample import mixed

UNDATED = NO_BLOCK
"""Block of the rows that have no timestamp."""
MOST_BLOCKS = 1_024
"""Blocks that are counted one by one; of more, those whose number has the smallest hash: a uniform sample of them."""
ROWS_A_BLOCK = 500
"""Rows a block from which each block is sorted; of fewer each value is looked up."""


@dataclass(frozen=True, slots=True)
class Blocks:
    """Counts per block.

    Attributes:
        ids: (b,) increasing block numbers: days since 1970-01-01 divided by the contract's block length; `UNDATED` for
            the rows without a timestamp, which are one block.
        rows: (b,) rows of each block.
        columns: for each column (b, cells + 1) counts on its coarse grid, missing in the last cell.
        left_out: rows of blocks beyond `MOST_BLOCKS`.
    """

    ids: Ints
    rows: Ints
    columns: Mapping[str, Ints]
    left_out: int = 0

    def __add__(self, other: Blocks) -> Blocks:
        ids = np.union1d(self.ids, other.ids)
        here, there = np.searchsorted(ids, self.ids), np.searchsorted(ids, other.ids)
        kept = kept_blocks(ids)

        def joined(a: Ints, b: Ints) -> Ints:
            total = np.zeros((len(ids), *a.shape[1:]), dtype=np.int64)
            total[here] += a
            total[there] += b
            return total if len(kept) == len(ids) else total[kept]

        rows = joined(self.rows, other.rows)
        return Blocks(
            ids=ids[kept],
            rows=rows,
            columns={name: joined(counts, other.columns[name]) for name, counts in self.columns.items()},
            left_out=int(self.left_out + other.left_out + self.rows.sum() + other.rows.sum() - rows.sum()),
        )

    def __sub__(self, other: Blocks) -> Blocks:
        """The blocks without the rows of `other`, which must be contained in them."""
        inside = np.isin(other.ids, self.ids)
        if not (inside.all() or self.left_out):
            refuse_negative(-1)
        where = np.searchsorted(self.ids, other.ids[inside])

        def left(a: Ints, b: Ints) -> Ints:
            rest = a.copy()
            rest[where] -= b[inside]
            refuse_negative(int(rest.min(initial=0)))
            return rest

        rows = left(self.rows, other.rows)
        left_out = self.left_out - other.left_out - int(other.rows[~inside].sum())
        refuse_negative(left_out)
        kept = rows > 0
        return Blocks(
            ids=self.ids[kept],
            rows=rows[kept],
            columns={name: left(counts, other.columns[name])[kept] for name, counts in self.columns.items()},
            left_out=left_out,
        )

    @property
    def dated(self) -> NDArray[np.bool_]:
        """(b,) which blocks are spans of time."""
        return np.asarray(self.ids != UNDATED)


@dataclass(frozen=True, slots=True)
class RowBlocks:
    """Which block each row of a batch belongs to.

    Attributes:
        ids: (b,) increasing numbers of the blocks that are kept.
        order: (k,) the rows of kept blocks, block by block; None when all rows of the batch are, as they are.
        ends: (b + 1,) where the blocks begin and end in that order.
        left_out: rows of blocks that are not kept.
    """

    ids: Ints
    order: Ints | None
    ends: Ints
    left_out: int

    @classmethod
    def of(cls, blocks: Ints) -> RowBlocks:
        """From the block number of each row (n,), `UNDATED` without a timestamp."""
        if len(blocks) and (blocks[0] == blocks).all():
            return cls.one(int(blocks[0]), len(blocks))
        order = None if (blocks[1:] >= blocks[:-1]).all() else np.argsort(blocks, kind="stable")
        ordered = blocks if order is None else blocks[order]
        starts = np.flatnonzero(np.concatenate(([True], ordered[1:] != ordered[:-1]))) if len(blocks) else blocks
        ids, ends = ordered[starts], np.append(starts, len(blocks))
        kept = kept_blocks(ids)
        if len(kept) == len(ids):
            return cls(ids, order, ends, 0)
        rows = np.diff(ends)
        taken = np.flatnonzero(np.repeat(np.isin(np.arange(len(ids)), kept), rows))
        order = taken if order is None else order[taken]
        return cls(ids[kept], order, np.concatenate(([0], np.cumsum(rows[kept]))), len(blocks) - len(taken))

    @classmethod
    def one(cls, block: int, rows: int) -> RowBlocks:
        """All rows in one block."""
        return cls(np.full(min(rows, 1), block), None, np.array([0, rows][: 1 + min(rows, 1)]), 0)

    @property
    def single(self) -> bool:
        """Whether all rows are in one block."""
        return len(self.ids) == 1 and not self.left_out

    @property
    def rows(self) -> Ints:
        """(b,) rows of each block."""
        return np.diff(self.ends)

    def arranged(self, values: NDArray[np.generic]) -> NDArray[np.generic]:
        """`values` (n,) of the rows, block by block (k,)."""
        return values if self.order is None else values[self.order]


def kept_blocks(ids: Ints) -> Ints:
    """Places of the blocks that keep counts of their own: what has no time, and those with the smallest hashes.

    One that is kept in the end was among the smallest in every part: leaving out commutes with adding.
    """
    if len(ids) <= MOST_BLOCKS:
        return np.arange(len(ids))
    ranks = np.where(ids == UNDATED, np.uint64(0), mixed(ids.view(np.uint64), seed=3))
    return np.sort(np.argpartition(ranks, MOST_BLOCKS)[:MOST_BLOCKS])


def coarse_cells(grid: Grid) -> int:
    """Cells of the coarse grid without the one for missing values.

    A categorical column has the first categories of its contract singly, the others hashed.
    """
    if isinstance(grid, CategoryGrid):
        return grid.singly + HASHED_CELLS
    return 2 * len(grid.coarse) + 1


def count_number_blocks(values: Floats, ordered: Ordered, grid: NumericGrid, blocks: RowBlocks) -> Ints:
    """Counts (b, cells + 1) of `values` (n,), NaN where missing, per block; infinite values count at the ends.

    Args:
        values: in the order of the batch.
        ordered: the same, sorted.
        grid: of the column.
        blocks: of the rows.
    """
    if blocks.single:
        return _coarse_row(ordered, grid)[np.newaxis]
    arranged = np.asarray(blocks.arranged(values), dtype=np.float64)
    if 0 < ROWS_A_BLOCK * len(blocks.ids) <= len(arranged):
        return np.stack([_coarse_row(Ordered.of(part), grid) for part in np.split(arranged, blocks.ends[1:-1])])
    cells = locate(arranged, grid.coarse)
    cells[np.isnan(arranged)] = coarse_cells(grid)
    return _per_block(cells, coarse_cells(grid) + 1, blocks)


def count_level_blocks(
    cells: Ints, counts: Ints, codes: NDArray[np.generic] | None, width: int, blocks: RowBlocks
) -> Ints:
    """Counts (b, width) of a categorical column per block.

    Args:
        cells: (l,) coarse cell of each level.
        counts: (l,) rows of each level.
        codes: (n,) level of each row; not looked at where all rows are in one block.
        width: coarse cells with the one for missing values.
        blocks: of the rows.
    """
    if codes is None or blocks.single:
        return np.bincount(cells, weights=counts, minlength=width).astype(np.int64)[np.newaxis]
    return _per_block(cells[blocks.arranged(codes)], width, blocks)


def _per_block(cells: Ints, width: int, blocks: RowBlocks) -> Ints:
    """Counts (b, width) of the coarse cells (k,) of the rows, block by block."""
    position = np.repeat(np.arange(len(blocks.ids)), blocks.rows)
    return np.bincount(position * width + cells, minlength=len(blocks.ids) * width).reshape(len(blocks.ids), width)


def _coarse_row(ordered: Ordered, grid: NumericGrid) -> Ints:
    counts = np.zeros(coarse_cells(grid) + 1, dtype=np.int64)
    count_into(counts, ordered.finite, grid.coarse)
    counts[0] += ordered.below_all
    counts[-2] += ordered.above_all
    counts[-1] = ordered.missing
    return counts
