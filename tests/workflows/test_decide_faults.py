"""kill -9 of the page, the worker and both at twenty points, a full disk, a locked database: each decision leads to
exactly one job for each id, and none is lost."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from monitoring.workflows.decide import after_check, keep_up, put_in_force
from monitoring.workflows.parts import Driftline
from monitoring.workflows.replay import replay
from tests.processes import LIMIT_SECONDS, PROJECT, started
from tests.workflows.retraining_material import AUTOMATIC, MODEL, check, environment, keep, opened, runs

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


@pytest.mark.slow
@pytest.mark.parametrize(("where", "at"), POINTS)
def test_killed_at_any_point_it_is_one_decision_one_request_one_job(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, where: str, at: int
) -> None:
    if where == "both":
        run_page(tmp_path, die_in=PAGE, die_at=at)
        assert (tmp_path / "died-decide_children").exists(), "the point was never reached"
        run_page(tmp_path, die_in=WORKER, die_at=at % 7 + 1)
    else:
        run_page(tmp_path, die_in=where, die_at=at)
        if where == PAGE:
            assert (tmp_path / "died-decide_children").exists(), "the point was never reached"
            run_page(tmp_path)
    for name, value in environment(tmp_path).items():
        monkeypatch.setenv(name, value)
    driftline = opened(tmp_path)
    settle(driftline)
    (request,) = must_be_whole(driftline, days=3)
    assert set(runs(tmp_path)) == {request}
    if where == PAGE:
        assert runs(tmp_path) == [request], "the worker was never killed: it ran once"


def test_a_locked_database_delays_a_decision_and_loses_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("monitoring.history.store._BUSY_SECONDS", 0.2)
    for name, value in environment(tmp_path).items():
        monkeypatch.setenv(name, value)
    driftline = opened(tmp_path)
    put_in_force(driftline, MODEL, AUTOMATIC, reason="")
    for day in range(3):
        keep(driftline, check(day))
    held = sqlite3.connect(tmp_path / "data" / "driftline.db", isolation_level=None)
    held.execute("BEGIN IMMEDIATE")
    for day in range(3):
        after_check(driftline, check(day).id, MODEL)
    assert len(driftline.decisions.undecided()) == 3
    held.execute("ROLLBACK")
    held.close()
    settle(driftline)
    must_be_whole(driftline, days=3)


def test_a_full_disk_delays_a_decision_and_loses_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The database may not grow: nothing is half kept, and it is made good when there is room again."""
    for name, value in environment(tmp_path).items():
        monkeypatch.setenv(name, value)
    driftline = opened(tmp_path)
    put_in_force(driftline, MODEL, AUTOMATIC, reason="")
    for day in range(3):
        keep(driftline, check(day))
    with driftline.history.engine.connect() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
    with driftline.history.engine.connect() as connection:
        connection.exec_driver_sql(f"PRAGMA max_page_count={pages}")
    filled = 0
    for day in range(3):
        after_check(driftline, check(day).id, MODEL)
        filled += driftline.decisions.decision_of(check(day).id) is None
    assert filled, "the disk was never full"
    driftline.history.engine.dispose()
    settle(driftline)
    must_be_whole(driftline, days=3)


def test_two_workers_that_take_one_job_run_it_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both are started at once, by hand, beside the one that the request started."""
    for name, value in environment(tmp_path).items():
        monkeypatch.setenv(name, value)
    driftline = opened(tmp_path)
    put_in_force(driftline, MODEL, AUTOMATIC, reason="")
    monkeypatch.setattr("monitoring.workflows.retrain.start_worker", lambda *_: None)
    for day in range(2):
        keep(driftline, check(day))
        after_check(driftline, check(day).id, MODEL)
    (request,) = driftline.requests.requests(MODEL)
    arguments = ("-m", WORKER, request.id)
    with started(*arguments) as one, started(*arguments) as other:
        codes = [one.wait(LIMIT_SECONDS), other.wait(LIMIT_SECONDS)]
    assert driftline.jobs.job(request.id).state == "done"
    assert driftline.jobs.job(request.id).attempts == 1
    assert runs(tmp_path) == [request.id]
    assert 0 in codes
