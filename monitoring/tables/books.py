"""Workbooks of every kind behind one face: the titles of their sheets, and a sheet row by row."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Literal, Protocol

from monitoring.tables.packed_file import PackedFile

BookKind = Literal["excel", "xls", "ods"]
ROWS, COLUMNS = 1 << 20, 1 << 14
"""What a sheet may hold at most, in every program that writes one."""


class Book(Protocol):
    """An opened workbook.

    Attributes:
        titles: the names of its sheets of cells, in their order.
    """

    titles: tuple[str, ...]

    def rows(self, title: str) -> Iterator[tuple[int, tuple[str | None, ...]]]:
        """(row of the sheet from 1, its cells as text) of a sheet; rows without a cell may be left out.

        Cells that are no text in the workbook come as `monitoring.tables.cells.Typed`, errors and formulas without a
        result as `NotAValue`.
        """


def open_book(kind: BookKind, packed: PackedFile) -> AbstractContextManager[Book]:
    """Open a workbook; nothing in it is trusted or run.

    Raises:
        TableRefused: it is damaged, protected by a password, or takes far more memory or time than a table does.
    """
    from monitoring.tables.ods_book import open_ods
    from monitoring.tables.xls_book import open_xls
    from monitoring.tables.xlsx_book import open_xlsx

    opener: dict[BookKind, Callable[[PackedFile], AbstractContextManager[Book]]] = {
        "excel": open_xlsx,
        "xls": open_xls,
        "ods": open_ods,
    }
    return opener[kind](packed)
