"""JSON records as raw batches: one object a line, or a list of objects, read in bounded memory.

Numbers stay as they are written: what a column makes of them is for the conversion to say.
"""

from __future__ import annotations

import codecs
import json
import re
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from itertools import islice
from typing import Any

import numpy as np
import pyarrow as pa

from monitoring.errors import TableRefused
from monitoring.tables.matching import plain
from monitoring.tables.numbers import NumberStyle
from monitoring.tables.opening import HEAD_BYTES, TextFile
from monitoring.tables.quoting import shown
from monitoring.tables.reading_options import DateOrder, ReadOptions, Sniffed
from monitoring.tables.source import Expected, Misfits, RawBatch
from monitoring.tables.spelling import Spelling, find_spelling, spelling_notes
from monitoring.tables.text_columns import batch_rows, text_column

RECORD_BYTES = 4 << 20
"""Longest record; a list of records inside an object is one long record."""
BATCH_BYTES = 16 << 20
_PIECE = 1 << 18
_SAMPLE_RECORDS = 2_000
_SPACE = re.compile(r"[ \t\r\n]*")

Record = dict[str, Any]


class JsonSource:
    """A file of JSON records.

    Args:
        text: the file.
        expected: columns that may be found in it.
        options: what a person says about it.
    """

    def __init__(self, text: TextFile, *, expected: Expected, options: ReadOptions) -> None:
        self._text = text
        self._name = text.label
        self.misfits = Misfits()
        sample = self._sample()
        self.header = tuple(dict.fromkeys(key for record in sample for key in record))
        if not self.header:
            raise TableRefused(f"{self._name} has no rows: its JSON holds no object with values.")
        self._nested = {key for record in sample for key, value in record.items() if isinstance(value, (list, dict))}
        numeric, times = self._cells(sample, expected.numeric), self._cells(sample, expected.times)
        self._spelling: Spelling = find_spelling(numeric=numeric, times=times, options=options)

    @property
    def sniffed(self) -> Sniffed:
        """How the file is written."""
        packed, numbers = self._text.packed, self._spelling.numbers
        return Sniffed(
            format="json",
            compression=packed.compression,
            member=packed.member,
            members=packed.members,
            encoding=self._text.encoding.name,
            decimal=numbers.decimal,
            thousands=numbers.thousands,
            dates=next(iter(set((self._spelling.dates or {}).values())), None),
        )

    @property
    def notes(self) -> tuple[str, ...]:
        """What was found and mended, in sentences."""
        return tuple(spelling_notes(self._spelling, self.header))

    def batches(self, positions: Sequence[int]) -> Iterator[RawBatch]:
        """The values at `positions` as text; a record without one has none."""
        names = [self.header[position] for position in positions]
        size, done = batch_rows(len(names)), 0
        opened = self._text.open()
        try:
            reader = _Reader(opened.stream)
            records = self._records(reader)
            while batch := list(islice(_of_bytes(records, reader, BATCH_BYTES), size)):
                columns = tuple(self._column(batch, name, done) for name in names)
                numbers = np.arange(done + 1, done + len(batch) + 1, dtype=np.int64)
                done += len(batch)
                yield RawBatch(columns, numbers, opened.share())
        finally:
            opened.close()

    def lines_of(self, rows: Collection[int]) -> dict[int, int]:
        """Records are numbered, not lines."""
        return {}

    def can_read(self, position: int) -> bool:
        """Whether single values were seen in the column, no lists and objects."""
        return self.header[position] not in self._nested

    def number_style(self, position: int) -> NumberStyle:
        """How numbers that stand in this column as text are written."""
        return self._spelling.style(position)

    def date_order(self, position: int) -> DateOrder | None:
        """The order of this column's dates that are not ISO 8601."""
        return self._spelling.order(position)

    def split(self, text: str) -> list[str]:
        """JSON has no lines of cells."""
        return [text]

    def _sample(self) -> list[Record]:
        opened = self._text.open()
        try:
            reader = _Reader(opened.stream)
            return list(islice(_of_bytes(self._records(reader), reader, HEAD_BYTES), _SAMPLE_RECORDS))
        finally:
            opened.close()

    def _cells(self, sample: list[Record], names: Sequence[str]) -> dict[int, list[str]]:
        """The cells of columns, by place, in the sample."""
        wanted = {plain(name) for name in names}
        return {
            place: [_as_text(record.get(name)) or "" for record in sample]
            for place, name in enumerate(self.header)
            if plain(name) in wanted
        }

    def _column(self, batch: list[Record], name: str, done: int) -> Any:
        values = [record.get(name) for record in batch]
        try:
            return text_column(values, name, self._name)
        except (pa.ArrowInvalid, pa.ArrowTypeError, TypeError):
            pass
        for place, value in enumerate(values):
            if isinstance(value, (list, dict)):
                raise TableRefused(
                    f"{self._name}: {shown(name)} holds a list or an object in record {done + place + 1:,}, "
                    "not a single value; flatten it first."
                )
        return text_column([_as_text(value) for value in values], name, self._name)

    def _records(self, reader: _Reader) -> Iterator[Record]:
        """The records of a stream. Raises TableRefused where it is no JSON."""
        done = 0
        try:
            for record in reader.records():
                if not isinstance(record, dict):
                    raise TableRefused(
                        f"{self._name} is JSON of another shape than rows: record {done + 1:,} is no object; "
                        'write one object a line, or a list of objects: [{"column": value, …}, …].'
                    )
                done += 1
                yield record
        except _TooLong as error:
            raise TableRefused(
                f"{self._name}: the JSON record after record {done:,} is longer than {RECORD_BYTES >> 20} MB; "
                "write one object a line, or a list of objects."
            ) from error
        except _Twice as error:
            raise TableRefused(
                f'{self._name}: record {done + 1:,} has duplicate values for "{shown(str(error))}"; keep one of them.'
            ) from error
        except RecursionError as error:
            raise TableRefused(
                f"{self._name}: the JSON after record {done:,} is nested too deep for a table; flatten it first."
            ) from error
        except (ValueError, OSError, pa.ArrowException) as error:
            raise TableRefused(
                f"{self._name} cannot be read beyond record {done:,}: its JSON is damaged or cut off; send it again."
            ) from error


def _of_bytes(records: Iterator[Record], reader: _Reader, most: int) -> Iterator[Record]:
    """The next records, until so many bytes have been read for them."""
    start = reader.bytes
    for record in records:
        yield record
        if reader.bytes - start > most:
            return


class _TooLong(Exception):
    """A record that does not fit into memory."""


class _Twice(Exception):
    """A name that stands twice in one object."""


class _Reader:
    """Takes JSON values off a stream one by one: those of the outermost list, or all there are."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream
        self._decoder = json.JSONDecoder(
            object_pairs_hook=_record, parse_float=str, parse_int=str, parse_constant=str, strict=False
        )
        self._text = codecs.getincrementaldecoder("utf-8")("replace")
        self._buffer = ""
        self._place = 0
        self._ended = False
        self.bytes = 0

    def records(self) -> Iterator[Any]:
        """The values, in order. Raises ValueError where the text is no JSON."""
        if self._peek() != "[":
            while self._peek():
                yield self._value()
            return
        self._place += 1
        while self._peek() != "]":
            yield self._value()
            if self._peek() == ",":
                self._place += 1
                if self._peek() == "]":
                    raise ValueError("a comma before the end")
            elif self._peek() != "]":
                raise ValueError("no comma between values")
        self._place += 1
        if self._peek():
            raise ValueError("more behind the end")

    def _peek(self) -> str:
        """The next character that is no space, "" at the end."""
        while True:
            match = _SPACE.match(self._buffer, self._place)
            self._place = match.end() if match else self._place
            if self._place < len(self._buffer):
                return self._buffer[self._place]
            if self._ended:
                return ""
            self._more()

    def _value(self) -> Any:
        while True:
            try:
                value, end = self._decoder.raw_decode(self._buffer, self._place)
            except json.JSONDecodeError:
                if self._ended:
                    raise
            else:
                if end < len(self._buffer) or self._ended:
                    self._place = end
                    return value
            if len(self._buffer) - self._place > RECORD_BYTES:
                raise _TooLong
            self._more()

    def _more(self) -> None:
        """Read on: twice as much where a record is long, so that it is not decoded over and over."""
        rest = self._buffer[self._place :]
        piece = bytes(self._stream.read(max(_PIECE, len(rest))))
        self.bytes += len(piece)
        self._ended = not piece
        self._buffer = rest + self._text.decode(piece, final=not piece)
        self._place = 0


def _record(pairs: list[tuple[str, Any]]) -> Record:
    record = dict(pairs)
    if len(record) != len(pairs):
        raise _Twice(Counter(name for name, _ in pairs).most_common(1)[0][0])
    return record


def _as_text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    return json.dumps(value)
