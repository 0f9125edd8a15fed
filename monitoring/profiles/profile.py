"""A profile: mergeable counts of a batch on a reference's grids. Pure.

`profile(a) + profile(b) == profile(a and b)`, to the last count, whatever the order and the cuts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from monitoring.compiled import kernel
from monitoring.contract import Contract
from monitoring.profiles.blocks import (
    UNDATED,
    Blocks,
    RowBlocks,
    coarse_cells,
    count_level_blocks,
    count_number_blocks,
)
from monitoring.profiles.counting import Ordered
from monitoring.profiles.counts import CategoryCounts, Counts, NumericCounts
from monitoring.profiles.grid import CategoryGrid, Floats, Grid, Ints
from monitoring.profiles.merged_sample import MergedSample, sampled_columns
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
        sample: a uniform sample of the distinct rows; None where none was taken.
    """

    reference: str
    rows: int
    columns: Mapping[str, Counts]
    blocks: Blocks
    points: int | None = None
    sample: MergedSample | None = None

    def __add__(self, other: Profile) -> Profile:
        """The profile of the rows of both, in any order; it has a sample where both have one.

        Raises:
            ProfileMismatch: they do not belong together.
        """
        self._refuse_stranger(other, "added")
        columns = {name: _added(counts, other.columns[name]) for name, counts in self.columns.items()}
        sample = self.sample + other.sample if self.sample and other.sample else None
        blocks = self.blocks + other.blocks
        return replace(self, rows=self.rows + other.rows, columns=columns, blocks=blocks, sample=sample)

    def _refuse_stranger(self, other: Profile, verb: str) -> None:
        if self.reference != other.reference:
            raise ProfileMismatch(f"These profiles were made against different references and cannot be {verb}.")
        if self.columns.keys() != other.columns.keys():
            raise ProfileMismatch(f"These profiles count different columns and cannot be {verb}.")
        if self.points != other.points:
            raise ProfileMismatch(f"One of these profiles is coarser than the other: they cannot be {verb}.")

    def __sub__(self, other: Profile) -> Profile:
        """The profile of the rows that are here and not in `other`: what a window is moved on with.

        Counts are exact, sums to rounding; the extremes of a number are bounds: those of this profile. It has no
        sample: rows that those taken away had kept out of it cannot come back.

        Raises:
            ProfileMismatch: `other` is not contained, or belongs to another reference.
        """
        self._refuse_stranger(other, "subtracted")
        columns = {name: _subtracted(counts, other.columns[name]) for name, counts in self.columns.items()}
        refuse_negative(self.rows - other.rows)
        blocks = self.blocks - other.blocks
        return replace(self, rows=self.rows - other.rows, columns=columns, blocks=blocks, sample=None)


class CountedColumn(NamedTuple):
    """One column of a batch, counted.

    Attributes:
        name: of the column.
        counts: on its grid.
        blocks: (b, cells + 1) per block on its coarse grid.
        ordered: (f,) the finite values of a number, sorted; None for a category.
    """

    name: str
    counts: Counts
    blocks: Ints
    ordered: Floats | None


def profile_batch(
    batch: pa.RecordBatch | pa.Table,
    grids: Grids,
    not_numbers: Mapping[str, int] | None = None,
    *,
    sample: int | None = None,
    sample_limit: np.uint64 | None = None,
) -> Profile:
    """Profile of conforming rows with their `prediction` column; target and timestamp are used where present.

    Args:
        batch: the rows.
        grids: the cells to count in.
        not_numbers: for numeric columns, how many of the missing values came as text that is no number.
        sample: distinct rows to keep; None to keep no rows, which is quicker.
        sample_limit: `limit` of the sample of a profile that this one will be added to.
    """
    blocks = row_blocks(batch, grids.contract)
    columns = [column._replace(ordered=None) for column in count_columns(batch, grids, blocks, not_numbers)]
    return whole_profile(batch, grids, blocks, columns, sample, sample_limit)


def whole_profile(
    batch: pa.RecordBatch | pa.Table,
    grids: Grids,
    blocks: RowBlocks,
    columns: Sequence[CountedColumn],
    sample: int | None = None,
    sample_limit: np.uint64 | None = None,
) -> Profile:
    """The profile of a batch whose columns have been counted, with so many of its distinct rows."""
    per_block = {column.name: column.blocks for column in columns}
    return Profile(
        reference=grids.reference,
        rows=batch.num_rows,
        columns={column.name: column.counts for column in columns},
        blocks=Blocks(ids=blocks.ids, rows=blocks.rows, columns=per_block, left_out=blocks.left_out),
        sample=None if sample is None else _sample(batch, grids, sample, sample_limit),
    )


def _sample(batch: pa.RecordBatch | pa.Table, grids: Grids, size: int, limit: np.uint64 | None = None) -> MergedSample:
    rows = batch.select(sampled_columns(grids.contract, batch.schema.names))
    return MergedSample.of(rows, grids.reference, size=size, limit=limit)


def count_columns(
    batch: pa.RecordBatch | pa.Table, grids: Grids, blocks: RowBlocks, not_numbers: Mapping[str, int] | None = None
) -> Iterator[CountedColumn]:
    """The columns of a batch that its reference knows, one after the other, so that one is in memory at a time.

    Args:
        batch, grids, not_numbers: as for `profile_batch`.
        blocks: of the rows.
    """
    for name in known_columns(batch, grids):
        yield count_column(name, batch, grids, blocks, (not_numbers or {}).get(name, 0))


def known_columns(batch: pa.RecordBatch | pa.Table, grids: Grids) -> list[str]:
    """The batch's columns that its reference knows, in the reference's order."""
    names = set(batch.schema.names)
    return [name for name in grids.columns if name in names]


def count_column(
    name: str, batch: pa.RecordBatch | pa.Table, grids: Grids, blocks: RowBlocks, not_numbers: int = 0
) -> CountedColumn:
    """One column of a batch; `not_numbers` of its missing values came as text that is no number."""
    grid, column = grids.columns[name], _whole(batch.column(name))
    if isinstance(grid, CategoryGrid):
        return CountedColumn(name, *_count_categories(column, grid, blocks), None)
    values = as_floats(column)
    found = Ordered.of(values)
    counts = NumericCounts.of(found, grid, not_numbers)
    return CountedColumn(name, counts, count_number_blocks(values, found, grid, blocks), found.finite)


def row_blocks(batch: pa.RecordBatch | pa.Table, contract: Contract) -> RowBlocks:
    """Block of each row of a batch, as `block_numbers` tells them."""
    blocks = block_numbers(batch, contract)
    return RowBlocks.one(UNDATED, batch.num_rows) if blocks is None else RowBlocks.of(blocks)


def block_numbers(batch: pa.RecordBatch | pa.Table, contract: Contract) -> Ints | None:
    """Number (n,) of each row's block: days since 1970-01-01 divided by the contract's block length.

    `UNDATED` for a row without a time; None where no row has one.
    """
    if contract.timestamp is None or contract.timestamp not in batch.schema.names:
        return None
    seconds = _whole(batch.column(contract.timestamp)).cast(pa.timestamp("s"), safe=False).cast(pa.int64())
    days = np.asarray(pc.fill_null(seconds, 0).to_numpy(zero_copy_only=False), dtype=np.int64) // SECONDS_A_DAY
    blocks: Ints = days // contract.block_days
    if seconds.null_count:
        blocks[np.asarray(pc.is_null(seconds).to_numpy(zero_copy_only=False), dtype=bool)] = UNDATED
    return blocks


def as_floats(values: pa.Array) -> Floats:
    """A numeric Arrow array as float64 (n,), NaN where null."""
    numbers = values if pa.types.is_float64(values.type) else values.cast(pa.float64())
    return np.asarray(numbers.to_numpy(zero_copy_only=False), dtype=np.float64)


def as_levels(values: pa.Array) -> pa.Array:
    """A categorical column as text, coded text as it is: labels 0.0 and 1.0 become '0' and '1'."""
    if pa.types.is_dictionary(values.type):
        return values
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
    if not isinstance(values, pa.ChunkedArray):
        return values
    return values.chunk(0) if values.num_chunks == 1 else values.combine_chunks()


def _count_categories(values: pa.Array, grid: CategoryGrid, blocks: RowBlocks) -> tuple[CategoryCounts, Ints]:
    texts, width = as_levels(values), coarse_cells(grid) + 1
    if kernel.compiled() and pa.types.is_string(texts.type):
        found = kernel.count_texts(texts, grid.texts)
        *_, missing, others = found.counts.tolist()
        if not others:
            known, cells = found.counts[:-1], np.append(grid.coarse, width - 1)
            return CategoryCounts(known[:-1], missing), count_level_blocks(cells, known, found.codes, width, blocks)
    codes = None
    if blocks.single and not pa.types.is_dictionary(texts.type):
        counted = pc.value_counts(texts)
        levels, counts = counted.field("values").to_pylist(), counted.field("counts").to_numpy()
    else:
        coded = texts.dictionary_encode()
        levels = [*coded.dictionary.to_pylist(), None]
        codes = pc.fill_null(coded.indices, len(levels) - 1).to_numpy(zero_copy_only=False)
        counts = np.bincount(codes, minlength=len(levels))
    places = {category: i for i, category in enumerate(grid.categories)}
    cells = np.array(
        [width - 1 if level is None else grid.coarse_cell(level, places.get(level)) for level in levels], dtype=np.int64
    )
    by_level = {level: count for level, count in zip(levels, counts.tolist(), strict=True) if count}
    missing = by_level.pop(None, 0)
    return CategoryCounts.of(by_level, missing, grid), count_level_blocks(cells, counts, codes, width, blocks)
