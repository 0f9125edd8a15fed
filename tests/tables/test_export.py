"""What leaves as text can be opened in a spreadsheet, and read again."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitoring.tables import conforming_schema, escape_formula, refused_rows_csv, write_template
from monitoring.tables.export import escape_formulas
from monitoring.tables.quoting import shown
from tests.tables.material import CONTRACT, bytes_of, good_rows, opened, read, with_cells


@pytest.mark.parametrize(
    "text", ["=1+1", "+cmd", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "-", "=", "-3.5\n", "+1 2", "--1"]
)
def test_formulas_get_an_apostrophe(text: str) -> None:
    assert escape_formula(text) == "'" + text


@pytest.mark.parametrize("text", ["", "UA", "-3.5", "+7", "-1e-3", "-.5", "a=b", "'=1", " =1", "2013-04-01"])
def test_everything_else_stays(text: str) -> None:
    assert escape_formula(text) == text


@given(st.lists(st.none() | st.text(alphabet="=+-@\t\r\n1.5e aé'")))
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
    written = list(csv.DictReader(io.StringIO(refused_rows_csv(report))))
    assert [(row["row"], row["reason"]) for row in written] == [
        ("1", "distance is not a number"),
        ("3", "distance is missing"),
        ("5", "it has 2 fields, the header 7"),
    ]
    assert (written[0]["dest"], written[0]["distance"]) == ("'=1+1", "far")
    assert (written[2]["flight"], written[2]["departure"], written[2]["temp"]) == ("F4", "'@x", "")


def test_nothing_set_aside_is_a_header_alone(tmp_path: Path) -> None:
    _, report = read(tmp_path, bytes_of(good_rows()))
    assert refused_rows_csv(report) == "row,reason\n"


@given(st.text())
def test_text_in_sentences_is_one_short_line(text: str) -> None:
    line = shown(text)
    assert len(line) <= 40
    assert line.splitlines() in ([], [line])
    assert not set(line) & set("\u202e\u200b\x00\x1b")
