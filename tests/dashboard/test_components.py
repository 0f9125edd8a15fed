"""Each component alone, on results made by hand."""

import json
import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

import numpy as np
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from dashboard.charts.palette import DARK, LIGHT
from dashboard.components import job_progress
from dashboard.components.column_card import choose_column, show_column
from dashboard.components.confirm import Question, ask, asked, confirm
from dashboard.components.findings_table import choose_rows, show_table
from dashboard.components.headline_cards import show_headlines
from dashboard.components.job_list import show_jobs
from dashboard.components.job_progress import follow, give_a_moment, show_ended, show_running
from dashboard.components.metric_cards import show_cards
from dashboard.components.notices import show_notices
from dashboard.components.performance_panel import show_performance
from dashboard.components.report_panel import ReportPart, show_report
from dashboard.components.unused_rows import show_unused
from dashboard.components.verdict_banner import show_verdict
from dashboard.wording.columns import column_rows
from dashboard.wording.summary import summary_of
from monitoring.errors import NotFound, StoreFailed
from monitoring.policy.verdict import VerdictName
from monitoring.tables.report import RefusedRow
from tests.dashboard import material
from tests.dashboard import versions_by_hand as versions
from tests.dashboard.conftest import draw, labels, texts
from tests.dashboard.test_escape import HOSTILE


def banner(verdict: Any) -> None:
    show_verdict(verdict)


@pytest.mark.parametrize(
    ("name", "kind", "word"),
    [
        ("stable", "success", "Stable"),
        ("watch", "warning", "Watch"),
        ("drift", "error", "Drift"),
        ("broken", "error", "Broken feed"),
        ("undecided", "info", "Undecided"),
    ],
)
def test_the_banner_has_word_icon_colour_sentence_and_advice(name: VerdictName, kind: str, word: str) -> None:
    verdict = material.verdict(name)
    app = draw(banner, verdict=verdict)
    alert = getattr(app, kind)[0]
    assert alert.proto.title == word
    assert alert.icon
    assert verdict.advice.split(".")[0][:10] in alert.value.replace("\\", "")


def test_the_banner_tells_what_the_promise_rests_on() -> None:
    app = draw(banner, verdict=material.verdict("drift"))
    assert "Days are exchanged\\, not rows" in app.error[0].value


def cards(result: Any) -> None:
    show_cards(result)


def test_the_cards_say_what_moved_what_is_predicted_what_happened_and_how_many_rows() -> None:
    app = draw(cards, result=material.july())
    told = {card.label: (card.value.replace("\u00a0", " "), card.delta) for card in app.metric}
    assert told["Inputs that moved"][0] == "3 of 13"
    assert told["Inputs that moved"][1] == "precip not judged; temp, dewp, wind\\_speed"
    assert told["Mean prediction"][0] == "8 %"
    assert told["Really happened"][0] == "32 %"
    assert told["Rows scored"] == ("6,000", "12 set aside")


def test_the_cards_say_when_outcomes_are_not_known() -> None:
    app = draw(cards, result=material.quiet())
    assert [card.value for card in app.metric if card.label == "Really happened"] == ["unknown"]


def headlines(result: Any) -> None:
    show_headlines(result, LIGHT)


def test_headlines_stand_as_text_with_a_picture_told_in_words() -> None:
    app = draw(headlines, result=material.july())
    assert "median 39 → 77 °F" in texts(app)
    pictures = [image.proto.imgs[0] for image in app.get("image")]
    assert [picture.alt.split(". ")[0] for picture in pictures] == [
        "Histograms of temp",
        "Histograms of dewp",
        "Histograms of wind_speed",
    ]


def test_a_quiet_check_says_so_instead_of_showing_nothing() -> None:
    app = draw(headlines, result=material.quiet())
    assert "No input moved" in texts(app)
    assert not app.get("image")


@pytest.mark.parametrize(
    ("open_ones", "card", "words"),
    [
        (13, "temp and 12 more could not be judged", "No input could be judged."),
        (
            4,
            "temp and 3 more could not be judged",
            "No input was found to have moved, but 4 of 13 could not be judged.",
        ),
        (1, "temp could not be judged", "No input was found to have moved, but 1 of 13 could not be judged."),
        (0, "none beyond its usual range", "No input moved beyond its usual range."),
    ],
)
def test_inputs_that_could_not_be_judged_are_not_said_to_have_stayed(open_ones: int, card: str, words: str) -> None:
    result = material.left_open(open_ones)
    assert draw(cards, result=result).metric[0].delta == card
    assert draw(cards, result=result).metric[0].value == "0 of 13"
    assert words in texts(draw(headlines, result=result))
    assert (card if open_ones else "beyond chance and usual range") in summary_of(result)


def test_a_name_from_a_file_stays_text_on_the_card() -> None:
    base = material.left_open(1)
    hostile = tuple(replace(one, column="**x**") if one.column == "temp" else one for one in base.findings)
    assert draw(cards, result=replace(base, findings=hostile)).metric[0].delta == "\\*\\*x\\*\\* could not be judged"


def table(result: Any) -> None:
    show_table(column_rows(result), DARK, key="table")


def test_the_table_has_a_row_for_each_column_what_matters_most_first() -> None:
    frame = draw(table, result=material.july()).dataframe[0].value
    assert list(frame["Column"])[:4] == ["temp", "dewp", "Predictions", "wind_speed"]
    assert frame["State"][0] == ["▲ Drift"]
    assert frame["Moved"][0] == 1.0


def column(result: Any, name: str) -> None:
    show_column(result, name, LIGHT, key="card")


def test_a_number_has_two_charts_and_its_findings_in_words() -> None:
    app = draw(column, result=material.july(), name="temp")
    assert len(app.get("plotly_chart")) == 2
    assert "KS 1\\.00" in texts(app)


def test_a_column_has_no_line_for_what_is_nothing_to_note() -> None:
    result = material.july()
    nothing = replace(result.findings[-1], evidence=replace(result.findings[-1].evidence, share_batch=0.0))
    app = draw(column, result=replace(result, findings=(*result.findings[:-1], nothing)), name="dest")
    assert "Noted" not in texts(app)
    assert "Noted" in texts(draw(column, result=result, name="dest"))


def statistics(findings: Any) -> None:
    from dashboard.components.column_statistics import show_findings

    show_findings(findings, "")


def test_numbers_in_the_table_of_findings_stay_numbers_and_a_dash_stands_for_none() -> None:
    result = material.july()
    nothing = replace(result.findings[-1], evidence=replace(result.findings[-1].evidence, share_batch=0.0))
    untested = replace(result.findings[-1], p_adjusted=None)
    table = draw(statistics, findings=(result.findings[0], untested, nothing)).dataframe[0]
    frame = table.value
    assert list(frame["State"]) == ["▲ Drift", "· Noted", "–"]
    assert frame["p adjusted"].iloc[0] == result.findings[0].p_adjusted
    assert np.isnan(frame["p adjusted"].iloc[1])
    assert table.proto.placeholder == "–"


def test_a_category_has_its_bars_and_all_its_findings() -> None:
    app = draw(column, result=material.july(), name="dest")
    assert len(app.get("plotly_chart")) == 1
    assert "never seen before" in texts(app)


def test_a_column_without_a_picture_says_so() -> None:
    assert "no picture" in texts(draw(column, result=material.july(), name="gone"))


def unused(result: Any) -> None:
    show_unused(result.read, lambda: "row,reason\n", lambda: b"PK")


def test_rows_that_could_not_be_used_are_listed_with_the_reason_and_can_be_downloaded() -> None:
    app = draw(unused, result=material.july())
    problems, rows = (frame.value for frame in app.dataframe)
    assert list(problems["So"]) == ["counted as missing", "row set aside"]
    assert list(rows["Why"]) == ["flight_id: has the id of an earlier row", "'=cmd()"]  # as it leaves
    assert [button.label for button in app.download_button] == [
        "Rows that did not fit (CSV)",
        "Rows that did not fit (Excel)",
    ]
    assert "comment" in texts(app)


def test_a_column_of_the_file_does_not_take_the_place_of_the_row_number() -> None:
    base = material.july()
    read = replace(base.read, refused_rows=(RefusedRow(row=7, reason="bad", cells=(("Row", "x"), ("Why", "y"))),))
    frame = draw(unused, result=replace(base, read=read)).dataframe[1].value
    assert list(frame["Row"]) == [7]


def test_a_file_without_problems_shows_one_sentence() -> None:
    app = draw(unused, result=material.quiet())
    assert "All 6,122 rows could be used" in texts(app).replace("\\", "")
    assert not app.dataframe


def performance(result: Any) -> None:
    show_performance(result, "late")


def test_performance_is_shown_beside_that_of_the_reference() -> None:
    app = draw(performance, result=material.july())
    shown = app.table[0].value
    assert shown["Reference"][0] == "0.688"
    assert shown["Production"][0] == "**0.685**"
    assert "230 rows without an outcome" in texts(app).replace("\\", "")


def running(job: Any) -> None:
    show_running(job, lambda: None, key="job")


def test_a_running_job_shows_its_progress_and_can_be_cancelled() -> None:
    app = draw(running, job=versions.job("running"))
    assert app.progress[0].value == 40
    assert "Training on 68,000 rows" in app.progress[0].text.replace("\\", "")
    assert labels(app) == ["Cancel"]


def waiting(job: Any, others: int) -> None:
    show_running(job, lambda: None, key="job", others=others)


def test_a_job_that_waits_says_with_how_many_others() -> None:
    said = [
        draw(waiting, job=versions.job(state), others=others).progress[0].text.replace("\\", "")
        for state, others in (("queued", 12), ("queued", 1), ("queued", 0), ("running", 12))
    ]
    assert said == [
        "Waiting for its turn, with 12 other jobs under way",
        "Waiting for its turn, with 1 other job under way",
        "Waiting",
        "Training on 68,000 rows.",
    ]


def test_only_work_that_has_just_begun_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []
    announced: list[Any] = []
    monkeypatch.setattr(job_progress, "sleep", slept.append)
    begun = versions.job("running")

    def waits(*states: str, age: float, active: int = 1, **changed: Any) -> int:
        """How often it sleeps where the job is, one look after the other, in these states."""
        slept.clear()
        announced.clear()
        looks = iter(states)
        now = begun.created_at + timedelta(seconds=age)
        job = give_a_moment(
            lambda: replace(begun, state=next(looks), **changed), lambda: now, announced.append, active=lambda: active
        )
        assert job is not None
        assert job.state == states[-1]
        assert [job.state for job in announced] == list(states[:1] if slept else ()), "once, and only when it waits"
        return len(slept)

    assert waits("queued", "running", "running", "done", age=0.1) == 3
    assert waits("done", age=0.1) == 0
    assert waits("running", age=5) == 0, "its progress is wanted"
    assert waits("running", age=0.1, cancel_asked=True) == 0
    assert waits("queued", age=0.1, active=job_progress.FEW + 1) == 0, "among many it is not done in a moment"
    assert waits("queued", "done", age=0.1, active=job_progress.FEW) == 1

    monkeypatch.setattr(job_progress, "MOMENT", 0.05)
    ahead = begun.created_at - timedelta(hours=1)
    assert give_a_moment(lambda: begun, lambda: ahead, announced.append) == begun, (
        "a clock that was set back holds no page up"
    )
    slept.clear()

    def missing() -> Any:
        raise NotFound("There is no such job.")

    assert give_a_moment(missing, lambda: begun.created_at, announced.append) is None
    assert not slept


def followed(job: Any, jobs: int) -> None:
    follow(job, lambda: job, lambda: None, key="job", active=lambda: jobs)


def test_the_browser_is_given_what_it_asks_for_and_the_mark_that_is_shown() -> None:
    job = versions.job("running")
    asked = [watched(draw(followed, job=job, jobs=jobs)) for jobs in (1, 20)]
    assert {watch["address"] for watch in asked} == {"/api/jobs/retrain-0123"}
    assert {watch["mark"] for watch in asked} == {job.mark}
    assert asked[0]["drawing"] != asked[1]["drawing"], "the browser sees that it was drawn again"
    assert asked[0]["redraw"] < asked[1]["redraw"], "where many wait, their clocks are drawn less often"
    assert [watch["until"] for watch in asked] == ["change", "end"]


def grows(job: Any, drawn: list[int]) -> None:
    drawn.append(1)
    follow(job, lambda: job, lambda: None, key="job", grown=lambda job: len(drawn) < 3)


def test_the_page_is_run_again_when_so_much_more_is_done() -> None:
    drawn: list[int] = []
    draw(grows, job=versions.job("running"), drawn=drawn)
    assert len(drawn) == 3


def vanishes(job: Any, drawn: list[int]) -> None:
    def missing() -> Any:
        raise NotFound("There is no such job.")

    drawn.append(1)
    if len(drawn) == 1:
        follow(job, missing, lambda: None, key="job")


def test_a_job_that_was_deleted_meanwhile_has_the_page_run_again() -> None:
    drawn: list[int] = []
    draw(vanishes, job=versions.job("running"), drawn=drawn)
    assert len(drawn) == 2


def cannot_be_read(job: Any, failing: list[str]) -> None:
    def read() -> Any:
        if failing:
            raise StoreFailed(failing[0])
        return job

    follow(job, read, lambda: None, key="job")


def test_a_store_that_fails_for_a_moment_is_told_and_the_browser_goes_on_asking() -> None:
    job, failing = versions.job("running"), ["The <b>disk</b> is away."]
    app = draw(cannot_be_read, job=job, failing=failing)
    assert [told.proto.title for told in app.warning] == ["How far it is cannot be read now"]
    assert "<b>" not in app.warning[0].value
    assert "disk" in app.warning[0].value
    asks = watched(app)
    assert asks["address"] == "/api/jobs/retrain-0123"
    assert asks["mark"] == "", "no job has that mark: the first answer is news"
    assert asks["pace"] >= 2_000, "while it fails a run takes a transaction: seldom"
    failing.clear()
    app.run()
    assert not app.warning
    assert watched(app)["mark"] == job.mark


def watched(app: AppTest) -> dict[str, Any]:
    """What the browser is told of the job."""
    (place,) = app.get("bidi_component")
    return dict(json.loads(place.proto.json))


def test_a_mark_is_another_one_when_a_person_would_see_the_job_changed() -> None:
    job = versions.job("running")
    others = [
        versions.job("done", share=job.share, message=job.message),
        replace(job, share=job.share + 0.01),
        replace(job, message="Comparing."),
        replace(job, cancel_asked=True),
        replace(job, attempts=2),
    ]
    assert len({one.mark for one in (job, *others)}) == 6
    assert replace(job, share=job.share + 0.001, log=()).mark == job.mark


def test_a_job_that_is_stopping_cannot_be_cancelled_twice() -> None:
    app = draw(running, job=versions.job("running", cancel_asked=True))
    assert app.button[0].disabled


def ended(job: Any) -> None:
    show_ended(job, lambda: st.session_state.update(again=True), key="job")


@pytest.mark.parametrize("state", ["failed", "interrupted", "cancelled"])
def test_a_job_that_ended_without_a_result_can_be_started_again(state: Any) -> None:
    app = draw(ended, job=versions.job(state))
    app.button(key="job-again").click().run()
    assert app.session_state["again"] is True


def test_a_refused_file_is_not_tried_again() -> None:
    app = draw(ended, job=versions.job("refused", message="picture.csv is no CSV file."))
    assert labels(app) == []
    assert "picture\\.csv is no CSV file" in app.error[0].value


def asking(reason: str | None) -> None:
    st.button("Open", on_click=ask, args=("it",))
    if asked("it"):
        question = Question(title="Sure?", body="This happens.", action="Do it", icon=":material/check:", reason=reason)
        confirm(question, lambda why: st.session_state.update(done=why))


def test_nothing_is_done_before_yes_and_once_after_it() -> None:
    app = draw(asking, reason="because")
    app.button[0].click().run()
    assert labels(app) == ["Open", "Not now", "Do it"]
    assert "done" not in app.session_state
    app.text_input[0].set_value("a reason").run()
    app.button[2].click().run()
    assert app.session_state["done"] == "a reason"
    assert labels(app) == ["Open"]


def test_not_now_does_nothing() -> None:
    app = draw(asking, reason=None)
    app.button[0].click().run()
    app.button[1].click().run()
    assert "done" not in app.session_state
    assert labels(app) == ["Open"]


def report(job: Any, ready: bool) -> None:
    part = ReportPart(
        check="0123456789abcdef",
        job=job,
        ready=ready,
        address="/reports/0123456789abcdef",
        download="/reports/0123456789abcdef?download=1",
        start=lambda: st.session_state.update(started=True),
        cancel=lambda: None,
        read=lambda: job,
    )
    show_report(part)


def test_the_report_is_made_when_it_is_asked_for() -> None:
    app = draw(report, job=None, ready=False)
    assert not app.get("iframe")
    app.button[0].click().run()
    assert app.session_state["started"] is True


def test_the_report_is_framed_from_its_own_address_wide_enough_and_can_be_kept() -> None:
    app = draw(report, job=None, ready=True)
    assert not app.get("iframe"), "not before it is opened"
    app.button[0].click().run()
    frame = app.get("iframe")[0].proto
    assert frame.src == "/reports/0123456789abcdef"
    assert not frame.srcdoc
    assert [link.proto.url for link in app.get("link_button")][1].endswith("?download=1")


def test_a_report_that_failed_says_why_and_can_be_tried_again() -> None:
    app = draw(report, job=versions.job("failed", kind="report", message="The rows are gone."), ready=False)
    assert "The rows are gone" in app.error[0].value
    app.button(key="report-again").click().run()
    assert app.session_state["started"] is True


def every_component(result: Any) -> None:
    show_verdict(result.verdict)
    show_cards(result)
    show_headlines(result, LIGHT)
    rows = column_rows(result)
    chosen = choose_column(rows, key="column", chosen=show_table(rows, LIGHT, key="table"))
    show_column(result, chosen, LIGHT, key="card")
    show_column(result, "dest", LIGHT, key="dest")
    show_unused(result.read, lambda: "", lambda: b"PK")


@pytest.mark.parametrize("hostile", HOSTILE)
def test_names_from_a_file_are_never_markup(hostile: str) -> None:
    app = draw(every_component, result=material.hostile(hostile))
    said = texts(app) + "\n".join(f"{card.label}{card.value}{card.delta}" for card in app.metric)
    bare = re.sub(r"\\[^\w\s]", "", said)
    assert hostile not in bare
    assert "\n#" not in bare
    assert "<" not in bare


def job_list(jobs: Any) -> None:
    show_notices()
    show_jobs(
        jobs,
        lambda: jobs,
        again=lambda job: st.session_state.update(again=job.id),
        cancel=lambda job: st.session_state.update(cancel=job.id),
    )


def test_jobs_are_listed_with_state_and_what_can_be_done() -> None:
    jobs = [
        versions.job("running", id="a"),
        versions.job("interrupted", id="b"),
        versions.job("done", id="c"),
    ]
    app = draw(job_list, jobs=jobs)
    assert labels(app) == ["Cancel", "Start again"]
    app.button(key="again-b").click().run()
    assert app.session_state["again"] == "b"
    app.button(key="cancel-a").click().run()
    assert app.session_state["cancel"] == "a"


def test_no_jobs_is_a_sentence() -> None:
    assert "No jobs yet" in texts(draw(job_list, jobs=[]))


def moving(known: Any, now: list[Any], drawn: list[int]) -> None:
    drawn.append(1)
    show_jobs(known if len(drawn) == 1 else now, lambda: now, again=lambda job: None, cancel=lambda job: None)


def test_the_list_of_jobs_goes_on_while_one_is_under_way() -> None:
    running, done = versions.job("running", id="a"), versions.job("done", id="a")
    drawn: list[int] = []
    app = draw(moving, known=[running], now=[running], drawn=drawn)
    assert len(drawn) == 1
    assert watched(app)["address"] == "/api/jobs/a"
    assert watched(app)["mark"] == running.mark
    drawn.clear()
    app = draw(moving, known=[running], now=[done], drawn=drawn)
    assert len(drawn) == 2, "the page may show what came of it: it is run once more, and then rests"
    assert not app.get("bidi_component"), "nothing is asked about where nothing is under way"
    drawn.clear()
    draw(moving, known=[running], now=[], drawn=drawn)
    assert len(drawn) == 2, "a job that was deleted meanwhile is gone"


def test_a_list_of_jobs_that_cannot_be_read_is_asked_for_again() -> None:
    app = draw(unreadable_jobs, known=[versions.job("done", id="a"), versions.job("queued", id="b")])
    assert [told.proto.title for told in app.warning] == ["How far it is cannot be read now"]
    assert watched(app)["address"] == "/api/jobs/b"
    assert watched(app)["mark"] == ""


def test_a_list_without_work_that_cannot_be_read_is_left_to_the_page() -> None:
    drawn: list[int] = []
    draw(unreadable_jobs, known=[versions.job("done", id="a")], drawn=drawn)
    assert len(drawn) == 2, "the page is run again, and says that it cannot be shown"


def test_the_oldest_job_under_way_is_asked_about() -> None:
    """It runs if any does: of one that waits its turn there would be nothing to tell."""
    jobs = [versions.job("queued", id="c"), versions.job("running", id="b"), versions.job("done", id="a")]
    assert watched(draw(job_list, jobs=jobs))["address"] == "/api/jobs/b"


def test_what_came_of_a_click_in_the_list_is_said_once_by_the_page() -> None:
    app = draw(failing_jobs, jobs=[versions.job("failed", id="a")])
    app.button(key="again-a").click().run()
    assert [told.value for told in app.error] == ["Its file is gone\\."]
    app.run()
    assert not app.error


def failing_jobs(jobs: Any) -> None:
    def again(job: Any) -> None:
        raise NotFound("Its file is gone.")

    show_notices()
    show_jobs(jobs, lambda: jobs, again=again, cancel=lambda job: None)


def unreadable_jobs(known: Any, drawn: Any = None) -> None:
    def read() -> Any:
        raise StoreFailed("The disk is away.")

    if drawn is not None:
        drawn.append(1)
    if len(drawn or ()) < 2:
        show_jobs(known, read, again=lambda job: None, cancel=lambda job: None)


def chosen_rows(rows: Any) -> None:
    st.caption(", ".join(row.column for row in choose_rows(rows, key="states")) or "none")


def test_the_table_can_be_cut_to_states() -> None:
    rows = column_rows(material.july())
    app = draw(chosen_rows, rows=rows)
    assert len(app.caption[0].value.split(", ")) == len(rows)
    app.button_group(key="states").set_value(["drift"]).run()
    assert app.caption[0].value == "temp, dewp, prediction, wind_speed"
    app.button_group(key="states").set_value(["undecided", "small"]).run()
    assert app.caption[0].value == "humid, precip"


def test_rows_of_one_state_need_no_choice() -> None:
    rows = [row for row in column_rows(material.july()) if row.state == "drift"]
    assert not draw(chosen_rows, rows=rows).button_group
