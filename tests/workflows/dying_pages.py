"""Pages and workers that die at a point of their work, and what must be true when all is settled again."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from monitoring.workflows.decide import keep_up
from monitoring.workflows.parts import Driftline
from monitoring.workflows.replay import replay
from tests.processes import LIMIT_SECONDS, PROJECT, wait_until
from tests.workflows.retraining_material import MODEL, check, environment, opened, runs

DYING = Path(__file__).parent / "dying"
PAGE, WORKER = "tests.workflows.decide_children", "monitoring.worker"
POINTS = [
    *((PAGE, at) for at in (5, 12, 20, 26, 32, 36, 40, 44, 48, 54)),
    *((WORKER, at) for at in (1, 4, 8, 12, 16)),
    *(("both", at) for at in (24, 34, 42, 46, 52)),
]


def run_page(folder: Path, *, die_in: str = "", die_at: int = 0) -> None:
    """Record three drifted days and decide on them, in a process that may die."""
    settings = {**os.environ, **environment(folder), "PYTHONPATH": f"{DYING}{os.pathsep}{PROJECT}"}
    settings |= {"DIE_IN": die_in, "DIE_AT": str(die_at), "DIE_ONCE": str(folder / f"died-{die_in.rpartition('.')[2]}")}
    command = [sys.executable, "-m", PAGE, str(folder), "0", "3", "drifting"]
    subprocess.run(command, cwd=PROJECT, env=settings, capture_output=True, timeout=LIMIT_SECONDS, check=False)


def settle(driftline: Driftline) -> None:
    """Keep up, as a page that was started again does, until nothing is left to do."""
    deadline = time.monotonic() + LIMIT_SECONDS
    while time.monotonic() < deadline:
        keep_up(driftline)
        states = {job.state for job in driftline.jobs.jobs("retrain")}
        if not states & {"queued", "running", "interrupted"} and not driftline.requests.ready():
            return
        time.sleep(0.1)
    pytest.fail("it did not settle")


def must_be_whole(driftline: Driftline, days: int) -> list[str]:
    """One decision for each check, one job for each request, all done. Returns the ids of the requests."""
    for day in range(days):
        assert driftline.decisions.decision_of(check(day).id) is not None, f"day {day} was lost"
    lines = driftline.decisions.decisions(MODEL)
    assert len({line.id for line in lines}) == len(lines)
    asked = [line.request for line in lines if line.outcome == "request"]
    assert None not in asked
    requests = [request.id for request in driftline.requests.requests(MODEL, limit=None)]
    assert sorted(map(str, asked)) == sorted(requests)
    jobs = driftline.jobs.jobs("retrain", limit=None)
    assert sorted(job.id for job in jobs) == sorted(requests)
    assert {job.state for job in jobs} <= {"done"}
    assert driftline.decisions.undecided() == ()
    assert all(replay(driftline.decisions.decision(line.id)).same for line in lines)
    return requests


def must_survive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, where: str, at: int) -> None:
    """Kill page, worker or both at a point: it is one decision, one request, one job, and nothing is lost."""
    if where == "both":
        run_page(tmp_path, die_in=PAGE, die_at=at)
        assert (tmp_path / "died-decide_children").exists(), "the point was never reached"
        run_page(tmp_path, die_in=WORKER, die_at=at % 7 + 1)
    else:
        run_page(tmp_path, die_in=where, die_at=at)
        if where == PAGE:
            assert (tmp_path / "died-decide_children").exists(), "the point was never reached"
            run_page(tmp_path)
        else:
            wait_until((tmp_path / "died-worker").exists, "the worker reaches its point")
    for name, value in environment(tmp_path).items():
        monkeypatch.setenv(name, value)
    driftline = opened(tmp_path)
    settle(driftline)
    (request,) = must_be_whole(driftline, days=3)
    assert set(runs(tmp_path)) == {request}
    if where == PAGE:
        assert runs(tmp_path) == [request], "the worker was never killed: it ran once"
