"""What stands in a cell instead of a value: an error, a formula without its result, half of a character. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import ClassVar

import numpy as np

from monitoring.tables.conversion import Fault

_LONGEST = 200
_PREFIX = re.compile(r"\A(?:\w+:)?=")
"""How a formula begins in some formats: OpenDocument names its language before the sign."""


class NotAValue(str):
    """The text of a cell that holds no value; wherever it stands, it breaks a rule."""

    __slots__ = ()
    rule: ClassVar[str] = ""


class CellError(NotAValue):
    """An error that a spreadsheet shows in a cell: #REF!, #DIV/0!."""

    __slots__ = ()
    rule = "cell_error"


class NoResult(NotAValue):
    """A formula that was written by a program and never calculated, so that the file holds no result of it."""

    __slots__ = ()
    rule = "no_result"


class NotText(NotAValue):
    """Text with half of a surrogate pair in it, as JSON may escape it: no text can hold that."""

    __slots__ = ()
    rule = "not_text"


def with_halves(text: str) -> str:
    """Text in which half of a surrogate pair stands as the escape that a file has for it; other text as it is.

    >>> with_halves("caf\u00e9"), with_halves("a\ud800")
    ('caf\xe9', 'a\\ud800')
    """
    return text.encode("utf-8", "backslashreplace").decode()


def texts_only(cells: Sequence[str | None]) -> list[str | None]:
    """Cells of which those that no text can hold are marked as such, and readable."""
    return [cell if cell is None or (whole := with_halves(cell)) == cell else NotText(whole) for cell in cells]


def no_result(formula: str) -> NoResult:
    """A formula without a result, its text as a spreadsheet shows it; a file may leave the text out.

    >>> no_result("A1+1"), no_result("of:=[.A1]"), no_result("")
    ('=A1+1', '=[.A1]', '=')
    """
    return NoResult("=" + _PREFIX.sub("", formula[:_LONGEST], count=1))


def faults_in(cells: Sequence[str | None]) -> tuple[Fault, ...]:
    """The cells of a column that hold no value, by their rule."""
    places: dict[str, list[int]] = {}
    for place, cell in enumerate(cells):
        if isinstance(cell, NotAValue):
            places.setdefault(cell.rule, []).append(place)
    return tuple(Fault(rule, np.array(where, np.int64)) for rule, where in places.items())
