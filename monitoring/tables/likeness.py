"""How alike names of columns are: what exporters rewrite, which of many is closest. Pure."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from heapq import nsmallest
from itertools import islice

_NO_LETTER = re.compile(r"[^0-9a-z]+")
_UNIT = re.compile(r"\s*(\([^()]*\)|\[[^\[\]]*\])\s*\Z")
_LONGEST_COMPARED, _MOST_COMPARED = 200, 2_000
_CANDIDATES = 50
"""For each column so many names are kept that it may be."""
_CLOSE, _BEGINS = 0.7, 0.8
"""How alike two names must be, of 1; one that begins with the other is so alike at least."""
_SHORTEST_BEGINNING = 4
_OTHER_SCRIPTS = ("CYRILLIC", "GREEK", "FULLWIDTH", "MATHEMATICAL", "ARMENIAN", "CHEROKEE")
"""Whose letters look like Latin ones, by the first word of their names in Unicode."""


def plain(name: str) -> str:
    """A column name without case, space, punctuation and symbols, which exporters rewrite.

    Letters stay the letters they are: an accent is kept, and what only looks like another letter (Cyrillic е, a
    full-width e) is another.

    >>> plain(" Wind-Speed ")
    'windspeed'
    """
    if name.isascii():
        return _NO_LETTER.sub("", name.lower())
    folded = (_folded(character) for character in unicodedata.normalize("NFC", name))
    return "".join(character for character in folded if unicodedata.category(character[0])[0] in "LMN")


def _folded(character: str) -> str:
    low = character.casefold()
    return character if low.isascii() and not character.isascii() else low


def suggested(missing: Sequence[str], others: Iterable[str]) -> dict[str, str]:
    """For missing columns the closest of others, none of them for two; the pairs that are most alike come first.

    >>> suggested(["temp", "dewp"], ["dew_temp", "temperature", "note"])
    {'temp': 'temperature', 'dewp': 'dew_temp'}
    """
    short = islice((other for other in others if len(other) <= _LONGEST_COMPARED), _MOST_COMPARED)
    spelled = {other: {plain(other), plain(_UNIT.sub("", other))} - {""} for other in short}
    pairs = [
        (-likeness, place, rank, name, other)
        for place, name in enumerate(missing)
        for likeness, rank, other in nsmallest(_CANDIDATES, _close(plain(name), spelled), key=_closest_first)
    ]
    closest: dict[str, str] = {}
    taken: set[str] = set()
    for _, _, _, name, other in sorted(pairs):
        if name not in closest and other not in taken:
            closest[name] = other
            taken.add(other)
    return closest


def _closest_first(close: tuple[float, int, str]) -> tuple[float, int]:
    return -close[0], close[1]


def _close(bare: str, spelled: dict[str, set[str]]) -> Iterator[tuple[float, int, str]]:
    """The names that are like this one: (how alike, place among all, name)."""
    matcher = difflib.SequenceMatcher()
    matcher.set_seq2(bare)
    for rank, (other, spellings) in enumerate(spelled.items()):
        likeness = max((_likeness(matcher, bare, spelling) for spelling in spellings), default=0.0)
        if likeness >= _CLOSE:
            yield likeness, rank, other


def _likeness(matcher: difflib.SequenceMatcher[str], one: str, other: str) -> float:
    """From 0 to 1, 0 for names that are not close: the share of letters in common, more where one begins the other."""
    shorter, longer = sorted((one, other), key=len)
    if len(shorter) >= _SHORTEST_BEGINNING and longer.startswith(shorter):
        return _BEGINS + (1 - _BEGINS) * len(shorter) / len(longer)
    matcher.set_seq1(other)
    if matcher.real_quick_ratio() < _CLOSE or matcher.quick_ratio() < _CLOSE:
        return 0.0
    return matcher.ratio()


def alphabet_note(other: str, name: str) -> str:
    """Why a column that looks like another is another one, to be said after its name; mostly ''."""
    if "\N{REPLACEMENT CHARACTER}" in other:
        return " the header is not written in UTF-8"
    alike = not name.isascii() or other.isascii() or not any(map(_of_another_script, _UNIT.sub("", other)))
    return "" if alike else " its letters only look alike"


def _of_another_script(letter: str) -> bool:
    return letter.isalpha() and unicodedata.name(letter, "").startswith(_OTHER_SCRIPTS)
