"""Files of production rows to measure with: flights of July, their numbers stirred, and ten columns of no interest."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq

from monitoring.wiring import PROJECT

MODEL = "flight-delay"
YEAR = PROJECT / "reference_data" / MODEL / "samples" / "year.parquet"
MONTH = np.datetime64("2013-07")
SEED = 1
AT_ONCE = 500_000
"""Rows that are made together."""
STIRRED = {"temp": 0.5, "dewp": 0.5, "humid": 1.0, "wind_speed": 0.5, "pressure": 0.3}
"""Columns whose numbers are moved a little, and how far: else rows would repeat."""


def write_csv(path: Path, rows: int) -> None:
    """A CSV file of the model's 15 columns and 10 others, about 200 MB a million rows, in the order of time."""
    options = pyarrow.csv.WriteOptions(quoting_style="needed")
    _write(path, rows, lambda schema: pyarrow.csv.CSVWriter(str(path), schema, write_options=options))


def write_parquet(path: Path, rows: int) -> None:
    """The same as Parquet."""
    _write(path, rows, lambda schema: pq.ParquetWriter(path, schema))


def _write(path: Path, rows: int, open_writer: Callable[[Any], Any]) -> None:
    parts = _tables(rows)
    first = next(parts)
    with open_writer(first.schema) as writer:
        writer.write_table(first)
        for part in parts:
            writer.write_table(part)


def _tables(rows: int) -> Iterator[pa.Table]:
    year = pq.read_table(YEAR).drop_columns(["late"])
    month = year.filter(pa.array(year.column("scheduled_departure").to_numpy().astype("datetime64[M]") == MONTH))
    rng = np.random.default_rng(SEED)
    for start in range(0, rows, AT_ONCE):
        count = min(AT_ONCE, rows - start)
        low, high = (edge * month.num_rows // rows for edge in (start, start + count))
        chosen = np.sort(rng.integers(low, max(high, low + 1), count))
        yield _with_others(_stirred(month.take(pa.array(chosen)), rng, start), rng)


def _stirred(flights: pa.Table, rng: np.random.Generator, start: int) -> pa.Table:
    """The flights with new ids and slightly other weather."""
    columns = {}
    for name in ("flight_id", "scheduled_departure", *flights.schema.names):
        column = flights.column(name)
        if name == "flight_id":
            column = pa.array([f"F{i}" for i in range(start, start + len(flights))])
        elif name in STIRRED:
            moved = column.to_numpy() + rng.normal(0, STIRRED[name], len(flights))
            column = pa.array(np.round(np.abs(moved), 2), from_pandas=True)
        elif name == "scheduled_departure":
            column = column.cast(pa.timestamp("s")).cast(pa.string())
        columns[name] = column
    return pa.table(columns)


def _with_others(flights: pa.Table, rng: np.random.Generator) -> pa.Table:
    """Ten more columns, as a warehouse has them: measurements, numbers of other tables, short texts."""
    size = len(flights)
    others: dict[str, Any] = {f"measure_{i}": rng.normal(100, 30, size).round(6) for i in range(5)}
    others |= {f"key_{i}": pa.array(rng.integers(0, 10**9, size)).cast(pa.string()) for i in range(3)}
    others["tail"] = np.char.add("N", (10_000 + rng.integers(0, 3_000, size)).astype(str))
    remarks = np.array(["gate change", "late inbound aircraft", "none", "crew"])
    others["remark"] = remarks[rng.integers(0, len(remarks), size)]
    for name, values in others.items():
        flights = flights.append_column(name, pa.array(values))
    return flights
