"""Ways to spoil a good file."""

from __future__ import annotations

import io
import zipfile

import pyarrow as pa
import pyarrow.parquet

from tests.tables.material import HEADER, bytes_of, good_rows

GOOD = bytes_of(good_rows())
ROWS = len(good_rows())


def renamed(**names: str) -> list[str]:
    return [names.get(name, name) for name in HEADER]


def zipped(*names: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name in names:
            archive.writestr(name, GOOD)
    return buffer.getvalue()


def parquet(table: pa.Table) -> bytes:
    buffer = io.BytesIO()
    pyarrow.parquet.write_table(table, buffer)
    return buffer.getvalue()


def typed(rows: int = ROWS) -> pa.Table:
    cells = dict(zip(HEADER, zip(*good_rows(rows), strict=True), strict=True))
    numbers = {name: pa.array(map(float, cells[name])) for name in ("temp", "wind_speed", "distance")}
    texts = {name: pa.array(cells[name], pa.string()) for name in HEADER if name not in numbers}
    return pa.table({**texts, **numbers})


def without(column: str) -> bytes:
    place = HEADER.index(column)
    return bytes_of([r[:place] + r[place + 1 :] for r in good_rows()], HEADER[:place] + HEADER[place + 1 :])


def widened(header: list[str], *cells: str) -> bytes:
    return bytes_of([[*row, *cells] for row in good_rows()], [*HEADER, *header])


def ragged(short: int) -> bytes:
    rows = good_rows()
    rows[9] = [*rows[9], "1", "2"]
    for row in rows[10 : 10 + short]:
        del row[3:]
    return bytes_of(rows)
