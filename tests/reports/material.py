"""Rows and findings for the tests of this folder, made here; statistics by scipy."""

import json
import re
from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
import pyarrow as pa
from scipy.stats import ks_2samp

from monitoring.contract import Contract, Feature, Target
from monitoring.drift.measurement import CategoryShift, NumericShift
from monitoring.policy.verdict import Finding, State

CONTRACT = Contract(
    model="parcels",
    features=(
        Feature(name="weight", kind="numeric", input="weight", unit="kg"),
        Feature(name="height", kind="numeric", input="height", unit="cm"),
        Feature(name="depot", kind="categorical", input="depot", categories=("North", "South", "West")),
    ),
    timestamp="sent",
    target=Target(name="lost", positive="lost"),
)


def make_rows(rng: np.random.Generator, rows: int, *, shift: float = 0.0, day: str = "2026-03-01") -> pa.Table:
    """Rows of `CONTRACT` with predictions, an hour apart; `shift` moves weight, depot and prediction."""
    depots = rng.choice(["North", "South", "West"], rows, p=[0.5 - shift / 10, 0.3, 0.2 + shift / 10])
    weight = rng.normal(5 + shift, 1, rows)
    weight[rng.random(rows) < 0.05] = np.nan
    return pa.table(
        {
            "weight": pa.array(weight, from_pandas=True),
            "height": pa.array(rng.normal(30, 4, rows)),
            "depot": pa.array(depots.tolist(), pa.string()),
            "sent": pa.array(np.datetime64(day, "us") + np.arange(rows).astype("timedelta64[h]")),
            "prediction": pa.array(rng.beta(2 + shift, 8, rows)),
        }
    )


def measure(reference: pa.Table, batch: pa.Table, column: str, state: State, *, tolerance: float = 0.05) -> Finding:
    """A finding whose statistic is scipy's (numbers) or the total variation distance by hand (categories)."""
    left, right = (rows[column].drop_null().to_numpy() for rows in (reference, batch))
    numeric = pa.types.is_floating(reference[column].type)
    detector: Literal["ks", "chi2"] = "ks" if numeric else "chi2"
    distance = float(ks_2samp(left, right).statistic) if numeric else _total_variation(left, right)
    return Finding(
        column=column,
        role="prediction" if column == "prediction" else "input",
        detector=detector,
        state=state,
        statistic=distance if numeric else 1234.5,  # X²: not what a person is shown
        p_value=0.5,
        p_adjusted=0.5,
        p_rows=0.5,
        p_days=None,
        effect=distance,
        effect_low=0.0,
        effect_high=1.0,
        tolerance=tolerance,
        natural_variation=None,
        outside_every_block=False,
        n_reference=len(left),
        n_batch=len(right),
        muted=False,
        note="",
        evidence=_numeric_evidence() if numeric else CategoryShift(grew=(), shrank=(), groups=3),
    )


def _total_variation(left: Sequence[Any], right: Sequence[Any]) -> float:
    left, right = list(left), list(right)
    return sum(abs(left.count(c) / len(left) - right.count(c) / len(right)) for c in {*left, *right}) / 2


def _numeric_evidence() -> NumericShift:
    return NumericShift(median_reference=0, median_batch=0, mean_reference=0, mean_batch=0, location=0)


def embedded(page: str) -> dict[str, Any]:
    """What Evidently's page draws: the JSON in it."""
    found = re.search(r"var metric_[0-9a-f]{32} = (\{.*\});\n", page)
    assert found, "the page holds no data of Evidently"
    data: dict[str, Any] = json.loads(found.group(1))
    return data


def widgets(page: str, kind: str) -> list[dict[str, Any]]:
    """All widgets of one kind, however deep."""
    found: list[dict[str, Any]] = []
    waiting: list[Any] = [embedded(page)]
    while waiting:
        here = waiting.pop()
        if isinstance(here, dict):
            found += [here] if here.get("type") == kind else []
            waiting += here.values()
        elif isinstance(here, list):
            waiting += here
    return found


def shown_tests(page: str) -> dict[str, dict[str, Any]]:
    """Evidently's tests by the name of their column."""
    (suite,) = widgets(page, "test_suite")
    return {test["title"].removeprefix("Value Drift for column "): test for test in suite["params"]["tests"]}
