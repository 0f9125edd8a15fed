"""A workbook of Excel since 2007 (.xlsx, .xlsm), row by row through openpyxl; macros are never looked at."""

from __future__ import annotations

import io
import re
import warnings
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import date, datetime, timedelta
from functools import partial
from itertools import islice
from typing import Any, BinaryIO

from monitoring.errors import TableRefused
from monitoring.tables.cells import Typed
from monitoring.tables.not_values import CellError, NotAValue, no_result
from monitoring.tables.packed_file import PackedFile
from monitoring.tables.xml_bombs import refuse_workbook_bombs

_PIECE_ROWS = 500
_WORKBOOK, _STRICT, _START = "xl/workbook.xml", b"http://purl.oclc.org/ooxml/spreadsheetml/main", 1 << 14
_FORMULA = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}f"
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
            rows = _sheet_rows(self._book[title])
        while True:
            with _damage_refused(self._label):
                piece = _next_rows(rows)
            if not piece:
                return
            for row, cells in piece:
                yield row, tuple(map(_as_text, cells))


@contextmanager
def open_xlsx(packed: PackedFile) -> Iterator[XlsxBook]:
    """Open a workbook. Raises TableRefused when it is damaged or a bomb."""
    with packed.random_access() as data, _as_file(data) as file:
        with _damage_refused(packed.label):
            with zipfile.ZipFile(file) as archive:
                refuse_workbook_bombs(archive, label=packed.label, packed=packed.size, limits=packed.limits)
                _refuse_strict(archive, packed.label)
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


def _refuse_strict(archive: zipfile.ZipFile, label: str) -> None:
    """The strict kind of ISO/IEC 29500 names everything otherwise; openpyxl finds nothing in it."""
    with suppress(KeyError), archive.open(_WORKBOOK) as part:
        if _STRICT in part.read(_START):
            raise TableRefused(
                f"{label} is a workbook saved as Strict Open XML, which cannot be read here; save it as Excel Workbook "
                "(.xlsx)."
            )


def _load(file: BinaryIO) -> Any:
    from openpyxl import load_workbook

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # styles and extensions it does not know
        return load_workbook(file, read_only=True, data_only=True, keep_links=False)


def _sheet_rows(sheet: Any) -> Iterator[tuple[int, list[Any]]]:
    """(row from 1, its cells) as openpyxl's own rows, which leave out formulas without a result and what is an error.

    Raises ValueError for rows that are not in order, which openpyxl would leave out.
    """
    from openpyxl.worksheet._reader import WorkSheetParser

    book, last = sheet.parent, 0
    with sheet._get_source() as source:
        parser = WorkSheetParser(
            source,
            sheet._shared_strings,
            data_only=True,
            epoch=book.epoch,
            date_formats=book._date_formats,
            timedelta_formats=book._timedelta_formats,
        )
        parser.parse_cell = partial(_cell, parser.parse_cell)
        for row, found in parser.parse():
            if row <= last:
                raise ValueError(row)
            last = row
            cells: list[Any] = [None] * max((cell["column"] for cell in found), default=0)
            for cell in found:
                cells[cell["column"] - 1] = cell["value"]
            yield row, cells


def _cell(parse: Callable[[Any], dict[str, Any]], element: Any) -> dict[str, Any]:
    """A cell as openpyxl parses it; what is no value is marked."""
    cell = parse(element)
    if cell["data_type"] == "e":
        cell["value"] = CellError(cell["value"] or "#ERROR!")
    elif cell["value"] is None and len(element) and element.get("t") != "str":  # "str": the result is an empty text
        formula = element.find(_FORMULA)
        cell["value"] = None if formula is None else no_result(formula.text or "")
    return cell


def _next_rows(rows: Iterator[Any]) -> list[Any]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # dates beyond what Excel has
        return list(islice(rows, _PIECE_ROWS))


def _as_text(value: Any) -> str | None:
    if value is None or isinstance(value, NotAValue):
        return value
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
