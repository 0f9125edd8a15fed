"""The packaged files, read with pandas and scored with the packaged model; each once."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from monitoring.contract import Contract
from monitoring.scoring.scorer import Scorer

PROJECT = Path(__file__).parent.parent.parent
MODEL = PROJECT / "models" / "flight-delay" / "1"
ROWS = PROJECT / "reference_data" / "flight-delay" / "1"
SAMPLES = PROJECT / "reference_data" / "flight-delay" / "samples"
WEATHER = ("temp", "dewp", "humid", "wind_speed", "precip", "pressure", "visib")
INPUTS = ("carrier", "origin", "dest", "sched_dep_min", "dow", "distance", *WEATHER)


@cache
def contract() -> Contract:
    return Contract.model_validate_json((MODEL / "contract.json").read_bytes())


@cache
def read(name: str) -> pd.DataFrame:
    """A packaged file by name; a sample's labels stand beside its rows in `late`."""
    if name in ("reference", "training"):
        return pd.read_parquet(ROWS / f"{name}.parquet")
    if name == "year":
        return pd.read_parquet(SAMPLES / "year.parquet")
    rows = pd.read_csv(SAMPLES / f"{name}.csv", parse_dates=["scheduled_departure"])
    labels = pd.read_csv(SAMPLES / f"{'april' if name.startswith('april') else name}-labels.csv")
    return rows.merge(labels, on="flight_id", how="left", validate="one_to_one")


@cache
def month(number: int) -> pd.DataFrame:
    """All flights of a month from April on."""
    year = read("year")
    return year[year.scheduled_departure.dt.month == number]


def score(rows: pd.DataFrame) -> NDArray[np.float64]:
    """Predicted probability of a late arrival for each row, by the packaged ONNX file."""
    fields = [(name, pa.string() if name in contract().categorical else pa.float64()) for name in INPUTS]
    batch = pa.RecordBatch.from_pandas(rows[list(INPUTS)], pa.schema(fields), preserve_index=False)
    return Scorer(MODEL / "model.onnx", contract()).score(batch)
