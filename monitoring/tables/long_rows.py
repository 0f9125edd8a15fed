"""Which column holds the cell that is too long to read: looked for only after reading has failed."""

from __future__ import annotations

from collections.abc import Sequence

from monitoring.tables.opening import TextFile


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
