"""Cells that come one by one (from JSON, from a spreadsheet) as columns of text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pyarrow as pa

from monitoring.errors import TableRefused
from monitoring.tables.conversion import Fault
from monitoring.tables.not_values import faults_in, texts_only
from monitoring.tables.quoting import shown

BATCH_CELLS = 1 << 18
"""A batch has so many cells at most, and one row at least."""


def batch_rows(columns: int) -> int:
    """Rows of a batch of so many columns."""
    return max(1, min(1 << 14, BATCH_CELLS // max(1, columns)))


def text_column(cells: Sequence[str | None], name: str, label: str) -> Any:
    """Cells as a `pyarrow` text column.

    Raises:
        TableRefused: a cell holds a NUL character.
        UnicodeEncodeError: a cell holds half of a surrogate pair; see `texts_only`.
    """
    column = pa.array(cells, pa.string())
    data = column.buffers()[2]
    if data is not None and b"\x00" in data.to_pybytes():
        raise TableRefused(f"{label}: {shown(name)} holds NUL characters; remove them and send the file again.")
    return column


def text_and_faults(cells: Sequence[str | None], name: str, label: str) -> tuple[Any, tuple[Fault, ...]]:
    """The same, and the cells that hold no value, among them those that no text can hold.

    Raises:
        TableRefused: a cell holds a NUL character.
    """
    try:
        column = text_column(cells, name, label)
    except UnicodeEncodeError:
        cells = texts_only(cells)
        column = text_column(cells, name, label)
    return column, faults_in(cells)
