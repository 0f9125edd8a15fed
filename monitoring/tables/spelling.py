"""How a file spells its numbers and dates: found from a sample of its cells, only where there is no doubt. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from monitoring.tables.numbers import APOSTROPHES, POINT, SPACES, NumberStyle
from monitoring.tables.quoting import shown
from monitoring.tables.reading_options import DATE_WORDS, DateOrder, Decimal, ReadOptions, Thousands

_DECIMALS = re.compile(r"[+-]?(?:\d*([.,])(?:\d{1,2}|\d{4,})|0?([.,])\d+|\d{4,}([.,])\d{3})\Z", re.ASCII)
"""A mark that can only be a decimal one: not three digits behind it, only a zero before it, or more than three."""
_GROUPS = re.compile(
    rf"[+-]?[1-9]\d{{0,2}}(?P<group>[.,{SPACES}{APOSTROPHES}])\d{{3}}(?P<more>(?:(?P=group)\d{{3}})*)"
    r"(?P<decimal>[.,]\d*)?\Z",
    re.ASCII,
)
_DATE = re.compile(r"(\d{1,4})([./-])(\d{1,2})\2(\d{2,4})(?![\d./-])", re.ASCII)
_ISO_DATE = re.compile(r"\d{4}-\d{2}-\d{2}(?!\d)", re.ASCII)


@dataclass(frozen=True, slots=True)
class Spelling:
    """How a file spells its numbers and dates.

    Attributes:
        numbers: the style of every column that says nothing else.
        certain: places of the columns that show the decimal mark beyond doubt.
        grouped: places of the columns in which thousands separators were seen.
        doubtful: places of the columns whose points may be thousands separators, in a file that never tells.
        dates: by place, the order of day, month and year in columns of dates that are not ISO 8601.
    """

    numbers: NumberStyle = POINT
    certain: frozenset[int] = frozenset()
    grouped: frozenset[int] = frozenset()
    doubtful: frozenset[int] = frozenset()
    dates: Mapping[int, DateOrder] | None = None

    def style(self, place: int) -> NumberStyle:
        """How the numbers of the column at `place` are written."""
        style = self.numbers
        return NumberStyle(style.decimal, style.thousands, style.certain or place in self.certain)

    def order(self, place: int) -> DateOrder | None:
        """The order of day, month and year in the column at `place`."""
        return (self.dates or {}).get(place)


Cells = Mapping[int, Sequence[str]]
"""The first cells of some columns, by the column's place."""


def find_spelling(*, numeric: Cells, times: Cells, options: ReadOptions) -> Spelling:
    """Find how numbers and dates are spelled, where the options do not say it.

    Args:
        numeric: columns that hold numbers.
        times: columns that hold times.
        options: what a person says.
    """
    orders = {place: options.dates or find_date_order(cells) for place, cells in times.items()}
    dates = {place: order for place, order in orders.items() if order is not None}
    seen = {place: _marks(cells) for place, cells in numeric.items()}
    decimal, sure = _decimal_mark(seen.values(), options)
    thousands = _thousands_mark(seen.values(), decimal, sure, options)
    return Spelling(
        numbers=NumberStyle(decimal, thousands, certain=decimal == "." or options.decimal is not None),
        certain=frozenset(place for place, marks in seen.items() if decimal in marks.decimals),
        grouped=frozenset(
            place for place, marks in seen.items() if thousands and thousands in marks.groups | marks.doubtful
        ),
        doubtful=frozenset(
            place for place, marks in seen.items() if decimal == "." and not sure and "." in marks.doubtful
        ),
        dates=dates,
    )


def spelling_notes(spelling: Spelling, header: Sequence[str]) -> list[str]:
    """What was found, in sentences: only what is not usual."""
    numbers, dates = spelling.numbers, spelling.dates or {}
    notes = []
    if numbers.decimal == ",":
        names = _names(spelling.certain, header)
        notes.append(f"Numbers are written with a decimal comma{names} and were read so: 1,5 is one and a half.")
    if numbers.thousands:
        names, example = _names(spelling.grouped, header), f"1{numbers.thousands}234"
        notes.append(
            f"Numbers are written with thousands separators{names} and were read so: {example} is a thousand and more."
        )
    if spelling.doubtful:
        names = _names(spelling.doubtful, header)
        notes.append(
            f"Numbers such as 1.234{names} were read with a decimal point; if it separates thousands, say that the "
            "decimal mark is a comma."
        )
    for place, order in dates.items():
        if order != "ymd":
            notes.append(f"{shown(header[place])}: dates are written as {DATE_WORDS[order]} and were read so.")
    return notes


def doubtful_dates(times: Cells, spelling: Spelling) -> dict[int, str]:
    """Columns of dates whose order nobody can tell, by place, with one of these.

    Args:
        times: the first cells of the columns that hold times.
        spelling: what was found in them.
    """
    unknown = {place: cells for place, cells in times.items() if spelling.order(place) is None}
    return {place: cell for place, cells in sorted(unknown.items()) if (cell := doubtful_date(cells)) is not None}


def doubt_notes(doubtful: Mapping[int, str], header: Sequence[str]) -> list[str]:
    """What `doubtful_dates` found, in sentences."""
    return [
        f"{shown(header[place])}: dates such as {shown(cell)} can be read in two ways; "
        "say in which order day, month and year stand."
        for place, cell in doubtful.items()
    ]


def open_orders(times: Cells, spelling: Spelling, options: ReadOptions) -> list[int]:
    """Places of the columns of dates whose order the first cells leave in doubt: nobody can tell it, or a single day
    that can be read in two ways told it."""
    if options.dates is not None:
        return []
    known = (place for place in times if spelling.order(place) is not None)
    return sorted({*doubtful_dates(times, spelling), *(place for place in known if rests_on_one_day(times[place]))})


def _names(places: Iterable[int], header: Sequence[str]) -> str:
    names = ", ".join(shown(header[place]) for place in sorted(places))
    return f" ({names})" if names else ""


@dataclass(frozen=True, slots=True)
class _Marks:
    """Which marks the cells of a column hold: decimal ones and separators of thousands for certain, and either."""

    decimals: frozenset[str]
    groups: frozenset[str]
    doubtful: frozenset[str]


def _marks(cells: Iterable[str]) -> _Marks:
    decimals: set[str] = set()
    groups: set[str] = set()
    doubtful: set[str] = set()
    for cell in set(map(str.strip, cells)):
        if match := _DECIMALS.match(cell):
            decimals.add(match[1] or match[2] or match[3])
        elif match := _GROUPS.match(cell):
            group, decimal = _named(match["group"]), (match["decimal"] or "")[:1]
            if decimal == group:  # 1,234,5 is nothing
                continue
            if decimal:
                decimals.add(decimal)
            sure = decimal or match["more"] or group not in {".", ","}
            (groups if sure else doubtful).add(group)
    return _Marks(frozenset(decimals), frozenset(groups), frozenset(doubtful))


def _named(mark: str) -> str:
    """The one sign that stands for all signs of a kind."""
    return " " if mark in SPACES else "'" if mark in APOSTROPHES else mark


def _decimal_mark(seen: Iterable[_Marks], options: ReadOptions) -> tuple[Decimal, bool]:
    """The decimal mark, and whether the cells leave no doubt about it."""
    if options.decimal is not None:
        return options.decimal, True
    found: set[str] = set()
    for marks in seen:
        found |= marks.decimals
        found |= {"." if group == "," else "," for group in marks.groups & {".", ","}}
    if found == {","}:
        return ",", True
    return ".", found == {"."}


def _thousands_mark(seen: Iterable[_Marks], decimal: Decimal, sure: bool, options: ReadOptions) -> Thousands:
    """What separates thousands: one sign in all columns, never the decimal mark's own; "" when in doubt."""
    if options.thousands is not None:
        return options.thousands
    other: Thousands = "," if decimal == "." else "."
    signs: tuple[Thousands, ...] = (other, " ", "'")
    found: set[str] = set()
    for marks in seen:
        found |= marks.groups | (marks.doubtful if sure else frozenset())
    kept = [sign for sign in signs if sign in found]
    return kept[0] if len(kept) == 1 else ""


def find_date_order(cells: Iterable[str]) -> DateOrder | None:
    """The order of day, month and year; None when all dates are ISO 8601, when they disagree or leave a doubt.

    >>> find_date_order(["07/31/2013", "08/01/2013"])
    'mdy'
    >>> find_date_order(["31.07.2013 14:05"])
    'dmy'
    >>> find_date_order(["01/04/2013"]) is None
    True
    >>> find_date_order(["13-07-01", "13-07-02", "13-07-31"]) is None  # of July 2013, or of 2001 to 2031
    True
    """
    found: set[DateOrder] = set()
    doubtful = set()
    outer: set[tuple[str, str]] = set()
    for cell in set(map(str.strip, cells)):
        match = _DATE.match(cell)
        if match is None or _ISO_DATE.match(cell):
            continue
        first, separator, second, last = match[1], match[2], int(match[3]), match[4]
        if len(first) == 4:
            found.add("ymd")
        elif len(first) == 3 or len(last) == 3:
            continue
        elif int(first) > 12:
            found.add("dmy")
            if len(first) == len(last) == 2:
                outer.add((first, last))
        elif second > 12:
            found.add("mdy")
        else:
            doubtful.add(separator)
    if any(int(first) > 31 for first, _ in outer) or _changes_last(outer):
        return None  # two digits of a year may stand first
    if not found and doubtful == {"."}:  # no country writes month.day.year
        return "dmy"
    return found.pop() if len(found) == 1 and not (found == {"ymd"} and doubtful) else None


def rests_on_one_day(cells: Iterable[str]) -> bool:
    """Whether an order that was found rests on a single day with two digits in front and two at the end: a day and a
    year, or a year and a day. Other days tell.

    >>> rests_on_one_day(["13-07-01 06:30", "13-07-01"]), rests_on_one_day(["31-07-13", "30-07-13"])
    (True, False)
    """
    matches = [match for cell in set(map(str.strip, cells)) if (match := _DATE.match(cell))]
    return len({(match[1], match[3], match[4]) for match in matches}) == 1 and all(
        len(match[1]) == len(match[4]) == 2 and match[2] != "." for match in matches
    )


def _changes_last(outer: Collection[tuple[str, str]]) -> bool:
    """Whether the last parts of dates are more different ones than the first: from day to day a year is the same."""
    return len({last for _, last in outer}) > len({first for first, _ in outer})


def doubtful_date(cells: Iterable[str]) -> str | None:
    """A date that can be read in two ways, when the order of the column's dates was not found."""
    for cell in dict.fromkeys(cells):
        match = _DATE.match(cell.strip())
        if match is not None and len(match[1]) <= 2 and len(match[4]) != 3:
            return cell
    return None
