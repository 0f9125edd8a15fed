"""The columns and pages of a Parquet file as its footer and the pages' own headers tell them.

Both are structs of Thrift's compact protocol (parquet.thrift: `FileMetaData`, `PageHeader`). They are read here because
pyarrow allocates what a page header says, and because its view of a damaged footer's columns ends the process.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

_DELTA_BYTE_ARRAY = 7
_DICTIONARY_PAGE = 2
_HEADER_BYTES = 1 << 12
_LONGEST_HEADER = 1 << 20
_DEPTH = 16
_FOOTER_BYTES = 16 << 20
_BYTE_ARRAY = 6
_STRUCT, _BINARY, _DOUBLE, _BYTE, _TRUE, _FALSE = 12, 8, 7, 3, 1, 2
_LISTS, _INTEGERS = (9, 10), (4, 5, 6)


@dataclass(frozen=True, slots=True)
class Chunk:
    """A column in one group of rows.

    Attributes:
        name: the column; its path with dots when it is nested.
        is_text: whether it holds bytes of any length.
        start, length: where its pages stand in the file.
    """

    name: str
    is_text: bool
    start: int
    length: int


@dataclass(frozen=True, slots=True)
class Page:
    """One page.

    Attributes:
        unpacked: bytes it unpacks to.
        values: values in it.
        is_dictionary: whether it holds the dictionary of the pages behind it.
        shares_prefixes: whether its texts repeat the beginning of the one before, so that few bytes stand for many.
    """

    unpacked: int
    values: int
    is_dictionary: bool
    shares_prefixes: bool


def chunks_of(file: Any) -> list[list[Chunk]]:
    """The columns of every group of rows.

    Args:
        file: a `pyarrow.NativeFile` of a Parquet file.

    Raises:
        ValueError: the footer is damaged, or longer than 16 MB.
    """
    size = int(file.size())
    file.seek(max(0, size - 8))
    length = int.from_bytes(bytes(file.read(4)), "little")
    if length > min(size - 8, _FOOTER_BYTES):
        raise ValueError("a footer that is too long")
    file.seek(size - 8 - length)
    try:
        footer = _Compact(bytes(file.read(length))).struct(0)
        return [[_chunk(column[3]) for column in group[1]] for group in footer[4]]
    except (IndexError, KeyError, TypeError, AttributeError) as error:
        raise ValueError("a damaged footer") from error


def _chunk(column: dict[int, Any]) -> Chunk:
    """A column from its `ColumnMetaData`."""
    start = min((place for place in (column.get(11, 0), column[9]) if place > 0), default=0)
    if column[7] < 0:
        raise ValueError("a column of negative length")
    name = b".".join(column[3]).decode("utf-8", "replace")
    return Chunk(name, is_text=column[1] == _BYTE_ARRAY, start=start, length=column[7])


def pages_of(file: Any, *, start: int, length: int) -> Iterator[Page]:
    """The pages of a column chunk.

    Args:
        file: a `pyarrow.NativeFile` to seek in.
        start: where the first page header stands.
        length: bytes of all pages with their headers.

    Raises:
        ValueError: what stands there are no pages.
    """
    position, end = start, start + length
    while position < end:
        header, header_bytes = _header_at(file, position)
        packed, unpacked = header.get(3), header.get(2)
        if not isinstance(packed, int) or not isinstance(unpacked, int) or packed < 0 or unpacked < 0:
            raise ValueError("a page without size")
        body = header.get(5) or header.get(8) or header.get(7) or {}
        if not isinstance(body, dict):
            raise ValueError("a page header of another shape")
        values = body.get(1, 0)
        encoding = body.get(4) if 8 in header else body.get(2)
        yield Page(
            unpacked=unpacked,
            values=values if isinstance(values, int) and values >= 0 else 0,
            is_dictionary=header.get(1) == _DICTIONARY_PAGE,
            shares_prefixes=encoding == _DELTA_BYTE_ARRAY,
        )
        position += header_bytes + packed


def _header_at(file: Any, position: int) -> tuple[dict[int, Any], int]:
    length = _HEADER_BYTES
    while True:
        file.seek(position)
        data = bytes(file.read(length))
        reader = _Compact(data)
        try:
            return reader.struct(0), reader.place
        except IndexError as error:
            if len(data) < length or length >= _LONGEST_HEADER:
                raise ValueError("a page header that does not end") from error
            length *= 16


class _Compact:
    """Reads Thrift's compact protocol; of what is no struct, list, text or integer only the length matters."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self.place = 0

    def struct(self, depth: int) -> dict[int, Any]:
        """The fields of a struct by number. Raises IndexError where the data ends."""
        if depth > _DEPTH:
            raise ValueError("too deep")
        fields: dict[int, Any] = {}
        number = 0
        while (head := self._byte()) != 0:
            number = number + (head >> 4) if head >> 4 else self._integer()
            fields[number] = self._value(head & 15, depth)
        return fields

    def _value(self, kind: int, depth: int) -> Any:
        if kind in _INTEGERS:
            return self._integer()
        if kind == _STRUCT:
            return self.struct(depth + 1)
        if kind == _BINARY:
            return self._pass(self._unsigned())
        if kind in _LISTS:
            return self._list(depth)
        if kind == _DOUBLE:
            self._pass(8)
        elif kind == _BYTE:
            self._pass(1)
        elif kind not in (_TRUE, _FALSE):
            raise ValueError("no Thrift")
        return None

    def _list(self, depth: int) -> list[Any]:
        head = self._byte()
        count = head >> 4 if head >> 4 < 15 else self._unsigned()
        if head & 15 in (_TRUE, _FALSE):
            return list(self._pass(count))
        if count > len(self._data) - self.place:  # every value takes a byte at least
            raise IndexError
        return [self._value(head & 15, depth + 1) for _ in range(count)]

    def _byte(self) -> int:
        value = self._data[self.place]
        self.place += 1
        return value

    def _unsigned(self) -> int:
        value = shift = 0
        while True:
            byte = self._byte()
            value |= (byte & 0x7F) << shift
            if byte < 0x80:
                return value
            shift += 7
            if shift > 63:
                raise ValueError("no Thrift")

    def _integer(self) -> int:
        value = self._unsigned()
        return (value >> 1) ^ -(value & 1)

    def _pass(self, count: int) -> bytes:
        start = self.place
        self.place += count
        if self.place > len(self._data):
            raise IndexError
        return self._data[start : self.place]
