"""Days differ: a batch whose Brier score is worse by no more than days are says nothing of the model."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pytest

from monitoring.performance.realised import Realised, measure_performance
from monitoring.policy.retrain_confirmation import beyond_chance, performance_sign
from monitoring.policy.retrain_decision import decide
from monitoring.policy.retrain_evidence import Batch
from monitoring.policy.retrain_policy import PerformanceLevels, RetrainPolicy
from tests.packaged.flights import contract, read, score
from tests.policy.retrain_material import at, evidence

ROWS = 300
"""Of a day."""
SMALLEST = PerformanceLevels(open=1e-9, close=0.0, labelled_rows=30, alpha=0.05)
"""Levels that nothing but chance stands behind."""


def batch(found: Realised | None, reference: Realised | None, *, days: bool = True) -> Batch:
    """What a decision is told of a batch, with the days or as if no row had a time."""
    assert found is not None and reference is not None
    known = {"blocks": found.blocks, "reference_blocks": reference.blocks, "deviation": reference.deviation}
    return Batch(
        check="check",
        upload="upload",
        at=datetime(2013, 4, 1, tzinfo=UTC),
        verdict="stable",
        moved=0.0,
        largest=0.0,
        predictions_drifted=False,
        rows=found.rows,
        labelled_rows=found.rows,
        brier=found.brier,
        brier_reference=reference.brier,
        reference_rows=reference.rows,
        **(known if days else {}),
    )


def draw(rng: np.random.Generator, days: int) -> Realised | None:
    """Days of their own rate of delays, all predicted alike."""
    rates = np.clip(rng.normal(0.25, 0.08, days), 0.02, 0.9).repeat(ROWS)
    labels = (rng.random(days * ROWS) < rates).astype(float)
    return measure_performance(labels, np.full(len(labels), 0.25), np.arange(days).repeat(ROWS))


def test_why_nothing_is_known_is_said() -> None:
    reference = Realised(rows=20_000, rate=0.2, mean_prediction=0.2, auc=0.7, brier=0.15, blocks=21.0, deviation=0.02)
    undated = Realised(rows=5_000, rate=0.2, mean_prediction=0.2, auc=0.7, brier=0.40)
    few = Realised(rows=499, rate=0.2, mean_prediction=0.2, auc=0.7, brier=0.40, blocks=3.0)
    one_day = Realised(rows=20_000, rate=0.2, mean_prediction=0.2, auc=0.7, brier=0.15, blocks=1.0)
    for found, usual, says in (
        (undated, reference, "With rows without times"),
        (reference, one_day, "With a reference of a single day"),
        (few, reference, "No batch has outcomes for 500 rows"),
    ):
        told = decide(RetrainPolicy(), evidence([batch(found, usual)]), at(2))
        assert says in told.rule("performance").sentence


@pytest.mark.slow
@pytest.mark.parametrize("length", [1, 7])
def test_unchanged_days_ring_no_more_often_than_alpha(length: int) -> None:
    """Of 600 at 5 % more than 48 come by chance once in 900; rows alone ring at 25 % or more."""
    rng = np.random.default_rng(11)
    rung = {True: 0, False: 0}
    for _ in range(600):
        reference, found = draw(rng, 21), draw(rng, length)
        for days in rung:
            rung[days] += performance_sign(batch(found, reference, days=days), SMALLEST) == "high"
    assert rung[True] <= 48
    assert rung[False] >= 60


def test_what_days_differ_by_is_students_t_over_the_days_of_both() -> None:
    even = Realised(rows=100_000_000, rate=0.2, mean_prediction=0.2, auc=0.7, brier=0.15, blocks=21.0, deviation=0.05)
    chance = beyond_chance(batch(even, even), 0.01)
    assert chance == pytest.approx(2.527977 * 0.05 * (2 / 21) ** 0.5, rel=1e-4)  # t of 20 degrees of freedom, table


def test_without_times_a_batch_says_nothing_where_the_reference_has_them() -> None:
    reference = Realised(rows=20_000, rate=0.2, mean_prediction=0.2, auc=0.7, brier=0.15, blocks=21.0, deviation=0.02)
    undated = Realised(rows=5_000, rate=0.2, mean_prediction=0.2, auc=0.7, brier=0.40)
    assert performance_sign(batch(undated, reference), RetrainPolicy().performance) is None
    one_day = Realised(rows=20_000, rate=0.2, mean_prediction=0.2, auc=0.7, brier=0.15, blocks=1.0)
    assert performance_sign(batch(reference, one_day), RetrainPolicy().performance) is None
    neither = Realised(rows=20_000, rate=0.2, mean_prediction=0.2, auc=0.7, brier=0.15)
    assert performance_sign(batch(undated, neither), RetrainPolicy().performance) == "high"


def test_no_day_or_week_of_the_packaged_reference_is_worse_than_it_and_july_is() -> None:
    levels = RetrainPolicy().performance

    def measured(name: str, first: int = 0, last: int = 99) -> Realised | None:
        rows = read(name)
        days = rows[contract().timestamp].to_numpy().astype("datetime64[D]").astype(np.int64)
        some = (days - days.min() >= first) & (days - days.min() < last)
        return measure_performance(rows["late"].to_numpy(dtype=float)[some], score(rows)[some], days[some])

    reference = measured("reference")
    spans = [(day, day + length) for length in (1, 7) for day in range(0, 80, length)]
    found = [one for span in spans if (one := measured("reference", *span)) is not None]
    assert len(found) > 25
    assert {performance_sign(batch(one, reference), levels) for one in found} == {"calm"}
    assert sum(performance_sign(batch(one, reference, days=False), levels) == "high" for one in found) >= 5
    assert performance_sign(batch(measured("july"), reference), levels) == "high"
