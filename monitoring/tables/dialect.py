"""How a file of text is written: delimiter, quotes, header. Found from its beginning. Pure."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from monitoring.errors import TableRefused
from monitoring.tables.likeness import plain
from monitoring.tables.quoting import shown
from monitoring.tables.reading_options import ReadOptions
from monitoring.tables.source import Expected

DELIMITERS = (",", ";", "\t", "|")
RARE_DELIMITERS = (" ", "^", "~", "\x1f", "\x01")
"""Taken only where they make a header that names at least two of the columns expected."""
HEADER_LINES = 20
"""A header is looked for in so many records."""
_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+\Z")
_SAMPLE_ROWS = 2_000
_ROWS_OF_ONE_WIDTH = 100


@dataclass(frozen=True, slots=True)
class Marks:
    """The signs that structure a line.

    Attributes:
        delimiter: what stands between cells.
        quote: what stands around a cell that holds the delimiter, "" for nothing.
        escape: what stands before a quote inside such a cell, "" where it is doubled.
    """

    delimiter: str
    quote: str = '"'
    escape: str = ""

    def reader(self, lines: Iterator[str]) -> Iterator[list[str]]:
        """The cells of lines, as `csv.reader`."""
        if not self.quote:
            return csv.reader(lines, delimiter=self.delimiter, quoting=csv.QUOTE_NONE)
        return csv.reader(
            lines,
            delimiter=self.delimiter,
            quotechar=self.quote,
            escapechar=self.escape or None,
            doublequote=not self.escape,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """How a file is written.

    Attributes:
        marks: the signs that structure a line.
        header: the column names.
        unnamed: how many cells of the rows the header had no name for: an index column, or a delimiter at the end.
        skipped: number of records above the header.
        header_line: the line the header starts in, from 1.
        data_start: bytes up to the first data row.
        sample: the first data rows, as text.
        head: the text the dialect was found in, one character a byte.
    """

    marks: Marks
    header: tuple[str, ...]
    unnamed: int
    skipped: int
    header_line: int
    data_start: int
    sample: tuple[tuple[str, ...], ...]
    head: str

    @property
    def first_line(self) -> int:
        """The line, from 1, that the first data row starts in, or blank lines before it."""
        return 1 + sum(1 for _ in _LINE.finditer(self.head, 0, self.data_start))

    def first_records(self) -> list[tuple[int, list[str]]]:
        """The cells of the first records, the header among them, by the line that each starts in."""
        records = islice(_records(self.head, self.marks), HEADER_LINES)
        return [(record.line, list(map(_decoded, record.cells))) for record in records]


@dataclass(frozen=True, slots=True)
class _Record:
    cells: list[str]
    line: int
    end: int


def find_dialect(head: bytes, *, whole: bool, expected: Expected, name: str, options: ReadOptions) -> Dialect:
    """Find delimiter, quotes and header from a file's first bytes, where the options do not say them.

    The delimiter is the one under which the header names most of the known columns; lines above such a header are
    skipped when they are few.

    Args:
        head: first bytes of the file, UTF-8 without byte order mark.
        whole: whether that is all of it.
        expected: columns that may be found in it.
        name: the file's name, for sentences.
        options: what a person says.
    """
    text = _whole_lines(head, whole=whole, name=name)
    marks, index = _best_marks(text, expected, options)
    records = _records(text, marks)
    if options.header_line is not None:
        index = _record_at(text, marks, options.header_line, name)
    header = next(islice(records, index, None), None)
    if header is None:
        raise TableRefused(
            f"{shown(name, 120)} has no header that can be read; put the column names in the first line."
        )
    rows = (record.cells for record in islice(records, _SAMPLE_ROWS))
    sample = tuple(tuple(cells if text.isascii() else map(_decoded, cells)) for cells in rows)
    names = tuple(map(_decoded, header.cells))
    completed = _completed(names, sample)
    return Dialect(
        marks=marks,
        header=completed,
        unnamed=len(completed) - len(names),
        skipped=index,
        header_line=header.line,
        data_start=header.end,
        sample=sample,
        head=text,
    )


def _whole_lines(head: bytes, *, whole: bool, name: str) -> str:
    text = head.decode("latin-1")
    if whole:
        return text
    cut = max(text.rfind("\n"), text.rfind("\r"))
    if cut < 0:
        raise TableRefused(
            f"{shown(name, 120)} has no header: its first line alone is longer than {len(head):,} bytes; "
            "put the column names in the first line."
        )
    return text[: cut + 1]


def _decoded(cell: str) -> str:
    return cell if cell.isascii() else cell.encode("latin-1").decode("utf-8", "replace")


def _best_marks(text: str, expected: Expected, options: ReadOptions) -> tuple[Marks, int]:
    """The marks of the lines and the place of the header among the records."""
    quote = '"' if options.quote is None else options.quote
    usual = DELIMITERS if options.delimiter is None else (options.delimiter,)
    found = [(_best_header(text, Marks(delimiter, quote), expected), delimiter) for delimiter in usual]
    if options.delimiter is None and max(found)[0][0] < 2:
        rare = [(_best_header(text, Marks(delimiter, quote), expected), delimiter) for delimiter in RARE_DELIMITERS]
        found.extend(entry for entry in rare if entry[0][0] >= 2)
    (_, _, place), delimiter = max(found, key=lambda entry: entry[0])
    marks = Marks(delimiter, quote)
    if options.quote is None:
        marks = _with_quotes(text, marks)
    if marks.quote and f"\\{marks.quote}" in text:
        marks = _with_escapes(text, marks)
    return marks, -place


def _best_header(text: str, marks: Marks, expected: Expected) -> tuple[int, int, int]:
    """(known names, width of the first record, -index) of the record most like a header."""
    wanted = {plain(name) for name in expected.names}
    first_width, best = 0, (0, 0)
    for index, record in enumerate(islice(_records(text, marks), HEADER_LINES)):
        first_width = first_width or len(record.cells)
        matched = count_known(list(map(_decoded, record.cells)), wanted)
        if is_better_header(matched, best[0], index, expected.columns):
            best = (matched, index)
    return best[0], first_width, -best[1]


def count_known(cells: Sequence[str], wanted: set[str]) -> int:
    """How many of the wanted names (as `plain` makes them) stand in a record."""
    return len(wanted.intersection(map(plain, cells)))


def is_better_header(matched: int, best: int, index: int, columns: int) -> bool:
    """Whether a record with so many known names is more like a header than the best so far, where so many columns are
    expected."""
    return matched > best and (index == 0 or matched >= max(2, columns / 2))


def _with_quotes(text: str, marks: Marks) -> Marks:
    """Single quotation marks where most cells of text stand in them and no double ones are used."""
    lines = [record.cells for record in islice(_records(text, marks), HEADER_LINES)]
    cells = [cell for cells in lines for cell in cells if cell]
    within = sum(len(cell) > 1 and cell[0] == cell[-1] == "'" for cell in cells)
    if '"' not in text and 2 * within > len(cells):
        return Marks(marks.delimiter, "'")
    return marks


def _with_escapes(text: str, marks: Marks) -> Marks:
    """A backslash before quotation marks where more rows get one width so."""
    escaped = Marks(marks.delimiter, marks.quote, "\\")
    return max((marks, escaped), key=lambda tried: _rows_of_one_width(text, tried))


def _rows_of_one_width(text: str, marks: Marks) -> int:
    widths = [len(record.cells) for record in islice(_records(text, marks), _SAMPLE_ROWS)]
    return max(map(widths.count, set(widths)), default=0)


def _record_at(text: str, marks: Marks, line: int, name: str) -> int:
    for index, record in enumerate(islice(_records(text, marks), line)):
        if record.line == line:
            return index
    raise TableRefused(f"{shown(name, 120)} has no header in line {line:,}; say in which line its column names stand.")


def _completed(header: tuple[str, ...], sample: Sequence[Sequence[str]]) -> tuple[str, ...]:
    """The header with a nameless column more where all rows are wider by one: numbered rows, or nothing at the end."""
    rows = sample[:_ROWS_OF_ONE_WIDTH]
    if len(rows) < 2 or any(len(row) != len(header) + 1 for row in rows):
        return header
    if not any(row[-1].strip() for row in rows):
        return (*header, "")
    first = rows[0][0]
    if first in {"0", "1"} and all(row[0] == str(place) for place, row in enumerate(rows, start=int(first))):
        return ("", *header)
    return header


def _records(text: str, marks: Marks) -> Iterator[_Record]:
    """The records of a text with where each starts and ends; blank lines are no records."""
    consumed = lines = 0

    def pieces() -> Iterator[str]:
        nonlocal consumed, lines
        for match in _LINE.finditer(text):
            consumed, lines = match.end(), lines + 1
            yield match.group()

    reader = marks.reader(pieces())
    start = 1
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            return
        if cells:
            yield _Record(cells, start, consumed)
        start = lines + 1
