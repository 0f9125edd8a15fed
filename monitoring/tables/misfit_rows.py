"""Rows of delimited text that have another width than the header: set aside as they come, and counted by number."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
from numpy.typing import NDArray

from monitoring.tables.report import REFUSED_ROWS_KEPT
from monitoring.tables.source import Misfits

MISFIT_TEXT_KEPT = 2_000
_LINE_END = re.compile(r"\r\n|\r|\n")
"""What ends a line of a file; more characters than these do in a text."""


def set_aside(misfits: Misfits, before: int, row: Any) -> str:
    """Take in a row that the parser of pyarrow hands over, which counts from `before` on; what is to be done with it.

    Lines of white space only and comments are skipped, and counted as such.
    """
    number = before + row.number
    misfits.numbers.append(number)
    text = row.text.strip()
    further = len(_LINE_END.findall(text))
    if text and further and misfits.runs_on is None:
        misfits.runs_on = (number, further)
    if not text:
        misfits.blank += 1
    elif text.startswith("#") and not further:
        misfits.comments += 1
    elif len(misfits.texts) < REFUSED_ROWS_KEPT:
        misfits.texts.append((number, row.actual_columns, row.text[:MISFIT_TEXT_KEPT]))
    return "skip"


def row_numbers(misfits: Misfits, done: int, count: int) -> NDArray[np.int64]:
    """Numbers of the fitting rows `done` … `done + count`, counting the rows set aside between them.

    These are behind the rows read then, and so are taken off the list.
    """
    index = np.arange(done, done + count, dtype=np.int64)
    aside = np.asarray(misfits.numbers, dtype=np.int64)
    fitting_before = aside - np.arange(len(aside)) - misfits.passed - 1
    rows = index + 1 + misfits.passed + np.searchsorted(fitting_before, index, side="right")
    behind = int(np.searchsorted(fitting_before, done + count, side="left"))
    misfits.passed += behind
    del misfits.numbers[:behind]
    return rows
