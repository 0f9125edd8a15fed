"""kill -9 in the middle of a check and of a retrain: nothing is half kept, and both can be started again."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import pytest

from monitoring.progress import silent
from monitoring.wiring import PROJECT, open_driftline, settings_from_environment
from monitoring.workflows.check import check_and_record, order_check, submit_check
from monitoring.workflows.parts import Driftline
from monitoring.workflows.retrain import plan_retrain, request_retrain
from tests.processes import answer, started, wait_until

MODEL = "flight-delay"
SAMPLES = PROJECT / "reference_data" / MODEL / "samples"

CHECK_THAT_STOPS = """
import sys, time
from pathlib import Path
from monitoring.wiring import open_driftline, settings_from_environment
from monitoring.workflows.check import CheckOrder, check_and_record, enlist_check
from monitoring.workflows.jobs import run_job

driftline = open_driftline(settings_from_environment())
order = CheckOrder.model_validate_json(sys.argv[1])

def work(progress):
    def slow(share, message):
        progress(share, message)
        if share >= float(sys.argv[2]):
            print("there", flush=True)
            time.sleep(600)
    return check_and_record(driftline, order, slow)

enlist_check(driftline, order)
run_job(driftline.jobs, order.id, work)
"""


@pytest.fixture
def driftline(tmp_path: Path) -> Driftline:
    return open_driftline(settings_from_environment({"DRIFTLINE_DATA": str(tmp_path)}))


def july(driftline: Driftline):
    return order_check(
        driftline,
        upload=driftline.uploads.save((SAMPLES / "july.csv").read_bytes()),
        file_name="july.csv",
        labels=driftline.uploads.save((SAMPLES / "july-labels.csv").read_bytes()),
        labels_name="july-labels.csv",
        model=MODEL,
    )


@pytest.mark.slow
@pytest.mark.parametrize("share", [0.0, 0.5, 0.8])
def test_a_check_whose_process_is_killed_is_interrupted_and_starts_again(
    driftline: Driftline, share: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = july(driftline)
    monkeypatch.setenv("DRIFTLINE_DATA", str(driftline.settings.data))
    with started("-c", CHECK_THAT_STOPS, order.model_dump_json(), str(share)) as child:
        assert answer(child) == "there"
        assert driftline.jobs.job(order.id).state == "running"
        child.kill()
        child.wait()
    assert driftline.jobs.job(order.id).state == "interrupted"
    assert driftline.history.checks() == ()
    submit_check(driftline, order)
    wait_until(lambda: not driftline.jobs.job(order.id).active, "the check ends")
    assert driftline.jobs.job(order.id).state == "done"
    assert driftline.history.check(order.id).verdict.name == "drift"


@pytest.mark.slow
@pytest.mark.parametrize("stage", ["Reading", "Fitting", "Comparing"])
def test_a_retrain_whose_worker_is_killed_registers_nothing_and_starts_again(driftline: Driftline, stage: str) -> None:
    order = july(driftline)
    check_and_record(driftline, order, silent)
    request = plan_retrain(driftline.history, driftline.registry, order.id)
    request_retrain(driftline, request)
    killed = _kill_worker_at(driftline, request.id, stage)
    models = driftline.settings.data / "models" / MODEL
    assert [version.number for version in driftline.registry.versions(MODEL)] == [1]
    assert not models.exists() or not [path for path in models.iterdir() if path.name.isdecimal()]
    assert killed
    assert driftline.jobs.job(request.id).state == "interrupted"
    driftline.registry.sweep()
    request_retrain(driftline, request)
    wait_until(lambda: not driftline.jobs.job(request.id).active, "the retrain ends")
    assert driftline.jobs.job(request.id).state == "done"
    assert [version.number for version in driftline.registry.versions(MODEL)] == [1, 2]
    assert request_retrain(driftline, request).state == "done"
    assert [version.number for version in driftline.registry.versions(MODEL)] == [1, 2]


def _kill_worker_at(driftline: Driftline, job_id: str, stage: str) -> bool:
    """Kill the worker as soon as its log shows a stage, or a later one."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        job = driftline.jobs.job(job_id)
        worker = driftline.jobs.runner(job_id)
        if worker and any(message.startswith(stage) for _, message in job.log):
            os.kill(worker.pid, signal.SIGKILL)
            wait_until(lambda: not driftline.jobs.job(job_id).active, "the job is seen to be interrupted")
            return True
        if job.state == "done":
            return False
    return False
