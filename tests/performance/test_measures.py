"""The measures of the gate's table against scikit-learn, scipy and the bootstrap."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy.stats import chi2, ttest_1samp
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from monitoring.errors import NotPossible
from monitoring.performance.calibration import measure_calibration
from monitoring.performance.comparison import ScoredRows, compare_rows, compare_segments
from monitoring.performance.estimate import estimate_mean
from monitoring.performance.gate import GateTerms
from monitoring.performance.ranking import estimate_auc_difference


def days_of(count: int, rows: int, seed: int, *, spread: float = 0.5) -> tuple[Any, Any, Any]:
    """Days, outcomes and their true probabilities; the log odds of a day lie `spread` from those of others."""
    rng = np.random.default_rng(seed)
    day = np.repeat(np.arange(count), rows)
    odds = -0.8 + spread * rng.normal(size=count)[day] + rng.normal(size=len(day))
    true = 1 / (1 + np.exp(-odds))
    return day, (rng.random(len(day)) < true).astype(float), true


def test_the_mean_of_single_rows_has_the_interval_of_the_t_test() -> None:
    values = np.random.default_rng(0).normal(0.1, 1, 60)
    told = estimate_mean(values, np.arange(60), 0.9)
    wanted = ttest_1samp(values, 0)
    interval = wanted.confidence_interval(0.9)
    assert (told.low, told.high, told.p) == pytest.approx((interval.low, interval.high, wanted.pvalue))
    assert (told.mirrored.low, told.mirrored.value) == (-told.high, -told.value)


def test_the_auc_difference_is_that_of_scikit_learn_and_its_error_that_of_the_day_bootstrap() -> None:
    day, labels, true = days_of(40, 60, 1)
    rng = np.random.default_rng(2)
    champion = np.round(np.clip(true + rng.normal(0, 0.3, len(true)), 0, 1), 2)  # ties
    told = estimate_auc_difference(labels, champion, true, day, 0.95)
    assert told is not None
    assert told.value == pytest.approx(roc_auc_score(labels, true) - roc_auc_score(labels, champion))
    drawn = []
    for _ in range(150):
        rows = (rng.integers(0, 40, 40)[:, None] * 60 + np.arange(60)).ravel()
        drawn.append(roc_auc_score(labels[rows], true[rows]) - roc_auc_score(labels[rows], champion[rows]))
    assert (told.high - told.low) / (2 * 2.0227) == pytest.approx(np.std(drawn), rel=0.2)  # t of 39 days


def test_one_outcome_has_no_auc() -> None:
    nothing = np.zeros(9)
    assert estimate_auc_difference(nothing, nothing, nothing, np.arange(9), 0.95) is None


def test_the_slope_is_that_of_a_logistic_regression_and_right_for_true_probabilities() -> None:
    day, labels, true = days_of(60, 80, 3)
    bold = 1 / (1 + np.exp(-2 * np.log(true / (1 - true))))
    told = measure_calibration(labels, bold, day, 0.95)
    by_hand = LogisticRegression(C=np.inf, tol=1e-10).fit(np.log(bold / (1 - bold))[:, None], labels)
    assert told.slope is not None
    assert told.slope.value == pytest.approx(by_hand.coef_[0, 0], rel=1e-4)
    assert told.slope.high < 1
    right = measure_calibration(labels, true, day, 0.95)
    assert right.slope is not None
    assert right.slope.low < 1 < right.slope.high
    assert right.gap.low < 0 < right.gap.high
    assert measure_calibration(labels, true * 0.6, day, 0.95).gap.low > 0


@pytest.mark.parametrize("labels", [np.zeros(30), np.tile([0.0, 1.0], 15)])
def test_a_slope_that_cannot_be_told_is_none(labels: Any) -> None:
    """One outcome only; and one probability for all rows."""
    assert measure_calibration(labels, np.full(30, 0.4), np.arange(30), 0.95).slope is None


def test_separated_outcomes_have_no_slope() -> None:
    labels = np.tile([0.0, 1.0], 15)
    assert measure_calibration(labels, 0.3 + 0.4 * labels, np.arange(30), 0.95).slope is None


def test_the_label_test_is_mcnemars_when_rows_are_independent() -> None:
    rng = np.random.default_rng(5)
    labels = (rng.random(4_000) < 0.5).astype(float)
    right = np.where(rng.random(4_000) < 0.7, labels, 1 - labels)
    other = np.where(rng.random(4_000) < 0.1, 1 - right, right)
    window = compare_rows(ScoredRows(labels=labels, champion=right, challenger=other, days=None), GateTerms(), 0.95)
    told = window.labels
    assert (told.mended + told.spoiled) / 4_000 == told.churn == np.mean(right != other)
    statistic = (told.mended - told.spoiled) ** 2 / (told.mended + told.spoiled)
    assert told.accuracy.p == pytest.approx(chi2.sf(statistic, 1), rel=0.05)


def segments(count: int, *, lost: int = 0, seed: int = 0) -> ScoredRows:
    """Rows of `count` categories; in the first `lost` of them the challenger's squared error is larger by about .06."""
    rng = np.random.default_rng(seed)
    day, labels, true = days_of(10, 40 * count, seed)
    category = rng.integers(0, count, len(day))
    worse = np.where(category < lost, 0.25, 0.0)
    return ScoredRows(
        labels=labels,
        champion=true,
        challenger=np.clip(true + worse, 0, 1),
        days=day,
        categories={"c": np.array([f"c{n}" for n in category], dtype=object)},
    )


def test_a_category_that_got_worse_is_found_among_many_and_stands_first() -> None:
    told = compare_segments(segments(12, lost=1), GateTerms())
    assert [one.value for one in told if one.fell] == ["c0"]
    assert (told[0].value, len(told)) == ("c0", 12)
    assert sum(one.rows for one in told) == 4_800


def test_segments_are_adjusted_for_their_number() -> None:
    one, many = compare_segments(segments(1, lost=1), GateTerms()), compare_segments(segments(12, lost=1), GateTerms())
    width = {len(told): (told[0].brier.high - told[0].brier.low) for told in (one, many)}
    assert width[12] > width[1]


def test_too_small_categories_and_columns_not_asked_for_are_left_out() -> None:
    rows = segments(12, lost=1)
    assert compare_segments(rows, GateTerms(segment_rows=100_000)) == ()
    assert compare_segments(rows, GateTerms(segment_columns=("other",))) == ()
    few_days = ScoredRows(
        labels=rows.labels, champion=rows.champion, challenger=rows.challenger, days=None, categories=rows.categories
    )
    assert len(compare_segments(few_days, GateTerms())) == 12


def test_too_few_days_are_no_estimate() -> None:
    with pytest.raises(NotPossible, match="3 whole days"):
        estimate_mean(np.ones(4), np.array([1, 1, 2, 2]), 0.95)
