"""Text that came in a file, made safe for the places where the page reads Markdown. Pure."""

from __future__ import annotations

import re
import unicodedata

LONGEST = 60
_JOINERS = "\u200c\u200d"
_APART = "\u200b"
"""Zero-width space. The page turns `:name:`, `https://…`, `www.…`, `a@b.c` and `->` into icons, links and arrows after
backslashes are gone, so their parts are kept apart by a character that nobody sees."""
_PUNCTUATION = re.compile(r"([!-/;-@\[-`{-~])")
_READ_LATER = re.compile(r"(?i)(?<=:)(?=\S)|(?<=www)(?=\.)|(?=@)|(?<=<)(?=[-=])|(?<=[-~>])(?=[-=>])")


def escape(text: str) -> str:
    """`text` as Markdown that shows exactly its characters: no markup, no icon, no link, no image, one line.

    >>> print(escape("temp_*max*"))
    temp\\_\\*max\\*
    """
    visible = "".join(_show(character) for character in text).strip(" ")
    return _PUNCTUATION.sub(r"\\\1", _READ_LATER.sub(_APART, visible))


def shorten(text: str, longest: int = LONGEST) -> str:
    """`text`, cut in its middle when it has more than `longest` characters.

    >>> shorten("abcdefghij", 7)
    'abc…hij'
    """
    if len(text) <= longest:
        return text
    head = longest // 2
    return f"{text[:head]}…{text[len(text) - (longest - 1 - head) :]}"


def sentence(text: str) -> str:
    """A sentence of the engine for a place that reads Markdown: escaped, its numbers and signs kept on one line."""
    held = re.sub(r"(?<=\d) (?=[%°])", "\u00a0", text)
    return escape(re.sub(r"(?<=[<>]) (?=\d)", "\u00a0", held))


def name(text: str) -> str:
    """A column, category or file name for a label: shortened and escaped; `(empty)` when there is nothing to see."""
    return escape(shorten(text)) if text.strip() else "(empty)"


def _show(character: str) -> str:
    """A line break becomes a space; a character that hides or turns text becomes a visible stand-in."""
    if character in _JOINERS or character == "\u00a0":
        return character
    if character.isspace():
        return " "
    return "\ufffd" if unicodedata.category(character) in {"Cc", "Cf", "Cs"} else character
