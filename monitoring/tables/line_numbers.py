"""In which line of a file of text a row starts, wherever it stands.

Asked only for rows that are told of, after they were read. A file that has as many lines as rows has one row in each:
to count its line ends is enough. Any other file is gone through up to the last of these rows: where no quotation mark
is near, line ends are counted; else the lines are parsed, as a cell may go on in the next line.
"""

from __future__ import annotations

import csv
import re
from collections import deque
from collections.abc import Collection, Iterator
from typing import Any

import numpy as np

from monitoring.tables.dialect import Marks
from monitoring.tables.pieces import CARRIAGE_RETURN_ALONE

_PIECE = 1 << 20
_LONGEST = 16 << 20
"""A line of more bytes is none that was read."""
_LINE = re.compile(rb"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+\Z")


def find_lines(
    stream: Any, marks: Marks, rows: Collection[int], *, first_line: int, piece: int = _PIECE
) -> dict[int, int]:
    """The lines in which rows start.

    Args:
        stream: the rows as UTF-8, something with `read`.
        marks: the signs that structure a line.
        rows: numbers of rows, from 1; blank lines are no rows.
        first_line: the line that the stream starts with.
        piece: bytes that are read at a time.

    Returns:
        Line by row, from 1; rows that the stream does not have are left out.
    """
    return _Counter(stream, marks, rows, first_line, piece).lines()


def count_lines(stream: Any, *, piece: int = _PIECE) -> int | None:
    """How many lines a stream of UTF-8 has, blank ones too; None where a carriage return alone ends one."""
    ends, last, carried = 0, b"\n", b""
    while data := bytes(stream.read(piece)):
        ends += data.count(b"\n")
        last, data = data[-1:], carried + data
        carried = b"\r" if last == b"\r" else b""
        if b"\r" in data and CARRIAGE_RETURN_ALONE.search(data[:-1] if carried else data):
            return None
    return None if carried else ends + (last != b"\n")


class _Counter:
    def __init__(self, stream: Any, marks: Marks, rows: Collection[int], first_line: int, piece: int) -> None:
        self._stream = stream
        self._piece = piece
        self._marks = marks
        self._wanted = np.unique(np.fromiter(rows, np.int64, len(rows)))
        self._rest = b""
        self._ended = False
        self._row = 0
        """Rows that have ended."""
        self._line = first_line
        """The line that comes next."""
        self._found: dict[int, int] = {}

    def lines(self) -> dict[int, int]:
        last = int(self._wanted[-1]) if len(self._wanted) else 0
        while self._row < last and (body := self._next_body()):
            if (self._marks.quote and self._marks.quote.encode() in body) or CARRIAGE_RETURN_ALONE.search(body):
                self._parse(body)
            else:
                self._count(body)
        return self._found

    def _next_body(self) -> bytes:
        """The next whole lines, empty at the end."""
        while not self._ended and len(self._rest) < _LONGEST:
            piece = bytes(self._stream.read(self._piece))
            self._ended = not piece
            self._rest += piece
            cut = max(self._rest.rfind(b"\n"), self._rest.rfind(b"\r", 0, -1)) + 1
            if cut:
                body, self._rest = self._rest[:cut], self._rest[cut:]
                return body
        body, self._rest = (self._rest, b"") if self._ended else (b"", b"")
        return body

    def _count(self, body: bytes) -> None:
        """Lines of one row each, but for blank ones."""
        data = np.frombuffer(body, np.uint8)
        ends = np.flatnonzero(data == ord("\n"))
        if not body.endswith(b"\n"):
            ends = np.append(ends, len(data))
        starts = np.concatenate(([0], ends[:-1] + 1))
        lengths = ends - starts
        blank = (lengths == 0) | ((lengths == 1) & (data[np.minimum(starts, len(data) - 1)] == ord("\r")))
        places = np.flatnonzero(~blank)
        wanted = self._wanted[(self._wanted > self._row) & (self._wanted <= self._row + len(places))]
        for row in wanted.tolist():
            self._found[row] = self._line + int(places[row - self._row - 1])
        self._row += len(places)
        self._line += len(ends)

    def _parse(self, body: bytes) -> None:
        """Rows cell by cell; one that goes on beyond the body takes more lines."""
        wanted = set(self._wanted.tolist())
        queue = deque(match.group() for match in _LINE.finditer(body))
        taken = 0

        def lines() -> Iterator[str]:
            nonlocal taken
            while queue or self._refill(queue):
                taken += 1
                yield queue.popleft().decode("latin-1")

        reader = self._marks.reader(lines())
        while queue:
            before = taken
            try:
                cells = next(reader)
            except (csv.Error, StopIteration):
                self._ended, self._rest = True, b""
                return
            if cells:
                self._row += 1
                if self._row in wanted:
                    self._found[self._row] = self._line + before
        self._line += taken

    def _refill(self, queue: deque[bytes]) -> bool:
        queue.extend(match.group() for match in _LINE.finditer(self._next_body()))
        return bool(queue)
