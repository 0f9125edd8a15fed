"""Predictions and outcomes are columns like any other: probabilities, classes, what a regression predicts."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from scipy import stats

from monitoring.contract import PREDICTION
from monitoring.drift.compare import compare, compare_rows
from monitoring.policy.drift_policy import DEFAULT
from monitoring.policy.judge import judge
from monitoring.profiles.grid import CategoryGrid, NumericGrid
from monitoring.profiles.profile import profile_batch
from tests.tables_of_rows import contract_of, reference_of, rows_of

CONTRACT = contract_of(("x",))
GENERATOR = np.random.default_rng(11)


def rows(size: int, predictions: Any, outcomes: Any) -> pa.Table:
    table = rows_of(x=GENERATOR.normal(size=size), **{PREDICTION: predictions})
    return table.append_column("y", pa.array(outcomes))


def measured(old: pa.Table, new: pa.Table) -> dict[tuple[str, str], Any]:
    reference = reference_of(CONTRACT, old)
    _, comparison = compare_rows(reference, new)
    parts = (profile_batch(part, reference.grids) for part in (new.slice(0, 50), new.slice(50)))
    again = compare(reference, next(parts) + next(parts))
    found = {(item.measurement.column, item.measurement.detector): item.measurement for item in comparison.measured}
    for item in again.measured:
        key = item.measurement.column, item.measurement.detector
        assert item.measurement.statistic_low - 1e-12 <= found[key].statistic <= item.measurement.statistic_high + 1e-12
    return found


def test_predicted_classes_are_compared_as_categories() -> None:
    old = rows(2_000, GENERATOR.choice(["0", "1"], 2_000, p=[0.7, 0.3]), GENERATOR.choice([0.0, 1.0, None], 2_000))
    new = rows(2_000, GENERATOR.choice(["0", "1"], 2_000, p=[0.4, 0.6]), GENERATOR.choice([0.0, 1.0, None], 2_000))
    found = measured(old, new)
    table = [[side.column(PREDICTION).to_pylist().count(level) for level in ("0", "1")] for side in (old, new)]
    assert found[PREDICTION, "chi2"].statistic == pytest.approx(
        stats.chi2_contingency(table, correction=False).statistic
    )
    assert found["y", "chi2"].role == "target"
    reference = reference_of(CONTRACT, old)
    assert reference.performance is None
    verdict, _ = judge(compare_rows(reference, new)[1], DEFAULT, CONTRACT, "The batch")
    assert verdict.name == "drift"
    shares = [[100 * count / 2_000 for count in side] for side in table]
    assert "predictions moved from '0' (" in verdict.sentence
    assert f"({shares[0][1]:.0f} % → {shares[1][1]:.0f} %)" in verdict.sentence


def test_whole_numbers_are_classes_too() -> None:
    old = rows_of(x=GENERATOR.normal(size=300)).drop_columns(PREDICTION)
    old = old.append_column(PREDICTION, pa.array([0, 1, 1] * 100, pa.int64()))
    grid = reference_of(CONTRACT, old).grids.columns[PREDICTION]
    assert isinstance(grid, CategoryGrid)
    assert grid.categories == ("0", "1")


def test_what_a_regression_predicts_is_compared_as_numbers() -> None:
    old = rows(2_000, GENERATOR.normal(50, 9, 2_000), GENERATOR.normal(50, 12, 2_000))
    new = rows(1_500, GENERATOR.normal(55, 9, 1_500), GENERATOR.normal(56, 12, 1_500))
    found = measured(old, new)
    for name in (PREDICTION, "y"):
        wanted = stats.ks_2samp(old.column(name).to_numpy(), new.column(name).to_numpy(), method="asymp").statistic
        assert found[name, "ks"].statistic == pytest.approx(wanted, abs=1e-12)
    reference = reference_of(CONTRACT, old)
    assert reference.performance is None
    assert isinstance(reference.grids.columns["y"], NumericGrid)


def test_probabilities_that_are_all_0_or_1_are_numbers_still() -> None:
    old = rows(200, np.array([0.0, 1.0] * 100), np.array([0.0, 1.0] * 100))
    reference = reference_of(CONTRACT, old)
    assert isinstance(reference.grids.columns[PREDICTION], NumericGrid)
    assert isinstance(reference.grids.columns["y"], CategoryGrid)
    assert reference.performance is not None
