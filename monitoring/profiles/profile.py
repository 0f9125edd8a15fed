"""A profile: mergeable counts of a batch on a reference's grids. Pure.

`profile(a) + profile(b) == profile(a and b)`, to the last count, whatever the order and the cuts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from monitoring.contract import Contract
from monitoring.profiles.blocks import UNDATED, Blocks, coarse_cells, count_blocks
from monitoring.profiles.counts import CategoryCounts, Counts, NumericCounts
from monitoring.profiles.grid import CategoryGrid, Floats, Grid, Ints, NumericGrid, locate
from monitoring.profiles.mismatch import ProfileMismatch, refuse_negative

SECONDS_A_DAY = 86_400


@dataclass(frozen=True, slots=True)
class Grids:
    """The grids of all columns of one reference.

    Attributes:
        reference: content hash of the reference; profiles on other grids cannot be added or compared.
        contract: what the columns are.
        columns: a grid for each feature, for the prediction and, where the reference has labels, for the target.
    """

    reference: str
    contract: Contract
    columns: Mapping[str, Grid]


@dataclass(frozen=True, slots=True)
class Profile:
    """Counts of a batch.

    Attributes:
        reference: content hash of the reference whose grids were used.
        rows: rows counted.
        columns: counts of each column that the batch has.
        blocks: the same per block of time, coarser.
        points: points that a numeric grid was cut down to by `coarsen`; None where nothing was.
    """

    reference: str
    rows: int
    columns: Mapping[str, Counts]
    blocks: Blocks
    points: int | None = None

    def __add__(self, other: Profile) -> Profile:
        self._refuse_stranger(other, "added")
        columns = {name: _added(counts, other.columns[name]) for name, counts in self.columns.items()}
        return replace(self, rows=self.rows + other.rows, columns=columns, blocks=self.blocks + other.blocks)

    def _refuse_stranger(self, other: Profile, verb: str) -> None:
        if self.reference != other.reference:
            raise ProfileMismatch(f"These profiles were made against different references and cannot be {verb}.")
        if self.columns.keys() != other.columns.keys():
            raise ProfileMismatch(f"These profiles count different columns and cannot be {verb}.")
        if self.points != other.points:
            raise ProfileMismatch(f"One of these profiles is coarser than the other: they cannot be {verb}.")

    def __sub__(self, other: Profile) -> Profile:
        """The profile of the rows that are here and not in `other`: what a window is moved on with.

        Counts are exact, sums to rounding; the extremes of a number are bounds: those of this profile.

        Raises:
            ProfileMismatch: `other` is not contained, or belongs to another reference.
        """
        self._refuse_stranger(other, "subtracted")
        columns = {name: _subtracted(counts, other.columns[name]) for name, counts in self.columns.items()}
        refuse_negative(self.rows - other.rows)
        return replace(self, rows=self.rows - other.rows, columns=columns, blocks=self.blocks - other.blocks)


def profile_batch(
    batch: pa.RecordBatch | pa.Table, grids: Grids, not_numbers: Mapping[str, int] | None = None
) -> Profile:
    """Profile of conforming rows with their `prediction` column; target and timestamp are used where present.

    Args:
        batch: the rows.
        grids: the cells to count in.
        not_numbers: for numeric columns, how many of the missing values came as text that is no number.
    """
    names = [name for name in grids.columns if name in batch.schema.names]
    columns: dict[str, Counts] = {}
    cells: dict[str, Ints] = {}
    for name in names:
        grid, values = grids.columns[name], _whole(batch.column(name))
        if isinstance(grid, NumericGrid):
            numbers = as_floats(values)
            columns[name] = NumericCounts.of(numbers, grid, (not_numbers or {}).get(name, 0))
            cells[name] = _coarse_numbers(numbers, grid)
        else:
            columns[name], cells[name] = _count_categories(values, grid)
    blocks = _block_numbers(batch, grids.contract)
    return Profile(grids.reference, batch.num_rows, columns, count_blocks(blocks, cells, grids.columns))


def as_floats(values: pa.Array) -> Floats:
    """A numeric Arrow array as float64 (n,), NaN where null."""
    return np.asarray(values.cast(pa.float64()).to_numpy(zero_copy_only=False), dtype=np.float64)


def as_levels(values: pa.Array) -> pa.Array:
    """A categorical column as text: labels 0.0 and 1.0 become '0' and '1'."""
    if pa.types.is_floating(values.type):
        values = values.cast(pa.int64())
    return values if pa.types.is_string(values.type) else values.cast(pa.string())


def _added(a: Counts, b: Counts) -> Counts:
    if isinstance(a, NumericCounts) and isinstance(b, NumericCounts):
        return a + b
    if isinstance(a, CategoryCounts) and isinstance(b, CategoryCounts):
        return a + b
    raise ProfileMismatch("A column is a number in one profile and a category in the other.")


def _subtracted(a: Counts, b: Counts) -> Counts:
    if isinstance(a, NumericCounts) and isinstance(b, NumericCounts):
        return a - b
    if isinstance(a, CategoryCounts) and isinstance(b, CategoryCounts):
        return a - b
    raise ProfileMismatch("A column is a number in one profile and a category in the other.")


def _whole(values: pa.Array | pa.ChunkedArray) -> pa.Array:
    return values.combine_chunks() if isinstance(values, pa.ChunkedArray) else values


def _coarse_numbers(numbers: Floats, grid: NumericGrid) -> Ints:
    """Coarse cell of each row; infinite values count at the ends, NaN in the last cell."""
    cells = locate(numbers, grid.coarse)
    cells[np.isnan(numbers)] = coarse_cells(grid)
    return cells


def _count_categories(values: pa.Array, grid: CategoryGrid) -> tuple[CategoryCounts, Ints]:
    encoded = as_levels(values).dictionary_encode()
    levels = encoded.dictionary.to_pylist()
    codes = np.asarray(pc.fill_null(encoded.indices, len(levels)).to_numpy(zero_copy_only=False), dtype=np.int64)
    counts = np.bincount(codes, minlength=len(levels) + 1)
    by_level = dict(zip(levels, counts[:-1].tolist(), strict=True))
    known = {category: i for i, category in enumerate(grid.categories)}
    cells = [grid.coarse_cell(level, known.get(level)) for level in levels]
    to_cell = np.array([*cells, coarse_cells(grid)], dtype=np.int64)
    return CategoryCounts.of(by_level, int(counts[-1]), grid), to_cell[codes]


def _block_numbers(batch: pa.RecordBatch | pa.Table, contract: Contract) -> Ints:
    """Block of each row (n,)."""
    if contract.timestamp is None or contract.timestamp not in batch.schema.names:
        return np.full(batch.num_rows, UNDATED, dtype=np.int64)
    seconds = _whole(batch.column(contract.timestamp)).cast(pa.timestamp("s"), safe=False).cast(pa.int64())
    missing = np.asarray(pc.is_null(seconds).to_numpy(zero_copy_only=False), dtype=bool)
    days = np.asarray(pc.fill_null(seconds, 0).to_numpy(zero_copy_only=False), dtype=np.int64) // SECONDS_A_DAY
    return np.where(missing, UNDATED, np.maximum(days // contract.block_days, 0))
