"""A small contract and files that meet it, or do not."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa

from monitoring.contract import Contract, Feature, Target
from monitoring.tables import RowReader, read_rows
from monitoring.tables.report import Problem, ReadReport

CONTRACT = Contract(
    model="delay",
    features=(
        Feature(name="carrier", kind="categorical", input="carrier", categories=("AA", "NA", "UA")),
        Feature(name="dest", kind="categorical", input="dest", categories=("BOS", "LAX")),
        Feature(name="temp", kind="numeric", input="temp", minimum=-60, maximum=140, unit="°F"),
        Feature(name="wind_speed", kind="numeric", input="wind_speed", minimum=0),
        Feature(name="distance", kind="numeric", input="distance", missing_allowed=False),
    ),
    id="flight",
    timestamp="departure",
    target=Target(name="late", positive="late"),
)
HEADER = ["flight", "departure", "carrier", "dest", "temp", "wind_speed", "distance"]
Rows = list[list[str]]


def good_rows(count: int = 20) -> Rows:
    """Rows without a fault: temp is 40.5, 41.5, …; distance 1000, 1001, …"""
    return [
        [f"F{i}", f"2013-04-{i % 28 + 1:02} 06:30:00", "UA" if i % 2 else "AA", "BOS", f"{40 + i % 50}.5", "7.25",
         str(1000 + i)]
        for i in range(count)
    ]  # fmt: skip


def with_cells(column: str, *values: str, count: int = 20) -> Rows:
    """Good rows whose first cells of one column are these."""
    rows = good_rows(count)
    for row, value in zip(rows, values, strict=False):
        row[HEADER.index(column)] = value
    return rows


def text_of(rows: Rows, header: Sequence[str] = HEADER, *, delimiter: str = ",", end: str = "\n") -> str:
    """The rows as delimited text; a cell that needs quotation marks gets them."""

    def cell(value: str) -> str:
        return '"' + value.replace('"', '""') + '"' if any(c in value for c in f'{delimiter}"\r\n') else value

    return "".join(delimiter.join(map(cell, row)) + end for row in [list(header), *rows])


def bytes_of(rows: Rows, header: Sequence[str] = HEADER, **options: Any) -> bytes:
    """The same as UTF-8."""
    return text_of(rows, header, **options).encode()


def opened(folder: Path, data: bytes, *, name: str = "july.csv", contract: Contract = CONTRACT) -> RowReader:
    """A reader over these bytes."""
    path = folder / "upload"
    path.write_bytes(data)
    return read_rows(path, contract, name=name)


def read(folder: Path, data: bytes, *, contract: Contract = CONTRACT) -> tuple[pa.Table, ReadReport]:
    """All rows of these bytes and the report."""
    reader = opened(folder, data, contract=contract)
    table = pa.Table.from_batches(reader.batches(), reader.schema)
    return table, reader.report


def problem(report: ReadReport, column: str, rule: str) -> Problem:
    """The one problem of this column and rule."""
    (found,) = [p for p in report.problems if (p.column, p.rule) == (column, rule)]
    return found
