"""A Parquet file as raw batches, its columns in whatever types they have."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet

from monitoring.errors import TableRefused
from monitoring.tables.limits import MEGABYTE
from monitoring.tables.numbers import NumberStyle
from monitoring.tables.packed_file import Meter, PackedFile
from monitoring.tables.parquet_pages import Chunk, Page, chunks_of, pages_of
from monitoring.tables.reading_options import DateOrder, Sniffed
from monitoring.tables.schema_spelling import SchemaSpelling
from monitoring.tables.source import Expected, Misfits, RawBatch
from monitoring.tables.typed_columns import CELL_BYTES, TEXT_BYTES, can_be_read, pieces_of, refuse_unreadable
from monitoring.tables.unused_options import unused_notes

BATCH_ROWS = 1 << 16
DAMAGED = (
    pa.ArrowException, OSError, ValueError, KeyError, TypeError, IndexError, OverflowError, MemoryError, EOFError,
)  # fmt: skip
"""What the reader raises on a damaged file, UnicodeDecodeError among the ValueErrors."""
_BYTES_A_VALUE = 8


class ParquetSource:
    """A Parquet file.

    Args:
        packed: the file.
        expected: columns that may be found in it.
    """

    def __init__(self, packed: PackedFile, *, expected: Expected) -> None:
        self._packed = packed
        self._name = packed.label
        self.misfits = Misfits()
        sniffed = Sniffed(
            format="parquet", compression=packed.compression, member=packed.member, members=packed.members
        )
        with self._opened() as (file, _):
            self._schema = file.schema_arrow
            self.header = tuple(self._schema.names)
        self._spelling = SchemaSpelling(self._schema, packed, expected, can_read=self.can_read, batches=self.batches)
        self.sniffed = self._spelling.told(sniffed)

    @property
    def notes(self) -> tuple[str, ...]:
        """What was found and said, in sentences."""
        return (*unused_notes(self._packed.options, self.sniffed, self._name), *self._spelling.notes())

    def batches(self, positions: Sequence[int]) -> Iterator[RawBatch]:
        """The columns at `positions`, as they are typed."""
        names = [self.header[position] for position in positions]
        for position in positions:
            refuse_unreadable(self._name, self.header[position], self._schema.field(position).type)
        done = 0
        meter = Meter(self._name, self._packed.size, self._packed.limits)
        with self._opened() as (file, bytes_of_file):
            rows = max(1, file.metadata.num_rows)
            try:
                self._refuse_many_values(rows, len(names))
                for batch in self._typed_batches(file, bytes_of_file, names):
                    columns = [batch.column(batch.schema.get_field_index(name)) for name in names]
                    for piece in pieces_of(columns, names, self._name, meter):
                        numbers = np.arange(done + 1, done + len(piece[0]) + 1, dtype=np.int64)
                        done += len(numbers)
                        yield RawBatch(piece, numbers, min(1.0, done / rows))
            except DAMAGED as error:
                raise TableRefused(
                    f"{self._name} cannot be read beyond row {done:,}: the Parquet file is damaged; send it again."
                ) from error

    def lines_of(self, rows: Collection[int]) -> dict[int, int]:
        """Parquet has no lines."""
        return {}

    def can_read(self, position: int) -> bool:
        """Whether the column holds values that can be read and can be told from others by its name."""
        return can_be_read(self._schema.field(position).type) and self.header.count(self.header[position]) == 1

    def number_style(self, position: int) -> NumberStyle:
        """How text in this column writes numbers, as found or said."""
        return self._spelling.style(position)

    def date_order(self, position: int) -> DateOrder | None:
        """The order of dates in text of this column, as found or said; None where it is ISO 8601 or nobody can tell."""
        return self._spelling.order(position)

    def split(self, text: str) -> list[str]:
        """Parquet has no lines."""
        return [text]

    @contextmanager
    def _opened(self) -> Iterator[tuple[Any, Any]]:
        """The Parquet file and the bytes it is read from."""
        with self._packed.random_access() as data:
            try:
                file = pyarrow.parquet.ParquetFile(data, pre_buffer=False, memory_map=False)
            except DAMAGED as error:
                raise TableRefused(
                    f"{self._name} is a damaged or cut-off Parquet file and cannot be read; send it again."
                ) from error
            yield file, data

    def _typed_batches(self, file: Any, data: Any, names: list[str]) -> Iterator[Any]:
        """The batches of every row group, each of so many rows that they fit into memory for certain."""
        unpacked, wanted = 0, set(names)
        for group, chunks in enumerate(chunks_of(data)):
            texts, size = [], BATCH_ROWS
            for chunk in chunks:
                if chunk.name not in wanted:
                    continue
                pages = list(self._pages(data, chunk))
                unpacked += sum(page.unpacked for page in pages)
                self._refuse_unpacked(unpacked)
                if chunk.is_text:
                    size = min(size, _rows_that_fit(pages))
                    if any(page.is_dictionary for page in pages):
                        texts.append(chunk.name)
            size = min(size, self._rows_of_dictionaries(data, group, texts))
            yield from file.iter_batches(batch_size=size, row_groups=[group], columns=names, use_threads=False)

    def _pages(self, data: Any, chunk: Chunk) -> Iterator[Page]:
        for page in pages_of(data, start=chunk.start, length=chunk.length):
            if page.unpacked > self._packed.limits.in_memory:
                raise TableRefused(
                    f"{self._name} holds a page of more than {self._packed.limits.in_memory // MEGABYTE:,} MB; "
                    "write it with pages of the usual size of 1 MB."
                )
            yield page

    def _rows_of_dictionaries(self, data: Any, group: int, texts: list[str]) -> int:
        """Rows of a group that fit into memory when each holds the longest text of the dictionaries."""
        if not texts:
            return BATCH_ROWS
        file = pyarrow.parquet.ParquetFile(data, pre_buffer=False, read_dictionary=texts)
        batch = next(file.iter_batches(batch_size=1, row_groups=[group], columns=texts, use_threads=False), None)
        longest = 1
        for column in batch.columns if batch is not None else ():
            if pa.types.is_dictionary(column.type) and len(column.dictionary):
                lengths = pa.compute.max(pa.compute.binary_length(column.dictionary)).as_py()
                longest = max(longest, lengths or 0)
        return max(1, TEXT_BYTES // min(longest, CELL_BYTES))

    def _refuse_many_values(self, rows: int, columns: int) -> None:
        if rows * columns * _BYTES_A_VALUE > self._packed.limits.allowed(self._packed.size):
            raise TableRefused(
                f"{self._name} is said to hold {rows:,} rows, far more than a table of its size does; "
                "send the table as CSV if that is so."
            )

    def _refuse_unpacked(self, unpacked: int) -> None:
        allowed = self._packed.limits.allowed(self._packed.size)
        if unpacked > allowed:
            raise TableRefused(
                f"{self._name} unpacks to more than {allowed // MEGABYTE:,} MB, far more than a table of its size; "
                "send the table as CSV if that is so."
            )


def _rows_that_fit(pages: list[Page]) -> int:
    """Rows of a column of text that fit into memory wherever they stand in its pages."""
    densest = 1
    for page in pages:
        if not page.is_dictionary:
            densest = max(densest, page.unpacked if page.shares_prefixes else page.unpacked // max(1, page.values))
    return max(1, min(BATCH_ROWS, 2 * TEXT_BYTES // densest))
