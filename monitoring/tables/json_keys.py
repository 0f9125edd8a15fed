"""Names that come late in JSON: a record has the values that it has, and an exporter may leave out what is null."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from monitoring.tables.likeness import plain
from monitoring.tables.not_values import with_halves
from monitoring.tables.quoting import counted, listed, shown

OTHERS_NAMED = 50
"""Names that nobody asks for and that come late: so many are remembered."""
_PIECE = 1 << 20


class Respelled(Exception):
    """A name that differs from one of the records before in case, space and punctuation alone."""


class LateNames:
    """Names that the records which told the columns did not have.

    Args:
        header: the columns.
        wanted: columns that rows may have, as `plain` makes their names.
    """

    def __init__(self, header: Sequence[str], wanted: Collection[str]) -> None:
        self._known = frozenset(header)
        self._plain = {plain(name): name for name in header}
        self._wanted = wanted
        self._first: dict[str, int] = {}
        self._records: dict[str, int] = {}

    def look_at(self, records: Iterable[Mapping[str, Any]], done: int) -> None:
        """Take in the next records, before which there were `done`.

        Raises:
            Respelled: a wanted column has another spelling than before; its values would be lost.
        """
        for place, record in enumerate(records, start=done + 1):
            if record.keys() <= self._known:
                continue
            for name in record.keys() - self._known:
                same = plain(name)
                if same in self._wanted and same in self._plain:
                    raise Respelled(
                        f"record {place:,} names “{_shown(name)}” what the records before it name "
                        f"“{_shown(self._plain[same])}”; give the column one name."
                    )
                if same in self._wanted or len(self._first) < OTHERS_NAMED:
                    self._first.setdefault(name, place)
                if name in self._first:
                    self._records[name] = self._records.get(name, 0) + 1

    @property
    def notes(self) -> list[str]:
        """What came too late to be read, in sentences."""
        needed = [name for name in self._first if plain(name) in self._wanted]
        others = sorted(map(with_halves, self._first.keys() - needed))
        said = [
            f"“{_shown(name)}” stands in {counted(self._records[name], 'record')}, the first of them record "
            f"{self._first[name]:,}, and was not read: name it as the model does, or have the first record name it."
            for name in needed
        ]
        if others:
            said.append(f"Columns that only later records have were not looked at: {listed(others)}.")
        return said


def holds(stream: Any, names: Iterable[str]) -> bool:
    """Whether one of these names stands in quotation marks anywhere in a stream of UTF-8; it may be a value."""
    sought = [f'"{name}"'.encode() for name in names]
    longest = max(map(len, sought), default=0)
    rest = b""
    while piece := bytes(stream.read(_PIECE)):
        text = rest + piece
        if any(name in text for name in sought):
            return True
        rest = text[-longest:]
    return False


def _shown(name: str) -> str:
    return shown(with_halves(name))
