"""Windows judged side by side in a job: the newest first, each once, stopped and gone on with, a new day alone anew."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from threading import Event

import pandas as pd
import pytest

from monitoring.errors import Cancelled, NotFound, StoreFailed
from monitoring.history.records import Job
from monitoring.policy.drift_policy import BUILT_IN
from monitoring.progress import silent
from monitoring.wiring import PROJECT, open_driftline, settings_from_environment
from monitoring.workflows import side_by_side
from monitoring.workflows.check import check_and_record, order_check
from monitoring.workflows.judged_windows import judge_window
from monitoring.workflows.kept import keep_batches
from monitoring.workflows.parts import Driftline
from monitoring.workflows.side_by_side import (
    JOBS_KEPT,
    judge_again,
    judge_windows,
    judged_so_far,
    judging_job,
    start_judging,
    windows_by,
)
from monitoring.workflows.windows import Window, outcomes
from tests.processes import wait_until

MODEL = "flight-delay"
JULY = PROJECT / "reference_data" / MODEL / "samples" / "july.csv"


@pytest.fixture(scope="module")
def july() -> pd.DataFrame:
    return pd.read_csv(JULY)


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory, july: pd.DataFrame) -> Driftline:
    """Twelve days of July, checked as one file."""
    engine = open_driftline(settings_from_environment({"DRIFTLINE_DATA": str(tmp_path_factory.mktemp("data"))}))
    check(engine, "july.csv", july, 1, 12)
    return engine


@pytest.fixture
def engine(opened: Driftline) -> Driftline:
    """The same, with nothing judged yet and no job."""
    for job in opened.jobs.jobs("windows", limit=None):
        opened.jobs.delete(job.id)
    return replace(opened, batches=keep_batches())


@pytest.fixture
def judging(monkeypatch: pytest.MonkeyPatch) -> list[Window]:
    """The windows that were judged, in that order."""
    seen: list[Window] = []
    judge = side_by_side.judged_batch
    monkeypatch.setattr(side_by_side, "judged_batch", lambda engine, one: (seen.append(one), judge(engine, one))[1])
    return seen


def check(engine: Driftline, name: str, rows: pd.DataFrame, first: int, last: int) -> None:
    days = rows[pd.to_datetime(rows.scheduled_departure).dt.day.between(first, last)]
    upload = engine.uploads.save(days.to_csv(index=False).encode())
    check_and_record(engine, order_check(engine, upload=upload, file_name=name, model=MODEL), silent)


def days_of(engine: Driftline) -> tuple[Window, ...]:
    return windows_by(engine, MODEL, 1, "day", engine.history.checks(MODEL))


def ended(engine: Driftline, job: Job) -> Job:
    wait_until(lambda: not engine.jobs.job(job.id).active, "the job ends")
    return engine.jobs.job(job.id)


def after(number: int, then: Callable[[], None]) -> Callable[[float, str], None]:
    """A progress that does something at its report of this number."""
    reports: Iterator[int] = iter(range(10_000))
    return lambda share, message: then() if next(reports) == number else None


def stop() -> None:
    raise Cancelled("Cancelled.")


def test_the_newest_are_judged_first_and_each_is_there_as_soon_as_it_is(
    engine: Driftline, judging: list[Window]
) -> None:
    windows = days_of(engine)
    assert judged_so_far(engine, windows) == (None,) * 12
    told: list[tuple[float, str]] = []
    there: list[int] = []

    def progress(share: float, message: str) -> None:
        told.append((share, message))
        there.append(sum(batch is not None for batch in judged_so_far(engine, windows)))

    judge_windows(engine, "day", windows, progress)
    assert judging == list(reversed(windows))
    assert there == list(range(12))
    assert told[3] == (3 / 12, "Merging stored profiles: 3 of 12 days, the newest first")


def test_what_stands_there_is_what_the_verdict_and_the_outcomes_of_the_window_say(engine: Driftline) -> None:
    windows = days_of(engine)
    judge_windows(engine, "day", windows, silent)
    for window, batch in zip(windows, judged_so_far(engine, windows), strict=True):
        judged, known = judge_window(engine, window), outcomes(engine, window)
        assert batch is not None
        assert (batch.first, batch.last, batch.rows) == (window.period.first, window.period.last, window.rows)
        assert (batch.verdict, batch.sentence) == (judged.verdict.name, judged.verdict.sentence)
        assert (batch.mean_prediction, batch.rate) == (known.mean_prediction, known.rate)
        for column, effect in batch.effects.items():
            tested = [one.effect for one in judged.findings if one.column == column and one.p_value is not None]
            assert effect == max(tested), column
        assert {one.column for one in judged.findings if one.state == "drift"} == set(batch.drifted)


def test_a_job_that_was_stopped_goes_on_where_it_was(engine: Driftline, judging: list[Window]) -> None:
    windows = days_of(engine)
    with pytest.raises(Cancelled):
        judge_windows(engine, "day", windows, after(5, stop))
    assert [batch is not None for batch in judged_so_far(engine, windows)] == [False] * 7 + [True] * 5
    begun: list[float] = []
    judge_windows(engine, "day", windows, lambda share, message: begun.append(share))
    assert begun[0] == 5 / 12
    assert judging == list(reversed(windows)), "none was judged twice"


def test_the_same_windows_are_one_job_whoever_asks_and_weeks_another(engine: Driftline, judging: list[Window]) -> None:
    windows = days_of(engine)
    assert judging_job(engine, windows) is None
    first, second = start_judging(engine, "day", windows), start_judging(engine, "day", days_of(engine))
    weeks = windows_by(engine, MODEL, 1, "week", engine.history.checks(MODEL))
    other = start_judging(engine, "week", weeks)
    assert first.id == second.id != other.id
    assert ended(engine, first).state == ended(engine, other).state == "done"
    assert judging_job(engine, windows) == engine.jobs.job(first.id)
    assert len(judging) == len(windows) + len(weeks)
    relaxed = replace(engine, policy=BUILT_IN["relaxed"])
    assert judging_job(relaxed, windows) is None, "another policy judges otherwise"
    assert judged_so_far(relaxed, windows) == (None,) * 12


def test_with_a_file_of_later_days_only_these_are_judged(
    engine: Driftline, july: pd.DataFrame, judging: list[Window]
) -> None:
    judge_windows(engine, "day", days_of(engine), silent)
    judging.clear()
    check(engine, "more.csv", july, 13, 14)
    added = next(one for one in engine.history.checks(MODEL) if one.file_name == "more.csv")
    try:
        windows = days_of(engine)
        judge_windows(engine, "day", windows, silent)
        assert judging == [windows[13], windows[12]]
    finally:
        engine.history.delete_check(added.id)


def test_it_does_not_wait_behind_checks(engine: Driftline) -> None:
    release, held = Event(), [f"held-{number}" for number in range(4)]
    for name in held:
        engine.jobs.submit(name, "check", {})
        engine.runner.run(name, lambda progress: {"waited": release.wait(60)})
    try:
        assert ended(engine, start_judging(engine, "day", days_of(engine))).state == "done"
    finally:
        release.set()
    for name in held:
        wait_until(lambda name=name: not engine.jobs.job(name).active, "the checks end")
        engine.jobs.delete(name)


def test_a_store_that_fails_ends_the_job_with_its_sentence_and_what_was_judged_stays(
    engine: Driftline, monkeypatch: pytest.MonkeyPatch
) -> None:
    windows = days_of(engine)
    judge = side_by_side.judged_batch

    def judged(engine: Driftline, window: Window) -> object:
        if window == windows[4]:
            raise StoreFailed("The disk is away.")
        return judge(engine, window)

    monkeypatch.setattr(side_by_side, "judged_batch", judged)
    job = ended(engine, start_judging(engine, "day", windows))
    assert (job.state, job.message) == ("failed", "The disk is away.")
    assert [batch is not None for batch in judged_so_far(engine, windows)] == [False] * 5 + [True] * 7
    monkeypatch.undo()
    assert ended(engine, start_judging(engine, "day", windows)).state == "done"


def test_it_is_judged_again_from_the_list_of_jobs_and_by_a_process_that_has_nothing_of_it(
    engine: Driftline, judging: list[Window]
) -> None:
    first = ended(engine, judge_again(engine, MODEL, 1, "day"))
    later = replace(engine, batches=keep_batches())
    again = ended(later, judge_again(later, MODEL, 1, "day"))
    assert (first.id, first.state, again.state) == (again.id, "done", "done")
    assert None not in judged_so_far(later, days_of(later))
    assert len(judging) == 24
    with pytest.raises(NotFound, match="version 7"):
        judge_again(engine, MODEL, 7, "day")


def test_of_ended_jobs_the_last_are_remembered(engine: Driftline) -> None:
    for number in range(JOBS_KEPT + 5):
        engine.jobs.submit(f"windows-{number}", "windows", {})
        engine.jobs.cancel(f"windows-{number}")
    job = ended(engine, start_judging(engine, "day", days_of(engine)))
    left = engine.jobs.jobs("windows", limit=None)
    assert len(left) == JOBS_KEPT + 1
    assert left[0].id == job.id
