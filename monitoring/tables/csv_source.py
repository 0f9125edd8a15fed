"""Delimited text as raw batches, streamed by pyarrow in blocks of a few megabytes.

Several threads parse pieces of the file, as long as each of its lines is a row (see `monitoring.tables.pieces`). What
follows goes block after block. The fast lane hands pyarrow the file itself and lets it parse numbers and times. It ends
at the first thing that is not as it should be: a value that does not parse, a row of another width, a byte that is not
UTF-8. The careful lane then reads the rest with every value as text, so that nothing of what stands there is lost.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import closing
from functools import partial
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv
from numpy.typing import NDArray

from monitoring.errors import TableRefused
from monitoring.tables.csv_cells import checked
from monitoring.tables.csv_parsing import BLOCK_BYTES, NotAsItShouldBe, pieces_of
from monitoring.tables.csv_spelling import CsvSpelling
from monitoring.tables.dialect import Dialect, find_dialect
from monitoring.tables.in_order import in_order
from monitoring.tables.line_numbers import count_lines, find_lines
from monitoring.tables.long_rows import long_row_sentence
from monitoring.tables.misfit_rows import row_numbers, set_aside
from monitoring.tables.numbers import NumberStyle
from monitoring.tables.opening import OpenedText, TextFile
from monitoring.tables.packed_file import UNREADABLE
from monitoring.tables.pieces import Piece, Place
from monitoring.tables.quoting import counted, shown
from monitoring.tables.read_ahead import read_ahead
from monitoring.tables.reading_options import DateOrder, ReadOptions, Sniffed
from monitoring.tables.source import Expected, Misfits, RawBatch, Result
from monitoring.tables.swallowed import Swallowed, find_swallowed, swallowed_sentence
from monitoring.tables.unused_options import unused_notes

BLOCKS_AHEAD = 2
"""Blocks that the fast lane parses before they are asked for. The careful one does not: it counts rows of another width
as it parses them."""


class CsvSource:
    """A file of delimited text.

    Args:
        text: the file.
        expected: columns that may be found in it.
        options: what a person says about it.
    """

    def __init__(self, text: TextFile, *, expected: Expected, options: ReadOptions) -> None:
        self._text = text
        self._name = text.label
        self._argument = expected.argument
        self._dialect: Dialect = find_dialect(
            text.head, whole=text.whole, expected=expected, name=text.label, options=options
        )
        self.header = self._dialect.header
        self.misfits = Misfits()
        self._spelling = CsvSpelling(self._dialect, expected=expected, options=options)
        self._found_late = ""
        self._lines: dict[int, int] = {}
        self._rows_in_all: int | None = None
        self._rows_read = 0
        self._swallowed: Swallowed | None = None
        self._in_pieces = Place()
        """Up to here each line is a row."""
        if unsure := self._spelling.open_orders():
            self._spelling.find_orders(unsure, (raw.columns for raw in self._stream(unsure, Place())))
            self.misfits, self._found_late, self._rows_in_all = Misfits(), "", None

    @property
    def sniffed(self) -> Sniffed:
        """How the file is written."""
        packed, marks, numbers = self._text.packed, self._dialect.marks, self._spelling.numbers
        return Sniffed(
            format="csv",
            compression=packed.compression,
            member=packed.member,
            members=packed.members,
            encoding=self._found_late or self._text.encoding.name,
            delimiter=marks.delimiter,
            quote=marks.quote,
            decimal=numbers.decimal,
            thousands=numbers.thousands,
            dates=self._spelling.dates,
            header_line=self._dialect.header_line,
            skipped_lines=self._dialect.header_line - 1,
        )

    @property
    def notes(self) -> tuple[str, ...]:
        """What was found and mended, in sentences."""
        skipped = self._dialect.skipped
        notes = unused_notes(self._text.packed.options, self.sniffed, self._name)
        if self._text.encoding.guessed or self._found_late:
            notes.append(
                f"The text is not UTF-8 and was read in the encoding {self._found_late or self._text.encoding.name}; "
                "if letters look wrong, say which it is: cp1250 is Central European, cp1251 Cyrillic."
            )
        if skipped:
            notes.append(f"{counted(skipped, 'line')} above the header {'was' if skipped == 1 else 'were'} skipped.")
        if self._dialect.unnamed and not self.header[0]:
            notes.append("The header has one name fewer than the rows have cells; the first column numbers the rows.")
        if self.misfits.comments:
            comments = self.misfits.comments
            notes.append(f"{counted(comments, 'comment line')} {'was' if comments == 1 else 'were'} skipped.")
        if self._swallowed is not None:
            sentence = swallowed_sentence(self._swallowed)
            mend = f"close it, or say that there are no quotation marks ({self._argument}quote none)."
            notes.append(f"{sentence[0].upper()}{sentence[1:]}: {mend}")
        return (*notes, *self._spelling.notes())

    def batches(self, positions: Sequence[int]) -> Iterator[RawBatch]:
        """The columns at `positions`, block by block, rows numbered as in the file.

        Numbers and times come as float64 and timestamp[us] as long as all of them parse, everything else as text,
        categories as codes.
        """
        yield from self.each(positions, _as_it_is, threads=0)

    def each(self, positions: Sequence[int], work: Callable[[RawBatch], Result], *, threads: int) -> Iterator[Result]:
        """`work` on each of the `batches`, in their order; by so many threads, which then parse as well.

        They read the file in pieces, for as long as that is possible; the batches are larger then, the rows the same.
        """
        self.misfits = Misfits()
        self._found_late = ""
        self._rows_in_all = self._swallowed = None
        self._in_pieces = Place()
        if threads and len(self.header) > 1:  # a line of one empty cell is no row to the parser

            def worked(piece: Piece) -> tuple[Piece, Result]:
                return piece, work(self._parsed(piece, positions))

            try:
                with closing(in_order(worked, pieces_of(self._text, self._dialect), threads=threads)) as results:
                    for piece, result in results:
                        self._in_pieces = piece.end
                        yield result
                        if piece.last:
                            return
            except NotAsItShouldBe:
                pass
        yield from map(work, self._stream(positions, self._in_pieces))
        self._swallowed = find_swallowed(self._text, self._dialect, rows=self._rows_read)

    def _parsed(self, piece: Piece, positions: Sequence[int]) -> RawBatch:
        """Raises `NotAsItShouldBe` for what only the streaming lanes can handle."""
        parsed = self._spelling.parsing.parse_piece(piece, positions)
        rows = np.arange(piece.start.rows + 1, piece.end.rows + 1, dtype=np.int64)
        columns = tuple(
            self._checked(column, self.header[position], rows, mended=False)
            for position, column in zip(positions, parsed, strict=True)
        )
        return RawBatch(columns, rows, piece.share)

    def _stream(self, positions: Sequence[int], start: Place) -> Iterator[RawBatch]:
        """The rows from a place on: by the fast lane, then by the careful one."""
        done = start.rows
        try:
            for raw in read_ahead(self._lane(positions, start, careful=False), BLOCKS_AHEAD):
                done += len(raw.rows)
                yield raw
            self._rows_read = self._rows_in_all = done + self.misfits.passed + len(self.misfits.numbers)
            return
        except NotAsItShouldBe:
            pass
        for raw in self._lane(positions, start, careful=True, after=done):
            done += len(raw.rows)
            yield raw
        self._rows_read = done + self.misfits.passed + len(self.misfits.numbers)

    def lines_of(self, rows: Collection[int]) -> dict[int, int]:
        """The lines in which rows start: the file is gone through once more when there are any to find."""
        within, first = self._in_pieces.rows, self._dialect.first_line
        self._lines |= {row: first + row - 1 for row in rows if row <= within}
        unknown = set(rows).difference(self._lines)
        if unknown:
            self._lines |= dict.fromkeys(unknown, 0) | self._find_lines(unknown)
        return {row: self._lines[row] for row in rows if self._lines[row]}

    def _find_lines(self, rows: Collection[int]) -> dict[int, int]:
        dialect = self._dialect
        opened = self._text.open(skip=dialect.data_start)
        try:
            if self._rows_in_all is not None and count_lines(opened.stream) == self._rows_in_all:
                return {row: dialect.first_line + row - 1 for row in rows}  # each row is one line, and each line a row
            opened.close()
            opened = self._text.open(skip=dialect.data_start)
            return find_lines(opened.stream, dialect.marks, rows, first_line=dialect.first_line)
        except (*UNREADABLE, UnicodeError, TableRefused):  # it was readable up to what is told of
            return {}
        finally:
            opened.close()

    def can_read(self, position: int) -> bool:
        """Whether the column can be read: every one can."""
        return True

    def number_style(self, position: int) -> NumberStyle:
        """How this column writes its numbers."""
        return self._spelling.style(position)

    def date_order(self, position: int) -> DateOrder | None:
        """The order of this column's dates that are not ISO 8601."""
        return self._spelling.order(position)

    def first_rows(self) -> list[tuple[int, list[str]]]:
        """The first records, the header among them, by their lines."""
        return self._dialect.first_records()

    def split(self, text: str) -> list[str]:
        """The cells of one line."""
        try:
            return next(self._dialect.marks.reader(iter([text])), [])
        except csv.Error:
            return [text]

    def _lane(self, positions: Sequence[int], start: Place, *, careful: bool, after: int = 0) -> Iterator[RawBatch]:
        """The rows from `start` on, but the file's first `after`. Raises `NotAsItShouldBe` unless `careful`."""
        done = start.rows
        # Nothing is closed here: a thread of pyarrow reads ahead, and would go on reading from the descriptor that the
        # next file to be opened gets. The file is closed when the last of its readers has let go of it.
        opened = self._text.open(skip=self._dialect.data_start + start.bytes, careful=careful)
        try:
            for batch in self._reader(opened, positions, start, careful=careful) or ():
                before, done = done, done + batch.num_rows
                if done > after:
                    yield self._raw(batch.slice(max(0, after - before)), max(after, before), positions, opened)
        except pa.ArrowInvalid as error:
            if not careful and not _is_long_row(error):
                raise NotAsItShouldBe from error
            raise TableRefused(self._broken_sentence(error, done)) from error
        except UNREADABLE as error:
            raise TableRefused(self._broken_sentence(error, done)) from error
        except UnicodeError as error:
            raise TableRefused(self._text.broken_encoding()) from error

    def _raw(self, batch: Any, done: int, positions: Sequence[int], opened: OpenedText) -> RawBatch:
        rows = row_numbers(self.misfits, done, batch.num_rows)
        mender = opened.mender
        if mender is not None and mender.found != self._text.encoding.name:
            self._found_late = mender.found
        mended = mender is not None and mender.mended
        columns = tuple(
            self._checked(batch.column(place), self.header[position], rows, mended=mended)
            for place, position in enumerate(positions)
        )
        return RawBatch(columns, rows, opened.share())

    def _reader(self, opened: OpenedText, positions: Sequence[int], start: Place, *, careful: bool) -> Any:
        aside = partial(set_aside, self.misfits, start.rows) if careful else None
        options = self._spelling.parsing.options(
            positions, careful=careful, set_aside=aside, check_utf8=opened.mender is None
        )
        try:
            return pyarrow.csv.open_csv(opened.stream, **options)
        except pa.ArrowInvalid as error:
            if "Empty CSV file" in str(error):
                return None
            raise

    def _checked(self, values: Any, column: str, rows: NDArray[np.int64], *, mended: bool) -> Any:
        """The same column, unless it holds what no text holds. Raises `NotAsItShouldBe` for the careful lane."""
        foreign = (self._found_late or self._text.encoding.name) if mended else ""
        return checked(values, rows, label=f"{self._name}: {shown(column)}", foreign=foreign)

    def _broken_sentence(self, error: Exception, done: int) -> str:
        if _is_long_row(error):
            return long_row_sentence(self._text, self._dialect, done=done, limit=BLOCK_BYTES)
        return f"{self._name} cannot be read beyond row {done:,}: it is damaged or cut off; send it again."


def _as_it_is(raw: RawBatch) -> RawBatch:
    return raw


def _is_long_row(error: Exception) -> bool:
    return "straddling" in str(error) or "block size" in str(error)
