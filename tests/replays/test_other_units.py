"""Drifts that others have published are no other unit, and their columns in other units are told. The data lies outside
the project."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from monitoring.drift.units import conversions
from tests.policy.test_other_unit import claims, contract_in, verdict_on, wrong
from tests.tables_of_rows import reference_of, rows_of

ROOT = Path(__file__).parent.parent.parent
SHARED = Path(os.environ.get("DRIFTLINE_SHARED", ROOT.parent / "shared")) / "replays" / "nannyml"
pytestmark = pytest.mark.skipif(not SHARED.exists(), reason="the published cases are not at hand")
CASES = ("mc", "regression_synthetic", "synthetic_car_loan")
CHUNK = 5_000


def numbers(case: str) -> Iterator[tuple[str, np.ndarray, list[np.ndarray]]]:
    """Each number of a case: its name, its reference, and the analysis period in chunks."""
    reference, analysis = (pd.read_parquet(SHARED / f"{case}_{part}.parquet") for part in ("reference", "analysis"))
    for name in reference.select_dtypes("number").columns.intersection(analysis.columns):
        values = analysis[name].to_numpy(dtype=float)
        yield name, reference[name].to_numpy(dtype=float), [values[i : i + CHUNK] for i in range(0, len(values), CHUNK)]


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("unit", ["", "km", "%", "h"])
def test_published_drifts_are_no_other_unit(case: str, unit: str) -> None:
    for name, reference, chunks in numbers(case):
        built = reference_of(contract_in(unit), rows_of(x=reference))
        for chunk in chunks:
            assert claims(verdict_on(built, chunk)) == (), name


def test_kilometres_driven_that_come_in_miles_or_metres_are_told() -> None:
    (driven,) = [
        (reference, chunks) for name, reference, chunks in numbers("regression_synthetic") if name == "km_driven"
    ]
    built = reference_of(contract_in("km"), rows_of(x=driven[0]))
    for one in conversions("km"):
        (reason,) = claims(verdict_on(built, wrong(driven[1][0], one)))
        assert (f"like {one.unit} instead of km" if one.unit else "times too") in reason.text
