"""What makes a row too long to read: looked for only after reading has failed."""

from __future__ import annotations

from collections.abc import Sequence

from monitoring.tables.dialect import Dialect
from monitoring.tables.opening import TextFile
from monitoring.tables.quoting import shown
from monitoring.tables.swallowed import find_swallowed, swallowed_sentence


def long_row_sentence(text: TextFile, dialect: Dialect, *, done: int, limit: int) -> str:
    """That a row is too long, and why: a long cell, or a quotation mark that is never closed.

    Args:
        text: the file.
        dialect: how it is written.
        done: rows before it, or somewhat fewer.
        limit: bytes that a row may have.
    """
    column = find_long_cell(
        text, skip=dialect.data_start, limit=limit, delimiter=dialect.marks.delimiter, header=dialect.header
    )
    start = f"{text.label}: a row after row {done:,} is longer than {limit >> 20} MB"
    if column is not None:
        return f"{start}, its longest cell stands in {shown(column)}; shorten or remove it."
    if found := find_swallowed(text, dialect):
        return f"{start}: {swallowed_sentence(found)}; close it."
    return f"{start}; look for a quotation mark that is never closed."


def find_long_cell(text: TextFile, *, skip: int, limit: int, delimiter: str, header: Sequence[str]) -> str | None:
    """The column of the longest cell in the first line of at least `limit` bytes, None without such a line.

    Args:
        text: the file.
        skip: bytes up to the first data row.
        limit: a line shorter than this is none of our concern; about twice as much is held in memory.
        delimiter: what separates cells.
        header: the column names.
    """
    opened = text.open(skip=skip)
    try:
        rest = b""
        while chunk := bytes(opened.stream.read(limit)):
            rest += chunk
            line = rest.split(b"\n", 1)[0]
            if len(line) >= limit:
                cells = line.split(delimiter.encode(), len(header))[: len(header)]
                return header[max(range(len(cells)), key=lambda place: len(cells[place]))]
            rest = rest[rest.rfind(b"\n") + 1 :]
    finally:
        opened.close()
    return None
