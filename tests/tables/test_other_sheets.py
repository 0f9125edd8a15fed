"""Files that are refused because the table stands elsewhere in them: the refusal says where, or what to say."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from monitoring.contract import Contract
from monitoring.errors import TableRefused
from monitoring.tables import read_rows
from monitoring.tables.reading import Reading
from monitoring.tables.reading_options import ReadOptions
from monitoring.workflows.looking import look_at
from tests.tables.material import CONTRACT, HEADER, bytes_of, good_rows
from tests.tables.other_books import ods, xls
from tests.tables.test_not_values import sheets_changed
from tests.tables.ways_to_write import excel, excel_rows

COVER = [["Flights"], ["made by us"]]
HEADER_LINE = "If the column names stand in another line, say in which (--header-line)."
each_book = pytest.mark.parametrize("write", [excel, xls, ods], ids=["xlsx", "xls", "ods"])


def refusal(folder: Path, data: bytes, options: ReadOptions | None = None, contract: Contract = CONTRACT) -> str:
    path = folder / "upload"
    path.write_bytes(data)
    with pytest.raises(TableRefused) as refused:
        read_rows(path, contract, name="july.xlsx", options=options or ReadOptions())
    return str(refused.value)


@each_book
def test_the_one_sheet_with_the_table_is_named(write: Callable[..., bytes], tmp_path: Path) -> None:
    data = write(COVER, [["a note"]], [["July"], [], *excel_rows()], titles=("Cover", "Notes", "Data"))
    told = refusal(tmp_path, data)
    assert "5 needed columns are missing" in told
    assert told.endswith(" Choose the sheet Data (--sheet), whose header names all that is needed.")


@each_book
def test_other_sheets_are_named(write: Callable[..., bytes], tmp_path: Path) -> None:
    told = refusal(tmp_path, write(COVER, [["a"]], [["b"]], titles=("Cover", "Data", "Notes")))
    assert told.endswith(f" Choose another sheet (--sheet): Data, Notes. {HEADER_LINE}")


def test_of_several_sheets_with_a_table_none_is_preferred(tmp_path: Path) -> None:
    data = excel(COVER, excel_rows(), [["a"]], excel_rows(), titles=("Cover", "May", "Notes", "June"))
    assert "Choose another sheet (--sheet): May, June." in refusal(tmp_path, data)


@each_book
def test_an_empty_sheet_names_the_others(write: Callable[..., bytes], tmp_path: Path) -> None:
    told = refusal(tmp_path, write([], excel_rows(), titles=("Sheet", "Data")))
    assert "is empty: the sheet Sheet of the workbook has no cells. Choose the sheet Data (--sheet)" in told
    assert refusal(tmp_path, write([], COVER, titles=("Sheet", "Data"))).endswith(
        "Choose another sheet (--sheet): Data."
    )
    assert refusal(tmp_path, write([], titles=("Sheet",))).endswith("has no cells.")


def test_a_sheet_that_lacks_a_column_or_two_is_the_one_that_is_meant(tmp_path: Path) -> None:
    few = [[cell for cell, name in zip(row, HEADER, strict=True) if name != "temp"] for row in excel_rows()]
    assert "--sheet" not in refusal(tmp_path, excel(few, excel_rows()))


def test_a_sheet_that_numbers_begin_names_the_others(tmp_path: Path) -> None:
    told = refusal(tmp_path, excel([[1, 2], [3, 4]], excel_rows(), titles=("Pivot", "Data")))
    assert "has no header" in told
    assert "Choose the sheet Data (--sheet)" in told


def test_a_sheet_that_cannot_be_read_is_no_reason_to_say_nothing(tmp_path: Path) -> None:
    data = sheets_changed(excel(COVER, excel_rows(), titles=("Cover", "Data")), '<row r="5"', '<row r="x"')
    assert "Choose" in refusal(tmp_path, data)


def test_names_that_were_given_are_names_of_needed_columns(tmp_path: Path) -> None:
    path = tmp_path / "upload"
    rows = excel_rows()
    rows[0] = ["heat" if name == "temp" else name for name in rows[0]]
    path.write_bytes(excel(COVER, rows, [["x"]], titles=("Cover", "Data", "More")))
    with pytest.raises(TableRefused, match="Choose the sheet Data"):
        read_rows(path, CONTRACT, name="july.xlsx", names={"heat": "temp"})
    with pytest.raises(TableRefused, match=r"Choose another sheet .*: Data, More"):
        read_rows(path, CONTRACT, name="july.xlsx")


@pytest.mark.parametrize("write", [excel, lambda rows: bytes_of(rows[1:], rows[0])], ids=["xlsx", "csv"])
def test_a_header_far_down_can_be_said(write: Callable[..., bytes], tmp_path: Path) -> None:
    data = write([["Flights", *[""] * 6], *([f"line {i}", *[""] * 6] for i in range(29)), HEADER, *good_rows()])
    assert refusal(tmp_path, data).endswith(HEADER_LINE)
    assert HEADER_LINE not in refusal(tmp_path, data, ReadOptions(header_line=3))
    read_rows(tmp_path / "upload", CONTRACT, name="july", options=ReadOptions(header_line=31))


def test_json_has_no_lines_to_say(tmp_path: Path) -> None:
    assert "--header-line" not in refusal(tmp_path, b'[{"a": 1}]')


@pytest.mark.parametrize("said", [None, "August"])
def test_what_a_person_sees_of_an_empty_sheet_are_the_others(said: str | None, tmp_path: Path) -> None:
    path = tmp_path / "upload"
    path.write_bytes(excel([], excel_rows(), titles=("Sheet", "Data")))
    look = look_at(path, CONTRACT, name="july.xlsx", reading=Reading(options=ReadOptions(sheet=said)))
    assert (look.preview, look.hopeless, look.sheets) == (None, False, ("Sheet", "Data"))
    assert "Data" in look.refusal


def test_a_workbook_in_strict_open_xml_says_how_to_save_it(tmp_path: Path) -> None:
    names = {
        "http://schemas.openxmlformats.org/spreadsheetml/2006/main": "http://purl.oclc.org/ooxml/spreadsheetml/main",
        "http://schemas.openxmlformats.org/officeDocument/2006/relationships": (
            "http://purl.oclc.org/ooxml/officeDocument/relationships"
        ),
    }
    data = excel(excel_rows())
    for name, strict in names.items():
        data = sheets_changed(data, re.escape(name), strict, where="")
    told = refusal(tmp_path, data)
    assert told == (
        "july.xlsx is a workbook saved as Strict Open XML, which cannot be read here; save it as Excel Workbook "
        "(.xlsx)."
    )
