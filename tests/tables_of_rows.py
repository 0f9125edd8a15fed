"""Small contracts and conforming rows for tests of the engine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pyarrow as pa

from monitoring.contract import PREDICTION, Contract, Feature, Target
from monitoring.profiles.reference import Reference

START = datetime(2024, 1, 1)


def contract_of(
    numeric: Sequence[str] = ("x",), categorical: Mapping[str, Sequence[str]] | None = None, *, dated: bool = False
) -> Contract:
    """A contract with these columns."""
    features = [Feature(name=name, kind="numeric", input=name) for name in numeric]
    for name, categories in (categorical or {}).items():
        features.append(Feature(name=name, kind="categorical", input=name, categories=tuple(categories)))
    return Contract(
        model="test",
        features=tuple(features),
        timestamp="at" if dated else None,
        target=Target(name="y", positive="yes"),
    )


def rows_of(days: Sequence[int] | None = None, **columns: Any) -> pa.Table:
    """Conforming rows; predictions are a constant half unless given."""
    size = len(next(iter(columns.values())))
    arrays: dict[str, pa.Array] = {}
    for name, values in columns.items():
        if isinstance(values, np.ndarray) and values.dtype.kind == "f":
            arrays[name] = pa.array(values, pa.float64(), from_pandas=True)
        else:
            arrays[name] = pa.array(list(values), pa.string())
    if days is not None:
        stamps = [START + timedelta(days=int(day), hours=12) for day in days]
        arrays["at"] = pa.array(stamps, pa.timestamp("us"))
    arrays.setdefault(PREDICTION, pa.array(np.full(size, 0.5)))
    return pa.table(arrays)


def reference_of(contract: Contract, rows: pa.Table) -> Reference:
    """The reference of these rows."""
    return Reference.build(contract, rows, "test-reference")
