"""What stands in a cell of a workbook instead of a value: an error, a formula whose result nobody stored. Pure."""

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
