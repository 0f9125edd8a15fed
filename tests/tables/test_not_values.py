"""Cells of workbooks that hold no value: errors, and formulas whose result nobody stored."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from monitoring.errors import TableRefused
from monitoring.tables.not_values import no_result
from monitoring.tables.preview import preview
from monitoring.tables.sources import expected_columns
from tests.tables.material import CONTRACT, HEADER, bytes_of, opened, problem, read, with_cells
from tests.tables.other_books import ods, ods_of, ods_row, ods_table, xls
from tests.tables.ways_to_write import excel, excel_rows

OTHER_COLUMNS = ["flight", "departure", "carrier", "dest", "wind_speed"]
_CALC = "urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0"


def with_value(column: str, value: Any, *, every: int = 2) -> list[list[Any]]:
    """Header and good rows; every second cell of a column is this."""
    rows = excel_rows()
    for row in rows[every::every]:
        row[HEADER.index(column)] = value
    return rows


def sheets_changed(data: bytes, old: str, new: str, *, where: str = "xl/worksheets/") -> bytes:
    """A workbook (.xlsx) with a pattern replaced in the XML of its sheets, or of other parts."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as book, zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as changed:
        for name in book.namelist():
            text = book.read(name)
            changed.writestr(name, re.sub(old, new, text.decode()).encode() if name.startswith(where) else text)
    return buffer.getvalue()


def ods_with(cell: str, column: str = "temp") -> bytes:
    """A spreadsheet whose first cell of a column is this XML."""
    rows = excel_rows()
    rows[1][HEADER.index(column)] = "here"
    table = ods_table("July", map(ods_row, rows))
    old = '<table:table-cell office:value-type="string"><text:p>here</text:p></table:table-cell>'
    assert table.count(old) == 1
    return ods_of(table.replace(old, cell))


def test_formulas_that_were_never_calculated_are_told(tmp_path: Path) -> None:
    """A script wrote the formulas, and no spreadsheet has opened the file since."""
    table, report = read(tmp_path, excel(with_value("temp", "=42.98+0")))
    found = problem(report, "temp", "no_result")
    assert (found.count, found.sets_row_aside, table["temp"].null_count) == (10, False, 10)
    assert [(e.row, e.line, e.value) for e in found.examples[:2]] == [(2, 3, "=42.98+0"), (4, 5, "=42.98+0")]
    assert report.warnings[0] == (
        "temp: 10 values are formulas without a stored result and count as missing, first in row 2 (line 3): "
        '"=42.98+0"; open the file in Excel or LibreOffice and save it.'
    )
    assert [row.reason for row in report.flawed_rows] == ["temp is a formula without a stored result"] * 10
    assert ("temp", "=42.98+0") in report.flawed_rows[0].cells


@pytest.mark.parametrize("column", OTHER_COLUMNS)
def test_a_formula_without_a_result_is_no_value_in_any_column(column: str, tmp_path: Path) -> None:
    table, report = read(tmp_path, excel(with_value(column, "=A1")))
    assert [(p.column, p.rule, p.count) for p in report.problems] == [(column, "no_result", 10)]
    assert table[column].null_count == 10


@pytest.mark.parametrize(("value", "rule"), [("=1000+1", "no_result"), ("#N/A", "cell_error")])
def test_a_row_that_needs_the_value_is_set_aside(value: str, rule: str, tmp_path: Path) -> None:
    table, report = read(tmp_path, excel(with_value("distance", value)))
    assert [(p.column, p.rule, p.count, p.sets_row_aside) for p in report.problems] == [("distance", rule, 10, True)]
    assert (table.num_rows, report.rows_refused) == (10, 10)


def test_results_that_are_stored_are_read(tmp_path: Path) -> None:
    data = excel(with_value("temp", "=42.98+0"))
    table, report = read(tmp_path, sheets_changed(data, r"(<f>[^<]*</f>)<v ?/>", r"\1<v>42.98</v>"))
    assert (table["temp"].to_pylist()[1], table["temp"].null_count, report.problems) == (42.98, 0, ())


@pytest.mark.parametrize("result", ["<v></v>", "<v/>", ""])
def test_a_result_that_is_an_empty_text_is_missing_and_no_problem(result: str, tmp_path: Path) -> None:
    """What Excel stores for =IF(A1="","",A1)."""
    data = sheets_changed(
        excel(with_value("temp", "=X")), r"<c ([^>]*)>(<f>[^<]*</f>)<v ?/>", rf'<c \1 t="str">\2{result}'
    )
    table, report = read(tmp_path, data)
    assert (table["temp"].null_count, report.problems) == (10, ())


def test_a_formula_whose_text_stands_in_another_cell(tmp_path: Path) -> None:
    """Excel writes a formula that was filled down once; the other cells name it."""
    data = sheets_changed(excel(with_value("temp", "=X")), r"<f>X</f><v ?/>", '<f t="shared" si="0"/>')
    assert problem(read(tmp_path, data)[1], "temp", "no_result").examples[0].value == "="


@pytest.mark.parametrize("write", [excel, xls, ods], ids=["xlsx", "xls", "ods"])
@pytest.mark.parametrize("column", ["temp", *OTHER_COLUMNS])
@pytest.mark.parametrize("error", ["#REF!", "#N/A", "#DIV/0!"])
def test_an_error_is_no_value_in_any_column(
    write: Callable[..., bytes], column: str, error: str, tmp_path: Path
) -> None:
    rows = with_value(column, error)
    data = write(rows) if write is not ods else ods_errors(rows, error)
    table, report = read(tmp_path, data)
    assert [(p.column, p.rule, p.count) for p in report.problems] == [(column, "cell_error", 10)]
    assert (table[column].null_count, report.problems[0].examples[0].value) == (10, error)
    assert f"{column}: 10 values are errors of the spreadsheet and count as missing" in report.warnings[0]


def ods_errors(rows: list[list[Any]], error: str) -> bytes:
    """A spreadsheet as LibreOffice writes it, in which texts like #DIV/0! are errors."""
    old = f'<table:table-cell office:value-type="string"><text:p>{error}</text:p>'
    new = (
        f'<table:table-cell table:formula="of:=1/0" office:value-type="string" office:string-value="" '
        f'xmlns:calcext="{_CALC}" calcext:value-type="error"><text:p>{error}</text:p>'
    )
    return ods_of(ods_table("July", map(ods_row, rows)).replace(old, new))


@pytest.mark.parametrize("text", ["#N/A", "#REF!"])
def test_text_that_reads_like_an_error_stays_what_it_is(text: str, tmp_path: Path) -> None:
    """In text files it cannot be known; in a workbook the type of the cell tells."""
    meant = None if text == "#N/A" else text
    table, report = read(tmp_path, bytes_of(with_cells("dest", text)))
    assert (table["dest"].to_pylist()[0], report.problems) == (meant, ())
    table, report = read(tmp_path, excel_of_text(with_value("dest", text)))
    assert (table["dest"].to_pylist()[1], report.problems) == (meant, ())
    table, report = read(tmp_path, ods(with_value("dest", text)))
    assert (table["dest"].to_pylist()[1], report.problems) == (meant, ())


def excel_of_text(rows: list[list[Any]]) -> bytes:
    """A workbook whose text cells are text, whatever they read like."""
    book = Workbook()
    for row, cells in enumerate(rows, 1):
        for column, value in enumerate(cells, 1):
            cell = book.active.cell(row, column, value)
            cell.data_type = "s" if isinstance(value, str) else cell.data_type
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


_TYPED = 'office:value-type="float"'


@pytest.mark.parametrize(
    ("cell", "value", "rules"),
    [
        ('<table:table-cell table:formula="of:=1+1"/>', None, [("no_result", "=1+1")]),
        (f'<table:table-cell table:formula="of:=[.A1]" {_TYPED}/>', None, [("no_result", "=[.A1]")]),
        (f'<table:table-cell table:formula="of:=1+1" {_TYPED} office:value="2"/>', 2.0, []),
        ('<table:table-cell table:formula="of:=&quot;&quot;" office:value-type="string"/>', None, []),
        (
            f'<table:table-cell table:formula="oooc:=1/0" {_TYPED} office:value="0"><text:p>Err:502</text:p>'
            "</table:table-cell>",
            None,
            [("cell_error", "Err:502")],
        ),
    ],
    ids=["no result", "a type and no result", "a result", "an empty text", "an error as OpenOffice writes it"],
)
def test_formulas_of_open_document(
    cell: str, value: float | None, rules: list[tuple[str, str]], tmp_path: Path
) -> None:
    table, report = read(tmp_path, ods_with(cell))
    assert table["temp"].to_pylist()[:2] == [value, 41.5]
    assert [(p.rule, p.examples[0].value) for p in report.problems] == rules


def test_how_numbers_are_written_is_not_told_by_formulas(tmp_path: Path) -> None:
    rows = [[str(cell).replace(".", ",") for cell in row] for row in excel_rows()]
    for row in rows[2::2]:
        row[HEADER.index("temp")] = "=ROUND(1.25,2)"
    table, report = read(tmp_path, excel(rows))
    assert table["temp"].to_pylist()[:2] == [40.5, None]
    assert [(p.column, p.rule) for p in report.problems] == [("temp", "no_result")]


def test_numbers_that_are_none_are_counted_for_the_profile(tmp_path: Path) -> None:
    rows = with_value("temp", "=1+1")
    rows[1][HEADER.index("temp")] = "#REF!"
    rows[3][HEADER.index("dest")] = "#REF!"
    (batch,) = opened(tmp_path, excel(rows)).read()
    assert batch.not_numbers == {"temp": 11}


def test_a_row_of_formulas_only_is_not_empty(tmp_path: Path) -> None:
    report = read(tmp_path, excel([*excel_rows(), [*[None] * 4, "=1+1"]]))[1]
    assert "empty_row" not in {found.rule for found in report.problems}
    assert problem(report, "temp", "no_result").examples[0].line == 22


def test_the_first_rows_show_what_stands_there(tmp_path: Path) -> None:
    path = tmp_path / "upload"
    path.write_bytes(excel(with_value("temp", "=42.98+0")))
    rows = preview(path, expected_columns(CONTRACT), name="july.xlsx").rows
    assert [row[HEADER.index("temp")] for row in rows[:3]] == ["40.5", "=42.98+0", "42.5"]


@pytest.mark.parametrize("row", ["2", "1"])
def test_rows_that_are_not_in_order_are_damage(row: str, tmp_path: Path) -> None:
    """openpyxl would leave them out without a word."""
    data = sheets_changed(excel(excel_rows()), '<row r="9"', f'<row r="{row}"')
    with pytest.raises(TableRefused, match="damaged Excel file"):
        read(tmp_path, data)


def test_rows_and_cells_without_their_place_are_read_in_turn(tmp_path: Path) -> None:
    data = sheets_changed(excel(excel_rows()), r'(<row|<c) r="[^"]*"', r"\1")
    table, report = read(tmp_path, data)
    assert (table.num_rows, table["temp"].to_pylist()[0], report.problems) == (20, 40.5, ())


def test_long_formulas_are_cut() -> None:
    assert len(no_result("A1+" * 1_000)) < 300
