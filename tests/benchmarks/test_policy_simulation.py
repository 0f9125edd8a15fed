"""The simulation of retrain policies, small: what the page promises is kept, and a planted change is found."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from benchmarks.policy import (
    ALARM,
    ALPHA,
    CALM,
    EVERYTHING,
    WORSE,
    Counted,
    Day,
    by_chance,
    days_to_request,
    in_runs,
    live_years,
    requests,
    with_outcomes,
)
from monitoring.policy.retrain_policy import Confirmation
from monitoring.policy.retrain_promise import promise


@pytest.mark.parametrize(("year", "promised"), [(by_chance, "independent"), (in_runs, "unchanged")])
def test_unchanged_years_keep_the_promise(year: object, promised: str) -> None:
    counted = live_years(EVERYTHING, year, 12, seed=1)  # type: ignore[arg-type]
    assert counted.at_most(getattr(promise(EVERYTHING, alpha=ALPHA), promised))


def test_years_with_outcomes_keep_the_promise_because_days_are_known() -> None:
    """Without the days of the reference the same years ask some hundred times as often."""
    promised = promise(WORSE, alpha=ALPHA).unchanged
    assert promised == pytest.approx(365.25 * ALPHA / 2)
    counted = live_years(WORSE, with_outcomes, 6, seed=1)
    assert counted.at_most(promised)

    def rows_alone(rng: np.random.Generator) -> list[Day]:
        undated = [tuple(replace(one, blocks=0.0) for one in day.outcomes or ()) for day in with_outcomes(rng)]
        return [Day(False, False, 0.0, 0.0, (found, usual)) for found, usual in undated]

    assert live_years(WORSE, rows_alone, 1, seed=1).requests > 10 * promised


def test_a_policy_that_asked_twice_as_often_as_promised_would_be_seen() -> None:
    assert Counted(1_000, 73).at_most(0.0727)
    assert not Counted(1_000, 146).at_most(0.0727)


def test_both_kinds_of_years_alarm_as_often_as_alpha_says() -> None:
    for year in (by_chance, in_runs):
        rng = np.random.default_rng(3)
        alarms = sum(day.drift for _ in range(300) for day in year(rng))
        assert 0.7 * ALPHA < alarms / (300 * 365) < 1.3 * ALPHA


def test_days_that_are_not_decided_could_not_have_asked() -> None:
    assert requests(EVERYTHING, [CALM, ALARM, CALM, ALARM, CALM, CALM, ALARM, ALARM]) == [3, 7]
    assert requests(EVERYTHING, [ALARM, Day(True, False, 0.0, 0.0), ALARM]) == [2], "not far enough to open"
    single = EVERYTHING.model_copy(update={"confirmation": Confirmation(batches=1, of=1)})
    assert requests(single, [CALM, ALARM, CALM, ALARM]) == [1, 3]


def test_a_large_planted_change_is_asked_about_on_its_second_day() -> None:
    assert days_to_request(0.5, rows=500, repetitions=2) == [2, 2]
