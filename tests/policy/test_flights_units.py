"""Units on the packaged flights: the real columns in every usual unit are told, the real year is in no other."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from monitoring.drift.units import Conversion, conversions
from monitoring.policy.verdict import Verdict
from monitoring.workflows.loaded import Loaded
from tests.policy.test_flights import days_of, judged, loaded, month_of, training, year

__all__ = ["loaded", "training", "year"]

MANY_VALUES = ("sched_dep_min", "distance", "temp", "dewp", "humid", "wind_speed", "pressure")
"""Columns of which a unit can be told: not a weekday, nor rain that is mostly none and a visibility mostly the same."""


def claimed(verdict: Verdict) -> dict[str, str]:
    return {reason.column: reason.text for reason in verdict.reasons if reason.code == "another_unit"}


def in_unit(rows: pa.Table, column: str, conversion: Conversion, decimals: int | None = None) -> pa.Table:
    """The rows with a column in another unit, as a feed would bring it."""
    values = (rows.column(column).to_numpy() - conversion.offset) / conversion.factor
    given = values if decimals is None else np.round(values, decimals)
    return rows.set_column(rows.schema.get_field_index(column), column, pa.array(given, from_pandas=True))


@pytest.mark.slow
def test_every_unit_of_every_column_is_told_in_winter(loaded: Loaded, training: pa.Table, year: pa.Table) -> None:
    """118 of 120 are: kilometres an hour move winds less than two sets of winter days differ by, which is no drift."""
    missed, told = set(), 0
    for rows in (month_of(training, 2), month_of(year, 12)):
        for column in MANY_VALUES:
            for one in conversions(loaded.version.contract.unit(column)):
                said = claimed(judged(loaded, in_unit(rows, column, one))[0])
                named = f"like {one.unit} instead" if one.unit else "times too"
                told += list(said) == [column] and named in said[column]
                missed |= set() if column in said else {(column, one.unit)}
    assert missed == {("wind_speed", "km/h")}
    assert told >= 100


@pytest.mark.slow
@pytest.mark.parametrize("month", [4, 11, 12])
def test_months_in_celsius_are_told_also_where_the_season_moved(loaded: Loaded, year: pa.Table, month: int) -> None:
    celsius = next(one for one in conversions("°F") if one.unit == "°C")
    rows = month_of(year, month)
    for column in ("temp", "dewp"):
        rows = in_unit(rows, column, celsius, decimals=1)
    verdict, _ = judged(loaded, rows)
    assert verdict.name == "broken"
    assert set(claimed(verdict)) == {"temp", "dewp"}


@pytest.mark.slow
def test_no_month_week_or_day_of_the_year_is_in_another_unit(
    loaded: Loaded, training: pa.Table, year: pa.Table
) -> None:
    """None of 12 months, 53 weeks and 337 days; every fifth day is looked at here."""
    looked = 0
    for rows in (training, year):
        days = days_of(rows)
        months = pc.month(rows.column("scheduled_departure")).to_numpy()
        for parts, step in ((months, 1), ((days - days.min()) // 7, 1), (days, 5)):
            for part in np.unique(parts)[::step]:
                assert claimed(judged(loaded, rows.filter(pa.array(parts == part)))[0]) == {}
                looked += 1
    assert looked > 120


@pytest.mark.slow
def test_real_columns_that_move_are_in_no_other_unit(loaded: Loaded, training: pa.Table) -> None:
    """Also where a move is nearly that of a unit: what is rounded would be on its grid, were it one."""
    rows = month_of(training, 2)
    for column in ("temp", "dewp", "humid", "wind_speed", "pressure", "distance", "visib", "precip"):
        x = rows.column(column).to_numpy()
        middle, deviation = np.nanmedian(x), np.nanstd(x)
        cold = middle - 2.5 * deviation + (x - middle) * 0.6
        for moved in (x + 3 * deviation, cold, x * 1.3, x * 2, x / 2, np.minimum(x, middle)):
            given = rows.set_column(rows.schema.get_field_index(column), column, pa.array(moved, from_pandas=True))
            assert claimed(judged(loaded, given)[0]) == {}, column
