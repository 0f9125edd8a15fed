"""Text in Parquet and Arrow files that spells numbers and dates in a way of its own: found out as in CSV, and said."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pytest

from monitoring.tables import schema_spelling
from monitoring.tables.reading_options import ReadOptions
from tests.tables.material import problem, read
from tests.tables.test_said_otherwise import firsts, read_said
from tests.tables.test_unused_options import TEXT_TYPES
from tests.tables.ways_to_write import arrow, parquet, typed

each = pytest.mark.parametrize("write", [parquet, arrow])
Write = Callable[[pa.Table], bytes]


def with_texts(kind: Callable[[pa.Array], pa.Array] = TEXT_TYPES["text"], **columns: list[str | None]) -> pa.Table:
    """Good rows with these texts in some columns, over and over."""
    rows = max(20, *map(len, columns.values()))
    table = typed(rows)
    for name, cells in columns.items():
        texts = pa.array([cells[place % len(cells)] for place in range(rows)], pa.string())
        table = table.set_column(table.schema.get_field_index(name), name, kind(texts))
    return table


@each
@pytest.mark.parametrize("kind", TEXT_TYPES)
def test_what_the_first_rows_leave_no_doubt_of_is_found(kind: str, write: Write, tmp_path: Path) -> None:
    table, report = read(
        tmp_path,
        write(
            with_texts(
                TEXT_TYPES[kind],
                departure=["31/07/2013 06:30", "01/08/2013"],
                temp=[None, "42,98", "nan", ""],
                distance=["1.234,5", "2.000"],
            )
        ),
    )
    assert firsts(table, "temp", 4) == [None, 42.98, None, None]
    assert firsts(table, "distance", 2) == [1234.5, 2000.0]
    assert firsts(table, "wind_speed", 2) == [7.25, 7.25]
    assert firsts(table, "departure", 2) == [datetime(2013, 7, 31, 6, 30), datetime(2013, 8, 1)]
    assert report.problems == ()
    said = " ".join(report.warnings)
    assert "decimal comma (temp, distance) and were read so" in said
    assert "thousands separators (distance) and were read so" in said
    assert "departure: dates are written as day, month, year and were read so." in said
    assert report.sniffed is not None
    found = report.sniffed.options()
    assert found == ReadOptions(decimal=",", thousands=".", dates="dmy")


@each
def test_what_is_said_goes_first(write: Write, tmp_path: Path) -> None:
    data = write(with_texts(temp=["42,98"], departure=["31/07/2013"]))
    table, report = read_said(tmp_path, data, decimal=".", dates="mdy")
    assert problem(report, "temp", "not_a_number").count == 20
    assert problem(report, "departure", "bad_timestamp").count == 20
    assert table["temp"].null_count == 20


@each
def test_a_doubt_is_left_and_said(write: Write, tmp_path: Path) -> None:
    _, report = read(tmp_path, write(with_texts(temp=["42,980"], departure=["01/07/2013 06:30"])))
    assert problem(report, "temp", "not_a_number").count == 20
    assert problem(report, "departure", "bad_timestamp").count == 20
    assert any("dates such as 01/07/2013 06:30 can be read in two ways" in said for said in report.warnings)
    assert report.sniffed is not None
    assert (report.sniffed.decimal, report.sniffed.thousands, report.sniffed.dates) == (".", "", None)


@each
def test_the_order_of_dates_is_looked_for_behind_the_first_rows(
    write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(schema_spelling, "_SAMPLE_ROWS", 5)
    days = [f"{date(2013, 7, 1) + timedelta(days=place):%d/%m/%Y}" for place in range(20)]
    table, report = read(tmp_path, write(with_texts(departure=days)))
    assert firsts(table, "departure", 20) == [datetime(2013, 7, 1) + timedelta(days=place) for place in range(20)]
    assert not report.problems


@each
def test_text_as_programs_write_it_needs_no_word(write: Write, tmp_path: Path) -> None:
    _, report = read(tmp_path, write(with_texts(temp=["42.98", "-1e1"], departure=["2013-07-31 06:30:00"])))
    assert report.problems == report.warnings == ()
