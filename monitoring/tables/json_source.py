"""JSON records as raw batches: one object a line, a list of objects, or one in an object; read in bounded memory.

Numbers stay as they are written: what a column makes of them is for the conversion to say.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Sequence
from functools import partial
from itertools import islice
from typing import Any

import numpy as np
import pyarrow as pa

from monitoring.errors import TableRefused
from monitoring.tables.cells import CellSpelling, Typed
from monitoring.tables.conversion import Fault
from monitoring.tables.json_keys import LateNames, Respelled, holds
from monitoring.tables.json_reader import RECORD_BYTES, JsonReader, Ragged, TooLong, Twice
from monitoring.tables.likeness import plain
from monitoring.tables.not_values import with_halves
from monitoring.tables.numbers import NumberStyle
from monitoring.tables.opening import HEAD_BYTES, TextFile
from monitoring.tables.packed_file import UNREADABLE
from monitoring.tables.quoting import counted, listed, shown
from monitoring.tables.reading_options import DateOrder, ReadOptions, Sniffed
from monitoring.tables.source import Expected, Misfits, RawBatch
from monitoring.tables.text_columns import batch_rows, text_and_faults, text_column
from monitoring.tables.unused_options import unused_notes

BATCH_BYTES = 16 << 20
_SAMPLE_RECORDS = 2_000
_LATE_RECORDS = 200
"""Further records that are looked at where a column begins later: they tell how its values are written."""

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
        self._wanted = frozenset(plain(name) for name in expected.names)
        self._envelope = ""
        self._more = False
        """Whether there are records behind the sample."""
        sample = self._sample()
        sample += self._later(sample, expected.names)
        self._keys = tuple(dict.fromkeys(key for record in sample for key in record))
        self.header = tuple(map(with_halves, self._keys))
        if not self.header:
            raise TableRefused(f"{self._name} has no rows: its JSON holds no object with values.")
        self._late = LateNames(self._keys, self._wanted)
        self._refuse_columns(sample)
        self._nested = {key for record in sample for key, value in record.items() if isinstance(value, (list, dict))}
        numeric, times = self._cells(sample, expected.numeric), self._cells(sample, expected.times)
        self._spelling = CellSpelling(self.header, numeric=numeric, times=times, options=options, label=self._name)

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
            dates=self._spelling.dates,
        )

    @property
    def notes(self) -> tuple[str, ...]:
        """What was found and mended, in sentences."""
        notes = self._spelling.notes()
        if halves := [name for name, key in zip(self.header, self._keys, strict=True) if name != key]:
            notes.insert(
                0,
                f"{counted(len(halves), 'name of a column holds', 'names of columns hold')} half of a character, which "
                f"is no text, and {'is' if len(halves) == 1 else 'are'} read as written: {listed(halves)}.",
            )
        if self._envelope:
            notes.insert(0, f'The rows are those in "{shown(with_halves(self._envelope))}" of one JSON object.')
        unused = unused_notes(self._text.packed.options, self.sniffed, self._name)
        return (*unused, *notes, *self._late.notes)

    def batches(self, positions: Sequence[int]) -> Iterator[RawBatch]:
        """The values at `positions` as text; a record without one has none."""
        names = [self._keys[position] for position in positions]
        size, done = batch_rows(len(names)), 0
        self._late = LateNames(self._keys, self._wanted)
        opened = self._text.open()
        try:
            reader = JsonReader(opened.stream, self._wanted)
            records = self._records(reader)
            while batch := list(islice(_of_bytes(records, reader, BATCH_BYTES), size)):
                self._late.look_at(batch, done)
                columns, faults = self._columns(batch, names, done)
                typed = self._spelling.typed(positions, partial(_values, batch, names))
                numbers = np.arange(done + 1, done + len(batch) + 1, dtype=np.int64)
                done += len(batch)
                yield RawBatch(columns, numbers, opened.share(), typed, faults)
        except Respelled as error:
            raise TableRefused(f"{self._name}: {error}") from error
        finally:
            opened.close()

    def lines_of(self, rows: Collection[int]) -> dict[int, int]:
        """Records are numbered, not lines."""
        return {}

    def can_read(self, position: int) -> bool:
        """Whether single values were seen in the column, no lists and objects."""
        return self._keys[position] not in self._nested

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
            reader = JsonReader(opened.stream, self._wanted)
            sample = list(islice(_of_bytes(self._records(reader), reader, HEAD_BYTES), _SAMPLE_RECORDS))
            self._envelope = reader.envelope
            self._more = bool(reader.peek())
            return sample
        finally:
            opened.close()

    def _later(self, sample: list[Record], names: Sequence[str]) -> list[Record]:
        """The first records behind the sample that have wanted columns which nothing in the sample has."""
        seen = {_plain(key) for record in sample for key in record}
        missing = [name for name in names if plain(name) not in seen]
        if not self._more or not missing or not self._holds(missing):
            return []
        sought = set(map(plain, missing))
        opened = self._text.open()
        try:
            records = islice(self._records(JsonReader(opened.stream, self._wanted)), len(sample), None)
            late = (record for record in records if not sought.isdisjoint(map(_plain, record)))
            return list(islice(late, _LATE_RECORDS))
        finally:
            opened.close()

    def _holds(self, names: Sequence[str]) -> bool:
        opened = self._text.open()
        try:
            return holds(opened.stream, names)
        except UNREADABLE:
            return False  # reading it tells
        finally:
            opened.close()

    def _refuse_columns(self, sample: list[Record]) -> None:
        """One object of columns, as pandas writes it when nobody says otherwise, is said to be that."""
        names = zip(self._keys, self.header, strict=True)
        known = {name: sample[0].get(key) for key, name in names if plain(name) in self._wanted} if sample else {}
        if len(sample) == 1 and known and all(isinstance(value, (list, dict)) for value in known.values()):
            raise TableRefused(
                f"{self._name} is JSON column by column ({listed(list(known))}), not row by row; write one object a "
                'line (pandas: orient="records", lines=True), or CSV.'
            )

    def _cells(self, sample: list[Record], names: Sequence[str]) -> dict[int, list[str | None]]:
        """The cells of columns, by place, in the sample."""
        wanted = {plain(name) for name in names}
        return {
            place: [_as_text(record.get(key)) for record in sample]
            for place, (key, name) in enumerate(zip(self._keys, self.header, strict=True))
            if plain(name) in wanted
        }

    def _columns(
        self, batch: list[Record], names: Sequence[str], done: int
    ) -> tuple[tuple[Any, ...], dict[int, tuple[Fault, ...]]]:
        """The columns of a batch, and by their place the cells that no text can hold."""
        columns: list[Any] = []
        faults: dict[int, tuple[Fault, ...]] = {}
        for place, name in enumerate(names):
            try:
                columns.append(self._column(batch, name, done))
            except UnicodeEncodeError:
                self._refuse_nested([record.get(name) for record in batch], name, done)
                cells = [_as_text(record.get(name)) for record in batch]
                column, faults[place] = text_and_faults(cells, with_halves(name), self._name)
                columns.append(column)
        return tuple(columns), faults

    def _column(self, batch: list[Record], name: str, done: int) -> Any:
        values = [record.get(name) for record in batch]
        try:
            return text_column(values, name, self._name)
        except (pa.ArrowInvalid, pa.ArrowTypeError, TypeError):
            self._refuse_nested(values, name, done)
        return text_column([_as_text(value) for value in values], name, self._name)

    def _refuse_nested(self, values: Sequence[Any], name: str, done: int) -> None:
        for place, value in enumerate(values):
            if isinstance(value, (list, dict)):
                raise TableRefused(
                    f"{self._name}: {shown(with_halves(name))} holds a list or an object in record "
                    f"{done + place + 1:,}, not a single value; flatten it first."
                )

    def _records(self, reader: JsonReader) -> Iterator[Record]:
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
        except TooLong as error:
            raise TableRefused(
                f"{self._name}: the JSON record after record {done:,} is longer than {RECORD_BYTES >> 20} MB; "
                "write one object a line, or a list of objects."
            ) from error
        except Twice as error:
            raise TableRefused(
                f'{self._name}: record {done + 1:,} has duplicate values for "{shown(with_halves(str(error)))}"; '
                "keep one of them."
            ) from error
        except Ragged as error:
            raise TableRefused(
                f"{self._name}: row {done + 1:,} of its JSON has {error} values than there are column names; write one "
                "object a line."
            ) from error
        except RecursionError as error:
            raise TableRefused(
                f"{self._name}: the JSON after record {done:,} is nested too deep for a table; flatten it first."
            ) from error
        except (ValueError, OSError, pa.ArrowException) as error:
            raise TableRefused(
                f"{self._name} cannot be read beyond record {done:,}: its JSON is damaged or cut off; send it again."
            ) from error


def _values(batch: list[Record], names: Sequence[str], index: int) -> list[Any]:
    return [record.get(names[index]) for record in batch]


def _of_bytes(records: Iterator[Record], reader: JsonReader, most: int) -> Iterator[Record]:
    """The next records, until so many bytes have been read for them."""
    start = reader.bytes
    for record in records:
        yield record
        if reader.bytes - start > most:
            return


def _plain(key: str) -> str:
    """The key as names are compared, half a character in it as it is shown."""
    return plain(with_halves(key))


def _as_text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return Typed(json.dumps(value))
