"""The comparison of two versions: its numbers against scipy and scikit-learn, its coverage by simulation."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy.stats import binom, ttest_1samp
from sklearn.metrics import brier_score_loss, roc_auc_score

from monitoring.errors import NotPossible
from monitoring.performance.comparison import ScoredRows
from monitoring.performance.gate import Gate
from monitoring.retraining.gate import compare_versions


def compare(labels: Any, champion: Any, challenger: Any, days: Any) -> Gate:
    """The gate on one window."""
    return compare_versions(ScoredRows(labels=labels, champion=champion, challenger=challenger, days=days))


def outcomes(days: int, rows: int, seed: int = 1) -> tuple[Any, Any, Any, Any]:
    """Days, outcomes, the true probabilities and blunter ones, `rows` a day."""
    rng = np.random.default_rng(seed)
    day = np.repeat(np.arange(days), rows)
    true = np.clip(0.25 + 0.1 * rng.normal(size=days)[day] + 0.15 * rng.normal(size=len(day)), 0.02, 0.98)
    return day, (rng.random(len(day)) < true).astype(float), true, np.full(len(day), 0.5)


def test_the_figures_are_those_of_scikit_learn() -> None:
    day, labels, true, blunt = outcomes(10, 100)
    gate = compare(labels, blunt, true, day)
    assert gate.champion.brier == pytest.approx(brier_score_loss(labels, blunt))
    assert gate.challenger.brier == pytest.approx(brier_score_loss(labels, true))
    assert gate.challenger.auc == pytest.approx(roc_auc_score(labels, true))
    assert gate.brier_difference == pytest.approx(brier_score_loss(labels, true) - brier_score_loss(labels, blunt))
    assert gate.churn == pytest.approx(np.mean(true > 0.5))
    assert (gate.rows, gate.days) == (1_000, 10)


def test_with_equal_days_the_interval_is_that_of_the_day_means() -> None:
    day, labels, true, blunt = outcomes(7, 50)
    gate = compare(labels, blunt, true, day)
    means = ((true - labels) ** 2 - (blunt - labels) ** 2).reshape(7, 50).mean(axis=1)
    interval = ttest_1samp(means, 0).confidence_interval(0.95)
    assert (gate.brier_low, gate.brier_high) == pytest.approx((interval.low, interval.high))


def test_without_days_every_row_stands_for_itself() -> None:
    _, labels, true, blunt = outcomes(1, 400)
    gate = compare(labels, blunt, true, None)
    interval = ttest_1samp((true - labels) ** 2 - (blunt - labels) ** 2, 0).confidence_interval(0.95)
    assert (gate.brier_low, gate.brier_high) == pytest.approx((interval.low, interval.high))
    assert gate.days == 0
    assert "days" not in gate.sentence


@pytest.mark.parametrize(
    ("by_day", "result"),
    [
        ((-0.02, -0.03, -0.01, -0.02), "better"),
        ((0.02, 0.03, 0.01, 0.02), "worse"),
        ((0.0, 0.0, 0.0, 0.0), "no_worse"),
        ((0.0004, -0.0004, 0.0002, -0.0002), "no_worse"),
        ((-0.02, 0.03, 0.0, 0.01), "inconclusive"),
    ],
)
def test_each_of_the_four_results(by_day: tuple[float, ...], result: str) -> None:
    day = np.repeat(np.arange(len(by_day)), 100)
    challenger = np.sqrt(0.25 + np.array(by_day)[day])
    gate = compare(np.zeros(len(day)), np.full(len(day), 0.5), challenger, day)
    assert gate.result == result
    assert gate.brier_difference == pytest.approx(np.mean(by_day))


def test_swapping_the_versions_mirrors_the_interval() -> None:
    day, labels, true, blunt = outcomes(10, 200)
    forth, back = compare(labels, blunt, true, day), compare(labels, true, blunt, day)
    assert (forth.brier_low, forth.brier_high) == pytest.approx((-back.brier_high, -back.brier_low))


def test_many_rows_of_one_good_day_do_not_make_it_sure() -> None:
    """Taken as single rows the difference would be beyond doubt; taken as days it is not."""
    day = np.repeat([0, 1, 2], [20_000, 5_000, 5_000])
    labels, champion = np.zeros(len(day)), np.full(len(day), 0.3)
    challenger = np.where(day == 0, 0.2, 0.32)
    assert compare(labels, champion, challenger, None).result == "better"
    by_day = compare(labels, champion, challenger, day)
    assert by_day.brier_difference < 0
    assert by_day.result == "inconclusive"


@pytest.mark.parametrize("days", [1, 2])
def test_too_few_days_are_refused(days: int) -> None:
    day, labels, true, blunt = outcomes(days, 300)
    with pytest.raises(NotPossible, match="3 whole days or more"):
        compare(labels, blunt, true, day)


def test_no_rows_are_refused() -> None:
    nothing = np.array([])
    with pytest.raises(NotPossible, match="No row with an outcome"):
        compare(nothing, nothing, nothing, np.array([], dtype=np.int64))


def test_the_sentence_holds_the_numbers() -> None:
    day, labels, true, blunt = outcomes(10, 200)
    gate = compare(labels, blunt, true, day)
    assert gate.sentence.startswith("The challenger is better: on 2,000 held-out rows of 10 days its Brier score is ")
    for number in (gate.challenger.brier, gate.champion.brier, abs(gate.brier_difference), abs(gate.brier_low)):
        assert f"{number:.3f}" in gate.sentence


@pytest.mark.parametrize("days", [3, 5, 10])
@pytest.mark.parametrize("heavy", [False, True], ids=["normal days", "heavy-tailed days"])
def test_the_interval_covers_the_truth_as_often_as_it_says(days: int, heavy: bool) -> None:
    """Days of unequal size with an effect of their own; hits of 1,000 repetitions within their limits."""
    rng = np.random.default_rng(days)
    true, hits, repetitions = -0.005, 0, 1_000
    for _ in range(repetitions):
        day = np.repeat(np.arange(days), rng.integers(40, 260, days))
        effect = (rng.standard_t(4, days) / np.sqrt(2) if heavy else rng.normal(size=days)) * 0.02
        differences = true + effect[day] + rng.normal(0, 0.05, len(day))
        gate = compare(np.zeros(len(day)), np.full(len(day), 0.5), np.sqrt(0.25 + differences.clip(-0.25)), day)
        hits += gate.brier_low <= true <= gate.brier_high
    assert hits >= binom.ppf(0.001, repetitions, 0.93)
