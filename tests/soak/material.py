"""Large files for the long tests, made from the packaged flights."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet

from tests.browser.by_hand import SAMPLES

ROWS_AT_ONCE = 50_000


def write_rows(path: Path, rows: int, *, extra: int = 0, seed: int = 0) -> Path:
    """A CSV file of rows drawn from April to December, each with an id of its own.

    Args:
        path: the file.
        rows: how many.
        extra: columns of words and numbers that the model does not know, 10 bytes a cell.
        seed: another one is another file.
    """
    year = pa.parquet.read_table(SAMPLES / "year.parquet")
    rng = np.random.default_rng(seed)
    with path.open("wb") as file:
        for start in range(0, rows, ROWS_AT_ONCE):
            size = min(ROWS_AT_ONCE, rows - start)
            drawn = year.take(rng.integers(0, len(year), size))
            ids = pa.array([f"{seed}-{number}" for number in range(start, start + size)])
            drawn = drawn.set_column(drawn.schema.get_field_index("flight_id"), "flight_id", ids)
            for place in range(extra):
                drawn = drawn.append_column(f"extra {place}", _words(rng, size))
            pa.csv.write_csv(drawn, file, pa.csv.WriteOptions(include_header=start == 0))
    return path


def _words(rng: np.random.Generator, size: int) -> pa.Array:
    numbers = rng.integers(100_000, 999_999, size)
    return pa.array([f"x{number}" for number in numbers])
