"""Spellings of numbers and dates are found where the cells leave no doubt, and only there."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from monitoring.tables.csv_parsing import CsvParsing
from monitoring.tables.spelling import find_date_order
from tests.tables.material import HEADER, bytes_of, good_rows, problem, read, with_cells

DAYS = [date(2013, 7, 1) + timedelta(days=day) for day in range(31)]


@pytest.mark.parametrize("separator", "-/")
def test_two_digits_of_a_year_in_front_are_a_doubt(separator: str) -> None:
    cells = [day.strftime(separator.join(("%y", "%m", "%d"))) for day in DAYS]
    assert find_date_order(cells) is None


@pytest.mark.parametrize(
    ("form", "order"), [("%d-%m-%y", "dmy"), ("%d.%m.%y", "dmy"), ("%m/%d/%y", "mdy"), ("%d/%m/%Y", "dmy")]
)
def test_a_day_in_front_is_none(form: str, order: str) -> None:
    assert find_date_order([day.strftime(form) for day in DAYS]) == order


def test_a_single_day_is_read_as_it_always_was() -> None:
    assert find_date_order(["31-07-13 06:30"]) == "dmy"


def test_a_year_beyond_every_day_is_no_day() -> None:
    assert find_date_order(["99-07-01", "99-07-02"]) is None


def test_dates_with_the_year_in_front_count_as_missing_and_are_said(tmp_path: Path) -> None:
    table, report = read(tmp_path, bytes_of(with_cells("departure", *(day.strftime("%y-%m-%d") for day in DAYS[:20]))))
    assert table["departure"].null_count == 20
    assert any("dates such as 13-07-01 can be read in two ways" in said for said in report.warnings)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("2013-07-01 6:30", datetime(2013, 7, 1, 6, 30)),
        ("2013-7-1", datetime(2013, 7, 1)),
        ("2013/07/01 06:30", datetime(2013, 7, 1, 6, 30)),
        ("2013-07-01 0:05Z", datetime(2013, 7, 1, 0, 5)),
    ],
)
def test_a_year_of_four_digits_in_front_leaves_no_doubt(tmp_path: Path, written: str, meant: datetime) -> None:
    table, report = read(tmp_path, bytes_of(with_cells("departure", written)))
    assert table["departure"].to_pylist()[0] == meant
    assert not report.problems


def test_the_order_of_dates_is_looked_for_behind_the_first_rows(tmp_path: Path) -> None:
    rows = [row for number, day in enumerate(DAYS) for row in _on(day.strftime("%d/%m/%Y 06:30"), number)]
    table, report = read(tmp_path, bytes_of(rows))
    assert table["departure"].null_count == 0
    assert table["departure"].to_pylist()[0] == datetime(2013, 7, 1, 6, 30)
    assert any("day, month, year" in said for said in report.warnings)


def test_rows_that_never_tell_the_order_stay_a_doubt(tmp_path: Path) -> None:
    rows = [row for number, day in enumerate(DAYS[:12]) for row in _on(day.strftime("%d/%m/%Y"), number)]
    table, report = read(tmp_path, bytes_of(rows))
    assert table["departure"].null_count == table.num_rows
    assert any("can be read in two ways" in said for said in report.warnings)


@pytest.mark.parametrize(("form", "read_as"), [("%y-%m-%d", None), ("%d-%m-%y", datetime(2013, 7, 31))])
def test_a_first_day_that_can_be_read_in_two_ways_is_told_by_the_days_behind_it(
    tmp_path: Path, form: str, read_as: datetime | None
) -> None:
    days = [DAYS[-1]] * 6 + [DAYS[-1] - timedelta(days=back) for back in range(1, 5)]
    rows = [row for number, day in enumerate(days) for row in _on(day.strftime(form), number)]
    table, report = read(tmp_path, bytes_of(rows))
    assert table["departure"].to_pylist()[0] == read_as
    assert any("can be read in two ways" in said for said in report.warnings) == (read_as is None)


def test_days_apart_by_blocks_of_a_file_are_looked_at_together(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each block alone would be a single day."""
    monkeypatch.setattr(CsvParsing.options, "__kwdefaults__", {**CsvParsing.options.__kwdefaults__, "block": 1 << 14})
    rows = [row for number, day in enumerate(DAYS) for row in _on(day.strftime("%y-%m-%d"), number)]
    table, _ = read(tmp_path, bytes_of(rows))
    assert table["departure"].null_count == table.num_rows


def _on(departure: str, number: int) -> list[list[str]]:
    """Many rows of one day."""
    rows = good_rows(400)
    for place, row in enumerate(rows):
        row[HEADER.index("flight")] = f"F{number}-{place}"
        row[HEADER.index("departure")] = departure
    return rows


def test_more_than_three_digits_before_a_comma_make_it_a_decimal_one(tmp_path: Path) -> None:
    data = bytes_of(with_cells("distance", "1065,000", "502,000", count=2), delimiter=";").replace(b".", b",")
    table, _ = read(tmp_path, data)
    assert table["distance"].to_pylist() == [1065.0, 502.0]


def test_a_comma_that_may_group_is_no_number_and_how_to_say_it_is_told(tmp_path: Path) -> None:
    data = bytes_of(with_cells("temp", *["42,980"] * 20), delimiter=";").replace(b".", b",")
    _, report = read(tmp_path, data)
    assert problem(report, "temp", "not_a_number").count == 20
    assert any("or say that the mark is a comma" in said for said in report.warnings)


def test_points_that_may_separate_thousands_are_said(tmp_path: Path) -> None:
    whole = [[cell.removesuffix(".5").replace("7.25", "7") for cell in row] for row in good_rows(20)]
    for place, row in enumerate(whole):
        row[HEADER.index("distance")] = f"1.{100 + place}" if place % 2 else str(900 + place)
    table, report = read(tmp_path, bytes_of(whole, delimiter=";"))
    assert table["distance"].to_pylist()[1] == 1.101
    assert any("Numbers such as 1.234 (distance) were read with a decimal point" in said for said in report.warnings)


def test_points_are_no_doubt_beside_others_that_must_be_decimal(tmp_path: Path) -> None:
    _, report = read(tmp_path, bytes_of(with_cells("distance", "1.065"), delimiter=";"))
    assert not [said for said in report.warnings if "thousands" in said]


@pytest.mark.parametrize("others", ["40.5", "warm"])
def test_what_a_parser_takes_for_nan_and_is_no_spelling_of_missing_is_no_number(tmp_path: Path, others: str) -> None:
    table, report = read(tmp_path, bytes_of(with_cells("temp", "nan(x)", others, "NaN")))
    assert problem(report, "temp", "not_a_number").count == (1 if others == "40.5" else 2)
    assert table["temp"].to_pylist()[2] is None
