"""The worker itself, `python -m monitoring.worker`, on the packaged model with a command as the hook."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import nullcontext
from pathlib import Path

import psutil
import pytest

from monitoring.errors import NotFound, StoreFailed
from monitoring.history.records import Job
from monitoring.processes import here
from monitoring.retraining.request import Evidence, RetrainRequest, Source
from monitoring.wiring import open_driftline, settings_from_environment
from monitoring.workflows.jobs import cancel_job, start_worker
from monitoring.workflows.parts import Driftline
from monitoring.workflows.retrain import request_retrain
from tests.processes import wait_until

WAITS_FOR_FILE = """
import pathlib, sys, time
print("waiting", flush=True)
while not pathlib.Path(sys.argv[1]).exists():
    time.sleep(0.02)
print("delivered as run 7")
"""
REQUEST = RetrainRequest(
    model="flight-delay",
    champion=1,
    check="c" * 16,
    evidence=Evidence(verdict="drift", sentence="July looks different.", drifted=("temp",)),
    sources=(
        Source(check="c" * 16, file_name="july.csv", upload="a" * 64, labels=None, first_time=None, last_time=None),
    ),
    hook="command",
)


@pytest.fixture
def go(tmp_path: Path) -> Path:
    """The file that the command waits for."""
    return tmp_path / "go"


@pytest.fixture
def driftline(tmp_path: Path, go: Path, monkeypatch: pytest.MonkeyPatch) -> Driftline:
    script = tmp_path / "deliver.py"
    script.write_text(WAITS_FOR_FILE)
    monkeypatch.setenv("DRIFTLINE_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("DRIFTLINE_RETRAIN_COMMAND", f"{sys.executable} {script} {go}")
    monkeypatch.chdir(tmp_path)
    return open_driftline(settings_from_environment())


def wait_for(driftline: Driftline, message: str) -> Job:
    wait_until(lambda: driftline.jobs.job(REQUEST.id).message == message, message)
    return driftline.jobs.job(REQUEST.id)


def worker_of(driftline: Driftline) -> psutil.Process:
    runner = driftline.jobs.runner(REQUEST.id)
    assert runner is not None
    return psutil.Process(runner.pid)


def test_killed_in_the_middle_interrupted_started_again_and_done(driftline: Driftline, go: Path) -> None:
    assert request_retrain(driftline, REQUEST).active
    assert request_retrain(driftline, REQUEST).attempts <= 1
    wait_for(driftline, "waiting")
    worker = worker_of(driftline)
    assert worker.pid != os.getpid()
    assert os.getsid(worker.pid) == worker.pid
    assert worker.nice() > psutil.Process().nice()
    assert driftline.jobs.jobs("retrain")[0].attempts == 1, "the same request twice is one job, run once"
    commands = worker.children()
    worker.kill()
    wait_until(lambda: driftline.jobs.job(REQUEST.id).state == "interrupted", "interrupted")
    assert [version.number for version in driftline.registry.versions("flight-delay")] == [1]
    for command in commands:
        command.kill()

    assert request_retrain(driftline, REQUEST).active
    wait_for(driftline, "waiting")
    go.touch()
    wait_until(lambda: not driftline.jobs.job(REQUEST.id).active, "the end")
    job = driftline.jobs.job(REQUEST.id)
    assert (job.state, job.attempts) == ("done", 2)
    assert job.result == {"status": "delivered", "version": None, "message": "delivered as run 7"}
    assert request_retrain(driftline, REQUEST) == job
    log = (driftline.settings.data / "logs" / f"{REQUEST.id}.log").read_text()
    assert "Traceback" not in log


def test_cancelled_the_worker_and_its_command_end(driftline: Driftline) -> None:
    request_retrain(driftline, REQUEST)
    wait_for(driftline, "waiting")
    family = [worker_of(driftline), *worker_of(driftline).children()]
    cancel_job(driftline.jobs, REQUEST.id)
    wait_until(lambda: driftline.jobs.job(REQUEST.id).state == "cancelled", "cancelled")
    wait_until(lambda: not any(is_running(process) for process in family), "worker and command have ended")


def test_asked_to_end_by_the_system_it_cleans_up_and_is_interrupted(driftline: Driftline) -> None:
    request_retrain(driftline, REQUEST)
    wait_for(driftline, "waiting")
    family = [worker_of(driftline), *worker_of(driftline).children()]
    family[0].terminate()
    wait_until(lambda: driftline.jobs.job(REQUEST.id).state == "interrupted", "interrupted")
    wait_until(lambda: not any(is_running(process) for process in family), "worker and command have ended")


def test_a_worker_that_cannot_start_is_an_interrupted_job_with_a_sentence(driftline: Driftline) -> None:
    (driftline.settings.data / "logs").write_text("a file where the folder should be")
    with pytest.raises(StoreFailed, match="The log of the worker could not be kept"):
        request_retrain(driftline, REQUEST)
    job = driftline.jobs.job(REQUEST.id)
    assert (job.state, job.message) == (
        "interrupted",
        "The log of the worker could not be kept in the data folder: File exists. It can be started again.",
    )


@pytest.mark.parametrize("gone", [False, True], ids=["as it began", "before that"])
def test_a_worker_that_could_not_be_handed_its_job_and_left_keeps_it_from_nobody(
    driftline: Driftline, go: Path, monkeypatch: pytest.MonkeyPatch, gone: bool
) -> None:
    """The database was busy for both: the job belongs to a process that lives and will never start it."""

    def fail(*_: object) -> None:
        raise StoreFailed("busy")

    with monkeypatch.context() as busy:
        busy.setattr(driftline.jobs, "hand_over", fail)
        busy.setattr("monitoring.workflows.jobs._spawn", lambda *_: subprocess.Popen([sys.executable, "-c", ""]))
        busy.setattr("monitoring.workflows.jobs.process_with", lambda _: None if gone else here())
        with nullcontext() if gone else pytest.raises(StoreFailed, match="busy"):
            request_retrain(driftline, REQUEST)
    job = driftline.jobs.job(REQUEST.id)
    assert (job.state, job.attempts) == ("interrupted", 0)
    go.touch()
    assert request_retrain(driftline, REQUEST).state in ("queued", "running", "done")
    wait_until(lambda: not driftline.jobs.job(REQUEST.id).active, "the end")
    assert (driftline.jobs.job(REQUEST.id).state, driftline.jobs.job(REQUEST.id).attempts) == ("done", 1)


def test_a_hook_that_is_not_there_is_not_asked(driftline: Driftline) -> None:
    with pytest.raises(NotFound, match="no retrain hook called 'carrier pigeon'; there are command, local"):
        request_retrain(driftline, REQUEST.model_copy(update={"hook": "carrier pigeon"}))
    assert driftline.jobs.jobs() == ()


@pytest.mark.parametrize("job_id", ["", "../../etc", "a b", "a;b"])
def test_only_ids_of_jobs_reach_the_command_line(driftline: Driftline, job_id: str) -> None:
    with pytest.raises(NotFound):
        start_worker(driftline.jobs, job_id, driftline.settings.data)


def is_running(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
