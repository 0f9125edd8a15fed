"""A workbook of Excel since 2007 (.xlsx, .xlsm), row by row through openpyxl; macros are never looked at."""

from __future__ import annotations

import io
import re
import warnings
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from itertools import islice
from typing import Any, BinaryIO

from monitoring.errors import TableRefused
from monitoring.tables.cells import Typed
from monitoring.tables.packed_file import PackedFile
from monitoring.tables.xml_bombs import refuse_workbook_bombs

_PIECE_ROWS = 500
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")


class XlsxBook:
    """An opened workbook.

    Args:
        book: openpyxl's, opened to be read row by row.
        label: the file's name as shown.
    """

    def __init__(self, book: Any, label: str) -> None:
        self._book = book
        self._label = label
        self.titles: tuple[str, ...] = tuple(sheet.title for sheet in book.worksheets)

    def rows(self, title: str) -> Iterator[tuple[int, tuple[str | None, ...]]]:
        """(row of the sheet from 1, its cells as text): numbers as Excel keeps them, times as ISO 8601."""
        with _damage_refused(self._label):
            sheet = self._book[title]
            sheet.reset_dimensions()  # what it says may be wrong, and every row would be padded to it
            rows = sheet.iter_rows(values_only=True)
        row = 0
        while True:
            with _damage_refused(self._label):
                piece = _next_rows(rows)
            if not piece:
                return
            for cells in piece:
                row += 1
                yield row, tuple(map(_as_text, cells))


@contextmanager
def open_xlsx(packed: PackedFile) -> Iterator[XlsxBook]:
    """Open a workbook. Raises TableRefused when it is damaged or a bomb."""
    with packed.random_access() as data, _as_file(data) as file:
        with _damage_refused(packed.label):
            with zipfile.ZipFile(file) as archive:
                refuse_workbook_bombs(archive, label=packed.label, packed=packed.size, limits=packed.limits)
            book = _load(file)
        try:
            yield XlsxBook(book, packed.label)
        finally:
            book.close()


@contextmanager
def _damage_refused(label: str) -> Iterator[None]:
    """openpyxl raises whatever the XML leads it to."""
    try:
        yield
    except TableRefused:
        raise
    except Exception as error:
        raise TableRefused(
            f"{label} is a damaged Excel file or one that cannot be read here; save the table as CSV."
        ) from error


@contextmanager
def _as_file(data: Any) -> Iterator[BinaryIO]:
    """A `pyarrow` file as one of Python's."""
    with io.BufferedReader(data) as file:
        yield file


def _load(file: BinaryIO) -> Any:
    from openpyxl import load_workbook

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # styles and extensions it does not know
        return load_workbook(file, read_only=True, data_only=True, keep_links=False)


def _next_rows(rows: Iterator[Any]) -> list[Any]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # dates beyond what Excel has
        return list(islice(rows, _PIECE_ROWS))


def _as_text(value: Any) -> str | None:
    if value is None:
        return None
    if isinstance(value, str):
        return _ESCAPED.sub(_unescaped, value) if "_x" in value else value
    return Typed(_typed_as_text(value))


def _typed_as_text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, (datetime, date)):
        return str(value)
    return str(value.total_seconds()) if isinstance(value, timedelta) else str(value)


def _unescaped(match: re.Match[str]) -> str:
    """A character that XML cannot hold, as Excel writes it: _x000D_ (ECMA-376, ST_Xstring)."""
    character = chr(int(match[1], 16))
    return match[0] if "\ud800" <= character <= "\udfff" else character
