"""Deleting a check takes along what came with it, and nothing that something else needs."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path

import pytest

from monitoring.errors import NotFound, NotPossible
from monitoring.history.records import JobState
from monitoring.processes import here
from monitoring.wiring import open_driftline
from monitoring.workflows.delete import delete_check, tidy
from monitoring.workflows.parts import Driftline, Settings
from tests.history.material import make_check
from tests.registry.material import NOW, package, register

CHECK = "c" * 16


@pytest.fixture
def driftline(tmp_path: Path) -> Driftline:
    package(tmp_path)
    return open_driftline(
        Settings(
            data=tmp_path / "data",
            packaged_models=tmp_path / "models",
            packaged_reference=tmp_path / "reference_data",
        )
    )


@pytest.fixture
def rows(driftline: Driftline) -> str:
    return driftline.uploads.save(b"rows")


@pytest.fixture
def labels(driftline: Driftline) -> str:
    return driftline.uploads.save(b"labels")


def keep_check(driftline: Driftline, check_id: str, rows: str, labels: str | None = None) -> None:
    driftline.jobs.submit(check_id, "check", {"upload": rows, "labels": labels})
    driftline.jobs.claim(check_id)
    driftline.history.record_check(make_check(check_id, upload=rows, labels=labels), b"")
    driftline.jobs.finish(check_id, {})
    driftline.settings.reports.mkdir(exist_ok=True)
    (driftline.settings.reports / f"{check_id}.html").write_text("report")
    driftline.jobs.submit(f"report-{check_id}", "report", {"check": check_id})


def kept_files(driftline: Driftline) -> set[str]:
    return set(driftline.uploads.kept(until=float("inf")))


def test_everything_of_a_check_goes(driftline: Driftline, rows: str, labels: str) -> None:
    keep_check(driftline, CHECK, rows, labels)
    delete_check(driftline, CHECK)
    assert driftline.history.checks() == ()
    assert driftline.jobs.jobs() == ()
    assert kept_files(driftline) == set()
    assert list(driftline.settings.reports.iterdir()) == []
    with pytest.raises(NotFound, match="may have been deleted already"):
        delete_check(driftline, CHECK)


def test_what_another_check_needs_stays(driftline: Driftline, rows: str, labels: str) -> None:
    keep_check(driftline, CHECK, rows, labels)
    keep_check(driftline, "d" * 16, rows)
    delete_check(driftline, CHECK)
    assert kept_files(driftline) == {rows}
    assert [line.id for line in driftline.history.checks()] == ["d" * 16]
    assert (driftline.settings.reports / f"{'d' * 16}.html").exists()
    assert [job.id for job in driftline.jobs.jobs("report")] == [f"report-{'d' * 16}"]
    delete_check(driftline, "d" * 16)
    assert kept_files(driftline) == set()


def test_what_a_retraining_reads_is_not_deleted_while_it_runs(driftline: Driftline, rows: str, labels: str) -> None:
    keep_check(driftline, CHECK, rows, labels)
    driftline.jobs.submit("retrain-1", "retrain", {"sources": [{"upload": rows, "labels": labels}]})
    driftline.jobs.claim("retrain-1")
    with pytest.raises(NotPossible, match="retraining is learning from this file"):
        delete_check(driftline, CHECK)
    assert kept_files(driftline) == {rows, labels}
    driftline.jobs.fail("retrain-1", "interrupted", "ended")
    delete_check(driftline, CHECK)
    assert kept_files(driftline) == set()


@pytest.mark.parametrize("claimed", [False, True])
def test_a_check_that_runs_is_not_deleted(driftline: Driftline, rows: str, claimed: bool) -> None:
    driftline.jobs.submit(CHECK, "check", {"upload": rows, "labels": None})
    if claimed:
        driftline.jobs.claim(CHECK)
    with pytest.raises(NotPossible, match="cancel it first"):
        delete_check(driftline, CHECK)
    assert kept_files(driftline) == {rows}
    driftline.jobs.cancel(CHECK)
    if claimed:
        driftline.jobs.fail(CHECK, "cancelled", "Cancelled.")
    delete_check(driftline, CHECK)
    assert kept_files(driftline) == set()
    assert driftline.jobs.jobs() == ()


@pytest.mark.parametrize("state", ["cancelled", "failed", "interrupted"])
def test_a_check_that_was_never_recorded_goes_with_its_files(driftline: Driftline, rows: str, state: JobState) -> None:
    driftline.jobs.submit(CHECK, "check", {"upload": rows, "labels": None})
    driftline.jobs.claim(CHECK)
    assert state in ("cancelled", "failed", "interrupted")
    driftline.jobs.fail(CHECK, state, "")
    delete_check(driftline, CHECK)
    assert kept_files(driftline) == set()
    assert driftline.jobs.jobs() == ()


def test_jobs_of_other_kinds_are_not_checks(driftline: Driftline) -> None:
    driftline.jobs.submit("retrain-1", "retrain", {})
    driftline.jobs.cancel("retrain-1")
    with pytest.raises(NotFound):
        delete_check(driftline, "retrain-1")


def test_a_deletion_that_was_cut_off_is_finished_by_deleting_again(driftline: Driftline, rows: str) -> None:
    keep_check(driftline, CHECK, rows)
    driftline.uploads.delete(rows)
    (driftline.settings.reports / f"{CHECK}.html").unlink()
    delete_check(driftline, CHECK)
    assert driftline.history.checks() == ()


def test_tidying_takes_old_orphans_and_leaves_what_is_used_or_young(
    driftline: Driftline, rows: str, labels: str
) -> None:
    keep_check(driftline, CHECK, rows)
    young = driftline.uploads.save(b"its job is about to be submitted")
    orphan_page, used_page = (driftline.settings.reports / f"{name * 16}.html" for name in "dc")
    orphan_page.write_text("report of a check that was deleted")
    old = (driftline.now() - timedelta(days=2)).timestamp()
    for path in (driftline.uploads.path(rows), driftline.uploads.path(labels), orphan_page, used_page):
        os.utime(path, (old, old))
    tidy(driftline)
    assert kept_files(driftline) == {rows, young}
    assert list(driftline.settings.reports.iterdir()) == [used_page]


def test_tidying_puts_right_what_a_killed_process_left(driftline: Driftline, tmp_path: Path) -> None:
    register(driftline.registry, "new")
    driftline.registry.promote("delay", 2, reason="never told to the history", now=NOW)
    dead = f"{here()}1"
    staged = tmp_path / "data" / "models" / "delay" / f".part-{dead}-abcd"
    staged.mkdir()
    (staged / "model.onnx").write_text("half")
    half = tmp_path / "data" / "uploads" / f".part-{dead}-abcd"
    half.parent.mkdir(exist_ok=True)
    half.write_text("half")
    tidy(driftline)
    assert not staged.exists()
    assert not half.exists()
    assert driftline.history.switches() == driftline.registry.switches("delay")
