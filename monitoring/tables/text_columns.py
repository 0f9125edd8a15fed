"""Cells that come one by one (from JSON, from a spreadsheet) as columns of text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pyarrow as pa

from monitoring.errors import TableRefused
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
    """
    try:
        column = pa.array(cells, pa.string())
    except UnicodeEncodeError:  # half of a surrogate pair, as JSON may escape it
        column = pa.array([cell and cell.encode("utf-8", "replace").decode() for cell in cells], pa.string())
    data = column.buffers()[2]
    if data is not None and b"\x00" in data.to_pybytes():
        raise TableRefused(f"{label}: {shown(name)} holds NUL characters; remove them and send the file again.")
    return column
