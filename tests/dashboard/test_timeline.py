"""The page Time line on the real engine: its address says all of it; empty, happy and what goes wrong."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as some
from streamlit.testing.v1 import AppTest

from dashboard.timeline_address import Address, read_address, write_address
from monitoring.progress import silent
from monitoring.workflows.check import check_and_record, order_check
from monitoring.workflows.over_time import in_order
from monitoring.workflows.parts import Driftline
from monitoring.workflows.periods import Period
from monitoring.workflows.promote import promote
from tests.dashboard import material
from tests.dashboard.conftest import alts, judged, labels, texts
from tests.dashboard.test_views import register_second

MODEL = "flight-delay"
PAGE = "views/timeline.py"
SAMPLES = Path(__file__).parents[2] / "reference_data" / MODEL / "samples"
Open = Callable[..., AppTest]


@pytest.fixture
def data(checked_data: Path) -> Path:
    """Checks of July and of a broken April are there."""
    return checked_data


def said(app: AppTest) -> str:
    assert not app.exception
    return texts(app).replace("\\", "")


def address_of(app: AppTest) -> dict[str, str]:
    return {name: value[0] if isinstance(value, list) else value for name, value in app.query_params.items()}


def test_without_checks_it_teaches_and_fills_itself(open_page: Open, engine: Driftline) -> None:
    for check in engine.history.checks():
        engine.history.delete_check(check.id)
    app = open_page(PAGE)
    assert "Nothing checked yet" in said(app)
    assert "The year so far" in labels(app)
    app.button(key="fill").click().run()
    assert not app.exception
    assert [job.kind for job in engine.jobs.jobs("year")] == ["year"]
    assert address_of(app)["job"] == engine.jobs.jobs("year")[0].id


def test_all_checks_are_charts_told_in_words(open_time_line: Open) -> None:
    app = open_time_line()
    assert len(alts(app)) == 4
    assert "1 broken feed, 1 drift" in alts(app)[0]
    assert "Broken feed, " in said(app), "the incident is told below"
    assert "temp up to 1.00 (Jul 2013)" in alts(app)[1]
    assert "lowest in Jul 2013" in alts(app)[2]
    assert "Outcomes are known for" in alts(app)[3]
    assert app.header[0].value == "How far each column moved", "no days are chosen"
    assert app.button(key="window.all").disabled
    assert "Days show how far columns moved; a verdict mostly needs several together" in said(app)


def test_what_happened_on_the_clock_is_drawn_in_its_order_only(open_time_line: Open, engine: Driftline) -> None:
    register_second(engine)
    promote(engine.registry, engine.history, MODEL, 2, reason="better", now=engine.now())
    elsewhere = "When versions came and went is drawn where files stand by the time of the check."
    app = open_time_line()
    assert elsewhere in said(app)
    assert "Promoted" not in alts(app)[0]
    assert "Promoted: version 2" in said(app), "it is told below the chart"
    app = open_time_line(view="week", order="check")
    assert elsewhere in said(app), "weeks are in the order of the data"
    app = open_time_line(order="check")
    assert elsewhere not in said(app)
    assert "Promoted: version 2" in alts(app)[0]


def test_a_month_has_a_verdict_and_says_what_it_is_made_of(open_time_line: Open) -> None:
    app = open_time_line(from_="2013-07-01", to="2013-07-31")
    told = said(app)
    assert app.header[0].value == "1 to 31 Jul 2013", "no level of headings is left out"
    assert "July 2013 looks different: 3 of 13 inputs moved" in told
    assert "6,000 rows from 1 stored profile, scored by version 1; no row was read again." in told
    assert "These days are one file" in told
    assert app.date_input(key="window.from").value == date(2013, 7, 1)
    assert {metric.label: metric.value for metric in app.metric}["Rows"] == "6,000"
    assert len(app.dataframe[0].value) == 13 + 2, "inputs, predictions, outcome"


def test_a_week_is_cut_out_of_the_month_and_says_that_its_intervals_are_wider(open_time_line: Open) -> None:
    app = open_time_line(from_="2013-07-08", to="2013-07-14")
    assert "Files are cut at days" in said(app)
    assert "July 8 to 14, 2013 looks different" in said(app)
    assert app.segmented_control(key="window.against").options == [
        "Training reference",
        "The period before (1 to 7 Jul)",
        "Other days",
    ], "last year has no rows"


def test_two_weeks_are_compared_and_the_address_says_so(open_time_line: Open) -> None:
    app = open_time_line(from_="2013-07-08", to="2013-07-14")
    app.segmented_control(key="window.against").set_value("before").run()
    assert address_of(app) == {"from": "2013-07-08", "to": "2013-07-14", "against": "before"}
    told = said(app)
    assert "July 8 to 14, 2013, compared with July 1 to 7, 2013," in told
    again = open_time_line(**address_of(app))
    assert said(again) == told


def test_days_are_chosen_by_date_by_name_and_by_one_period_on(open_time_line: Open) -> None:
    app = open_time_line()
    app.date_input(key="window.from").set_value(date(2013, 7, 8)).run()
    app.date_input(key="window.to").set_value(date(2013, 7, 14)).run()
    assert address_of(app) == {"from": "2013-07-08", "to": "2013-07-14"}
    app.button(key="window.later").click().run()
    assert address_of(app) == {"from": "2013-07-15", "to": "2013-07-21"}
    app.button(key="window.earlier").click().run()
    assert address_of(app) == {"from": "2013-07-08", "to": "2013-07-14"}
    july = next(one for one in app.selectbox(key="window.batch").options if one.startswith("Jul 2013"))
    app.selectbox(key="window.batch").select(july).run()
    assert address_of(app) == {"from": "2013-07-01", "to": "2013-07-31"}
    app.button(key="window.all").click().run()
    assert address_of(app) == {}


def test_files_of_the_same_days_are_told_apart_in_the_list_and_the_chosen_one_stays(
    open_time_line: Open, engine: Driftline
) -> None:
    july = next(check for check in engine.history.checks() if check.file_name == "july.csv")
    kept = engine.history.check(july.id)
    other = replace(kept.read, file_name="july east.csv")
    at = kept.created_at + timedelta(days=1)
    engine.history.record_check(replace(kept, id="e" * 16, upload="e" * 64, created_at=at, read=other), b"")
    app = open_time_line()
    offered = app.selectbox(key="window.batch").options
    assert offered == [
        "Jul 2013 (2) · july east.csv · Drift",
        "Jul 2013 (1) · july.csv · Drift",
        "Apr 2013 · Broken feed",
    ]
    for label, check in ((offered[1], july.id), (offered[0], "e" * 16), (offered[1], july.id)):
        app.selectbox(key="window.batch").select(label).run()
        assert address_of(app) == {"from": "2013-07-01", "to": "2013-07-31"}
        assert app.selectbox(key="window.batch").value == check
    app.button(key="window.all").click().run()
    assert app.selectbox(key="window.batch").value is None


def test_other_days_are_chosen_by_date(open_time_line: Open) -> None:
    app = open_time_line(from_="2013-07-15", to="2013-07-21")
    app.segmented_control(key="window.against").set_value("days").run()
    assert address_of(app)["against"] == "2013-07-08..2013-07-14"
    app.date_input(key="other.from").set_value(date(2013, 7, 1)).run()
    assert address_of(app)["against"] == "2013-07-01..2013-07-14"
    assert "compared with July 1 to 14, 2013," in said(app)


def test_weeks_stand_side_by_side(open_time_line: Open) -> None:
    app = open_time_line()
    app.segmented_control(key="timeline.view").set_value("week").run()
    assert address_of(app) == {"view": "week"}
    assert not judged(app).exception
    assert "of 10 batches" in alts(app)[0]


def test_another_column_over_time(open_time_line: Open) -> None:
    app = open_time_line()
    app.selectbox(key="timeline.column").set_value("carrier").run()
    assert address_of(app) == {"column": "carrier"}
    assert "Most frequent categories of carrier" in alts(app)[2]
    app.selectbox(key="timeline.column").set_value("temp").run()
    assert "temp over 2 batches: the median is lowest" in alts(app)[2]


def test_what_an_address_cannot_mean_is_said_and_the_page_stands(open_time_line: Open) -> None:
    app = open_time_line(from_="yesterday", against="nothing", view="hour", version="two", column="<b>")
    assert len(app.warning) == 4
    assert "days are written like 2013-07-31" in said(app)
    assert len(alts(app)) == 4


def test_days_without_rows_say_so(open_time_line: Open) -> None:
    app = open_time_line(from_="2015-01-01", to="2015-01-31")
    assert app.info[0].proto.title == "Nothing to merge"
    app = open_time_line(from_="2013-07-01", to="2013-07-31", against="2011-01-01..2011-01-31")
    assert "the days to compare with, 1 to 31 Jan 2011" in said(app)


def test_advice_to_retrain_follows_what_came_of_it(open_time_line: Open, engine: Driftline) -> None:
    july = next(check for check in engine.history.checks() if check.file_name == "july.csv")
    days = {"from_": "2013-07-01", "to": "2013-07-31", "version": "1"}
    worth = "Retraining on this data is worth a try"
    assert worth in said(open_time_line(**days))
    job = engine.jobs.submit("retrain-1", "retrain", {"check": july.id})
    app = open_time_line(**days)
    assert "Retraining on this data is under way." in said(app)
    assert worth not in said(app)
    engine.jobs.cancel(job.id)
    register_second(engine, sources=(july.upload,))
    app = open_time_line(**days)
    assert "version 2 was made from this data and waits for a person; version 1 is in use" in said(app)
    assert worth not in said(app)
    promote(engine.registry, engine.history, MODEL, 2, reason="better", now=engine.now())
    assert "version 2 was made from this data and is in use" in said(open_time_line(**days))


def test_advice_names_how_many_files_of_the_days_are_learnt_already(
    open_time_line: Open, engine: Driftline, tmp_path: Path
) -> None:
    lines = (SAMPLES / "july.csv").read_text().splitlines(keepends=True)
    august = "".join([lines[0], *(line.replace("2013-07-", "2013-08-") for line in lines[1:])])
    order = order_check(
        engine, upload=engine.uploads.save(august.encode()), file_name="august.csv", labels=None, model=MODEL
    )
    check_and_record(engine, order, silent)
    july = next(check for check in engine.history.checks() if check.file_name == "july.csv")
    register_second(engine, sources=(july.upload,))
    promote(engine.registry, engine.history, MODEL, 2, reason="better", now=engine.now())
    told = said(open_time_line(from_="2013-07-01", to="2013-08-31", version="1"))
    assert "Version 2, which is in use, has learnt from 1 of 2 files. Retraining on this data is worth a try" in told


def test_rows_that_are_not_counted_are_named_with_the_reason(open_time_line: Open, engine: Driftline) -> None:
    july = next(check for check in engine.history.checks() if check.file_name == "july.csv")
    kept = engine.history.check(july.id)
    engine.history.record_check(replace(kept, id="e" * 16, upload="e" * 64, version=7), b"")
    app = open_time_line(from_="2013-07-01", to="2013-07-31")
    assert "“july.csv” was scored by another version: 6,000 rows left out" in said(app)
    assert app.segmented_control(key="timeline.version").value == 1


def test_files_that_may_hold_the_same_rows_are_named_in_a_window_and_beside_the_chart(
    open_time_line: Open, engine: Driftline
) -> None:
    lines = (SAMPLES / "july.csv").read_text().splitlines(keepends=True)
    few = "".join([lines[0], *[line for line in lines if ",2013-07-04" in line][:19]])
    order = order_check(engine, upload=engine.uploads.save(few.encode()), file_name="few.csv", model=MODEL)
    check_and_record(engine, order, silent)
    told = "share days and all count: stored counts cannot tell whether they hold the same rows."
    assert told in said(open_time_line(from_="2013-07-04", to="2013-07-04"))
    assert told in said(open_time_line(view="month"))
    assert told not in said(open_time_line(from_="2013-07-08", to="2013-07-14"))


def test_a_profile_that_cannot_be_read_does_not_lose_the_page(open_time_line: Open, engine: Driftline) -> None:
    for check in engine.history.checks():
        engine.history.delete_check(check.id)
    engine.history.record_check(material.july(), b"PK of an earlier format")
    app = open_time_line(from_="2013-07-01", to="2013-07-31")
    assert "was kept by an earlier Driftline" in said(app)
    assert "No profile of these batches can be read" in said(app)


def test_checks_are_filtered_sorted_and_deleted(open_time_line: Open, engine: Driftline) -> None:
    app = open_time_line(view="week")

    def files() -> list[str]:
        return checks_listed(app)

    assert files() == ["july\\.csv", "april\\-broken\\-feed\\.csv"]
    app.selectbox(key="sort").set_value("oldest").run()
    assert files() == ["april\\-broken\\-feed\\.csv", "july\\.csv"]
    app.text_input(key="holds").set_value("JULY").run()
    assert files() == ["july\\.csv"]
    app.text_input(key="holds").set_value("").run()
    app.button_group(key="only").set_value(["broken"]).run()
    assert files() == ["april\\-broken\\-feed\\.csv"]
    april = next(check for check in engine.history.checks() if check.verdict == "broken")
    app.button(key=f"delete-{april.id}").click().run()
    next(button for button in reversed(app.button) if button.label == "Delete").click().run()
    assert not engine.history.has_check(april.id)
    assert address_of(app) == {"view": "week"}, "it stays where it was"


def checks_listed(app: AppTest) -> list[str]:
    """Labels of the links to checks; one more leads to the column shown."""
    return [link.proto.label for link in app.get("page_link") if not link.proto.label.endswith("in depth")]


def test_a_long_list_has_pages(open_time_line: Open, engine: Driftline) -> None:
    for place in range(29):
        created_at = material.AT + timedelta(minutes=place)
        engine.history.record_check(replace(material.quiet(), id=f"{place:016x}", created_at=created_at), b"")
    app = open_time_line()
    assert len(checks_listed(app)) == 30
    assert "31 checks in all" in said(app)
    app.session_state["page"] = 2
    app.run()
    assert len(checks_listed(app)) == 1


def test_the_old_address_leads_here(data: Path, open_page: Open) -> None:
    app = open_page("views/history_moved.py")
    assert app.title[0].value == "Time line"


def test_checks_stand_in_the_order_of_their_data_version_by_version_or_of_their_making() -> None:
    april, may = material.year()[:2]
    again = replace(april, id="a" * 16, version=2, created_at=material.AT + timedelta(days=2))
    dateless = replace(april, id="b" * 16, last_time=None, created_at=material.AT - timedelta(days=2))
    assert in_order([again, dateless, may, april], "data") == [april, again, may, dateless]
    assert in_order([again, dateless, april], "check") == [dateless, april, again]


DAYS = some.one_of(some.none(), some.dates())
PERIODS = some.tuples(DAYS, DAYS).map(
    lambda ends: Period(min(ends), max(ends)) if None not in ends else Period(*ends)  # type: ignore[type-var]
)


@given(
    period=PERIODS,
    against=some.sampled_from(("reference", "before", "year", "days")),
    other=PERIODS,
    view=some.sampled_from(("file", "day", "week", "month")),
    order=some.sampled_from(("data", "check")),
    version=some.one_of(some.none(), some.integers(0, 10**6)),
    column=some.text(min_size=1),
)
def test_an_address_says_the_whole_state(**state: object) -> None:
    address = Address(**state)  # type: ignore[arg-type] # its fields
    if address.against != "days":
        address = replace(address, other=Period())
    assert read_address(write_address(address)) == (address, ())


@given(some.dictionaries(some.sampled_from(("from", "to", "against", "view", "order", "version")), some.text()))
def test_no_address_is_too_odd(said: dict[str, str]) -> None:
    address, wrong = read_address(said)
    assert all(isinstance(sentence, str) for sentence in wrong)
    assert read_address(write_address(address))[1] == ()
