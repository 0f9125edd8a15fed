"""What leaves as text can be opened in a spreadsheet, and read again."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitoring.tables import conforming_schema, escape_formula, misfit_rows_csv, write_template
from monitoring.tables.formulas import escape_formulas
from monitoring.tables.quoting import shown
from monitoring.tables.report import FLAWED_ROWS_KEPT
from tests.tables.material import CONTRACT, bytes_of, good_rows, opened, read, with_cells
from tests.tables.ways_to_write import parquet, typed


@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        "+cmd",
        "-2+3",
        "@SUM(A1)",
        "\t=1",
        "\r=1",
        "-",
        "=",
        "-3.5\n",
        "+1 2",
        "--1",
        "\n=1",
        "＝1+1",
        "＠SUM(A1)",
        "'=1",
        "''-x",
    ],
)
def test_formulas_get_an_apostrophe(text: str) -> None:
    assert escape_formula(text) == "'" + text


@pytest.mark.parametrize("text", ["", "UA", "-3.5", "+7", "-1e-3", "-.5", "a=b", "'1", " =1", "2013-04-01"])
def test_everything_else_stays(text: str) -> None:
    assert escape_formula(text) == text


@given(st.lists(st.none() | st.text(alphabet="=+-@\t\r\n1.5e aé'＝＋－＠")))
def test_columns_are_escaped_like_single_texts(texts: list[str | None]) -> None:
    expected = [None if text is None else escape_formula(text) for text in texts]
    assert escape_formulas(pa.array(texts, pa.string())).to_pylist() == expected


def test_the_template_is_a_header_that_is_accepted(tmp_path: Path) -> None:
    template = write_template(CONTRACT)
    assert template == "flight,departure,carrier,dest,temp,wind_speed,distance\n"
    rows = bytes_of(good_rows()).split(b"\n", 1)[1]
    assert opened(tmp_path, template.encode() + rows).schema == conforming_schema(
        CONTRACT, id=True, timestamp=True, target=False
    )


def test_rows_set_aside_come_out_with_reason_and_cells(tmp_path: Path) -> None:
    rows = with_cells("distance", "far", "1", "")
    rows[0][3], rows[4] = "=1+1", ["F4", "@x"]
    _, report = read(tmp_path, bytes_of(rows))
    written = list(csv.DictReader(io.StringIO(misfit_rows_csv(report))))
    assert [(row["row"], row["line"], row["fate"], row["reason"]) for row in written] == [
        ("1", "2", "set aside", "distance is not a number"),
        ("3", "4", "set aside", "distance is missing"),
        ("5", "6", "set aside", "it has 2 fields, the header 7"),
    ]
    assert (written[0]["dest"], written[0]["distance"]) == ("'=1+1", "far")
    assert (written[2]["flight"], written[2]["departure"], written[2]["temp"]) == ("F4", "'@x", "")


def test_rows_scored_with_a_value_that_did_not_fit_come_out_too(tmp_path: Path) -> None:
    rows = with_cells("temp", "warm", "999", "1", "inf")
    rows[3][0], rows[0][3], rows[1][6] = "F2", "@x", "far"
    _, report = read(tmp_path, bytes_of(rows))
    written = list(csv.DictReader(io.StringIO(misfit_rows_csv(report))))
    assert [(row["row"], row["fate"], row["reason"]) for row in written] == [
        ("1", "scored", "temp is not a number"),
        ("2", "set aside", "distance is not a number"),
        ("4", "scored", "temp is infinite or too large; flight is that of an earlier row"),
    ]
    assert (written[0]["dest"], written[0]["temp"], written[2]["temp"]) == ("'@x", "warm", "inf")


def test_lines_are_those_of_the_file(tmp_path: Path) -> None:
    """Lines above the header and line breaks in quotes shift them; rows still count from the header."""
    rows = with_cells("temp", "1", "warm", "cold")
    rows[0][3] = "two\nlines"
    _, report = read(tmp_path, b"# exported\n" + bytes_of(rows))
    (problem,) = report.problems
    assert [(example.row, example.line) for example in problem.examples] == [(2, 5), (3, 6)]
    assert [(row.row, row.line) for row in report.flawed_rows] == [(2, 5), (3, 6)]


def test_no_more_flawed_rows_are_kept_than_said(tmp_path: Path) -> None:
    _, report = read(tmp_path, bytes_of(with_cells("temp", *["warm"] * 900, count=900)))
    assert [row.row for row in report.flawed_rows] == list(range(1, FLAWED_ROWS_KEPT + 1))
    assert report.problems[0].count == 900


def test_a_missing_typed_value_is_not_the_word_nan(tmp_path: Path) -> None:
    table = typed().set_column(4, "temp", pa.array([float("nan"), 999.0, *[1.0] * 18]))
    _, report = read(tmp_path, parquet(table.set_column(6, "distance", pa.array([None, *[1.0] * 19]))))
    written = list(csv.DictReader(io.StringIO(misfit_rows_csv(report))))
    assert [(row["row"], row["temp"], row["distance"]) for row in written] == [("1", "", ""), ("2", "999", "1")]


def test_nothing_wrong_is_a_header_alone(tmp_path: Path) -> None:
    _, report = read(tmp_path, bytes_of(good_rows()))
    assert misfit_rows_csv(report) == "row,line,fate,reason\n"


@given(st.text())
def test_text_in_sentences_is_one_short_line(text: str) -> None:
    line = shown(text)
    assert len(line) <= 40
    assert line.splitlines() in ([], [line])
    assert not set(line) & set("\u202e\u200b\x00\x1b")
