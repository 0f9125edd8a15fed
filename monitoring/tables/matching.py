"""Which column of a file is which column of the contract. By name, in any order. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from monitoring.contract import Contract
from monitoring.errors import TableRefused
from monitoring.tables.likeness import alphabet_note, plain, suggested
from monitoring.tables.quoting import listed, shown

IGNORED_COLUMNS_KEPT = 1_000
_VALUE = re.compile(r"\s*[+-]?\d+([.,:/-]\d+)*([ T]\d+:[\d:.]+)?\s*\Z")
_NAMELESS = re.compile(r"(Unnamed: \d+)?\s*\Z")

Names = Mapping[str, str]
"""Names that a person gave: a column as files call it → the contract's column that it is."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A column that is looked for; without a needed one a file is refused."""

    name: str
    needed: bool


State = Literal["there", "named", "respelled", "missing", "duplicate"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnMatch:
    """What became of one wanted column.

    Attributes:
        name: the contract's name.
        needed: whether a file without it is refused.
        state: `there` under its own name; `named` by a person under another one; `respelled`: only case, space or
            punctuation differ; `missing`; `duplicate`: several columns, or a column that fits another one as well.
        places: where it may stand in the header, from 0.
        suggestion: for a missing one the column of the file whose name is closest, '' when none is close; no column is
            suggested for two.
    """

    name: str
    needed: bool
    state: State
    places: tuple[int, ...] = ()
    suggestion: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Matching:
    """Where the wanted columns stand in a file.

    Attributes:
        positions: place of each wanted column that was found, from 0.
        named: (as in the file, as wanted) of columns that a person gave another name.
        respelled: the same of columns that differ in case, space or punctuation.
        ignored: names of other columns, the first `IGNORED_COLUMNS_KEPT`.
        ignored_count: how many others there are.
    """

    positions: dict[str, int]
    named: tuple[tuple[str, str], ...] = ()
    respelled: tuple[tuple[str, str], ...] = ()
    ignored: tuple[str, ...] = ()
    ignored_count: int = 0


def wanted_columns(contract: Contract, *, joined: bool = False) -> tuple[Wanted, ...]:
    """What is looked for in a file of rows: the features, and id, time and outcome if they are there. The id is needed
    where outcomes are `joined` by it."""
    others = (contract.id, contract.timestamp, contract.target.name)
    return (
        *(Wanted(feature.name, needed=True) for feature in contract.features),
        *(Wanted(other, needed=joined and other == contract.id) for other in others if other is not None),
    )


def labels_columns(contract: Contract) -> tuple[Wanted, ...]:
    """What is looked for in a file of outcomes: their ids and themselves."""
    return tuple(Wanted(name, needed=True) for name in (contract.id, contract.target.name) if name is not None)


def find_columns(header: Sequence[str], wanted: Sequence[Wanted], names: Names | None = None) -> list[ColumnMatch]:
    """What became of each wanted column. A column under its own name comes first, then one that a person named, then
    one that is only spelled otherwise."""
    own = {column.name: [i for i, cell in enumerate(header) if cell == column.name] for column in wanted}
    taken = {place for places in own.values() for place in places}
    bares = [plain(cell) for cell in header]
    found: dict[str, tuple[State, list[int]]] = {}
    for column in wanted:
        found[column.name] = _found(column.name, header, bares, own[column.name], taken, names or {})
    claims = Counter(place for _, places in found.values() for place in places)
    unclaimed = [cell for place, cell in enumerate(header) if not claims[place] and not _NAMELESS.match(cell)]
    closest = suggested([name for name, (state, _) in found.items() if state == "missing"], unclaimed)
    matches = []
    for column in wanted:
        state, places = found[column.name]
        if len(places) > 1 or any(claims[place] > 1 for place in places):
            state = "duplicate"
        matches.append(
            ColumnMatch(
                name=column.name,
                needed=column.needed,
                state=state,
                places=tuple(places),
                suggestion=closest.get(column.name, ""),
            )
        )
    return matches


def match_columns(
    header: Sequence[str],
    wanted: Sequence[Wanted],
    *,
    file_name: str,
    names: Names | None = None,
    advice: Callable[[], str] = str,
) -> Matching:
    """Find the wanted columns in a header.

    Args:
        header: the column names of the file.
        wanted: what is looked for.
        file_name: for sentences.
        names: names that a person gave.
        advice: how the file can be read otherwise, for when half of the needed columns are missing, or more.

    Raises:
        TableRefused: a needed column is missing, or two columns claim the same name.
    """
    matches = find_columns(header, wanted, names)
    _refuse_duplicates(matches, header, file_name)
    positions = {match.name: match.places[0] for match in matches if match.places}
    taken = set(positions.values())
    others = [name for place, name in enumerate(header) if place not in taken and not _NAMELESS.match(name)]
    missing = [match for match in matches if match.needed and not match.places]
    if missing:
        headless = not positions and any(_VALUE.match(cell) for cell in header)
        why = (
            _headless_sentence(wanted, header, file_name) if headless else _missing_sentence(missing, header, file_name)
        )
        mostly = 2 * len(missing) >= sum(column.needed for column in wanted)
        raise TableRefused(f"{why} {advice() if mostly else ''}".strip())
    return Matching(
        positions=positions,
        named=_with_state(matches, "named", header),
        respelled=_with_state(matches, "respelled", header),
        ignored=tuple(others[:IGNORED_COLUMNS_KEPT]),
        ignored_count=len(others),
    )


def used_names(header: Sequence[str], wanted: Sequence[Wanted], names: Names) -> dict[str, str]:
    """Those of the given names that decide which column is which in this file."""
    pairs = [
        (header[place], match.name)
        for match in find_columns(header, wanted, names)
        for place in match.places
        if names.get(header[place]) == match.name and header[place] != match.name
    ]
    return dict(sorted(pairs))


def _found(
    name: str, header: Sequence[str], bares: Sequence[str], own: list[int], taken: set[int], names: Names
) -> tuple[State, list[int]]:
    if own:
        return "there", own
    free = [(place, cell) for place, cell in enumerate(header) if place not in taken]
    named = [place for place, cell in free if names.get(cell) == name]
    if named:
        return "named", named
    bare = plain(name)
    alike = [place for place, cell in free if cell not in names and bares[place] == bare] if bare else []
    return ("respelled", alike) if alike else ("missing", [])


def _with_state(matches: Iterable[ColumnMatch], state: State, header: Sequence[str]) -> tuple[tuple[str, str], ...]:
    return tuple((header[match.places[0]], match.name) for match in matches if match.state == state)


def _refuse_duplicates(matches: Iterable[ColumnMatch], header: Sequence[str], file_name: str) -> None:
    for match in matches:
        if len(match.places) > 1:
            cells = listed([f'"{shown(header[place])}" (column {place + 1})' for place in match.places])
            raise TableRefused(
                f"{shown(file_name, 120)} has duplicate columns for {shown(match.name)}: {cells}; "
                "keep one and rename or remove the others."
            )
        if match.state == "duplicate":
            raise TableRefused(
                f'{shown(file_name, 120)}: the column "{shown(header[match.places[0]])}" could be more than one '
                "of the model's columns; name it exactly as the template does."
            )


def _headless_sentence(wanted: Sequence[Wanted], header: Sequence[str], file_name: str) -> str:
    return (
        f"{shown(file_name, 120)} has no header: its first line looks like data ({listed(header, most=3)}); "
        f"put the column names in the first line: {listed([c.name for c in wanted if c.needed], most=20)}."
    )


def _missing_sentence(missing: Sequence[ColumnMatch], header: Sequence[str], file_name: str) -> str:
    named = "; ".join(_suggested(match) for match in missing)
    what = "a needed column is missing" if len(missing) == 1 else f"{len(missing)} needed columns are missing"
    there = listed([name for name in header if not _NAMELESS.match(name)], most=8)
    advice = "" if "→" in named else "; the template names all that it needs"
    return f"{shown(file_name, 120)}: {what}: {named}. Its header names {there or 'nothing'}{advice}."


def _suggested(match: ColumnMatch) -> str:
    if not match.suggestion:
        return match.name
    return f"{match.name} ({shown(match.suggestion)} → {match.name}?{alphabet_note(match.suggestion, match.name)})"
