"""Numbers, lists and periods as a sentence says them. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

NAMES_IN_A_SENTENCE = 3
LONGEST_VALUE = 40


def percent(share: float) -> str:
    """A share for a sentence: '24 %', whole from two per cent on.

    >>> [percent(x) for x in (0.238, 0.0834, 0.004, 0.0004, 0.9999, 0.05, 0, 1)]
    ['24 %', '8 %', '0.4 %', '< 0.1 %', '> 99.9 %', '5 %', '0 %', '100 %']
    """
    hundred = share * 100
    if 0 < hundred < 0.1:
        return "< 0.1 %"
    if 99.9 < hundred < 100:
        return "> 99.9 %"
    text = f"{hundred:.0f}" if 2 <= hundred < 99 else f"{hundred:.1f}"
    return f"{text.removesuffix('.0')} %"


def quoted(value: str) -> str:
    """A value from a file in quotes, shortened, on one line."""
    text = " ".join(value.split())
    return f"'{text[:LONGEST_VALUE]}…'" if len(text) > LONGEST_VALUE else f"'{text}'"


def respelled(found: str, known: str, quote: Callable[[str], str] = quoted) -> str:
    """That a value is a known one in another spelling; what cannot be seen between quotes is said.

    >>> respelled("ua", "UA"), respelled(" UA", "UA")
    ("'ua' is not known, 'UA' is", "'UA' comes with white space around or in it")
    """
    if quote(found) == quote(known):
        return f"{quote(known)} comes with white space around or in it"
    return f"{quote(found)} is not known, {quote(known)} is"


def listed(names: Sequence[str], most: int = NAMES_IN_A_SENTENCE) -> str:
    """Names in a row.

    >>> listed(["temp", "dewp"]), listed(["a", "b", "c", "d", "e"])
    ('temp and dewp', 'a, b, c and 2 more')
    """
    shown = list(names[:most])
    if len(names) > most:
        return f"{', '.join(shown)} and {len(names) - most} more"
    return " and ".join([", ".join(shown[:-1]), shown[-1]]) if len(shown) > 1 else "".join(shown)


def counted(number: int, noun: str) -> str:
    """A number with its noun: '1 day', '6,000 rows'."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def period_name(first: str | None, last: str | None) -> str:
    """What the rows are called in a sentence, from their first and last timestamp (ISO 8601).

    >>> period_name("2013-07-01T05:40:00", "2013-07-31T23:59:00")
    'July 2013'
    >>> period_name("2013-02-06T06:00:00", "2013-02-14T22:00:00")
    'February 6 to 14, 2013'
    """
    if not first or not last:
        return "This file"
    start, end = datetime.fromisoformat(first), datetime.fromisoformat(last)
    if start.date() == end.date():
        return f"{start:%B} {start.day}, {start.year}"
    if (start.year, start.month) == (end.year, end.month):
        if start.day == 1 and (end + timedelta(days=1)).month != end.month:
            return f"{start:%B %Y}"
        return f"{start:%B} {start.day} to {end.day}, {end.year}"
    if start.year == end.year:
        return f"{start:%B} {start.day} to {end:%B} {end.day}, {end.year}"
    return f"{start:%B} {start.day}, {start.year} to {end:%B} {end.day}, {end.year}"
