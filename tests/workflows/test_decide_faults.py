"""kill -9 of page, dashboard, worker and both, a full disk, a locked database, two workers: each decision leads to
exactly one job for each id, and none is lost. `make soak` kills at thirty points, and sets clocks back."""

from __future__ import annotations

import json
import os
import sqlite3
from pathlib import Path

import pytest

from monitoring.workflows.decide import after_check, put_in_force
from monitoring.workflows.parts import Driftline
from tests.processes import LIMIT_SECONDS, PROJECT, started
from tests.workflows.dying_pages import (
    BOTH,
    DASHBOARD,
    PAGE,
    WORKER,
    must_be_whole,
    must_survive,
    settle,
)
from tests.workflows.retraining_material import AUTOMATIC, COMMAND, MODEL, check, environment, keep, opened, runs

FAILING = Path(__file__).parent / "failing"
LOCKS = """
import sqlite3
first = not pathlib.Path(sys.argv[1]).read_text().split()[1:]
if first:
    held = sqlite3.connect(pathlib.Path(sys.argv[1]).with_name("data") / "driftline.db", isolation_level=None)
    held.execute("BEGIN IMMEDIATE")
    print("locked", flush=True)
    threading.Event().wait()
"""
"""Keeps the database locked the first time that it runs, for as long as it lives."""
TALKS = """
for line in range(100):
    print(f"{line:03} " + "what is told takes room " * 10, flush=True)
if not pathlib.Path(sys.argv[1]).read_text().split()[1:]:
    threading.Event().wait()
"""
"""Tells so much that the database has to grow, and the first time it never ends by itself."""


@pytest.mark.slow
@pytest.mark.parametrize(("where", "at"), [(PAGE, 44), (WORKER, 4), (BOTH, 42), (DASHBOARD, 96)])
def test_killed_it_is_one_decision_one_request_one_job(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, where: str, at: int
) -> None:
    must_survive(tmp_path, monkeypatch, where, at)


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


@pytest.mark.slow
def test_a_worker_whose_database_is_locked_is_started_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    driftline = _with_failing_worker(tmp_path, monkeypatch, LOCKS, full=False)
    request = _ask(driftline)
    settle(driftline)
    assert must_be_whole(driftline, days=2) == [request]
    _must_be_second_attempt(driftline, request, tmp_path)
    assert "another process keeps it busy" in _log_of_worker(tmp_path, request)


@pytest.mark.slow
@pytest.mark.parametrize("lasting", [False, True], ids=["its end is kept", "nor can its end be kept"])
def test_a_worker_whose_disk_is_full_is_started_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lasting: bool
) -> None:
    """A disk that stays full keeps the worker from saying how it ended: then it counts as gone."""
    driftline = _with_failing_worker(tmp_path, monkeypatch, TALKS, full=True, lasting=lasting)
    request = _ask(driftline)
    settle(driftline)
    assert must_be_whole(driftline, days=2) == [request]
    _must_be_second_attempt(driftline, request, tmp_path)
    said = _log_of_worker(tmp_path, request)
    assert "the disk is full" in said
    assert ("was not kept, try 3" in said) is lasting


def _with_failing_worker(
    folder: Path, monkeypatch: pytest.MonkeyPatch, does: str, *, full: bool, lasting: bool = False
) -> Driftline:
    """The engine, whose first worker finds the database locked, or the disk full from when its command runs."""
    (folder / "deliver.py").write_text(COMMAND.replace("import os, sys", "import os, pathlib, sys, threading"))
    with (folder / "deliver.py").open("a") as script:
        script.write(does)
    fails = {"once": str(folder / "failed"), "after": str(folder / "runs") if full else None, "lasting": lasting}
    path = f"{FAILING}{os.pathsep}{PROJECT}"
    for name, value in {**environment(folder), "FAILS": json.dumps(fails), "PYTHONPATH": path}.items():
        monkeypatch.setenv(name, value)
    return opened(folder)


def _ask(driftline: Driftline) -> str:
    """Two drifted days: the policy asks. Returns the request's id."""
    put_in_force(driftline, MODEL, AUTOMATIC, reason="")
    for day in range(2):
        keep(driftline, check(day))
        after_check(driftline, check(day).id, MODEL)
    (request,) = driftline.requests.requests(MODEL)
    return request.id


def _log_of_worker(folder: Path, request: str) -> str:
    return (folder / "data" / "logs" / f"{request}.log").read_text()


def _must_be_second_attempt(driftline: Driftline, request: str, folder: Path) -> None:
    """The first worker failed, the second brought the result."""
    job = driftline.jobs.job(request)
    assert (folder / "failed").exists(), "the store never failed"
    assert (job.state, job.attempts) == ("done", 2)
    assert job.result is not None
    assert runs(folder) == [request, request]
