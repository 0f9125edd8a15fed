"""The large hostile files, as the list describes them: made where they are needed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from tests.hostile.cases import GOOD

MILLION = 1_000_000
SECONDS = 180
"""As the list allows for the longest of them; on a quiet machine it is a tenth of that."""


def good() -> pd.DataFrame:
    """The good rows, every cell as it is written."""
    return pd.read_csv(GOOD, dtype=str, keep_default_na=False)


def write_long_cell(folder: Path) -> Path:
    """Good rows, one of whose cells has 10 MB."""
    rows = good()
    rows.loc[5, "dest"] = "A" * 10_000_000
    rows.to_csv(folder / "b02.csv", index=False)
    return folder / "b02.csv"


def write_long_line(folder: Path) -> Path:
    """A line of 50 MB, and nothing else."""
    (folder / "b03.csv").write_bytes(b"x," * 25_000_000)
    return folder / "b03.csv"


def write_million_rows(folder: Path) -> Path:
    """Rows drawn from the good ones, with other temperatures: every other number is as far from the reference."""
    random = np.random.RandomState(1)
    rows = good()
    rows = rows.loc[random.randint(0, len(rows), MILLION)].reset_index(drop=True)
    rows["flight_id"] = [f"B{place:07d}" for place in range(len(rows))]
    rows["temp"] = (pd.to_numeric(rows["temp"]) + random.normal(0, 3, len(rows))).round(2)
    rows.to_csv(folder / "b04.csv", index=False)
    return folder / "b04.csv"
