"""Text from a file, made fit for a page that somebody else's code draws. Pure."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

LONGEST = 60
_REPLACED = str.maketrans({"<": "‹", ">": "›"})


def plain(text: str, *, longest: int = LONGEST, tame: bool = True) -> str:
    """`text` without anything that could be read as markup, change the direction of writing or be invisible.

    Not `tame`, `<` and `>` stay: for pages that escape every text themselves.

    >>> plain("</script><b>temp")
    '‹/script›‹b›temp'
    >>> plain(" \\x00\\u202e ")
    '(no visible text)'
    """
    visible = "".join(" " if unicodedata.category(letter)[0] in "CZ" else letter for letter in text)
    shown = " ".join((visible.translate(_REPLACED) if tame else visible).split())
    if len(shown) > longest:
        shown = shown[: longest - 1] + "…"
    return shown or "(no visible text)"


def distinct_plain(texts: Iterable[str], *, avoid: Iterable[str] = ()) -> dict[str, str]:
    """A plain form for each text, no two alike and none of them in `avoid`.

    >>> distinct_plain(["a<", "a‹"])
    {'a<': 'a‹', 'a‹': 'a‹ (2)'}
    """
    taken = set(avoid)
    names: dict[str, str] = {}
    for text in dict.fromkeys(texts):
        name = base = plain(text)
        number = 2
        while name in taken:
            name = f"{base} ({number})"
            number += 1
        taken.add(name)
        names[text] = name
    return names
