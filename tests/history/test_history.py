"""Checks and switches are kept as they were, once, and found again."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from monitoring.errors import NotFound, StoreFailed
from monitoring.history.history import History
from monitoring.history.jobs import Jobs
from monitoring.history.records import JobKind, JobState, summarise
from monitoring.history.schema import SWITCHES
from monitoring.history.store import writing
from monitoring.switch import Switch
from tests.history.material import DAY, changed, make_check, make_finding

UPLOAD, LABELS = "a" * 64, "b" * 64


@pytest.fixture
def history(tmp_path: Path) -> History:
    return History(f"sqlite:///{tmp_path / 'history.db'}")


def test_a_check_comes_back_whole_also_to_another_process(history: History, tmp_path: Path) -> None:
    check = make_check(labels=LABELS, labelled_rows=40)
    history.record_check(check, b"\x00profile\xff")
    opened_again = History(f"sqlite:///{tmp_path / 'history.db'}")
    assert opened_again.check(check.id) == check
    assert opened_again.profile(check.id) == b"\x00profile\xff"
    assert opened_again.has_check(check.id)
    assert opened_again.files(check.id) == (UPLOAD, LABELS)
    assert opened_again.checks() == (summarise(check),)


def test_a_check_recorded_twice_is_one_and_stays_as_it_was(history: History) -> None:
    check = make_check()
    history.record_check(check, b"first")
    history.record_check(replace(check, created_at=DAY + timedelta(days=1)), b"second")
    assert history.profile(check.id) == b"first"
    assert [line.created_at for line in history.checks()] == [DAY]


def test_the_newest_check_comes_first_and_models_stay_apart(history: History) -> None:
    for number, model in enumerate(("one", "two", "one")):
        history.record_check(make_check(f"{number:016}", model=model, minutes=number), b"")
    assert [line.id[-1] for line in history.checks()] == ["2", "1", "0"]
    assert [line.id[-1] for line in history.checks("one")] == ["2", "0"]
    assert [line.id[-1] for line in history.checks(limit=1)] == ["2"]


def test_the_check_of_the_same_rows_that_knows_most_outcomes_is_found(history: History) -> None:
    first = make_check("1" * 16)
    half, whole = (make_check(f"{n:016}", labels=LABELS, labelled_rows=n, minutes=50 - n) for n in (20, 40))
    again = make_check("2" * 16, labels="c" * 64, labelled_rows=40, minutes=60)
    others = make_check("3" * 16, upload="d" * 64, labelled_rows=50), make_check("4" * 16, model="b", labelled_rows=50)
    for check in (first, *others):
        history.record_check(check, b"")
    assert history.check_with_outcomes(first) is None
    for check in (half, whole, again):
        history.record_check(check, b"")
    assert history.check_with_outcomes(first) == summarise(again)
    assert history.check_with_outcomes(half) == summarise(again)
    assert history.check_with_outcomes(whole) is None
    history.delete_check(again.id)
    assert history.check_with_outcomes(first) == summarise(whole)


def test_the_summary_names_inputs_by_effect_then_predictions_and_the_largest_tested_effect() -> None:
    findings = (
        make_finding("prediction", 0.9, state="drift", role="prediction"),
        make_finding("dewp", 0.4, state="drift"),
        make_finding("temp", 0.8, state="drift"),
        make_finding("temp", 0.1, state="drift", detector="missing"),
        make_finding("late", 0.7, state="drift", role="target"),
        make_finding("wind", 0.95, state="small"),
        make_finding("carrier", 0.99, detector="unseen", state="not_applicable", p_value=None),
    )
    line = summarise(make_check(findings=findings))
    assert line.drifted == ("temp", "dewp", "prediction")
    assert line.effects == {"prediction": 0.9, "dewp": 0.4, "temp": 0.8, "late": 0.7, "wind": 0.95}
    assert (line.rows, line.rows_refused, line.mean_prediction, line.rate) == (50, 2, 0.08, None)


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_a_result_that_could_not_be_read_back_is_refused_when_it_is_written(history: History, value: float) -> None:
    check = changed(make_check(), lambda finding: replace(finding, statistic=value))
    with pytest.raises(StoreFailed, match=r"no number at findings\.0\.statistic"):
        history.record_check(check, b"")
    assert history.checks() == ()


def test_what_is_not_there_is_said_to_be_not_there(history: History) -> None:
    for ask in (history.check, history.profile, history.files, history.delete_check):
        with pytest.raises(NotFound, match="There is no check deadbeef"):
            ask("deadbeef")
    assert not history.has_check("deadbeef")


def test_a_deleted_check_is_gone_and_may_be_made_again(history: History) -> None:
    history.record_check(make_check(), b"first")
    history.delete_check(make_check().id)
    assert history.checks() == ()
    history.record_check(make_check(), b"second")
    assert history.profile(make_check().id) == b"second"


def test_an_upload_is_in_use_by_its_checks_as_rows_or_as_labels(history: History) -> None:
    history.record_check(make_check("1" * 16, upload=UPLOAD, labels=LABELS), b"")
    assert history.upload_in_use(UPLOAD)
    assert history.upload_in_use(LABELS)
    assert not history.upload_in_use("c" * 64)
    assert not history.upload_in_use(UPLOAD, besides="1" * 16)
    history.record_check(make_check("2" * 16, upload=UPLOAD), b"")
    assert history.upload_in_use(UPLOAD, besides="1" * 16)


@pytest.mark.parametrize(
    ("kind", "state", "in_use"),
    [
        ("retrain", "queued", True),
        ("retrain", "running", True),
        ("retrain", "interrupted", False),
        ("check", "interrupted", True),
        ("retrain", "failed", False),
        ("check", "cancelled", False),
    ],
)
def test_an_upload_is_in_use_by_jobs_that_may_still_read_it(
    history: History, kind: JobKind, state: JobState, in_use: bool
) -> None:
    jobs = Jobs(history.engine)
    jobs.submit("job", kind, {"sources": [{"upload": UPLOAD}]})
    if state != "queued":
        assert jobs.claim("job")
    if state in ("interrupted", "failed", "cancelled"):
        jobs.fail("job", state, "ended")
    assert jobs.job("job").state == state
    assert history.upload_in_use(UPLOAD) is in_use
    assert not history.upload_in_use(UPLOAD, besides="job")


def test_labelled_uploads_are_one_each_the_best_labelled_check_oldest_period_first(history: History) -> None:
    july, april = "7" * 64, "4" * 64
    times = {july: "2013-07-01", april: "2013-04-01"}
    for check_id, upload, rows, minutes in (
        ("july-none", july, 0, 0),
        ("july-more", july, 40, 1),
        ("july-less", july, 30, 2),
        ("april", april, 20, 3),
        ("april-again", april, 20, 4),
    ):
        check = make_check(check_id, upload=upload, labelled_rows=rows, first_time=times[upload], minutes=minutes)
        history.record_check(check, b"")
    history.record_check(make_check("other", model="other", upload="9" * 64, labelled_rows=9), b"")
    found = history.labelled_uploads("model")
    assert [(row.check, row.upload, row.labelled_rows) for row in found] == [
        ("april-again", april, 20),
        ("july-more", july, 40),
    ]


def make_switch(number: int, model: str = "model", at: datetime = DAY) -> Switch:
    return Switch(
        id=f"switch-{number}", model=model, version=number, previous=number - 1, kind="promote", reason="why", at=at
    )


@given(calls=st.lists(st.lists(st.integers(1, 6), max_size=6), max_size=4))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_switches_are_kept_once_in_the_order_they_came(history: History, calls: list[list[int]]) -> None:
    with writing(history.engine) as connection:
        connection.execute(SWITCHES.delete())
    for numbers in calls:
        history.record_switches(make_switch(number) for number in numbers)
    first_come = list(dict.fromkeys(number for numbers in calls for number in numbers))
    assert history.switches("model") == tuple(make_switch(number) for number in reversed(first_come))


def test_switches_of_one_model(history: History) -> None:
    history.record_switches([make_switch(2), make_switch(3, "other")])
    assert [switch.version for switch in history.switches("other")] == [3]
