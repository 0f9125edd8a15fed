"""The pages on the real engine: an empty data folder, checks made by hand and by the page itself, what goes wrong."""

import json
import re
import shutil
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from threading import Timer
from urllib.parse import parse_qsl

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from dashboard.components import job_progress
from dashboard.drops import Drop, Dropped, Outcome
from dashboard.views import dropping
from monitoring.errors import StoreFailed
from monitoring.profiles.codec import encode_profile
from monitoring.progress import silent
from monitoring.workflows.check import order_check, run_check
from monitoring.workflows.parts import Driftline
from monitoring.workflows.promote import promote
from tests.dashboard import material
from tests.dashboard import versions_by_hand as versions
from tests.dashboard.conftest import labels, texts

MODEL = "flight-delay"
SAMPLES = Path(__file__).parents[2] / "reference_data" / MODEL / "samples"
Open = Callable[..., AppTest]


def said(app: AppTest) -> str:
    """What the page says, without backslashes."""
    assert not app.exception
    return texts(app).replace("\\", "")


def settle(app: AppTest, until: str, seconds: float = 60) -> AppTest:
    """Run the page again, as its timer would, until it says something."""
    deadline = time.monotonic() + seconds
    while until not in said(app):
        assert time.monotonic() < deadline, f"the page never said {until!r}; it says:\n{said(app)}"
        time.sleep(0.2)
        app.run()
    return app


def press(app: AppTest, label: str) -> AppTest:
    """Press the last button of that label."""
    next(button for button in reversed(app.button) if button.label.replace("\\", "") == label).click().run()
    assert not app.exception
    return app


def test_the_start_asks_the_question_and_offers_files_samples_template_and_model(open_page: Open) -> None:
    app = open_page()
    told = said(app)
    assert "Does your production data still look like the training data?" in told
    assert "Nothing checked yet" in told
    assert len(app.file_uploader) == 2
    assert {"July", "A quiet week", "The year so far"} <= set(labels(app))
    assert app.download_button[0].label == "Column template"
    assert "54,357 rows, 1 Jan to 31 Mar 2013" in str(app.table[0].value)


def test_a_file_that_is_dropped_is_checked_and_its_address_is_kept(open_page: Open, engine: Driftline) -> None:
    app = open_page()
    app.file_uploader[0].upload("july.csv", (SAMPLES / "july.csv").read_bytes()).run()
    settle(app, "July 2013 looks different")
    check_id = str(app.query_params["check"])
    result = engine.history.check(check_id)
    assert result.read.file_name == "july.csv"
    assert result.labels is None
    assert engine.uploads.path(result.upload).read_bytes() == (SAMPLES / "july.csv").read_bytes()
    assert "Outcomes known by now?" in app.file_uploader[0].label
    again = open_page(check=check_id)
    assert "July 2013 looks different" in said(again)


@pytest.fixture
def begun(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names of the files of which something was made, in that order."""
    names: list[str] = []
    begin = dropping._begin

    def count(engine: Driftline, drop: Drop) -> Outcome:
        names.append(drop.name)
        return begin(engine, drop)

    monkeypatch.setattr(dropping, "_begin", count)
    return names


@pytest.fixture
def break_off(monkeypatch: pytest.MonkeyPatch) -> Callable[[str, Callable[[], object]], None]:
    """Do something else, once, in the middle of a run that deals with a drop: at that function of `dropping`."""

    def interrupt(where: str, what: Callable[[], object]) -> None:
        function, calls = getattr(dropping, where), []

        def broken_off(*arguments: object) -> object:
            calls.append(arguments)
            if len(calls) == 1:
                what()
            return function(*arguments)

        monkeypatch.setattr(dropping, where, broken_off)

    return interrupt


@pytest.mark.parametrize("where", ["_tell", "done_with"])
def test_a_drop_whose_run_is_broken_off_is_gone_on_with_by_the_next(
    open_page: Open, begun: list[str], break_off: Callable[..., None], where: str
) -> None:
    break_off(where, st.rerun)
    app = open_page()
    app.file_uploader[0].upload("july.csv", (SAMPLES / "july.csv").read_bytes()).run()
    settle(app, "July 2013 looks different")
    assert begun == ["july.csv"]
    assert "was checked before" not in said(app)


@pytest.mark.parametrize("again", [False, True])
def test_a_file_dropped_just_before_the_page_is_left_is_checked_all_the_same(
    open_page: Open, begun: list[str], break_off: Callable[..., None], again: bool
) -> None:
    app = open_page()
    if again:
        app.file_uploader[0].upload("july.csv", (SAMPLES / "july.csv").read_bytes()).run()
        settle(app, "July 2013 looks different")
        app = open_page()
    break_off("_tell", lambda: st.switch_page("views/models.py"))
    app.file_uploader[0].upload("july.csv", (SAMPLES / "july.csv").read_bytes()).run()
    assert app.title[0].value == "Models"
    assert "check" not in app.query_params
    assert [one.value for one in app.toast] == [
        r"july\.csv is being checked\. The result will be under Recent checks\."
    ]
    assert ("was checked before" in said(app)) == again
    app.switch_page("views/check.py").run()
    assert "Does your production data" in said(app)
    assert begun == ["july.csv"] * (1 + again)


@pytest.mark.parametrize("where", ["name", "_tell"])
def test_a_file_that_was_to_be_looked_at_is_let_go_of_when_the_page_is_left(
    open_page: Open, engine: Driftline, break_off: Callable[..., None], where: str
) -> None:
    """Before it is kept and after."""
    break_off(where, lambda: st.switch_page("views/models.py"))
    app = open_page()
    app.toggle[0].set_value(True).run()
    app.file_uploader[0].upload("july.csv", (SAMPLES / "july.csv").read_bytes()).run()
    assert [one.value for one in app.toast] == [r"july\.csv was not looked at: drop it again to do so\."]
    assert engine.jobs.jobs("check") == ()
    assert list((engine.settings.data / "uploads").glob("*")) == []


def test_outcomes_that_come_later_lose_nothing_when_the_run_is_broken_off(
    open_page: Open, begun: list[str], break_off: Callable[..., None]
) -> None:
    app = open_page()
    app.file_uploader[0].upload("july.csv", (SAMPLES / "july.csv").read_bytes()).run()
    settle(app, "No outcomes yet")
    break_off("_tell", st.rerun)
    app.file_uploader[0].upload("labels.csv", (SAMPLES / "july-labels.csv").read_bytes()).run()
    settle(app, "Against what really happened")
    assert begun == ["july.csv", "labels.csv"]


def test_a_drop_that_cannot_be_kept_says_why_also_on_the_page_that_was_gone_to(
    open_page: Open, monkeypatch: pytest.MonkeyPatch, break_off: Callable[..., None]
) -> None:
    def full(*_: object) -> str:
        raise StoreFailed("The disk is full.")

    monkeypatch.setattr(Dropped, "keep", full)
    break_off("_tell", lambda: st.switch_page("views/models.py"))
    app = open_page()
    app.file_uploader[0].upload("july.csv", b"1").run()
    assert [one.value for one in app.error] == [r"The disk is full\."]
    app.switch_page("views/check.py").run()
    assert "The disk is full" not in said(app), "it is told once"


def test_outcomes_dropped_first_are_used_with_the_rows(open_page: Open, engine: Driftline) -> None:
    app = open_page()
    app.file_uploader[1].upload("labels.csv", (SAMPLES / "july-labels.csv").read_bytes()).run()
    assert "check" not in app.query_params, "outcomes alone start nothing"
    app.file_uploader[0].upload("july.csv", (SAMPLES / "july.csv").read_bytes()).run()
    settle(app, "Against what really happened")
    assert engine.history.check(str(app.query_params["check"])).labelled_rows == 5_770
    home = said(open_page())
    assert re.search(r"Last check: .*Drift.* \*\*july\.csv\*\*", home), "the first answer"
    assert home.count("5,770 outcomes") == 2, "there, and below Recent checks"


def test_outcomes_that_come_later_make_retraining_possible(open_page: Open) -> None:
    app = open_page()
    app.file_uploader[0].upload("july.csv", (SAMPLES / "july.csv").read_bytes()).run()
    settle(app, "No outcomes yet")
    assert app.button(key="retrain-open").disabled
    first = str(app.query_params["check"])
    app.file_uploader[0].upload("labels.csv", (SAMPLES / "july-labels.csv").read_bytes()).run()
    settle(app, "Against what really happened")
    later = str(app.query_params["check"])
    assert later != first
    assert not app.button(key="retrain-open").disabled
    assert "Checked again" not in said(app)
    before = open_page(check=first)
    assert re.search(r"Checked again with outcomes: .*Drift.*5,770 outcomes", said(before), re.DOTALL)
    (link,) = [one.proto for one in before.get("page_link") if one.proto.label == r"july\.csv"]
    assert f"check={later}" in link.query_string


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"\x89PNG\r\n\x1a\n" + b"\x00" * 64, "PNG"),
        (b"", "empty"),
        (b"carrier,origin\nUA,EWR\n", "dest"),
    ],
)
def test_a_refused_file_is_one_sentence_and_the_drop_zone_stays(
    open_page: Open, engine: Driftline, content: bytes, says: str
) -> None:
    app = open_page()
    app.file_uploader[0].upload("picture.csv", content).run()
    deadline = time.monotonic() + 30
    while not app.error and time.monotonic() < deadline:
        time.sleep(0.1)
        app.run()
    assert app.error[0].proto.title == "Refused"
    assert says in app.error[0].value.replace("\\", "")
    assert len(app.file_uploader) == 2
    assert engine.history.checks() == ()
    kept = [path for path in (engine.settings.data / "uploads").glob("*") if path.is_file()]
    assert len(kept) == (says == "dest"), "only what may be read differently stays, until it is forgotten"


def test_a_sample_pressed_twice_is_one_check(open_page: Open, engine: Driftline) -> None:
    for _ in range(2):
        app = open_page()
        press(app, "A quiet week")
        settle(app, "The file and its rows")
    assert len(engine.history.checks()) == 1
    assert len(engine.jobs.jobs("check")) == 1


def test_a_broken_feed_is_called_broken_and_not_to_be_trained_on(open_page: Open) -> None:
    app = open_page()
    press(app, "April, from a broken feed")
    settle(app, "What next?")
    assert app.error[0].proto.title == "Broken feed"
    assert "'ua' is not known, 'UA' is" in said(app)
    assert app.button(key="retrain-open").disabled


def test_a_result_shows_everything_in_the_order_of_the_page(open_page: Open, engine: Driftline) -> None:
    engine.history.record_check(material.july(), b"")
    app = open_page(check=material.CHECK_ID)
    assert [header.value for header in app.header] == [
        "What moved",
        "All columns",
        "Predictions",
        "Reports",
        "The file and its rows",
        "What next?",
    ]
    assert app.error[0].proto.title == "Drift"
    assert len(app.get("plotly_chart")) == 2 + 2
    assert all(chart.proto.alt for chart in app.get("plotly_chart"))


def test_charts_and_table_wait_until_they_are_seen_and_are_told_in_words(open_page: Open, engine: Driftline) -> None:
    engine.history.record_check(material.july(), b"")
    app = open_page(check=material.CHECK_ID, unseen=True)
    assert not app.get("plotly_chart")
    assert not any("Moved" in frame.value.columns for frame in app.dataframe)
    says = [json.loads(place.proto.json)["says"] for place in app.get("bidi_component")]
    assert says[0].endswith("columns and how far each moved, what matters most first.")
    assert says[1].startswith("Histograms of Predictions.")
    assert "Cumulative curves of Predictions." in says[1]


def test_another_column_can_be_chosen(open_page: Open, engine: Driftline) -> None:
    engine.history.record_check(material.july(), b"")
    app = open_page(check=material.CHECK_ID)
    assert app.selectbox(key="column").value == "temp"
    app.selectbox(key="column").select("dest").run()
    assert "never seen before: “ANC”" in said(app)


def test_a_check_that_ran_by_an_older_version_offers_the_new_one(open_page: Open, engine: Driftline) -> None:
    engine.history.record_check(replace(material.july(), version=7), b"")
    assert "Check this file by version 1" in labels(open_page(check=material.CHECK_ID))


def test_a_check_is_deleted_after_one_question(open_page: Open, engine: Driftline) -> None:
    engine.history.record_check(material.july(), b"")
    app = open_page(check=material.CHECK_ID)
    press(app, "Delete this check …")
    assert engine.history.has_check(material.CHECK_ID)
    press(app, "Delete")
    assert not engine.history.has_check(material.CHECK_ID)
    assert "check" not in app.query_params
    assert "Does your production data" in said(app)


def test_an_address_that_leads_nowhere_says_so_and_offers_the_start(open_page: Open) -> None:
    app = open_page(check="ffffffffffffffff")
    assert app.warning[0].proto.title == "Not found"
    assert len(app.file_uploader) == 2


def test_an_interrupted_check_says_so_and_can_be_started_again(open_page: Open, engine: Driftline) -> None:
    upload = engine.uploads.save((SAMPLES / "july.csv").read_bytes())
    order = order_check(engine, upload=upload, file_name="july.csv", model=MODEL)
    engine.jobs.submit(order.id, "check", order.model_dump())
    engine.jobs.claim(order.id)
    engine.jobs.fail(order.id, "interrupted", "The process that worked on this was stopped.")
    app = open_page(check=order.id)
    assert app.warning[0].proto.title == "Interrupted"
    press(app, "Start again")
    settle(app, "July 2013 looks different")


def test_a_check_under_way_shows_progress_and_cancel(open_page: Open, engine: Driftline) -> None:
    upload = engine.uploads.save((SAMPLES / "july.csv").read_bytes())
    order = order_check(engine, upload=upload, file_name="july.csv", model=MODEL)
    engine.jobs.submit(order.id, "check", order.model_dump())
    engine.jobs.claim(order.id)
    engine.jobs.report(order.id, 0.4, "2,400 of 6,000 rows read")
    app = open_page(check=order.id)
    assert app.progress[0].value == 40
    assert "2,400 of 6,000 rows read" in app.progress[0].text.replace("\\", "")
    press(app, "Cancel")
    assert engine.jobs.job(order.id).cancel_asked


def test_a_result_is_shown_when_whether_to_retrain_is_decided_too(open_page: Open, engine: Driftline) -> None:
    upload = engine.uploads.save((SAMPLES / "july.csv").read_bytes())
    order = order_check(engine, upload=upload, file_name="july.csv", model=MODEL)
    engine.jobs.submit(order.id, "check", order.model_dump())
    engine.jobs.claim(order.id)
    result, profile = run_check(engine, order, silent)
    engine.history.record_check(result, encode_profile(profile))
    assert "Checking" in open_page(check=order.id).title[0].value
    engine.jobs.finish(order.id, {"check": order.id})
    assert "July 2013 looks different" in said(open_page(check=order.id))


def test_a_check_that_is_done_in_a_moment_shows_its_result_at_once(
    open_page: Open, engine: Driftline, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(job_progress, "MOMENT", 60)  # of a busy machine
    upload = engine.uploads.save((SAMPLES / "july.csv").read_bytes())
    order = order_check(engine, upload=upload, file_name="july.csv", model=MODEL)
    result, profile = run_check(engine, order, silent)
    engine.jobs.submit(order.id, "check", order.model_dump())
    engine.jobs.claim(order.id)

    def end() -> None:
        engine.history.record_check(result, encode_profile(profile))
        engine.jobs.finish(order.id, {"check": order.id})

    ending = Timer(0.2, end)
    ending.start()
    try:
        app = open_page(check=order.id)
    finally:
        ending.join()
    assert "July 2013 looks different" in said(app)
    assert not app.progress


def test_a_check_behind_several_others_says_at_once_that_it_waits(
    open_page: Open, engine: Driftline, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(job_progress, "MOMENT", 60)
    monkeypatch.setattr(job_progress, "sleep", lambda seconds: pytest.fail("it is waited for"))
    for number in range(job_progress.FEW):
        engine.jobs.submit(f"other-{number}", "check", {})
    upload = engine.uploads.save((SAMPLES / "july.csv").read_bytes())
    order = order_check(engine, upload=upload, file_name="july.csv", model=MODEL)
    engine.jobs.submit(order.id, "check", order.model_dump())
    app = open_page(check=order.id)
    waiting = app.progress[0].text.replace("\\", "")
    assert waiting == f"Waiting for its turn, with {job_progress.FEW} other jobs under way"


def test_models_shows_the_version_in_use_and_the_jobs(open_page: Open, engine: Driftline) -> None:
    app = open_page("views/models.py")
    told = said(app)
    assert "Version 1" in told
    assert "in use" in told
    assert "The packaged version has been in use from the start" in told
    assert "No jobs yet" in told


def test_each_job_leads_to_where_it_is_seen(open_page: Open, engine: Driftline) -> None:
    for kind, asked in {
        "check": {"file_name": "july.csv"},
        "report": {"check": "c1"},
        "column": {"check": "c2", "column": "air time", "file_name": "may.csv"},
        "windows": {"model": MODEL, "version": 1, "step": "week"},
        "year": {"model": MODEL, "sample": "year"},
        "retrain": {"model": MODEL},
        "try": {"model": MODEL, "hook": "local"},
    }.items():
        engine.jobs.submit(f"the-{kind}", kind, asked)
    app = open_page("views/models.py")
    places = {}
    for link in app.get("page_link"):
        kind = link.proto.label.split("**")[1]
        places[kind] = (link.proto.page, dict(parse_qsl(link.proto.query_string)))
    assert places == {
        "Check": ("", {"check": "the-check"}),
        "Report": ("", {"check": "c1"}),
        "A closer look at a column": ("column", {"check": "c2", "column": "air time"}),
        "Time line": ("timeline", {"model": MODEL, "view": "week", "version": "1"}),
        "The year so far": ("", {"job": "the-year"}),
        "Retraining": ("retraining", {}),
        "Trying a hook": ("retraining", {}),
    }


def test_a_version_is_promoted_and_rolled_back(open_page: Open, engine: Driftline) -> None:
    register_second(engine)
    app = open_page("views/models.py")
    assert "Roll back …" not in labels(app)
    press(app, "Promote …")
    assert engine.registry.champion(MODEL).number == 1, "nothing is done before the question is answered"
    press(app, "Promote version 2")
    assert engine.registry.champion(MODEL).number == 2
    assert "Version 2 promoted instead of version 1" in said(app).replace("*", "")
    press(app, "Roll back …")
    press(app, "Roll back")
    assert engine.registry.champion(MODEL).number == 1
    assert "Version 1 brought back instead of version 2" in said(app).replace("*", "")
    assert [switch.kind for switch in engine.history.switches(MODEL)] == ["roll_back", "promote"]


def test_what_cannot_be_done_is_said_on_the_page(open_page: Open, engine: Driftline) -> None:
    register_second(engine)
    app = open_page("views/models.py")
    press(app, "Promote …")
    promote(engine.registry, engine.history, MODEL, 2, reason="somebody was faster", now=engine.now())
    press(app, "Promote version 2")
    assert "already in use" in app.error[0].value


def register_second(engine: Driftline, *, sources: tuple[str, ...] = ()) -> None:
    """Make version 2: the files of version 1 under another manifest, as if it had learnt from the `sources`."""
    first = engine.registry.version(MODEL, 1)
    with engine.registry.staging(MODEL) as staged:
        for file in (first.model_file, first.folder / "contract.json", first.reference_file):
            shutil.copy(file, staged / file.name)
        changed = {"version": 0, "parent": 1, "gate": versions.gate(), "files": {}, "sources": sources}
        manifest = first.manifest.model_copy(update=changed)
        (staged / "manifest.json").write_text(manifest.model_dump_json())
        engine.registry.register(MODEL, staged)


def test_a_data_folder_that_cannot_be_used_is_one_sentence(
    open_page: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "no-folder"
    file.write_text("a file where a folder should be")
    monkeypatch.setenv("DRIFTLINE_DATA", str(file))
    app = open_page()
    assert app.error[0].proto.title == "This cannot be shown"
    assert str(tmp_path) not in app.error[0].value
    file.unlink()
    app.button(key="app-again").click().run()
    assert not app.error, "once that is mended, the page is there without another visit"
    assert app.title[0].value
