"""Pages and workers that die at a point of their work, and what must be true when all is settled again."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest

from monitoring.workflows.decide import keep_up, put_in_force
from monitoring.workflows.parts import Driftline
from monitoring.workflows.replay import replay
from tests.app_server import AppServer
from tests.processes import LIMIT_SECONDS, PROJECT, wait_until
from tests.workflows.retraining_material import MODEL, SEVERAL_AT_ONCE, check, environment, keep, opened, runs

DYING = Path(__file__).parent / "dying"
PAGE, WORKER, DASHBOARD = "tests.workflows.decide_children", "monitoring.worker", "dashboard/server.py"
BOTH, CLOCK = "both", "clock"
POINTS = [
    *((PAGE, at) for at in (5, 12, 20, 26, 32, 36, 40, 44, 48, 54)),
    *((WORKER, at) for at in (1, 4, 8, 12, 16)),
    *((BOTH, at) for at in (24, 34, 42, 46, 52)),
    *((CLOCK, at) for at in (20, 32, 44, 52)),
    *((DASHBOARD, at) for at in (38, 58, 61, 94, 96, 101)),
]
"""Who dies, and at which statement of the database: a process that decides as the page does, its worker, both; one
whose clock is 400 days ahead when it dies and then is set back; the dashboard itself."""
AHEAD = {"DAYS_AHEAD": "400", "POLICY_CLOCK": "wall"}


def dying(folder: Path, **dies: int) -> dict[str, str]:
    """Settings in which page (`page=32`), worker or dashboard die at a statement, each once."""
    words = {"page": PAGE, "worker": WORKER, "dashboard": DASHBOARD}
    lines = [[words[who], at, str(_died(folder, who))] for who, at in dies.items()]
    path = f"{DYING}{os.pathsep}{PROJECT}"
    return {**os.environ, **environment(folder), "PYTHONPATH": path, "DIES": json.dumps(lines)}


def run_page(folder: Path, settings: dict[str, str]) -> None:
    """Record three drifted days and decide on them, in a process that may die."""
    command = [sys.executable, "-m", PAGE, str(folder), "0", "3", "drifting"]
    subprocess.run(command, cwd=PROJECT, env=settings, capture_output=True, timeout=LIMIT_SECONDS, check=False)


def settle(driftline: Driftline, *, seconds: float = LIMIT_SECONDS) -> None:
    """Keep up, as a page that was started again does, until nothing is left to do."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        keep_up(driftline)
        if _is_settled(driftline):
            return
        time.sleep(0.1)
    pytest.fail("it did not settle")


def _is_settled(driftline: Driftline) -> bool:
    states = {job.state for job in driftline.jobs.jobs("retrain", limit=None)}
    left = (
        states & {"queued", "running", "interrupted"} or driftline.requests.ready() or driftline.decisions.undecided()
    )
    return not left


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
    """Kill somebody at a point: it is one decision, one request, one job, and nothing is lost."""
    for name, value in environment(tmp_path).items():
        monkeypatch.setenv(name, value)
    {PAGE: _kill_page, WORKER: _kill_worker, BOTH: _kill_both, CLOCK: _set_back, DASHBOARD: _kill_dashboard}[where](
        tmp_path, at
    )
    driftline = opened(tmp_path)
    settle(driftline)
    (request,) = must_be_whole(driftline, days=3)
    assert set(runs(tmp_path)) == {request}
    if not _died(tmp_path, "worker").exists():
        assert runs(tmp_path) == [request], "the worker was never killed: it ran once"


def _died(folder: Path, who: str) -> Path:
    return folder / f"died-{who}"


def _kill_page(folder: Path, at: int) -> None:
    run_page(folder, dying(folder, page=at))
    assert _died(folder, "page").exists(), "the point was never reached"
    run_page(folder, dying(folder))


def _kill_worker(folder: Path, at: int) -> None:
    run_page(folder, dying(folder, worker=at))
    wait_until(_died(folder, "worker").exists, "the worker reaches its point")


def _kill_both(folder: Path, at: int) -> None:
    """The page first, which may or may not have started the worker; that one dies too, whoever started it."""
    for _ in range(2):
        run_page(folder, dying(folder, page=at, worker=at % 7 + 1))
    assert _died(folder, "page").exists(), "the point was never reached"
    wait_until(_died(folder, "worker").exists, "the worker reaches its point")


def _set_back(folder: Path, at: int) -> None:
    """It dies while its clock is 400 days ahead; the one that goes on has the true time, its policy counts by it."""
    run_page(folder, dying(folder, page=at) | AHEAD)
    assert _died(folder, "page").exists(), "the point was never reached"
    run_page(folder, dying(folder) | {"POLICY_CLOCK": "wall"})


def _kill_dashboard(folder: Path, at: int) -> None:
    """Three checks are there and not decided: the dashboard decides, asks and starts the worker as soon as it runs."""
    driftline = opened(folder)
    put_in_force(driftline, MODEL, SEVERAL_AT_ONCE, reason="")
    for day in range(3):
        keep(driftline, check(day))
    server = AppServer(folder, dying(folder, dashboard=at))
    try:
        with suppress(AssertionError):  # it may be gone before it says that it is healthy
            server.start()
        wait_until(_died(folder, "dashboard").exists, "the dashboard reaches its point")
        server.kill()
        server.start()
        wait_until(lambda: driftline.requests.requests(MODEL) and _is_settled(driftline), "it makes it good")
    finally:
        server.close()
