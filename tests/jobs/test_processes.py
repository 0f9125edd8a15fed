"""Jobs across real processes: killed, racing, told to stop."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from monitoring.history.history import History
from monitoring.history.jobs import Jobs
from monitoring.processes import Process, here, is_alive, process_of, process_with
from monitoring.workflows.jobs import cancel_job, run_job
from tests.processes import answer, started, tell, wait_until

CHILDREN = ("-m", "tests.jobs.children")


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'history.db'}"


@pytest.fixture
def jobs(url: str) -> Jobs:
    return Jobs(History(url).engine)


def test_a_process_is_known_by_its_number_and_its_start() -> None:
    assert is_alive(here())
    assert process_of(str(here())) == here() == process_with(os.getpid())
    assert not is_alive(Process(os.getpid(), "another start"))
    assert [process_of(text) for text in ("", "12", "12-", "-x", "x-y", "-1-x")] == [None] * 6


def test_a_process_that_ended_but_was_not_waited_for_is_not_alive() -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as child:
        process = process_with(child.pid)
        assert process is not None
        assert is_alive(process)
        child.kill()
        wait_until(lambda: not is_alive(process), "the killed process counts as gone before it is waited for")
        assert child.returncode is None


def test_a_killed_worker_leaves_an_interrupted_job_that_can_be_started_again(jobs: Jobs, url: str) -> None:
    jobs.submit("id", "retrain", {})
    with started(*CHILDREN, "work_forever", url, "id") as worker:
        assert answer(worker) == "working"
        assert (jobs.job("id").state, jobs.job("id").share) == ("running", 0.25)
        assert not jobs.claim("id")
        worker.kill()
        wait_until(lambda: jobs.job("id").state != "running", "the job is no longer running")
    assert jobs.job("id").state == "interrupted"
    assert jobs.submit("id", "retrain", {}).state == "queued"
    assert run_job(jobs, "id", lambda progress: {"version": 2})
    assert (jobs.job("id").state, jobs.job("id").attempts) == ("done", 2)


def test_of_two_processes_that_claim_a_job_one_wins(jobs: Jobs, url: str) -> None:
    jobs.submit("id", "retrain", {})
    with started(*CHILDREN, "try_to_claim", url, "id") as one, started(*CHILDREN, "try_to_claim", url, "id") as other:
        assert [answer(child) for child in (one, other)] == ["ready", "ready"]
        for child in (one, other):
            tell(child)
        assert sorted(answer(child) for child in (one, other)) == ["False", "True"]
    assert jobs.job("id").attempts == 1


def test_a_worker_that_is_asked_to_stop_stops_by_itself(jobs: Jobs, url: str) -> None:
    jobs.submit("id", "retrain", {})
    with started(*CHILDREN, "work_forever", url, "id") as worker:
        assert answer(worker) == "working"
        assert cancel_job(jobs, "id").cancel_asked
        assert answer(worker) == "cancelled"
        assert worker.wait() == 0
    assert jobs.job("id").state == "cancelled"


def test_a_worker_that_does_not_listen_is_ended_after_the_grace(jobs: Jobs, url: str) -> None:
    jobs.submit("id", "retrain", {})
    with started(*CHILDREN, "be_stuck", url, "id") as worker:
        assert answer(worker) == "working"
        cancel_job(jobs, "id", grace=0.3)
        wait_until(lambda: jobs.job("id").state == "cancelled", "the stuck worker is ended")
        assert worker.wait() != 0


def test_cancelling_a_check_never_ends_the_process_that_runs_it(jobs: Jobs, url: str) -> None:
    """Checks run in threads of an app that does other things too."""
    jobs.submit("check", "check", {})
    with started(*CHILDREN, "be_stuck", url, "check") as app:
        assert answer(app) == "working"
        cancel_job(jobs, "check", grace=0.0)
        jobs.submit("retrain", "retrain", {})
        with started(*CHILDREN, "be_stuck", url, "retrain") as worker:
            assert answer(worker) == "working"
            cancel_job(jobs, "retrain", grace=0.3)
            wait_until(lambda: worker.poll() is not None, "the worker asked later has been ended meanwhile")
        assert app.poll() is None
