"""The page of one column: from a real check, without its upload, with nothing to show, with hostile names."""

from __future__ import annotations

import csv
import io
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.charts.column_course import course, say_course
from dashboard.charts.palette import LIGHT
from dashboard.wording.column_depth import cell_words, terms_of, tolerance_sentence
from dashboard.wording.policies import column_toml, policy_lines, policy_source
from monitoring.drift.grown_cells import Cell
from monitoring.history.course import CoursePoint
from monitoring.policy.drift_policy import DEFAULT, DriftPolicy
from monitoring.workflows.check import check_and_record, enlist_check, order_check
from monitoring.workflows.column import column_job_id, request_column, rows_csv, rows_found, segments_found
from monitoring.workflows.jobs import run_job
from monitoring.workflows.parts import Driftline
from tests.dashboard import material
from tests.dashboard.columns_by_hand import finding, shift
from tests.dashboard.conftest import labels, texts
from tests.dashboard.test_escape import HOSTILE

SAMPLES = Path(__file__).parents[2] / "reference_data" / "flight-delay" / "samples"
PAGE = "views/column.py"
Open = Callable[..., AppTest]


@pytest.fixture
def check(engine: Driftline) -> str:
    """A check of July with its outcomes, by the real engine."""
    upload, known = (engine.uploads.save((SAMPLES / name).read_bytes()) for name in ("july.csv", "july-labels.csv"))
    order = order_check(engine, upload=upload, file_name="july.csv", labels=known, model="flight-delay")
    enlist_check(engine, order)
    run_job(engine.jobs, order.id, lambda progress: check_and_record(engine, order, progress))
    assert engine.history.has_check(order.id)
    return order.id


def said(app: AppTest) -> str:
    assert not app.exception
    return texts(app).replace("\\", "")


def wait_for(app: AppTest, key: str) -> AppTest:
    """Run the page again, as its timer would, until it shows a table of that key, or any button so called is gone."""
    deadline = time.monotonic() + 60
    while any(button.key == key for button in app.button) or app.get("progress"):
        assert time.monotonic() < deadline, said(app)
        time.sleep(0.1)
        app.run()
    return app


def test_everything_about_a_number(open_page: Open, engine: Driftline, check: str) -> None:
    app = open_page(PAGE, check=check, column="temp")
    told = said(app)
    assert app.title[0].value == "temp"
    assert [header.value for header in app.header] == [
        "Distributions",
        "Tolerance, and where it comes from",
        "Over time",
        "By segment",
        "Rows behind it",
        "Statistics",
    ]
    assert len(app.get("plotly_chart")) == 2
    assert "The tolerance is natural variation" in told
    metrics = {metric.label: metric for metric in app.metric}
    assert metrics["Reference values"].value == "n = 18,809"
    assert all(metric.help for metric in metrics.values()), "each term is explained under the mouse"
    assert "Only this check has measured the column so far" in told
    tables = [set(frame.value.columns) for frame in app.dataframe]
    assert any({"Method", "p adjusted", "n reference"} <= columns for columns in tables)
    assert any({"Statistic", "Interval", "What it is"} <= columns for columns in tables)


def test_whole_rows_have_a_page_without_segments_or_rows(open_page: Open, check: str) -> None:
    app = open_page(PAGE, check=check, column="")
    assert app.title[0].value == "Whole rows"
    assert "Whole rows are not cut" in said(app)
    assert not {"segments-start", "rows-start"} & {button.key for button in app.button}


def test_segments_are_compared_in_a_job_and_shown_with_pictures(open_page: Open, check: str) -> None:
    app = open_page(PAGE, check=check, column="temp")
    app.button(key="segments-start").click().run()
    wait_for(app, "segments-start")
    table = next(frame.value for frame in app.dataframe if "Share of rows" in frame.value.columns)
    assert {"AA", "UA", "DL"} <= set(table["carrier"])
    assert all(len(bars) > 5 for bars in table["Production"])
    assert "tested at alpha / 10 = 0.001" in said(app)
    assert "Segments (CSV)" in [button.label for button in app.download_button]


def test_rows_behind_a_category_and_values_never_seen(open_page: Open, engine: Driftline, check: str) -> None:
    app = open_page(PAGE, check=check, column="dest")
    app.button(key="rows-start").click().run()
    wait_for(app, "rows-start")
    assert "252 of 6,000 rows; the first 200 are kept here" in said(app)
    rows = next(frame.value for frame in app.dataframe if "flight_id" in frame.value.columns)
    assert set(rows["dest"]) == {"SFO"}
    assert len(rows) == 20
    unseen = next(frame.value for frame in app.dataframe if list(frame.value.columns) == ["Value", "Rows"])
    batch = list(csv.DictReader(io.StringIO((SAMPLES / "july.csv").read_text())))
    assert dict(zip(unseen["Value"], unseen["Rows"], strict=True))["ACK"] == sum(row["dest"] == "ACK" for row in batch)
    found = rows_found(engine, check, "dest")
    assert found is not None
    written = list(csv.DictReader(io.StringIO(rows_csv(found, {i: f"=cell{i}" for i in range(len(found.cells))}))))
    assert written[0]["because"] == "'=cell0"
    assert len(written) == sum(len(cell.rows) for cell in found.cells)


def test_the_same_work_asked_for_twice_is_one_job(engine: Driftline, check: str) -> None:
    first = request_column(engine, check, "temp", "segments", "origin")
    assert request_column(engine, check, "temp", "segments", "origin").id == first.id
    deadline = time.monotonic() + 60
    while engine.jobs.job(first.id).active and time.monotonic() < deadline:
        time.sleep(0.05)
    assert engine.jobs.job(first.id).state == "done"
    found = segments_found(engine, check, "temp", "origin")
    assert found is not None
    assert {one.value for one in found.segments.segments} == {"EWR", "JFK", "LGA"}
    assert found.rows == found.rows_used == 6_000
    assert len(engine.jobs.jobs("column")) == 1


def test_without_its_upload_a_column_is_still_shown_and_says_what_is_not_possible(
    open_page: Open, engine: Driftline, check: str
) -> None:
    engine.uploads.delete(engine.history.check(check).upload)
    app = open_page(PAGE, check=check, column="temp")
    assert [info.proto.title for info in app.info] == ["The rows are gone"] * 2
    assert not {"segments-start", "rows-start"} & {button.key for button in app.button}
    assert len(app.get("plotly_chart")) == 2


def test_work_that_failed_says_so_and_can_be_started_again(open_page: Open, engine: Driftline, check: str) -> None:
    job_id = column_job_id(check, "temp", "rows")
    engine.jobs.submit(job_id, "column", {"check": check})
    engine.jobs.claim(job_id)
    engine.jobs.fail(job_id, "failed", "The disk is full.")
    app = open_page(PAGE, check=check, column="temp")
    assert "The disk is full" in app.error[0].value
    assert "Start again" in labels(app)


def test_nothing_checked_yet_a_check_that_is_gone_and_a_column_that_is_not_there(
    open_page: Open, engine: Driftline
) -> None:
    assert "Nothing checked yet" in said(open_page(PAGE))
    engine.history.record_check(material.july(), b"")
    gone = open_page(PAGE, check="f" * 16)
    assert gone.warning[0].proto.title == "Not found"
    assert [link.proto.label for link in gone.get("page_link")] == ["july\\.csv"]
    wrong = open_page(PAGE, check=material.CHECK_ID, column="no such")
    assert "This check has no column no such" in said(wrong)
    assert wrong.title[0].value == "temp"


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_names_are_text(open_page: Open, engine: Driftline, text: str) -> None:
    result = material.hostile(text)
    engine.history.record_check(result, b"")
    app = open_page(PAGE, check=result.id, column=text)
    assert not app.exception
    assert "further statistics" in said(app), "its profile is from elsewhere: said, not raised"


def test_the_course_has_a_mark_for_each_check_and_its_tolerance() -> None:
    points = [
        CoursePoint(
            check=f"{i}",
            file_name=f"{i}.csv",
            version=1,
            first_time=None,
            last_time=None,
            state="drift" if i == 2 else "stable",
            effect=i / 10,
            tolerance=0.15,
            rows=100,
        )
        for i in range(3)
    ]
    figure = course(points, LIGHT, here="1")
    names = {trace.name: trace for trace in figure.data if trace.name}
    assert list(names["Drift"].x) == [2]
    assert list(names["Tolerance"].y) == [0.15] * 6
    assert figure.layout.shapes[0].x0 == pytest.approx(0.55)
    assert "2.csv: drift, moved 0.20, tolerance 0.15" in say_course(points, name="x")


def test_the_course_has_the_labels_of_the_time_line() -> None:
    july = CoursePoint(
        check="1",
        file_name="july.csv",
        version=1,
        first_time="2013-07-01T05:00:00",
        last_time="2013-07-31T23:00:00",
        state="stable",
        effect=0.1,
        tolerance=0.15,
        rows=100,
    )
    day = replace(july, first_time="2013-08-01T05:00:00", last_time="2013-08-01T23:00:00")
    figure = course([july, replace(july, check="2"), day], LIGHT, here="1")
    assert list(figure.layout.xaxis.ticktext) == ["Jul 2013 (1)", "Jul 2013 (2)", "1 Aug"]
    assert "Jul 2013 (2): stable" in say_course([july, july], name="x")
    many = course([july] * 60, LIGHT, here="1")
    assert len(many.layout.xaxis.ticktext) <= 12


def test_words_for_the_tolerance_name_its_source_and_numbers() -> None:
    base = finding("x", "drift", 0.5, shift(1, 2))
    assert "up to 0.460, which is more than the floor" in tolerance_sentence(base, 0.05, policy="p")
    small = replace(base, natural_variation=0.01, tolerance=0.05)
    assert tolerance_sentence(small, 0.05, policy="p").startswith(
        "The tolerance is the floor of the policy “p” (0.050)"
    )
    assert "could not be measured" in tolerance_sentence(replace(base, natural_variation=None), 0.05, policy="p")
    assert terms_of(base, 0.05)[1].below == "natural variation of days"


def test_words_for_cells() -> None:
    def words(**values: object) -> str:
        return cell_words(Cell(share_reference=0, share_batch=0.1, **values), "temp", "°F")  # type: ignore[arg-type]

    assert words(kind="range", low=1.0, high=2.0) == "temp from 1 to 2\u00a0°F"
    assert words(kind="range", low=0.5, high=2.5, least=1.0, most=2.0) == "temp from 1 to 2\u00a0°F"
    assert words(kind="range", low=0.5, high=1.5, least=1.0, most=1.0) == "temp is 1\u00a0°F"
    assert words(kind="missing") == "temp is missing"
    assert words(kind="unseen") == "temp was never seen"


def test_what_is_set_where_and_a_policy_to_copy_that_can_be_read_back() -> None:
    ours = DriftPolicy(name="ours", floor=0.1, muted=("a",))
    where = {line.key: (line.value.replace("\u00a0", " "), line.where) for line in policy_lines(ours, source="file p")}
    assert where["floor"] == ("10 %", "file p")
    assert where["muted"] == ("a", "file p")
    assert where["alpha"] == ("1 %", "built in")
    assert set(where) == set(DriftPolicy.model_fields) - {"name"}
    assert policy_source(None) == "built in"
    assert "chosen by DRIFTLINE_POLICY" in policy_source("relaxed")
    for column in ("temp", 'a "b" \\ c', "tab\there"):
        read = DriftPolicy.from_toml(column_toml(column))
        assert read.muted == (column,)
        assert read.weights == {column: 3}
    assert DEFAULT.floor == read.floor
