"""How a file of text is written: delimiter, header, decimal commas. Found from its beginning. Pure."""

from __future__ import annotations

import csv
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from monitoring.errors import TableRefused
from monitoring.tables.matching import plain
from monitoring.tables.quoting import shown

DELIMITERS = (",", ";", "\t", "|")
_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+\Z")
_PREAMBLE_LINES = 20
_SAMPLE_ROWS = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """How a file is written.

    Attributes:
        delimiter: one of `DELIMITERS`.
        header: the column names.
        skipped: number of records above the header.
        data_start: bytes up to the first data row.
        sample: the first data rows, as text.
        head: the text the dialect was found in, one character a byte.
    """

    delimiter: str
    header: tuple[str, ...]
    skipped: int
    data_start: int
    sample: tuple[tuple[str, ...], ...]
    head: str

    def lines_of(self, rows: Collection[int]) -> dict[int, int]:
        """Lines of the file in which data rows (from 1) start, without those that lie beyond the head."""
        wanted, last, lines = set(rows), max(rows, default=0), {}
        for number, record in enumerate(_records(self.head, self.delimiter), start=-self.skipped):
            if number > last:
                break
            if number in wanted and number > 0:
                lines[number] = record.line
        return lines


@dataclass(frozen=True, slots=True)
class _Record:
    cells: list[str]
    line: int
    end: int


def find_dialect(head: bytes, *, whole: bool, known: Collection[str], name: str) -> Dialect:
    """Find delimiter and header from a file's first bytes.

    The delimiter is the one under which the header names most of the known columns; lines above such a header are
    skipped when they are few.

    Args:
        head: first bytes of the file, UTF-8 without byte order mark.
        whole: whether that is all of it.
        known: column names that may be expected.
        name: the file's name, for sentences.
    """
    text = head.decode("latin-1")
    if not whole:
        cut = max(text.rfind("\n"), text.rfind("\r"))
        if cut < 0:
            raise TableRefused(
                f"{shown(name, 120)} has no header: its first line alone is longer than {len(head):,} bytes; "
                "put the column names in the first line."
            )
        text = text[: cut + 1]
    wanted = {plain(column) for column in known}
    best = max((_best_header(text, delimiter, wanted) for delimiter in DELIMITERS), key=lambda found: found[:3])
    _, _, _, delimiter, index = best
    records = _records(text, delimiter)
    header = next(record for number, record in enumerate(records) if number == index)
    sample = tuple(tuple(record.cells) for record, _ in zip(records, range(_SAMPLE_ROWS), strict=False))
    return Dialect(
        delimiter=delimiter,
        header=tuple(cell.encode("latin-1").decode("utf-8", "replace") for cell in header.cells),
        skipped=index,
        data_start=header.end,
        sample=sample,
        head=text,
    )


def _best_header(text: str, delimiter: str, wanted: set[str]) -> tuple[int, int, int, str, int]:
    """(known names, width of the first record, -index, delimiter, index) of the record most like a header."""
    first_width, best = 0, (0, 0)
    for index, record in zip(range(_PREAMBLE_LINES), _records(text, delimiter), strict=False):
        first_width = first_width or len(record.cells)
        matched = len(wanted.intersection(plain(cell) for cell in record.cells))
        if matched > best[0] and (index == 0 or matched >= max(2, len(wanted) / 2)):
            best = (matched, index)
    return best[0], first_width, -best[1], delimiter, best[1]


def _records(text: str, delimiter: str) -> Iterator[_Record]:
    """The records of a text with where each starts and ends; blank lines are no records."""
    consumed = lines = 0

    def pieces() -> Iterator[str]:
        nonlocal consumed, lines
        for match in _LINE.finditer(text):
            consumed, lines = match.end(), lines + 1
            yield match.group()

    reader = csv.reader(pieces(), delimiter=delimiter)
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
