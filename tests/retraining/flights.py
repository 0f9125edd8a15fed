"""The packaged flights as tests of the trainer need them: read once, cut small."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from monitoring.contract import Contract

PROJECT = Path(__file__).parent.parent.parent
MODELS = PROJECT / "models"
DATA = PROJECT / "reference_data"
SAMPLES = DATA / "flight-delay" / "samples"


@cache
def contract() -> Contract:
    """The contract of version 1."""
    return Contract.model_validate_json((MODELS / "flight-delay" / "1" / "contract.json").read_text())


@cache
def training_rows() -> pa.Table:
    """The packaged training rows."""
    return pq.read_table(DATA / "flight-delay" / "1" / "training.parquet")


def few_rows(count: int = 3_000) -> pa.Table:
    """Training rows spread evenly over the three months."""
    rows = training_rows()
    return rows.take(pa.array(range(0, rows.num_rows, rows.num_rows // count)))
