"""What the messages of an Arrow stream unpack to, as they tell it before pyarrow allocates it.

A message is its metadata, a flatbuffer (Message.fbs of the Arrow format), and its body; a packed buffer in the body
begins with its unpacked length.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

_CONTINUATION = 0xFFFFFFFF
_LONGEST_METADATA = 64 << 20
_HEADER_TYPE, _HEADER, _BODY_LENGTH = 1, 2, 3
_DICTIONARY, _BATCH = 2, 3
_DICTIONARY_DATA = 1
_BUFFERS, _COMPRESSION = 2, 3
_PIECE = 1 << 20


@dataclass(frozen=True, slots=True)
class Message:
    """One message.

    Attributes:
        is_batch: whether it holds rows; else a schema or a dictionary.
        unpacked: bytes its body takes in memory.
    """

    is_batch: bool
    unpacked: int


def messages_of(stream: Any) -> Iterator[Message]:
    """The messages of a stream, their bodies passed over.

    Args:
        stream: a `pyarrow.NativeFile` before the first message.

    Raises:
        ValueError: what stands there are no messages.
    """
    while len(start := bytes(stream.read(8))) == 8:
        continuation, length = struct.unpack("<Ii", start)
        if length == 0:
            return
        if continuation != _CONTINUATION or not 0 < length <= _LONGEST_METADATA:
            raise ValueError("no message")
        yield _message(bytes(stream.read(length)), stream)


def _message(metadata: bytes, stream: Any) -> Message:
    try:
        root = _Table(metadata, struct.unpack_from("<I", metadata)[0])
        kind, header = root.number(_HEADER_TYPE, "<B"), root.table(_HEADER)
        length = root.number(_BODY_LENGTH, "<q")
        if header is not None and kind == _DICTIONARY:
            header = header.table(_DICTIONARY_DATA)
        packed = header is not None and kind in (_DICTIONARY, _BATCH) and header.table(_COMPRESSION) is not None
        buffers = header.buffers(_BUFFERS) if header is not None and packed else []
    except (struct.error, IndexError) as error:
        raise ValueError("damaged metadata") from error
    unpacked = _unpacked_lengths(stream, length, buffers)
    return Message(kind == _BATCH, unpacked if packed else length)


def _unpacked_lengths(stream: Any, length: int, buffers: list[tuple[int, int]]) -> int:
    """Bytes that the packed buffers of a body unpack to; the body is passed over."""
    place = total = 0
    for offset, size in sorted(buffers):
        if size < 8 or offset < place:
            continue
        _pass_over(stream, offset - place)
        (unpacked,) = struct.unpack("<q", bytes(stream.read(8)).ljust(8, b"\0"))
        total += size if unpacked < 0 else unpacked
        place = offset + 8
    _pass_over(stream, length - place)
    return total


def _pass_over(stream: Any, count: int) -> None:
    while count > 0:
        piece = len(stream.read(min(count, _PIECE)))
        if not piece:
            return
        count -= piece


class _Table:
    """A table of a flatbuffer."""

    def __init__(self, data: bytes, place: int) -> None:
        self._data = data
        self._place = place
        self._fields = place - struct.unpack_from("<i", data, place)[0]
        if self._fields < 0:
            raise IndexError

    def _at(self, field: int) -> int | None:
        """Where a field stands, None when it is not there."""
        (size,) = struct.unpack_from("<H", self._data, self._fields)
        entry = 4 + 2 * field
        if entry + 2 > size:
            return None
        (offset,) = struct.unpack_from("<H", self._data, self._fields + entry)
        return self._place + offset if offset else None

    def number(self, field: int, form: str) -> int:
        place = self._at(field)
        return 0 if place is None else int(struct.unpack_from(form, self._data, place)[0])

    def table(self, field: int) -> _Table | None:
        place = self._at(field)
        return None if place is None else _Table(self._data, place + struct.unpack_from("<I", self._data, place)[0])

    def buffers(self, field: int) -> list[tuple[int, int]]:
        """A vector of (offset, length)."""
        place = self._at(field)
        if place is None:
            return []
        start = place + struct.unpack_from("<I", self._data, place)[0]
        (count,) = struct.unpack_from("<I", self._data, start)
        return list(struct.iter_unpack("<qq", self._data[start + 4 : start + 4 + 16 * count]))
