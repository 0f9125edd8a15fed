"""How work ends is kept in its job, as a sentence for a person; what only we should read stays in the log."""

from __future__ import annotations

import logging
import re
import threading
import weakref
from pathlib import Path
from typing import Any

import pytest

from monitoring.errors import (
    Cancelled,
    HookFailed,
    LabelsRefused,
    NotFound,
    NotPossible,
    StoreFailed,
    TableRefused,
)
from monitoring.history.history import History
from monitoring.history.jobs import Jobs
from monitoring.history.records import JobState
from monitoring.progress import Progress
from monitoring.workflows.jobs import JobRunner, Work, run_job
from tests.processes import wait_until


@pytest.fixture
def jobs(tmp_path: Path) -> Jobs:
    return Jobs(History(f"sqlite:///{tmp_path / 'history.db'}").engine, pause=0.0)


def fail_with(error: BaseException) -> Work:
    def work(progress: Progress) -> dict[str, Any]:
        progress(0.5, "Working")
        raise error

    return work


def test_a_result_is_kept(jobs: Jobs) -> None:
    jobs.submit("id", "check", {})
    assert run_job(jobs, "id", lambda progress: {"verdict": "drift"})
    assert (jobs.job("id").state, jobs.job("id").result) == ("done", {"verdict": "drift"})


@pytest.mark.parametrize(
    ("error", "state"),
    [
        (TableRefused("The file is empty."), "refused"),
        (LabelsRefused("The labels name other rows."), "refused"),
        (NotPossible("Nothing to do."), "refused"),
        (NotFound("It was deleted."), "failed"),
        (HookFailed("The command ended."), "failed"),
        (StoreFailed("The disk was full."), "failed"),
    ],
)
def test_our_own_errors_are_shown_as_they_are(jobs: Jobs, error: Exception, state: JobState) -> None:
    jobs.submit("id", "check", {})
    run_job(jobs, "id", fail_with(error))
    assert (jobs.job("id").state, jobs.job("id").message) == (state, str(error))


@pytest.mark.parametrize(
    ("error", "state"),
    [
        (StoreFailed("The disk was full."), "interrupted"),
        (HookFailed("The command ended."), "failed"),
        (NotPossible("Nothing to do."), "refused"),
    ],
)
def test_what_is_started_again_by_itself_is_interrupted_where_the_store_failed(
    jobs: Jobs, error: Exception, state: JobState
) -> None:
    jobs.submit("id", "retrain", {})
    run_job(jobs, "id", fail_with(error), resumed=True)
    assert jobs.job("id").state == state
    assert jobs.job("id").message.startswith(str(error))


def test_work_that_was_asked_to_stop_is_cancelled(jobs: Jobs) -> None:
    jobs.submit("id", "check", {})
    run_job(jobs, "id", fail_with(Cancelled("Cancelled.")))
    assert (jobs.job("id").state, jobs.job("id").message) == ("cancelled", "Cancelled.")


def test_an_error_of_ours_shows_a_reference_and_logs_the_rest(jobs: Jobs, caplog: pytest.LogCaptureFixture) -> None:
    jobs.submit("id", "check", {})
    with caplog.at_level(logging.ERROR):
        run_job(jobs, "id", fail_with(KeyError("the secret of /home/somebody")))
    job = jobs.job("id")
    assert job.state == "failed"
    found = re.fullmatch(r"An error of ours, not of your file\. The log tells more under ([0-9a-f]{8})\.", job.message)
    assert found
    assert "secret" not in repr(job)
    assert found[1] in caplog.text
    assert "the secret of /home/somebody" in caplog.text


def test_a_result_that_is_no_json_is_an_error_of_ours(jobs: Jobs) -> None:
    jobs.submit("id", "check", {})
    run_job(jobs, "id", lambda progress: {"frame": object()})
    assert jobs.job("id").state == "failed"
    assert "An error of ours" in jobs.job("id").message


@pytest.mark.parametrize(("asked", "state"), [(False, "interrupted"), (True, "cancelled")])
def test_a_process_that_is_asked_to_end_says_so_and_ends(jobs: Jobs, asked: bool, state: JobState) -> None:
    jobs.submit("id", "retrain", {})

    def work(progress: Progress) -> dict[str, Any]:
        if asked:
            jobs.cancel("id")
        raise SystemExit(143)

    with pytest.raises(SystemExit):
        run_job(jobs, "id", work)
    assert jobs.job("id").state == state


def test_an_end_that_cannot_be_kept_leaves_no_job_running_for_ever(jobs: Jobs, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise StoreFailed("The disk is full.")

    jobs.submit("id", "check", {})
    with monkeypatch.context() as full_disk:
        full_disk.setattr("monitoring.workflows.jobs._SECONDS_BETWEEN_TRIES", 0.0)
        full_disk.setattr(jobs, "finish", fail)
        full_disk.setattr(jobs, "fail", fail)
        run_job(jobs, "id", lambda progress: {})
    assert jobs.job("id").state == "interrupted"
    jobs.submit("id", "check", {})
    assert run_job(jobs, "id", lambda progress: {})
    assert jobs.job("id").state == "done"


def test_the_runner_runs_a_job_once_however_often_it_is_told_to(jobs: Jobs) -> None:
    runner, runs, release = JobRunner(jobs, threads=3), [], threading.Event()

    def work(progress: Progress) -> dict[str, Any]:
        runs.append(threading.current_thread().daemon)
        release.wait()
        return {}

    jobs.submit("id", "check", {})
    for _ in range(3):
        runner.run("id", work)
    wait_until(lambda: runs, "the job starts")
    release.set()
    wait_until(lambda: jobs.job("id").state == "done", "the job ends")
    jobs.submit("last", "check", {})
    runner.run("last", lambda progress: {})
    wait_until(lambda: jobs.job("last").state == "done", "later jobs run too")
    assert runs == [True]


def test_the_runner_runs_no_more_at_once_than_it_has_threads(jobs: Jobs) -> None:
    runner, at_once, most, lock = JobRunner(jobs, threads=2), [0], [0], threading.Lock()
    both = threading.Barrier(2)

    def work(progress: Progress) -> dict[str, Any]:
        with lock:
            at_once[0] += 1
            most[0] = max(most[0], at_once[0])
        both.wait(timeout=60)
        with lock:
            at_once[0] -= 1
        both.wait(timeout=60)
        return {}

    names = [f"job-{number}" for number in range(6)]
    for name in names:
        jobs.submit(name, "check", {})
        runner.run(name, work)
    wait_until(lambda: {jobs.job(name).state for name in names} == {"done"}, "all jobs end")
    assert most == [2]


def test_a_failing_or_deleted_job_does_not_take_its_thread_along(jobs: Jobs) -> None:
    runner = JobRunner(jobs, threads=1)
    runner.run("never-submitted", lambda progress: {})
    jobs.submit("bad", "check", {})
    runner.run("bad", fail_with(ZeroDivisionError()))
    jobs.submit("good", "check", {})
    runner.run("good", lambda progress: {})
    wait_until(lambda: jobs.job("good").state == "done", "the job after the bad ones runs")
    assert jobs.job("bad").state == "failed"


def test_what_a_job_held_is_let_go_when_it_ends(jobs: Jobs) -> None:
    class Held:
        def __call__(self, progress: Progress) -> dict[str, Any]:
            return {}

    work = Held()
    gone = weakref.ref(work)
    jobs.submit("id", "check", {})
    runner = JobRunner(jobs, threads=1)
    runner.run("id", work)
    del work
    wait_until(lambda: gone() is None, "the work is let go")


def test_memory_is_given_back_once_when_no_job_comes_any_more(jobs: Jobs, monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[int] = []
    done: list[int] = []
    monkeypatch.setattr("monitoring.workflows.jobs.give_back_freed_memory", lambda: given.append(len(done)))
    monkeypatch.setattr("monitoring.workflows.jobs.IDLE_SECONDS", 0.05)
    begin = threading.Event()

    def work(progress: Progress) -> dict[str, Any]:
        begin.wait(10)
        done.append(1)
        return {}

    runner = JobRunner(jobs, threads=1)
    for number in range(3):
        jobs.submit(f"id-{number}", "check", {})
        runner.run(f"id-{number}", work)
    begin.set()
    wait_until(lambda: bool(given), "memory is given back")
    jobs.submit("later", "check", {})
    runner.run("later", work)
    wait_until(lambda: len(given) == 2, "memory is given back again")
    assert given == [3, 4], "not between two jobs of which the second waits"
