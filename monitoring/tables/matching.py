"""Which column of a file is which column of the contract. By name, in any order. Pure."""

from __future__ import annotations

import difflib
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice

from monitoring.errors import TableRefused
from monitoring.tables.quoting import listed, shown

IGNORED_COLUMNS_KEPT = 1_000
_VALUE = re.compile(r"\s*[+-]?\d+([.,:/-]\d+)*([ T]\d+:[\d:.]+)?\s*\Z")
_NAMELESS = re.compile(r"(Unnamed: \d+)?\s*\Z")


@dataclass(frozen=True, slots=True)
class Wanted:
    """A column that is looked for; without a needed one a file is refused."""

    name: str
    needed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Matching:
    """Where the wanted columns stand in a file.

    Attributes:
        positions: place of each wanted column that was found, from 0.
        respelled: (as in the file, as wanted) of columns that differ in case, space or punctuation.
        ignored: names of other columns, the first `IGNORED_COLUMNS_KEPT`.
        ignored_count: how many others there are.
    """

    positions: dict[str, int]
    respelled: tuple[tuple[str, str], ...]
    ignored: tuple[str, ...]
    ignored_count: int


def plain(name: str) -> str:
    """A column name without case, space and punctuation.

    >>> plain(" Wind-Speed ")
    'windspeed'
    """
    return "".join(character for character in name.casefold() if character.isalnum())


def match_columns(header: Sequence[str], wanted: Sequence[Wanted], *, file_name: str) -> Matching:
    """Find the wanted columns in a header.

    Raises:
        TableRefused: a needed column is missing, or two columns claim the same name.
    """
    places = {column.name: _places(column.name, header) for column in wanted}
    _refuse_duplicates(places, header, file_name)
    positions = {name: found[0] for name, found in places.items() if found}
    missing = [column.name for column in wanted if column.needed and column.name not in positions]
    taken = set(positions.values())
    others = [name for place, name in enumerate(header) if place not in taken and not _NAMELESS.match(name)]
    if missing and not positions and any(_VALUE.match(cell) for cell in header):
        raise TableRefused(
            f"{shown(file_name, 120)} has no header: its first line looks like data ({listed(header, most=3)}); "
            f"put the column names in the first line: {listed([c.name for c in wanted if c.needed], most=20)}."
        )
    if missing:
        raise TableRefused(_missing_sentence(missing, header, others, file_name))
    respelled = tuple((header[place], name) for name, place in positions.items() if header[place] != name)
    return Matching(
        positions=positions,
        respelled=respelled,
        ignored=tuple(others[:IGNORED_COLUMNS_KEPT]),
        ignored_count=len(others),
    )


def _places(name: str, header: Sequence[str]) -> list[int]:
    exact = [place for place, cell in enumerate(header) if cell == name]
    if exact:
        return exact
    bare = plain(name)
    return [place for place, cell in enumerate(header) if plain(cell) == bare] if bare else []


def _refuse_duplicates(places: dict[str, list[int]], header: Sequence[str], file_name: str) -> None:
    claimed = Counter(place for found in places.values() for place in found)
    for name, found in places.items():
        if len(found) > 1:
            cells = listed([f'"{shown(header[place])}" (column {place + 1})' for place in found])
            raise TableRefused(
                f"{shown(file_name, 120)} has duplicate columns for {shown(name)}: {cells}; "
                "keep one and rename or remove the others."
            )
        if found and claimed[found[0]] > 1:
            raise TableRefused(
                f'{shown(file_name, 120)}: the column "{shown(header[found[0]])}" could be more than one '
                "of the model's columns; name it exactly as the template does."
            )


def _missing_sentence(missing: list[str], header: Sequence[str], others: list[str], file_name: str) -> str:
    named = "; ".join(_suggested(name, others) for name in missing)
    what = "a needed column is missing" if len(missing) == 1 else f"{len(missing)} needed columns are missing"
    there = listed([name for name in header if not _NAMELESS.match(name)], most=8)
    advice = "" if "→" in named else "; the template names all that it needs"
    return f"{shown(file_name, 120)}: {what}: {named}. Its header names {there or 'nothing'}{advice}."


def _suggested(name: str, others: Iterable[str]) -> str:
    by_plain = {plain(other): other for other in islice(others, 2_000) if len(other) <= 200}
    close = difflib.get_close_matches(plain(name), by_plain, n=1, cutoff=0.7)
    if not close:
        return name
    other = by_plain[close[0]]
    return f"{name} ({shown(other)} → {name}?{_alphabet_note(other, name)})"


def _alphabet_note(other: str, name: str) -> str:
    if "\N{REPLACEMENT CHARACTER}" in other:
        return " the header is not written in UTF-8"
    return "" if other.isascii() or not name.isascii() else " its letters only look alike"
