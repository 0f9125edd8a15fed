"""What a person says about a file goes before what is found in it: every option, where the two differ."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from monitoring.errors import TableRefused
from monitoring.tables import read_rows
from monitoring.tables.reading_options import ReadOptions
from monitoring.tables.report import ReadReport
from tests.tables.material import CONTRACT, HEADER, bytes_of, good_rows, text_of, with_cells
from tests.tables.other_books import ods, xls
from tests.tables.ways_to_write import excel


def read_said(folder: Path, data: bytes, **said: Any) -> tuple[pa.Table, ReadReport]:
    """All rows read with these options, and the report."""
    path = folder / "upload"
    path.write_bytes(data)
    reader = read_rows(path, CONTRACT, name="july.csv", options=ReadOptions(**said))
    return pa.Table.from_batches(reader.batches(), reader.schema), reader.report


def firsts(table: pa.Table, column: str, count: int = 3) -> list[Any]:
    return table.column(column).to_pylist()[:count]


def test_the_encoding(tmp_path: Path) -> None:
    """Byte EA is ê in Western and ę in Central European text: no file tells which."""
    data = text_of(with_cells("dest", "Kêtrzyn")).encode("cp1252")
    assert firsts(read_said(tmp_path, data)[0], "dest", 1) == ["Kêtrzyn"]
    assert firsts(read_said(tmp_path, data, encoding="cp1250")[0], "dest", 1) == ["Kętrzyn"]


def test_the_delimiter(tmp_path: Path) -> None:
    data = bytes_of(good_rows(), delimiter=";")
    assert read_said(tmp_path, data)[0].num_rows == 20
    with pytest.raises(TableRefused, match="missing"):
        read_said(tmp_path, data, delimiter="|")


def test_the_quotation_mark(tmp_path: Path) -> None:
    """With none, quotation marks are letters, and what is between them is not kept together."""
    data = bytes_of(with_cells("dest", "B")).replace(b",B,", b',"B",')
    assert firsts(read_said(tmp_path, data)[0], "dest", 1) == ["B"]
    assert firsts(read_said(tmp_path, data, quote="")[0], "dest", 1) == ['"B"']
    data = bytes_of(with_cells("dest", "'B'"))
    assert firsts(read_said(tmp_path, data, quote='"')[0], "dest", 1) == ["'B'"]
    assert firsts(read_said(tmp_path, data, quote="'")[0], "dest", 1) == ["B"]


@pytest.mark.parametrize(
    ("said", "wanted"),
    [
        ({"decimal": ".", "thousands": ""}, [1.234, 2.5, 3.75]),
        ({"decimal": ",", "thousands": "."}, [1_234.0, None, None]),
    ],
    ids=["points are decimal", "points group thousands"],
)
def test_how_numbers_are_written(said: dict[str, str], wanted: list[float | None], tmp_path: Path) -> None:
    rows = with_cells("wind_speed", "1.234", "2.5", "3.75")
    table, report = read_said(tmp_path, bytes_of(rows, delimiter=";"), **said)
    assert firsts(table, "wind_speed") == wanted
    odd = [problem for problem in report.problems if (problem.column, problem.rule) == ("wind_speed", "not_a_number")]
    assert bool(odd) == (None in wanted), "nothing is made missing in silence"


@pytest.mark.parametrize(("order", "month"), [("dmy", 4), ("mdy", 3)])
def test_the_order_of_dates(order: str, month: int, tmp_path: Path) -> None:
    rows = with_cells("departure", *["03/04/2013 06:30"] * 20)
    table, _ = read_said(tmp_path, bytes_of(rows), dates=order)
    assert {at.month for at in firsts(table, "departure", 20)} == {month}


def test_the_line_of_the_header(tmp_path: Path) -> None:
    """Two tables one below the other: the second is meant."""
    first, second = good_rows(3), [["G" + row[0][1:], *row[1:]] for row in good_rows(4)]
    data = bytes_of(first) + bytes_of(second)
    assert firsts(read_said(tmp_path, data)[0], "flight", 1) == ["F0"]
    table, report = read_said(tmp_path, data, header_line=5)
    assert firsts(table, "flight", 9) == ["G0", "G1", "G2", "G3"]
    assert report.rows_refused == 0


@pytest.mark.parametrize("write", [excel, xls, ods], ids=["xlsx", "xls", "ods"])
def test_the_sheet(write: Callable[..., bytes], tmp_path: Path) -> None:
    """The first is read unless another is chosen; one that is not there is refused with those that are."""
    sheets = [[HEADER, *([f"{name}{place}", *row[1:]] for place, row in enumerate(good_rows(5)))] for name in "AB"]
    data = write(*sheets, titles=("June", "July"))
    assert firsts(read_said(tmp_path, data)[0], "flight", 2) == ["A0", "A1"]
    assert firsts(read_said(tmp_path, data, sheet="July")[0], "flight", 2) == ["B0", "B1"]
    with pytest.raises(TableRefused, match="June") as refused:
        read_said(tmp_path, data, sheet="August")
    assert "July" in str(refused.value)


def test_what_was_found_says_the_same_when_it_is_said(tmp_path: Path) -> None:
    """The form on the page holds what was found: unchanged, it changes nothing."""
    rows = [[cell.replace(".", ",") for cell in row] for row in good_rows()]
    data = ("Export of July\n\n" + text_of(rows, delimiter=";")).encode("utf-16")
    path = tmp_path / "upload"
    path.write_bytes(data)
    found = read_rows(path, CONTRACT, name="july.csv")
    table = pa.Table.from_batches(found.batches(), found.schema)
    assert firsts(table, "temp", 1) == [40.5]
    said = found.sniffed.options()
    assert (said.delimiter, said.decimal, said.header_line) == (";", ",", 3)
    again = read_rows(path, CONTRACT, name="july.csv", options=said)
    assert pa.Table.from_batches(again.batches(), again.schema).equals(table)
