"""What becomes of single values: numbers, missing, times, outcomes, categories, in text and in typed columns."""

from __future__ import annotations

import math
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pytest

from monitoring.contract import Contract, Target
from monitoring.tables.conversion import MISSING
from monitoring.tables.numbers import NumberStyle, convert_numbers
from monitoring.tables.outcomes import convert_outcomes
from monitoring.tables.texts import convert_texts
from monitoring.tables.times import convert_times
from tests.tables.material import CONTRACT, HEADER, bytes_of, good_rows, read, with_cells
from tests.tables.ways_to_write import arrow, typed


def text(*values: str | None) -> pa.Array:
    return pa.array(values, pa.string())


@pytest.mark.parametrize("spelling", [*MISSING, " NA ", "\t", " - "])
def test_every_spelling_of_missing_is_null(spelling: str) -> None:
    assert convert_numbers(text("1", spelling)).values.to_pylist() == [1.0, None]
    assert convert_numbers(text("1", spelling)).faults == ()
    assert convert_texts(text("BOS", spelling)).values.to_pylist() == ["BOS", None]
    assert convert_times(text("2013-04-01", spelling)).values.null_count == 1
    assert convert_outcomes(text("1", spelling), CONTRACT).values.to_pylist() == [1.0, None]


def test_a_known_category_spelled_like_missing_is_a_category(tmp_path: Path) -> None:
    table, _ = read(tmp_path, bytes_of(with_cells("carrier", "NA", "N/A")))
    assert table["carrier"].to_pylist()[:3] == ["NA", None, "AA"]
    assert "NA" in CONTRACT.feature("carrier").categories


def test_categories_stay_as_they_come(tmp_path: Path) -> None:
    odd = ["ua", " UA", "=1+1", "<b>", "𝒰𝒜", "None of them"]
    assert read(tmp_path, bytes_of(with_cells("carrier", *odd)))[0]["carrier"].to_pylist()[: len(odd)] == odd


NUMBERS = ["1", "+1", "-1.5", "1.", ".5", "1e3", "1E-3", "007", "  2 ", "123456789012345678"]


@pytest.mark.parametrize("spelling", NUMBERS)
def test_numbers_mean_what_python_takes_them_for(spelling: str) -> None:
    assert convert_numbers(text(spelling)).values.to_pylist() == [float(spelling)]


@pytest.mark.parametrize(
    "spelling", ["1,5", "1,234", "1 234", "0x10", "1_000", "12%", "$5", "1-2", "one", "?", "--1", "１"]
)
def test_what_is_no_number_is_never_turned_into_one(spelling: str) -> None:
    converted = convert_numbers(text("7", spelling))
    assert converted.values.to_pylist() == [7.0, None]
    assert [(fault.rule, fault.where.tolist()) for fault in converted.faults] == [("not_a_number", [1])]


@pytest.mark.parametrize(
    ("spelling", "certain", "meant"),
    [("1,5", False, 1.5), ("1,234", False, None), ("1,234", True, 1.234), ("0,234", False, 0.234), (",5", False, 0.5),
     ("12", False, 12.0), ("1.5", True, None), ("1.234,5", True, None), ("-1,50", False, -1.5), ("1,5e2", True, 150.0)],
)  # fmt: skip
def test_decimal_commas(spelling: str, certain: bool, meant: float | None) -> None:
    style = NumberStyle(",", certain=certain)
    assert convert_numbers(text(spelling), style=style).values.to_pylist() == [meant]


def test_infinite_and_impossible_are_told_apart() -> None:
    converted = convert_numbers(text("inf", "-5", "3", "1e39", None, "11"), minimum=0, maximum=10)
    assert converted.values.to_pylist() == [None, -5.0, 3.0, None, None, 11.0]
    assert {f.rule: f.where.tolist() for f in converted.faults} == {"infinite": [0, 3], "impossible": [1, 5]}


def test_infinite_stays_where_the_contract_allows_it(tmp_path: Path) -> None:
    features = tuple(f.model_copy(update={"infinite_allowed": f.name == "wind_speed"}) for f in CONTRACT.features)
    contract = CONTRACT.model_copy(update={"features": features})
    rows = with_cells("wind_speed", "inf", "-Infinity", "1e999", "1e39", "fast")
    rows[0][HEADER.index("temp")] = "inf"
    table, report = read(tmp_path, bytes_of(rows), contract=contract)
    assert table["wind_speed"].to_pylist()[:6] == [math.inf, -math.inf, math.inf, 1e39, None, 7.25]
    assert table["temp"].to_pylist()[0] is None
    found = {(p.column, p.rule): p.count for p in report.problems}
    assert found == {("temp", "infinite"): 1, ("wind_speed", "not_a_number"): 1, ("wind_speed", "impossible"): 1}


@pytest.mark.parametrize(
    "column",
    [
        pa.array([1, None, 3], pa.int8()),
        pa.array([1, None, 3], pa.uint64()),
        pa.array([1.0, math.nan, 3.0], pa.float32()),
        pa.array([Decimal("1.00"), None, Decimal("3.00")], pa.decimal128(9, 2)),
    ],
    ids=str,
)
def test_typed_numbers(column: pa.Array) -> None:
    assert convert_numbers(column).values.to_pylist() == [1.0, None, 3.0]


@pytest.mark.parametrize(
    "column",
    [
        pa.array([datetime(2013, 4, 1), None]),
        pa.array([datetime(2013, 4, 1), None], pa.timestamp("ns", tz="UTC")),
        pa.array([date(2013, 4, 1), None]),
        pa.array([1, None], pa.time64("us")),
        pa.array([1, None], pa.duration("s")),
    ],
    ids=lambda column: str(column.type),
)
def test_typed_times_are_no_numbers(column: pa.Array) -> None:
    converted = convert_numbers(column)
    assert converted.values.to_pylist() == [None, None]
    assert [(fault.rule, fault.where.tolist()) for fault in converted.faults] == [("not_a_number", [0])]


@pytest.mark.parametrize(
    "kind", [pa.timestamp("us"), pa.timestamp("s"), pa.duration("s"), pa.timestamp("us", tz="Europe/Paris")], ids=str
)
def test_moments_beyond_all_calendars_are_told_like_any_other_value(tmp_path: Path, kind: pa.DataType) -> None:
    beyond = pa.array([2**61, *[0] * 19], pa.int64()).cast(kind)
    for column in ("temp", "departure"):
        table = typed()
        spoilt = table.set_column(table.schema.get_field_index(column), column, beyond)
        _, report = read(tmp_path, arrow(spoilt))
        assert report.problems[0].examples[0].value


def test_typed_categories_are_written_without_a_fraction() -> None:
    assert convert_texts(pa.array([1.0, math.nan, 3.0])).values.to_pylist() == ["1", None, "3"]
    assert convert_texts(pa.array([1.5, None])).values.to_pylist() == ["1.5", None]
    assert convert_texts(pa.array([7, None], pa.int64())).values.to_pylist() == ["7", None]


SIX = datetime(2013, 4, 1, 6)
TIMES = {
    "2013-04-01": datetime(2013, 4, 1),
    "2013-04-01 06:00": SIX,
    "2013-04-01T06:00": SIX,
    "2013-04-01 06:00:00": SIX,
    " 2013-04-01 06:00:00 ": SIX,
    "2013-04-01 06:00:00.25": datetime(2013, 4, 1, 6, 0, 0, 250_000),
    "2013-04-01 06:00:00,25": datetime(2013, 4, 1, 6, 0, 0, 250_000),
    "2013-04-01 06:00:00.123456789": datetime(2013, 4, 1, 6, 0, 0, 123_456),
}
NO_TIMES = ["01/04/2013", "01.04.2013 06:00", "4/1/13", "2013-02-30", "2013-04-01 25:00", "41365", "1364796000", "soon",
            "0000-01-01", "20130401", "2013-04"]  # fmt: skip


@pytest.mark.parametrize("spelling", TIMES)
@pytest.mark.parametrize("neighbour", ["2013-05-01 00:00:00", "never"])
def test_times(spelling: str, neighbour: str) -> None:
    """The same whether or not a neighbour sends the column the slow way."""
    assert convert_times(text(spelling, neighbour)).values[0].as_py() == TIMES[spelling]


@pytest.mark.parametrize("spelling", ["2013-04-01T06:00:00Z", "2013-04-01 06:00+02:00", "2013-04-01T06:00:00.5-0400"])
def test_a_zone_is_dropped_and_the_written_hour_kept(spelling: str) -> None:
    converted = convert_times(text(spelling, "2013-04-01 06:00"))
    assert [value.as_py().replace(microsecond=0) for value in converted.values] == [SIX, SIX]
    assert (converted.mended, converted.faults) == ({"zone": 1}, ())


@pytest.mark.parametrize("spelling", NO_TIMES)
def test_what_is_no_time(spelling: str) -> None:
    converted = convert_times(text("2013-04-01", spelling))
    assert converted.values.to_pylist() == [datetime(2013, 4, 1), None]
    assert [(fault.rule, fault.where.tolist()) for fault in converted.faults] == [("bad_timestamp", [1])]


def test_typed_times() -> None:
    assert convert_times(pa.array([date(2013, 4, 1), None])).values.to_pylist() == [datetime(2013, 4, 1), None]
    zoned = convert_times(pa.array([SIX], pa.timestamp("ns", tz="America/New_York")))
    assert zoned.values.to_pylist() == [datetime(2013, 4, 1, 2)]
    assert zoned.mended == {"typed_zone": 1}
    assert convert_times(pa.array([20130401])).faults[0].rule == "bad_timestamp"


def test_the_span_of_time(tmp_path: Path) -> None:
    _, report = read(tmp_path, bytes_of(with_cells("departure", "2013-12-31 23:59", "", "2012-01-01")))
    assert (report.first_time, report.last_time) == ("2012-01-01T00:00:00", "2013-12-31T23:59:00")


@pytest.mark.parametrize(
    ("spelling", "outcome"),
    [("0", 0.0), ("1", 1.0), ("1.0", 1.0), ("0.00", 0.0), ("TRUE", 1.0), ("false", 0.0), ("Yes", 1.0), ("n", 0.0),
     ("Late", 1.0), ("not late", 0.0), (" 1 ", 1.0), ("2", None), ("0.5", None), ("maybe", None), ("-1", None)],
)  # fmt: skip
def test_outcomes(spelling: str, outcome: float | None) -> None:
    converted = convert_outcomes(text(spelling), CONTRACT)
    assert converted.values.to_pylist() == [outcome]
    assert [fault.rule for fault in converted.faults] == (["bad_label"] if outcome is None else [])


@pytest.mark.parametrize(
    "column", [pa.array([True, False, None]), pa.array([1, 0, None]), pa.array([1.0, 0.0, math.nan])]
)
def test_typed_outcomes(column: pa.Array) -> None:
    assert convert_outcomes(column, CONTRACT).values.to_pylist() == [1.0, 0.0, None]


def test_classes_that_are_not_0_and_1() -> None:
    contract = Contract(model="m", features=(), target=Target(name="y", positive="bad"), classes=(1, 2))
    assert convert_outcomes(text("1", "2", "0", "bad"), contract).values.to_pylist() == [0.0, 1.0, None, 1.0]


def test_problems_carry_row_and_value(tmp_path: Path) -> None:
    rows = with_cells("temp", *["", "warm"] * 15, count=40)
    _, report = read(tmp_path, bytes_of(rows))
    (problem,) = report.problems
    assert (problem.count, problem.sets_row_aside, len(problem.examples)) == (15, False, 15)
    assert (problem.examples[0].row, problem.examples[0].value) == (2, "warm")
    assert report.rows == len(good_rows(40))
