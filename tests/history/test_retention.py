"""How long files are kept: what is set, what would go, what goes, what stays; killed half-way, and several at once."""

from __future__ import annotations

import os
from contextlib import ExitStack
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from monitoring.errors import NotPossible, Refused, StoreFailed
from monitoring.history.retention import Retention, RetentionFile, retention_from
from monitoring.tables.report import Example, Problem, RefusedRow
from monitoring.workflows.parts import Driftline
from monitoring.workflows.retention import delete_files, due, plan_deletion, rows_due, storage, sweep, sweep_daily
from tests.history.material import make_check, open_in
from tests.processes import answer, started, tell, wait_until
from tests.registry.material import package

OLD = timedelta(days=100)


@pytest.fixture
def driftline(tmp_path: Path) -> Driftline:
    package(tmp_path)
    return open_in(tmp_path / "data")


def keep(driftline: Driftline, number: int, *, age: timedelta = OLD, labels: str | None = None) -> str:
    """A check of a file of its own that came so long ago; returns the file's SHA-256."""
    sha = driftline.uploads.save(f"rows of {number}".encode())
    moment = (driftline.now() - age).timestamp()
    os.utime(driftline.uploads.path(sha), (moment, moment))
    check = make_check(f"{number:016x}", upload=sha, labels=labels, file_name=f"{number}.csv")
    driftline.history.record_check(replace(check, created_at=driftline.now() - age), b"")
    return sha


def uploads(driftline: Driftline) -> set[str]:
    return set(driftline.uploads.kept(until=float("inf")))


def test_nothing_is_set_and_nothing_goes(driftline: Driftline) -> None:
    sha = keep(driftline, 1, age=timedelta(days=9_999))
    assert driftline.retention.in_force() == Retention(uploads=None, rows=None)
    assert sweep(driftline) == 0
    assert uploads(driftline) == {sha}


def test_a_sweep_deletes_what_is_older_and_its_check_stays_readable(driftline: Driftline) -> None:
    keep(driftline, 1)
    young = keep(driftline, 2, age=timedelta(days=89))
    driftline.retention.keep("uploads", 90)
    assert due(driftline, "uploads", 90) == (1, len("rows of 1"))
    assert sweep(driftline) == 1
    assert uploads(driftline) == {young}
    assert driftline.history.check(f"{1:016x}").read.file_name == "1.csv"
    assert sweep(driftline) == 0


def test_what_a_job_needs_is_left_and_told(driftline: Driftline) -> None:
    sha = keep(driftline, 1)
    driftline.jobs.submit("retrain-1", "retrain", {"sources": [{"upload": sha}]})
    driftline.jobs.claim("retrain-1")
    plan = plan_deletion(driftline)
    assert [file.sha for file in plan.left] == [sha]
    assert plan.files == ()
    assert delete_files(driftline, plan.left) == 0, "it is looked at again at the moment of deleting"
    driftline.retention.keep("uploads", 1)
    assert sweep(driftline) == 0
    driftline.jobs.fail("retrain-1", "failed", "")
    assert sweep(driftline) == 1


def test_deleting_by_check_takes_rows_and_labels_and_nothing_else(driftline: Driftline) -> None:
    labels = driftline.uploads.save(b"labels")
    mine, other = keep(driftline, 1, labels=labels), keep(driftline, 2)
    plan = plan_deletion(driftline, check=f"{1:016x}")
    assert {file.sha for file in plan.files} == {mine, labels}
    assert plan.checks == 1
    assert plan.size == len(b"labels") + len("rows of 1")
    assert delete_files(driftline, plan.files) == 2
    assert uploads(driftline) == {other}


def test_all_uploads_but_one_that_came_just_now_for_a_check_about_to_start(driftline: Driftline) -> None:
    keep(driftline, 1, age=timedelta(0))
    fresh = driftline.uploads.save(b"its job is about to be submitted")
    delete_files(driftline, plan_deletion(driftline).files)
    assert uploads(driftline) == {fresh}


def with_rows(driftline: Driftline, number: int, age: timedelta) -> str:
    """A check that keeps a row that did not fit, with a page of Evidently and example rows of a column."""
    check = make_check(f"{number:016x}")
    row = RefusedRow(row=3, reason="temp is missing", cells=(("name", "Ada"),))
    problem = Problem(column="temp", rule="not_a_number", count=7, sets_row_aside=True, examples=(Example(3, "Ada"),))
    read = replace(check.read, refused_rows=(row,), flawed_rows=(row,), problems=(problem,))
    driftline.history.record_check(replace(check, read=read, created_at=driftline.now() - age), b"")
    moment = (driftline.now() - age).timestamp()
    files = [driftline.settings.reports / f"{check.id}.html", driftline.settings.columns / f"column-{number}.json"]
    for file in files:
        file.parent.mkdir(exist_ok=True)
        file.write_text("Ada")
        os.utime(file, (moment, moment))
    driftline.jobs.submit(f"column-{number}", "column", {"check": check.id})
    driftline.jobs.claim(f"column-{number}")
    driftline.jobs.finish(f"column-{number}", {})
    return check.id


def test_rows_go_from_checks_columns_and_reports_and_counts_stay(driftline: Driftline) -> None:
    old, young = with_rows(driftline, 1, OLD), with_rows(driftline, 2, timedelta(days=3))
    driftline.retention.keep("rows", 30)
    assert rows_due(driftline, driftline.now() - timedelta(days=30)) == (old,)
    assert due(driftline, "rows", 30) == (1, 0)
    sweep(driftline)
    read = driftline.history.check(old).read
    assert (read.refused_rows, read.flawed_rows, read.problems[0].examples) == ((), (), ())
    assert read.problems[0].count == 7
    assert read.rows_refused == 2
    assert [path.name for path in driftline.settings.reports.iterdir()] == [f"{young}.html"]
    assert [path.name for path in driftline.settings.columns.iterdir()] == ["column-2.json"]
    assert driftline.history.check(young).read.refused_rows
    assert rows_due(driftline, driftline.now() - timedelta(days=30)) == ()


def test_what_was_made_of_a_file_goes_before_the_file(driftline: Driftline) -> None:
    check = with_rows(driftline, 1, timedelta(0))
    sha = driftline.uploads.save(b"x")
    driftline.history.delete_check(check)
    driftline.history.record_check(make_check(check, upload=sha), b"")
    delete_files(driftline, plan_deletion(driftline).files)
    assert list(driftline.settings.columns.iterdir()) == []
    assert list(driftline.settings.reports.iterdir()) == []
    assert driftline.jobs.jobs("column") == ()


def test_a_sweep_killed_half_way_leaves_whole_files_and_the_next_goes_on(driftline: Driftline, tmp_path: Path) -> None:
    kept = {keep(driftline, number) for number in range(5)}
    driftline.retention.keep("uploads", 90)
    child = ("-m", "tests.history.retention_children", "sweep_and_stop_half_way", tmp_path / "data")
    with started(*child) as process:
        assert answer(process) == "two"
        process.kill()
        process.wait()
    left = uploads(driftline)
    assert left < kept
    assert len(left) == 3
    assert all(driftline.uploads.path(sha).read_bytes().startswith(b"rows of ") for sha in left)
    assert sweep(driftline) == 3, "a dead process holds no lock"
    assert uploads(driftline) == set()
    assert len(driftline.history.checks()) == 5


def test_two_processes_that_sweep_at_once_delete_each_file_once(driftline: Driftline, tmp_path: Path) -> None:
    for number in range(12):
        keep(driftline, number)
    driftline.retention.keep("uploads", 90)
    child = ("-m", "tests.history.retention_children", "sweep_with_others", tmp_path / "data")
    with ExitStack() as stack:
        processes = [stack.enter_context(started(*child)) for _ in range(2)]
        assert [answer(process) for process in processes] == ["ready"] * 2
        for process in processes:
            tell(process)
        assert sorted(int(answer(process)) for process in processes) == [0, 12]
    assert uploads(driftline) == set()


def test_two_processes_that_set_two_values_lose_neither(tmp_path: Path) -> None:
    with ExitStack() as stack:
        child = ("-m", "tests.history.retention_children", "set_uploads", tmp_path)
        processes = [stack.enter_context(started(*child, kind)) for kind in ("uploads", "rows")]
        assert [answer(process) for process in processes] == ["ready"] * 2
        for process in processes:
            tell(process)
        assert [answer(process) for process in processes] == ["0"] * 2, "no value was ever overwritten by an old one"
    assert RetentionFile(tmp_path / "retention.json", {}).kept() == Retention(uploads=60, rows=60)


def test_the_environment_comes_first_and_cannot_be_changed_on_the_page(tmp_path: Path) -> None:
    said = retention_from({"DRIFTLINE_KEEP_UPLOADS": "7", "DRIFTLINE_KEEP_ROWS": "forever"})
    file = RetentionFile(tmp_path / "retention.json", {"uploads": said["uploads"]})
    file.keep("rows", 3)
    assert file.in_force() == Retention(uploads=7, rows=3)
    with pytest.raises(NotPossible, match="DRIFTLINE_KEEP_UPLOADS decides this"):
        file.keep("uploads", 90)
    assert RetentionFile(tmp_path / "retention.json", said).in_force() == Retention(uploads=7, rows=None)
    assert retention_from({"DRIFTLINE_KEEP_UPLOADS": ""}) == {}


@pytest.mark.parametrize("text", ["0", "-1", "1.5", "soon", "٣", "9" * 30])
def test_a_variable_that_says_nothing_clear_is_refused(text: str) -> None:
    with pytest.raises(Refused, match="DRIFTLINE_KEEP_ROWS must be a number of days, such as 90, or the word forever"):
        retention_from({"DRIFTLINE_KEEP_ROWS": text})


@pytest.mark.parametrize("content", [b"", b"{", b'{"uploads": 0}', b'{"uploads": "7"}', b'{"other": 1}'])
def test_a_damaged_file_stops_the_sweep_and_says_how_to_mend_it(driftline: Driftline, content: bytes) -> None:
    sha = keep(driftline, 1)
    driftline.settings.retention_file.write_bytes(content)
    with pytest.raises(StoreFailed, match=r"remove retention\.json"):
        sweep(driftline)
    assert uploads(driftline) == {sha}


@pytest.mark.parametrize("days", [0, -1, 40_000])
def test_an_impossible_number_of_days_is_not_kept(tmp_path: Path, days: int) -> None:
    file = RetentionFile(tmp_path / "retention.json", {})
    with pytest.raises(NotPossible):
        file.keep("rows", days)
    assert file.kept() == Retention()


def test_the_sweep_comes_at_the_start_and_again(driftline: Driftline) -> None:
    keep(driftline, 1)
    driftline.retention.keep("uploads", 90)
    sweep_daily(driftline, seconds=0.05)
    wait_until(lambda: not uploads(driftline), "the first sweep")
    keep(driftline, 2)
    wait_until(lambda: not uploads(driftline), "the next sweep")


def test_an_engine_that_nobody_holds_any_more_is_let_go(tmp_path: Path) -> None:
    package(tmp_path)
    thread = sweep_daily(open_in(tmp_path / "data"), seconds=0.05)
    thread.join(30)
    assert not thread.is_alive()


def test_storage_is_told_by_kind_and_adds_up(driftline: Driftline) -> None:
    keep(driftline, 1)
    with_rows(driftline, 2, timedelta(0))
    lines = {line.kind: line for line in storage(driftline)}
    assert lines["uploads"].files == 1
    assert lines["uploads"].size == len("rows of 1")
    assert (lines["columns"].files, lines["reports"].size) == (1, 3)
    on_disk = sum(path.stat().st_size for path in driftline.settings.data.rglob("*") if path.is_file())
    assert sum(line.size for line in lines.values()) == on_disk
