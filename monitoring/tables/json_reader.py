"""JSON values off a stream one by one, in bounded memory."""

from __future__ import annotations

import codecs
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Set
from typing import Any

from monitoring.tables.cells import Typed
from monitoring.tables.likeness import plain

RECORD_BYTES = 4 << 20
"""Longest record."""
_ENVELOPE_BYTES = 32 << 20
"""What may stand before the rows in an object around them: names of columns, an index."""
_PIECE = 1 << 18
_SPACE = re.compile(r"[ \t\r\n]*")

Record = dict[str, Any]


class TooLong(Exception):
    """A record that does not fit into memory."""


class Twice(Exception):
    """A name that stands twice in one object."""


class Ragged(Exception):
    """A row of values with more or fewer of them than there are columns."""


class JsonReader:
    """Takes JSON values off a stream one by one: those of the outermost list, or all there are.

    One object around a list of rows is opened: {"data": [{…}, …], …} as interfaces answer and pandas writes with
    orient="table", {"columns": […], "data": [[…], …]} as it does with orient="split". What else is in it is left out.

    Args:
        stream: UTF-8, something with `read`.
        wanted: columns that rows may have, as `plain` makes their names: they tell rows from other objects.
    """

    def __init__(self, stream: Any, wanted: Set[str]) -> None:
        self._stream = stream
        self._wanted = wanted
        self.envelope = ""
        """The name of the list of rows in an object around it, "" without one; known once the first row was taken."""
        self._decoder = json.JSONDecoder(
            object_pairs_hook=_record, parse_float=Typed, parse_int=Typed, parse_constant=Typed, strict=False
        )
        self._text = codecs.getincrementaldecoder("utf-8")("replace")
        self._buffer = ""
        self._place = 0
        self._ended = False
        self.bytes = 0

    def records(self) -> Iterator[Any]:
        """The values, in order. Raises ValueError where the text is no JSON."""
        first, columns = self.peek(), None
        if first == "{" and (found := self._find_envelope()):
            self.envelope, self._place, columns = found
        elif first != "[":
            while self.peek():
                yield self._value()
            return
        for value in self._list():
            yield value if columns is None else _row(columns, value)
        if self.envelope:
            self._end_envelope()
        if self.peek():
            raise ValueError("more behind the end")

    def _list(self) -> Iterator[Any]:
        self._place += 1
        while self.peek() != "]":
            yield self._value()
            if self.peek() == ",":
                self._place += 1
                if self.peek() == "]":
                    raise ValueError("a comma before the end")
            elif self.peek() != "]":
                raise ValueError("no comma between values")
        self._place += 1

    def _find_envelope(self) -> tuple[str, int, list[str] | None] | None:
        """Name and place of the list of rows in the object that begins here, and the names of its columns where rows
        are lists. None when the object is itself a row, or when none is found near its beginning."""
        place, columns = self._place + 1, None
        while (sign := self._sign(place)) and sign[0] == '"':
            key, place = self._decoded(sign[1])
            colon = self._sign(place)
            value = self._sign(colon[1] + 1) if colon and colon[0] == ":" else None
            if value is None or plain(key) in self._wanted:
                return None
            inner = self._sign(value[1] + 1) if value[0] == "[" else None
            if inner and inner[0] == "{" and self._has_wanted(self._decoded(inner[1])[0]):
                return key, value[1], None
            if inner and inner[0] == "[" and columns and self._has_wanted(columns):
                return key, value[1], columns
            content, place = self._decoded(value[1])
            if key == "columns" and isinstance(content, list) and all(isinstance(one, str) for one in content):
                columns = content
            comma = self._sign(place)
            if comma is None or comma[0] != ",":
                return None
            place = comma[1] + 1
        return None

    def _has_wanted(self, names: Iterable[str]) -> bool:
        return not self._wanted.isdisjoint(map(plain, names))

    def _sign(self, place: int) -> tuple[str, int] | None:
        """The next character that is no space, and its place; nothing is taken off the stream's buffer."""
        while True:
            match = _SPACE.match(self._buffer, place)
            place = match.end() if match else place
            if place < len(self._buffer):
                return self._buffer[place], place
            if self._ended or len(self._buffer) > _ENVELOPE_BYTES:
                return None
            self._more(keep=True)

    def _decoded(self, place: int) -> tuple[Any, int]:
        """The value at a place that is not taken yet, and where it ends."""
        while True:
            try:
                value, end = self._decoder.raw_decode(self._buffer, place)
            except json.JSONDecodeError:
                if self._ended:
                    raise
            else:
                if end < len(self._buffer) or self._ended:
                    return value, end
            if len(self._buffer) - place > _ENVELOPE_BYTES:
                raise TooLong
            self._more(keep=True)

    def _end_envelope(self) -> None:
        """What stands behind the rows in the object around them. Raises ValueError where it is no JSON."""
        while self.peek() == ",":
            self._place += 1
            if self.peek() != '"':
                raise ValueError("no name")
            self._value()
            if self.peek() != ":":
                raise ValueError("no value")
            self._place += 1
            self.peek()
            self._value()
        if self.peek() != "}":
            raise ValueError("not closed")
        self._place += 1

    def peek(self) -> str:
        """The next character that is no space, "" at the end."""
        while True:
            match = _SPACE.match(self._buffer, self._place)
            self._place = match.end() if match else self._place
            if self._place < len(self._buffer):
                return self._buffer[self._place]
            if self._ended:
                return ""
            self._more()

    def _value(self) -> Any:
        while True:
            try:
                value, end = self._decoder.raw_decode(self._buffer, self._place)
            except json.JSONDecodeError:
                if self._ended:
                    raise
            else:
                if end < len(self._buffer) or self._ended:
                    self._place = end
                    return value
            if len(self._buffer) - self._place > RECORD_BYTES:
                raise TooLong
            self._more()

    def _more(self, *, keep: bool = False) -> None:
        """Read on: twice as much where a record is long, so that it is not decoded over and over. With `keep` places
        stay what they are."""
        if not keep:
            self._buffer, self._place = self._buffer[self._place :], 0
        rest = self._buffer
        piece = bytes(self._stream.read(max(_PIECE, len(rest))))
        self.bytes += len(piece)
        self._ended = not piece
        self._buffer = rest + self._text.decode(piece, final=not piece)


def _record(pairs: list[tuple[str, Any]]) -> Record:
    record = dict(pairs)
    if len(record) != len(pairs):
        raise Twice(Counter(name for name, _ in pairs).most_common(1)[0][0])
    return record


def _row(columns: list[str], values: Any) -> Any:
    """A row of values by the names of their columns. Raises `Ragged`."""
    if not isinstance(values, list):
        return values
    if len(values) != len(columns):
        raise Ragged("more" if len(values) > len(columns) else "fewer")
    return _record(list(zip(columns, values, strict=True)))
