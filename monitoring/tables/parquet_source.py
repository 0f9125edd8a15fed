"""A Parquet file as raw batches, its columns in whatever types they have."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet

from monitoring.errors import TableRefused
from monitoring.tables.numbers import POINT, NumberStyle
from monitoring.tables.quoting import shown
from monitoring.tables.reading_options import DateOrder, Sniffed
from monitoring.tables.source import Misfits, RawBatch

BATCH_ROWS = 1 << 16
_DAMAGED = (pa.ArrowException, OSError, ValueError, KeyError, TypeError, OverflowError, MemoryError)
"""What the reader raises on a damaged file, UnicodeDecodeError among the ValueErrors."""


class ParquetSource:
    """A Parquet file.

    Args:
        path: the file.
        name: what the person calls it.
    """

    sniffed = Sniffed(format="parquet")
    notes: tuple[str, ...] = ()

    def __init__(self, path: Path, *, name: str) -> None:
        self._path = path
        self._name = shown(name, 120)
        self.misfits = Misfits()
        with self._opened() as file:
            self._schema = file.schema_arrow
            self.header = tuple(self._schema.names)

    def batches(self, positions: Sequence[int]) -> Iterator[RawBatch]:
        """The columns at `positions`, as they are typed."""
        names = [self.header[position] for position in positions]
        for name in names:
            self._refuse_nested(name)
        done = 0
        with self._opened() as file:
            rows = max(1, file.metadata.num_rows)
            try:
                for batch in file.iter_batches(batch_size=BATCH_ROWS, columns=names, use_threads=False):
                    numbers = np.arange(done + 1, done + batch.num_rows + 1, dtype=np.int64)
                    done += batch.num_rows
                    columns = tuple(_simplified(batch.column(batch.schema.get_field_index(name))) for name in names)
                    yield RawBatch(columns, numbers, min(1.0, done / rows))
            except _DAMAGED as error:
                raise TableRefused(
                    f"{self._name} cannot be read beyond row {done:,}: the Parquet file is damaged; send it again."
                ) from error

    def lines_of(self, rows: Collection[int]) -> dict[int, int]:
        """Parquet has no lines."""
        return {}

    def number_style(self, position: int) -> NumberStyle:
        """Text in Parquet is taken to be written as programs write it."""
        return POINT

    def date_order(self, position: int) -> DateOrder | None:
        """Text in Parquet is taken to be written as programs write it."""
        return None

    def split(self, text: str) -> list[str]:
        """Parquet has no lines."""
        return [text]

    def _opened(self) -> Any:
        try:
            return pyarrow.parquet.ParquetFile(self._path, pre_buffer=False, memory_map=False)
        except _DAMAGED as error:
            raise TableRefused(
                f"{self._name} is a damaged or cut-off Parquet file and cannot be read; send it again."
            ) from error

    def _refuse_nested(self, name: str) -> None:
        kind = self._schema.field(name).type
        if pa.types.is_nested(kind):
            raise TableRefused(
                f"{self._name}: {shown(name)} holds {shown(str(kind))}, not single values; flatten it first."
            )


def _simplified(values: Any) -> Any:
    """The same values without dictionary, extension type or view."""
    if isinstance(values, pa.ExtensionArray):
        values = values.storage
    if pa.types.is_dictionary(values.type):
        values = values.dictionary_decode()
    if _is_texty(values.type):
        values = values.cast(pa.string())
        values.validate(full=True)
    return values


def _is_texty(kind: Any) -> bool:
    """Whether a column holds text, or bytes that may be text."""
    types = pa.types
    texts = (types.is_string, types.is_large_string, types.is_string_view)
    return any(test(kind) for test in (*texts, types.is_binary, types.is_large_binary, types.is_binary_view))
