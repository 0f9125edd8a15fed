"""kill -9 of page, dashboard, worker and both, a full disk, a locked database, two workers: each decision leads to
exactly one job for each id, and none is lost. `make soak` kills at thirty points, and sets clocks back."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from monitoring.workflows.decide import after_check, put_in_force
from tests.processes import LIMIT_SECONDS, started
from tests.workflows.dying_pages import (
    BOTH,
    DASHBOARD,
    PAGE,
    WORKER,
    must_be_whole,
    must_survive,
    settle,
)
from tests.workflows.retraining_material import AUTOMATIC, MODEL, check, environment, keep, opened, runs


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
