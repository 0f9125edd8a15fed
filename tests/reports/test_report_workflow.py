"""From a stored check to its page, with the packaged model and July as it is."""

import json
import re
import time
from contextlib import nullcontext
from html import escape
from pathlib import Path

import pandas as pd
import pytest
from scipy.stats import ks_2samp

from monitoring.errors import Cancelled, NotFound
from monitoring.history.records import CheckResult
from monitoring.progress import silent
from monitoring.reports import evidently_page
from monitoring.wiring import PROJECT, open_driftline, settings_from_environment
from monitoring.workflows.check import check_and_record, order_check
from monitoring.workflows.delete import delete_check
from monitoring.workflows.parts import Driftline
from monitoring.workflows.report import SAMPLE_ROWS, make_report, report_job_id, request_report
from tests.reports.material import embedded, shown_tests

MODEL = "flight-delay"
SAMPLES = PROJECT / "reference_data" / MODEL / "samples"
REFERENCE = PROJECT / "reference_data" / MODEL / "1" / "reference.parquet"
WORKER_SECONDS = 90


def open_in(folder: Path) -> Driftline:
    return open_driftline(settings_from_environment({"DRIFTLINE_DATA": str(folder)}))


def check(driftline: Driftline, name: str, *, labels: str | None = None) -> CheckResult:
    order = order_check(
        driftline,
        upload=driftline.uploads.save((SAMPLES / name).read_bytes()),
        file_name=name,
        labels=driftline.uploads.save((SAMPLES / labels).read_bytes()) if labels else None,
        labels_name=labels,
        model=MODEL,
    )
    check_and_record(driftline, order, silent)
    return driftline.history.check(order.id)


@pytest.fixture(scope="module")
def driftline(tmp_path_factory: pytest.TempPathFactory) -> Driftline:
    return open_in(tmp_path_factory.mktemp("data"))


@pytest.fixture(scope="module")
def july(driftline: Driftline) -> CheckResult:
    return check(driftline, "july.csv", labels="july-labels.csv")


@pytest.fixture(scope="module")
def page(driftline: Driftline, july: CheckResult) -> str:
    heard: list[tuple[float, str]] = []
    path = make_report(driftline, july.id, lambda share, message: heard.append((share, message)))
    assert path == driftline.settings.reports / f"{july.id}.html"
    assert [share for share, _ in heard] == sorted(share for share, _ in heard)
    assert {"Scoring a sample of both sides", "Loading Evidently", "Drawing the Evidently report"} < {
        message for _, message in heard
    }
    return path.read_text()


def test_the_page_shows_scipys_ks_of_every_row_of_july(page: str) -> None:
    reference, batch = pd.read_parquet(REFERENCE), pd.read_csv(SAMPLES / "july.csv")
    for column in ("temp", "dewp", "wind_speed", "humid", "pressure"):
        statistic = ks_2samp(reference[column].dropna(), batch[column].dropna()).statistic
        assert f"Drift score is {statistic:0.2f}." in shown_tests(page)[column]["description"]


def test_the_page_detects_what_the_check_found_and_nothing_else(page: str, july: CheckResult) -> None:
    detected = {column for column, test in shown_tests(page).items() if test["state"] == "fail"}
    drifted = {finding.column for finding in july.findings if finding.state == "drift" and finding.detector == "ks"}
    assert {"temp", "dewp", "wind_speed", "prediction"} <= detected
    assert detected - {"late"} == drifted - {"late"}
    compared = {finding.column for finding in july.findings if finding.detector in ("ks", "chi2")}
    assert set(shown_tests(page)) == compared, "no column is left out"


def test_the_page_says_what_it_is_about(page: str, july: CheckResult) -> None:
    assert "<h1>Evidently report: july.csv</h1>" in page
    assert escape(july.verdict.sentence) in page
    assert f"Drawn: {SAMPLE_ROWS:,} of 6,000 rows of the file, {SAMPLE_ROWS:,} of 18,809 of the reference." in page


@pytest.mark.slow
def test_the_same_rows_give_the_same_page_though_every_picture_is_drawn_each_time(
    driftline: Driftline, july: CheckResult, page: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(evidently_page, "each_drawn_once", nullcontext)
    again = make_report(driftline, july.id, silent).read_text()

    def without_ids(html: str) -> str:
        return re.sub(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|[0-9a-f]{32}", "", html)

    assert json.loads(without_ids(json.dumps(embedded(again)))) == json.loads(without_ids(json.dumps(embedded(page))))


@pytest.mark.slow
def test_a_broken_feed_has_a_page_too(driftline: Driftline) -> None:
    broken = check(driftline, "april-broken-feed.csv")
    page = make_report(driftline, broken.id, silent).read_text()
    assert len(shown_tests(page)) == 14
    assert escape(broken.verdict.sentence) in page


@pytest.fixture
def drawn_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where only what is kept matters: a page that Evidently need not draw."""
    monkeypatch.setattr(evidently_page, "write_evidently_page", lambda *_, **__: "<!DOCTYPE html><p>A page")


@pytest.mark.usefixtures("drawn_at_once")
def test_nothing_is_kept_of_a_page_that_is_not_finished(driftline: Driftline, july: CheckResult) -> None:
    folder = driftline.settings.reports
    folder.mkdir(exist_ok=True)
    before = {path.name: path.stat().st_mtime_ns for path in folder.iterdir()}

    def stop(share: float, message: str) -> None:
        if message == "Keeping the report":
            raise Cancelled("asked to stop")

    with pytest.raises(Cancelled):
        make_report(driftline, july.id, stop)
    assert {path.name: path.stat().st_mtime_ns for path in folder.iterdir()} == before


def test_a_check_or_an_upload_that_is_gone_is_said(tmp_path: Path) -> None:
    driftline = open_in(tmp_path)
    for check_id in ("0" * 16, "../../etc/passwd"):
        with pytest.raises(NotFound):
            make_report(driftline, check_id, silent)
        with pytest.raises(NotFound):
            request_report(driftline, check_id)
    quiet = check(driftline, "quiet-week.csv")
    driftline.uploads.delete(quiet.upload)
    with pytest.raises(NotFound, match="upload it again"):
        make_report(driftline, quiet.id, silent)


@pytest.mark.usefixtures("drawn_at_once")
def test_nothing_stays_of_a_check_that_is_deleted_meanwhile(tmp_path: Path) -> None:
    driftline = open_in(tmp_path)
    quiet = check(driftline, "quiet-week.csv")

    def delete(share: float, message: str) -> None:
        if message == "Keeping the report":
            delete_check(driftline, quiet.id)

    with pytest.raises(NotFound, match="deleted while"):
        make_report(driftline, quiet.id, delete)
    assert list(driftline.settings.reports.iterdir()) == []


@pytest.mark.slow
def test_a_worker_writes_it_once_and_again_when_it_is_gone(driftline: Driftline, july: CheckResult, page: str) -> None:
    file = driftline.settings.reports / f"{july.id}.html"
    for _ in range(2):
        file.unlink()
        job = request_report(driftline, july.id)
        assert (job.kind, job.id) == ("report", report_job_id(july.id))
        assert request_report(driftline, july.id).id == job.id
        deadline = time.monotonic() + WORKER_SECONDS
        while (job := driftline.jobs.job(job.id)).active:
            assert time.monotonic() < deadline, "the worker did not end"
            time.sleep(0.2)
        assert (job.state, job.result, job.attempts) == ("done", {"check": july.id}, 1)
        assert shown_tests(file.read_text()).keys() == shown_tests(page).keys()
    assert request_report(driftline, july.id).state == "done"
