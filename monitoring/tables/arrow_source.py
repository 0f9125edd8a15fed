"""An Arrow file (Feather) or Arrow stream as raw batches, its columns in whatever types they have.

The file format is the stream format between two signatures, and is read as such: nothing need be sought.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.ipc

from monitoring.errors import TableRefused
from monitoring.tables.arrow_messages import Message, messages_of
from monitoring.tables.formats import ARROW_FILE
from monitoring.tables.limits import MEGABYTE
from monitoring.tables.numbers import NumberStyle
from monitoring.tables.packed_file import Meter, PackedFile, Unpacked
from monitoring.tables.parquet_source import DAMAGED
from monitoring.tables.reading_options import DateOrder, Sniffed
from monitoring.tables.schema_spelling import SchemaSpelling
from monitoring.tables.source import Expected, Misfits, RawBatch
from monitoring.tables.typed_columns import can_be_read, pieces_of, refuse_unreadable
from monitoring.tables.unused_options import unused_notes

BATCH_ROWS = 1 << 16
_SIGNATURE_BYTES = 8
_BYTES_A_VALUE = 8


class ArrowSource:
    """An Arrow file or stream.

    Args:
        packed: the file.
        expected: columns that may be found in it.
    """

    def __init__(self, packed: PackedFile, *, expected: Expected) -> None:
        self._packed = packed
        self._name = packed.label
        self.misfits = Misfits()
        sniffed = Sniffed(format="arrow", compression=packed.compression, member=packed.member, members=packed.members)
        with self._opened() as opened, self._guarded(0):
            self._schema = pa.ipc.open_stream(opened.stream).schema
            self.header = tuple(self._schema.names)
        self._spelling = SchemaSpelling(self._schema, packed, expected, can_read=self.can_read, batches=self.batches)
        self.sniffed = self._spelling.told(sniffed)

    @property
    def notes(self) -> tuple[str, ...]:
        """What was found and said, in sentences."""
        return (*unused_notes(self._packed.options, self.sniffed, self._name), *self._spelling.notes())

    def batches(self, positions: Sequence[int]) -> Iterator[RawBatch]:
        """The columns at `positions`, as they are typed."""
        for position in positions:
            refuse_unreadable(self._name, self.header[position], self._schema.field(position).type)
        names = [self.header[position] for position in positions]
        order = sorted(set(positions))
        places = [order.index(position) for position in positions]
        options = pa.ipc.IpcReadOptions(included_fields=order, use_threads=False)
        done = 0
        meter = Meter(self._name, self._packed.size, self._packed.limits)
        with self._opened() as opened, self._opened() as ahead:
            with self._guarded(done):
                reader = pa.ipc.open_stream(opened.stream, options=options)
                messages = messages_of(ahead.stream)
            while (batch := self._next(reader, messages, done)) is not None:
                self._refuse_many_values(done + batch.num_rows, len(names))
                share = opened.share()
                for start in range(0, batch.num_rows, BATCH_ROWS):
                    part = [batch.column(place).slice(start, BATCH_ROWS) for place in places]
                    for piece in self._pieces(part, names, done, meter):
                        numbers = np.arange(done + 1, done + len(piece[0]) + 1, dtype=np.int64)
                        done += len(numbers)
                        yield RawBatch(piece, numbers, share)

    def lines_of(self, rows: Collection[int]) -> dict[int, int]:
        """Arrow has no lines."""
        return {}

    def can_read(self, position: int) -> bool:
        """Whether the column holds values that can be read."""
        return can_be_read(self._schema.field(position).type)

    def number_style(self, position: int) -> NumberStyle:
        """How text in this column writes numbers, as found or said."""
        return self._spelling.style(position)

    def date_order(self, position: int) -> DateOrder | None:
        """The order of dates in text of this column, as found or said; None where it is ISO 8601 or nobody can tell."""
        return self._spelling.order(position)

    def split(self, text: str) -> list[str]:
        """Arrow has no lines."""
        return [text]

    @contextmanager
    def _opened(self) -> Iterator[Unpacked]:
        """The bytes from the first message on."""
        opened = self._packed.open()
        try:
            if self._packed.start.startswith(ARROW_FILE):
                opened.stream.read(_SIGNATURE_BYTES)
            yield opened
        finally:
            opened.close()

    def _next(self, reader: Any, messages: Iterator[Message], done: int) -> Any:
        """The next batch, None after the last. Its messages are looked at first: what they unpack to, they say."""
        with self._guarded(done):
            for message in messages:
                if message.unpacked > self._packed.limits.in_memory:
                    raise TableRefused(
                        f"{self._name}: a batch after row {done:,} unpacks to more than "
                        f"{self._packed.limits.in_memory // MEGABYTE:,} MB; write it in batches of 100,000 rows."
                    )
                if message.is_batch:
                    break
            batch = next(reader, None)
            if batch is not None:
                batch.validate(full=True)
            return batch

    def _pieces(self, columns: list[Any], names: list[str], done: int, meter: Meter) -> Iterator[tuple[Any, ...]]:
        with self._guarded(done):
            yield from pieces_of(columns, names, self._name, meter)

    def _refuse_many_values(self, rows: int, columns: int) -> None:
        if rows * columns * _BYTES_A_VALUE > self._packed.limits.allowed(self._packed.size):
            raise TableRefused(f"{self._name} holds more than {rows:,} rows, far more than a table of its size does.")

    @contextmanager
    def _guarded(self, done: int) -> Iterator[None]:
        try:
            yield
        except StopIteration:
            raise
        except DAMAGED as error:
            raise TableRefused(
                f"{self._name} cannot be read beyond row {done:,}: the Arrow file is damaged or cut off; send it again."
            ) from error
