"""Delimited text as raw batches: streamed by pyarrow in blocks of a few megabytes, every value as text."""

from __future__ import annotations

import csv
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
from numpy.typing import NDArray

from monitoring.errors import TableRefused
from monitoring.tables.dialect import Dialect, find_dialect
from monitoring.tables.long_rows import find_long_cell
from monitoring.tables.matching import plain
from monitoring.tables.numbers import NumberStyle
from monitoring.tables.opening import HEAD_BYTES, open_text, read_head
from monitoring.tables.quoting import counted, shown
from monitoring.tables.reading_options import DateOrder, ReadOptions, Sniffed
from monitoring.tables.report import REFUSED_ROWS_KEPT
from monitoring.tables.source import Expected, Misfits, RawBatch
from monitoring.tables.spelling import find_spelling, spelling_notes

BLOCK_BYTES = 4 << 20
_MISFIT_TEXT_KEPT = 2_000


class CsvSource:
    """A file of delimited text.

    Args:
        path: the file.
        name: what the person calls it.
        expected: columns that may be found in it.
        options: what a person says about it.
    """

    def __init__(self, path: Path, *, name: str, expected: Expected, options: ReadOptions) -> None:
        self._path = path
        self._name = shown(name, 120)
        head = read_head(path, name)
        self._dialect: Dialect = find_dialect(head, whole=len(head) < HEAD_BYTES, known=expected.names, name=name)
        self.header = self._dialect.header
        self.misfits = Misfits()
        self._spelling = find_spelling(
            self._dialect.sample,
            numeric=self._places(expected.numeric),
            times=self._places(expected.times),
            options=options,
        )
        self.notes = self._describe()

    @property
    def sniffed(self) -> Sniffed:
        """How the file is written."""
        return Sniffed(format="csv", delimiter=self._dialect.delimiter, decimal=self._spelling.numbers.decimal)

    def batches(self, positions: Sequence[int]) -> Iterator[RawBatch]:
        """The columns at `positions` as text, block by block, rows numbered as in the file."""
        self.misfits = Misfits()
        opened = open_text(self._path, skip=self._dialect.data_start)
        done = 0
        try:
            stream, mender = opened.valid()
            reader = self._reader(stream, positions)
            for batch in reader or ():
                rows = self._row_numbers(done, batch.num_rows)
                columns = tuple(
                    self._checked(batch.column(place), self.header[position], rows, mended=mender.mended)
                    for place, position in enumerate(positions)
                )
                done += batch.num_rows
                yield RawBatch(columns, rows, opened.share)
        except (pa.ArrowException, OSError, UnicodeError) as error:
            raise TableRefused(self._broken_sentence(error, done)) from error
        finally:
            opened.close()

    def lines_of(self, rows: Collection[int]) -> dict[int, int]:
        """The lines in which rows start, without those beyond the file's head."""
        return self._dialect.lines_of(rows)

    def number_style(self, position: int) -> NumberStyle:
        """How this column writes its numbers."""
        return self._spelling.style(position)

    def date_order(self, position: int) -> DateOrder | None:
        """The order of this column's dates that are not ISO 8601."""
        return self._spelling.order(position)

    def split(self, text: str) -> list[str]:
        """The cells of one line."""
        try:
            return next(csv.reader([text], delimiter=self._dialect.delimiter), [])
        except csv.Error:
            return [text]

    def _reader(self, stream: Any, positions: Sequence[int]) -> Any:
        names = [str(place) for place in range(len(self.header))]
        wanted = [str(position) for position in positions]
        try:
            return pyarrow.csv.open_csv(
                stream,
                read_options=pyarrow.csv.ReadOptions(block_size=BLOCK_BYTES, column_names=names, use_threads=False),
                parse_options=pyarrow.csv.ParseOptions(
                    delimiter=self._dialect.delimiter, newlines_in_values=True, invalid_row_handler=self._set_aside
                ),
                convert_options=pyarrow.csv.ConvertOptions(
                    include_columns=wanted,
                    column_types={name: pa.string() for name in wanted},
                    strings_can_be_null=False,
                    check_utf8=False,  # the stream is valid UTF-8 already
                ),
            )
        except pa.ArrowInvalid as error:
            if "Empty CSV file" in str(error):
                return None
            raise

    def _set_aside(self, row: Any) -> str:
        misfits = self.misfits
        misfits.numbers.append(row.number)
        if not row.text.strip():
            misfits.blank += 1
        elif len(misfits.texts) < REFUSED_ROWS_KEPT:
            misfits.texts.append((row.number, row.actual_columns, row.text[:_MISFIT_TEXT_KEPT]))
        return "skip"

    def _row_numbers(self, done: int, count: int) -> NDArray[np.int64]:
        """Numbers of the fitting rows `done` … `done + count`, counting the rows set aside between them."""
        index = np.arange(done, done + count, dtype=np.int64)
        aside = np.asarray(self.misfits.numbers, dtype=np.int64)
        fitting_before = aside - np.arange(len(aside)) - 1
        return index + 1 + np.searchsorted(fitting_before, index, side="right")

    def _checked(self, text: Any, column: str, rows: NDArray[np.int64], *, mended: bool) -> Any:
        """The same column, unless it holds what no text holds: NUL bytes, or bytes that are not UTF-8."""
        data = text.buffers()[2]
        if data is not None and b"\x00" in data.to_pybytes():
            raise TableRefused(f"{self._name}: {shown(column)} holds NUL bytes; save it as clean CSV in UTF-8.")
        if mended:
            index = pc.index(pc.match_substring(text, "\N{REPLACEMENT CHARACTER}"), True).as_py()
            if index >= 0:
                raise TableRefused(
                    f"{self._name}: {shown(column)} in row {rows[index]:,} is not written in the encoding UTF-8; "
                    "save the file as CSV in UTF-8 and try again."
                )
        return text

    def _places(self, names: Sequence[str]) -> list[int]:
        """Where columns stand whose names differ from these in case, space and punctuation at most."""
        wanted = {plain(name) for name in names}
        return [place for place, name in enumerate(self.header) if plain(name) in wanted]

    def _describe(self) -> tuple[str, ...]:
        notes = []
        if self._dialect.skipped:
            notes.append(
                f"{counted(self._dialect.skipped, 'line')} above the header "
                f"{'was' if self._dialect.skipped == 1 else 'were'} skipped."
            )
        notes.extend(spelling_notes(self._spelling, self.header))
        return tuple(notes)

    def _broken_sentence(self, error: Exception, done: int) -> str:
        if isinstance(error, UnicodeError):
            return f"{self._name}: the encoding is broken after row {done:,}; save it as CSV in UTF-8 and try again."
        if "straddling" in str(error) or "block size" in str(error):
            return self._long_row_sentence(done)
        return f"{self._name} cannot be read beyond row {done:,}: it is damaged or cut off; send it again."

    def _long_row_sentence(self, done: int) -> str:
        dialect = self._dialect
        column = find_long_cell(
            self._path, skip=dialect.data_start, limit=BLOCK_BYTES, delimiter=dialect.delimiter, header=dialect.header
        )
        start = f"{self._name}: a row after row {done:,} is longer than {BLOCK_BYTES >> 20} MB"
        if column is not None:
            return f"{start}, its longest cell stands in {shown(column)}; shorten or remove it."
        return f"{start}; look for a quotation mark that is never closed."
