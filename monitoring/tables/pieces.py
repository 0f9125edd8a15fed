"""A stream of text cut at line ends into pieces that several threads can parse, each on its own.

Whether a cut lies between two rows, only a parser can say: a line may end within quotation marks. So each piece ends
with its own first line once more. When a piece starts at a row, and the parser finds as many rows in it as lines, that
one among them, then each line is a row and the next piece starts at a row as well. For a line end within quotation
marks takes a row away, and so does a blank line. Only a row that is never closed gives one back; but it would hold the
last line end and the one before the line that came once more, and so take two away.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

CARRIAGE_RETURN_ALONE = re.compile(rb"\r(?!\n)")
AT_ONCE = 1 << 18
"""Bytes that are looked at together."""


@dataclass(frozen=True, slots=True)
class Place:
    """A place in a stream between two rows: how many rows and bytes stand before it."""

    rows: int = 0
    bytes: int = 0


@dataclass(frozen=True, slots=True)
class Piece:
    """Whole lines of a stream.

    Attributes:
        text: the lines, and the first of them once more, as a `pyarrow.Buffer`; to be let go of by `release`.
        start, end: where the piece stands when each of its lines and of those before it is a row.
        last: whether the stream ends with it.
        share: share of the file read so far, in [0, 1].
        release: lets the memory of the text be used again; to be called once nothing refers to it.
    """

    text: Any
    start: Place
    end: Place
    last: bool
    share: float
    release: Callable[[], None]

    @property
    def lines(self) -> int:
        """How many lines, without the one that came once more."""
        return self.end.rows - self.start.rows


def cut(stream: Any, share: Callable[[], float], *, size: int, longest: int) -> Iterator[Piece]:
    """The pieces of a stream, until it ends or cannot be cut: where a carriage return alone ends a line, or lines may
    be too long.

    Args:
        stream: UTF-8 from the start of a row on, something with `readinto`.
        share: tells the share of the file that was read.
        size: bytes of a piece.
        longest: no line of a piece has more bytes.
    """
    free: list[bytearray] = []
    rest, place = b"", Place()
    while True:
        buffer = free.pop() if free else bytearray(size + longest + 1)
        filled = _fill(stream, buffer, rest, size)
        ended = filled < size
        if ended and filled and buffer[filled - 1] != ord("\n"):
            buffer[filled : filled + 1] = b"\n"
            filled += 1
        stop = buffer.rfind(b"\n", 0, filled) + 1
        if not stop or not _may_be_cut(buffer, stop, longest):
            return
        rest = bytes(memoryview(buffer)[stop:filled])
        end = Place(place.rows + _lines(buffer, stop), place.bytes + stop)
        once_more = buffer.find(b"\n") + 1
        buffer[stop : stop + once_more] = buffer[:once_more]
        text = pa.py_buffer(memoryview(buffer)[: stop + once_more])
        yield Piece(text, place, end, ended, share(), _Release(free, buffer))
        place = end
        if ended:
            return


@dataclass(frozen=True, slots=True)
class _Release:
    free: list[bytearray]
    buffer: bytearray

    def __call__(self) -> None:
        self.free.append(self.buffer)


def _fill(stream: Any, buffer: bytearray, rest: bytes, size: int) -> int:
    """Read into a buffer behind the `rest` of the last one, up to `size` bytes; how many it holds then."""
    buffer[: len(rest)] = rest
    filled = len(rest)
    with memoryview(buffer) as view:
        while filled < size and (read := stream.readinto(view[filled:size])):
            filled += read
    return filled


def _lines(buffer: bytearray, stop: int) -> int:
    """Line ends in the first `stop` bytes."""
    data = np.frombuffer(buffer, np.uint8, stop)
    return sum(int(np.count_nonzero(data[i : i + AT_ONCE] == ord("\n"))) for i in range(0, stop, AT_ONCE))


def _may_be_cut(buffer: bytearray, stop: int, longest: int) -> bool:
    """Whether the first `stop` bytes have line feeds at short distances, and no carriage return by itself."""
    window = longest // 2
    if any(buffer.find(b"\n", start, start + window) < 0 for start in range(0, stop - window, window)):
        return False
    return buffer.find(b"\r", 0, stop) < 0 or CARRIAGE_RETURN_ALONE.search(buffer, 0, stop) is None
