"""Delimited text as raw batches, streamed by pyarrow in blocks of a few megabytes.

Several threads parse pieces of the file, as long as each of its lines is a row (see `monitoring.tables.pieces`). What
follows goes block after block. The fast lane hands pyarrow the file itself and lets it parse numbers and times. It ends
at the first thing that is not as it should be: a value that does not parse, a row of another width, a byte that is not
UTF-8. The careful lane then reads the rest with every value as text, so that nothing of what stands there is lost.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
from numpy.typing import NDArray

from monitoring.errors import TableRefused
from monitoring.tables.categories import CODED, is_coded
from monitoring.tables.csv_parsing import BLOCK_BYTES, CsvParsing, NotAsItShouldBe, pieces_of
from monitoring.tables.dialect import Dialect, find_dialect
from monitoring.tables.in_order import in_order
from monitoring.tables.likeness import plain
from monitoring.tables.line_numbers import count_lines, find_lines
from monitoring.tables.long_rows import find_long_cell
from monitoring.tables.numbers import LARGEST, POINT, NumberStyle
from monitoring.tables.opening import OpenedText, TextFile
from monitoring.tables.packed_file import UNREADABLE
from monitoring.tables.pieces import Piece, Place
from monitoring.tables.quoting import counted, shown
from monitoring.tables.read_ahead import read_ahead
from monitoring.tables.reading_options import DateOrder, ReadOptions, Sniffed
from monitoring.tables.report import REFUSED_ROWS_KEPT
from monitoring.tables.source import Expected, Misfits, RawBatch, Result
from monitoring.tables.spelling import (
    Spelling,
    doubtful_date,
    find_date_order,
    find_spelling,
    rests_on_one_day,
    spelling_notes,
)
from monitoring.tables.unused_options import unused_notes

BLOCKS_AHEAD = 2
"""Blocks that the fast lane parses before they are asked for. The careful one does not: it counts rows of another width
as it parses them."""
_MISFIT_TEXT_KEPT = 2_000
DATE_LENGTH = 11
"""Characters that hold a date, and the one behind it."""


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
        self._dialect: Dialect = find_dialect(
            text.head, whole=text.whole, expected=expected, name=text.label, options=options
        )
        self.header = self._dialect.header
        self.misfits = Misfits()
        self._numeric = frozenset(self._places(expected.numeric))
        self._times = frozenset(self._places(expected.times))
        self._categories = frozenset(self._places(expected.categories))
        self._spelling: Spelling = find_spelling(
            numeric=self._cells(self._numeric), times=self._cells(self._times), options=options
        )
        self._parsing = self._parsing_as_found()
        self._found_late = ""
        self._lines: dict[int, int] = {}
        self._rows_in_all: int | None = None
        self._in_pieces = Place()
        """Up to here each line is a row."""
        if options.dates is None and (unsure := [*self._doubtful_dates(), *self._orders_of_one_day()]):
            self._look_for_orders(unsure)

    @property
    def sniffed(self) -> Sniffed:
        """How the file is written."""
        packed, marks, numbers = self._text.packed, self._dialect.marks, self._spelling.numbers
        orders = set((self._spelling.dates or {}).values())
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
            dates=next(iter(orders), None),
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
        doubts = (
            f"{shown(self.header[place])}: dates such as {shown(cell)} can be read in two ways; "
            "say in which order day, month and year stand."
            for place, cell in self._doubtful_dates().items()
        )
        return (*notes, *spelling_notes(self._spelling, self.header), *doubts)

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
        self._rows_in_all = None
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

    def _parsed(self, piece: Piece, positions: Sequence[int]) -> RawBatch:
        """Raises `NotAsItShouldBe` for what only the streaming lanes can handle."""
        parsed = self._parsing.parse_piece(piece, positions)
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
            self._rows_in_all = done + self.misfits.passed + len(self.misfits.numbers)
            return
        except NotAsItShouldBe:
            pass
        yield from self._lane(positions, start, careful=True, after=done)

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
        rows = self._row_numbers(done, batch.num_rows)
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
        set_aside = partial(self._set_aside, start.rows) if careful else None
        options = self._parsing.options(
            positions, careful=careful, set_aside=set_aside, check_utf8=opened.mender is None
        )
        try:
            return pyarrow.csv.open_csv(opened.stream, **options)
        except pa.ArrowInvalid as error:
            if "Empty CSV file" in str(error):
                return None
            raise

    def _look_for_orders(self, places: Collection[int]) -> None:
        """Find the order of dates with all that stands behind the first rows, where these leave a doubt: rows in order
        of time begin with the first days of a month, and any day behind the twelfth tells."""
        seen: dict[int, set[str]] = {place: set() for place in sorted(places)}
        with suppress(TableRefused):  # reading it tells
            for raw in self._stream(list(seen), Place()):
                for cells, column in zip(seen.values(), raw.columns, strict=True):
                    text = column if pa.types.is_string(column.type) else column.cast(pa.string())
                    cells.update(pc.unique(pc.utf8_slice_codeunits(text, 0, DATE_LENGTH)).drop_null().to_pylist())
                if all(find_date_order(cells) and not rests_on_one_day(cells) for cells in seen.values()):
                    break
        self.misfits, self._found_late, self._rows_in_all = Misfits(), "", None
        orders = {place: find_date_order(cells) for place, cells in seen.items()}
        dates = {**(self._spelling.dates or {}), **orders}
        self._spelling = replace(self._spelling, dates={place: order for place, order in dates.items() if order})
        self._parsing = self._parsing_as_found()

    def _orders_of_one_day(self) -> list[int]:
        """Columns of dates, by place, whose order was told by a single day that can be read in two ways."""
        cells = self._cells(self._times & set(self._spelling.dates or {}))
        return [place for place, column in cells.items() if rests_on_one_day(column)]

    def _parsing_as_found(self) -> CsvParsing:
        return CsvParsing(self._dialect.marks, tuple(map(self._type, range(len(self.header)))))

    def _type(self, place: int) -> Any:
        """What the fast lane parses a column as."""
        if place in self._numeric and self._spelling.style(place) == POINT:
            return pa.float64()
        if place in self._categories:
            return CODED
        return pa.timestamp("us") if place in self._times and self._spelling.order(place) is None else pa.string()

    def _set_aside(self, before: int, row: Any) -> str:
        misfits, number = self.misfits, before + row.number
        misfits.numbers.append(number)
        text = row.text.strip()
        if not text:
            misfits.blank += 1
        elif text.startswith("#"):
            misfits.comments += 1
        elif len(misfits.texts) < REFUSED_ROWS_KEPT:
            misfits.texts.append((number, row.actual_columns, row.text[:_MISFIT_TEXT_KEPT]))
        return "skip"

    def _row_numbers(self, done: int, count: int) -> NDArray[np.int64]:
        """Numbers of the fitting rows `done` … `done + count`, counting the rows set aside between them."""
        index, misfits = np.arange(done, done + count, dtype=np.int64), self.misfits
        aside = np.asarray(misfits.numbers, dtype=np.int64)
        fitting_before = aside - np.arange(len(aside)) - misfits.passed - 1
        rows = index + 1 + misfits.passed + np.searchsorted(fitting_before, index, side="right")
        behind = int(np.searchsorted(fitting_before, done + count, side="left"))
        misfits.passed += behind
        del misfits.numbers[:behind]
        return rows

    def _checked(self, values: Any, column: str, rows: NDArray[np.int64], *, mended: bool) -> Any:
        """The same column, unless it holds what no text holds: NUL bytes, or characters of another encoding.

        Raises `NotAsItShouldBe` for numbers whose spelling must be shown.
        """
        if pa.types.is_floating(values.type):
            if np.any(np.abs(values.to_numpy(zero_copy_only=False)) > LARGEST) or pc.any(pc.is_nan(values)).as_py():
                raise NotAsItShouldBe
            return values
        if not pa.types.is_string(values.type) and not is_coded(values):
            return values
        data = (values.dictionary if is_coded(values) else values).buffers()[2]
        if data is not None and data.size and not np.frombuffer(data, np.uint8).all():
            raise TableRefused(f"{self._name}: {shown(column)} holds NUL bytes; save it as clean CSV in UTF-8.")
        if mended:
            index = pc.index(pc.match_substring(values, "\N{REPLACEMENT CHARACTER}"), True).as_py()
            if index >= 0:
                encoding = self._found_late or self._text.encoding.name
                raise TableRefused(
                    f"{self._name}: {shown(column)} in row {rows[index]:,} is not written in the encoding "
                    f"{encoding.upper()}; save the file as CSV in UTF-8 and try again."
                )
        return values

    def _places(self, names: Sequence[str]) -> list[int]:
        """Where columns stand whose names differ from these in case, space and punctuation at most."""
        wanted = {plain(name) for name in names}
        return [place for place, name in enumerate(self.header) if plain(name) in wanted]

    def _cells(self, places: Collection[int]) -> dict[int, list[str]]:
        """The first cells of columns, by place."""
        return {place: [row[place] for row in self._dialect.sample if place < len(row)] for place in places}

    def _doubtful_dates(self) -> dict[int, str]:
        """Columns of dates whose order nobody can tell, by place, with one of these."""
        cells = self._cells(sorted(self._times - set(self._spelling.dates or {})))
        return {place: cell for place, column in cells.items() if (cell := doubtful_date(column)) is not None}

    def _broken_sentence(self, error: Exception, done: int) -> str:
        if _is_long_row(error):
            return self._long_row_sentence(done)
        return f"{self._name} cannot be read beyond row {done:,}: it is damaged or cut off; send it again."

    def _long_row_sentence(self, done: int) -> str:
        dialect = self._dialect
        column = find_long_cell(
            self._text,
            skip=dialect.data_start,
            limit=BLOCK_BYTES,
            delimiter=dialect.marks.delimiter,
            header=dialect.header,
        )
        start = f"{self._name}: a row after row {done:,} is longer than {BLOCK_BYTES >> 20} MB"
        if column is not None:
            return f"{start}, its longest cell stands in {shown(column)}; shorten or remove it."
        return f"{start}; look for a quotation mark that is never closed."


def _as_it_is(raw: RawBatch) -> RawBatch:
    return raw


def _is_long_row(error: Exception) -> bool:
    return "straddling" in str(error) or "block size" in str(error)
