"""Rows that a quotation mark which nobody closed takes into one cell: found by the lines that look like rows."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from typing import Any

from monitoring.errors import TableRefused
from monitoring.tables.dialect import Dialect
from monitoring.tables.line_numbers import count_lines
from monitoring.tables.opening import TextFile
from monitoring.tables.packed_file import UNREADABLE
from monitoring.tables.quoting import counted

LOOKED_AT = 64 << 20
"""Bytes that are gone through, line by line."""
FURTHER = 2
"""Lines from which on they count as rows: one line that happens to have as many delimiters is text."""
_PIECE = 1 << 20
_LINE = re.compile(rb"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+\Z")

Swallowed = tuple[int, int]
"""The line in which a quotation mark opens that takes rows into its cell, and how many further lines it takes."""


def find_swallowed(text: TextFile, dialect: Dialect, *, rows: int | None = None) -> Swallowed | None:
    """Look for rows within a cell.

    Text of a cell may go on in the next lines. Where each of these lines, and the one that the row starts in, has as
    many fields by itself as the header, and there are at least two of them, they were rows.

    Args:
        text: the file.
        dialect: how it is written.
        rows: how many rows were read; nothing is looked for where the file has as many lines.

    Returns:
        None where no such row is found in the first `LOOKED_AT` bytes.
    """
    if not dialect.marks.quote or len(dialect.header) < 2:
        return None
    try:
        if rows is not None:
            opened = text.open(skip=dialect.data_start)
            try:
                if count_lines(opened.stream) == rows:
                    return None
            finally:
                opened.close()
        opened = text.open(skip=dialect.data_start)
        try:
            return _find(_lines(opened.stream), dialect)
        finally:
            opened.close()
    except (*UNREADABLE, UnicodeError, TableRefused):  # reading it tells
        return None


def swallowed_sentence(found: Swallowed) -> str:
    """What was found, to go on with after a comma or a semicolon.

    >>> swallowed_sentence((12, 28))
    'a quotation mark that opens in line 12 takes 28 further lines into one cell, and each of them looks like a row'
    """
    line, further = found
    takes = f"takes {counted(further, 'further line')} into one cell"
    return f"a quotation mark that opens in line {line:,} {takes}, and each of them looks like a row"


def _find(lines: Iterator[str], dialect: Dialect) -> Swallowed | None:
    marks, delimiters = dialect.marks, len(dialect.header) - 1
    taken: list[str] = []

    def told() -> Iterator[str]:
        for one in lines:
            taken.append(one)
            yield one

    def are_rows() -> bool:
        return len(taken) > FURTHER and all(one.count(marks.delimiter) == delimiters for one in taken)

    reader, line = marks.reader(told()), dialect.first_line
    while True:
        try:
            next(reader)
        except StopIteration:
            return None
        except csv.Error:  # a cell longer than the parser takes
            return (line, len(taken) - 1 + _up_to(marks.quote, lines)) if are_rows() else None
        if are_rows():
            return line, len(taken) - 1
        line += len(taken)
        taken.clear()


def _up_to(quote: str, lines: Iterator[str]) -> int:
    """How many lines there are up to one with a quotation mark, that one among them."""
    count = 0
    for one in lines:
        count += 1
        if quote in one:
            break
    return count


def _lines(stream: Any) -> Iterator[str]:
    rest, left = b"", LOOKED_AT
    while left > 0 and (piece := bytes(stream.read(_PIECE))):
        left -= len(piece)
        rest += piece
        cut = rest.rfind(b"\n") + 1
        for match in _LINE.finditer(rest[:cut]):
            yield match.group().decode("latin-1")
        rest = rest[cut:]
    if left > 0:
        for match in _LINE.finditer(rest):
            yield match.group().decode("latin-1")
