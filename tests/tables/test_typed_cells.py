"""Numbers that a file keeps as numbers have no spelling: what is said or seen of text is not about them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.tables.material import HEADER, problem
from tests.tables.other_books import ods, xls
from tests.tables.test_said_otherwise import firsts, read_said
from tests.tables.ways_to_write import excel, excel_rows


def json_rows(rows: list[list[Any]]) -> bytes:
    header, *below = rows
    return json.dumps([dict(zip(header, row, strict=True)) for row in below], default=str).encode()


WRITERS: dict[str, Callable[[list[list[Any]]], bytes]] = {"xlsx": excel, "xls": xls, "ods": ods, "JSON": json_rows}
FINE = 5.754
"""A number that reads as thousands where points group them."""


def rows_with(**columns: Callable[[int], Any]) -> list[list[Any]]:
    """Good rows, typed, with other cells in some columns."""
    header, *rows = excel_rows()
    for name, cell in columns.items():
        for place, row in enumerate(rows):
            row[HEADER.index(name)] = cell(place)
    return [header, *rows]


@pytest.mark.parametrize("kind", WRITERS)
@pytest.mark.parametrize("said", [{"decimal": ","}, {"decimal": ",", "thousands": "."}, {}], ids=str)
def test_a_decimal_comma_is_of_text_alone(kind: str, said: dict[str, str], tmp_path: Path) -> None:
    """Said or found: one column is text with commas, the others are numbers."""
    data = WRITERS[kind](rows_with(temp=lambda _: "42,98", wind_speed=lambda _: FINE))
    table, report = read_said(tmp_path, data, **said)
    assert firsts(table, "temp", 20) == [42.98] * 20
    assert firsts(table, "wind_speed", 20) == [FINE] * 20
    assert report.problems == ()
    assert any("decimal comma (temp)" in sentence for sentence in report.warnings)


@pytest.mark.parametrize("kind", WRITERS)
def test_one_column_may_hold_both(kind: str, tmp_path: Path) -> None:
    data = WRITERS[kind](rows_with(wind_speed=lambda place: ["1.234,5", FINE, "6.000", "fast"][place % 4]))
    table, report = read_said(tmp_path, data, decimal=",", thousands=".")
    assert firsts(table, "wind_speed", 4) == [1234.5, FINE, 6000.0, None]
    fault = problem(report, "wind_speed", "not_a_number")
    assert (fault.count, fault.examples[0].row, fault.examples[0].value) == (5, 4, "fast")


@pytest.mark.parametrize("kind", WRITERS)
def test_an_impossible_number_is_told_as_it_is(kind: str, tmp_path: Path) -> None:
    data = WRITERS[kind](rows_with(temp=lambda place: 999.5 if place == 3 else "42,98"))
    table, report = read_said(tmp_path, data, decimal=",")
    assert firsts(table, "temp", 4) == [42.98, 42.98, 42.98, 999.5]
    assert problem(report, "temp", "impossible").examples[0].value == "999.5"


@pytest.mark.parametrize("kind", WRITERS)
def test_text_far_down_is_read_as_it_was_said(kind: str, tmp_path: Path) -> None:
    """The first rows are numbers; that commas are looked for at all is known only in the end."""
    header, *rows = rows_with()
    many = [[f"F{place}", *rows[place % 20][1:]] for place in range(2_100)]
    many[-1][HEADER.index("wind_speed")] = "1,25"
    table, report = read_said(tmp_path, WRITERS[kind]([header, *many]), decimal=",")
    assert table["wind_speed"][-1].as_py() == 1.25
    assert not any("not looked for" in sentence for sentence in report.warnings)


@pytest.mark.parametrize("kind", ["xlsx", "xls", "ods"])
def test_what_was_said_of_text_is_told_where_there_is_none(kind: str, tmp_path: Path) -> None:
    data = WRITERS[kind](rows_with(wind_speed=lambda _: FINE))
    table, report = read_said(tmp_path, data, decimal=",", thousands=".", dates="dmy")
    assert firsts(table, "wind_speed", 1) == [FINE]
    assert report.warnings == (
        "Decimal commas and thousands separators were not looked for: july.csv holds no numbers as text.",
        "The order of dates was not used: july.csv holds no dates as text.",
    )


@pytest.mark.parametrize("kind", WRITERS)
def test_times_as_text_among_times(kind: str, tmp_path: Path) -> None:
    at = HEADER.index("departure")
    header, *rows = rows_with()
    for row in rows[::2]:
        row[at] = f"{row[at]:%d/%m/%Y %H:%M}"
    table, report = read_said(tmp_path, WRITERS[kind]([header, *rows]), dates="dmy")
    assert [moment.day for moment in firsts(table, "departure", 4)] == [1, 2, 3, 4]
    assert report.problems == ()
