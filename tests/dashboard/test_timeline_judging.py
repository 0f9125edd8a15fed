"""The time line while its weeks are being judged: the newest already, how far it is, stopped, gone on with, failed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from threading import Semaphore

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from monitoring.errors import StoreFailed
from monitoring.history.records import Job
from monitoring.workflows import side_by_side
from monitoring.workflows.parts import Driftline
from monitoring.workflows.windows import Window
from tests.dashboard.conftest import alts, judged, labels, texts
from tests.processes import wait_until

Open = Callable[..., AppTest]
WEEKS = 10


@pytest.fixture
def data(checked_data: Path) -> Path:
    """Checks of July and of a broken April are there: ten weeks."""
    return checked_data


class Pace:
    """How many weeks may be judged: it waits for each; and those that were."""

    def __init__(self, judge: Callable[[Driftline, Window], object]) -> None:
        self._judge = judge
        self._allowed = Semaphore(0)
        self.judged: list[Window] = []
        self.fails = False

    def __call__(self, engine: Driftline, window: Window) -> object:
        if not self._allowed.acquire(timeout=60):
            raise TimeoutError
        if self.fails:
            raise StoreFailed("The <b>disk</b> is away.")
        self.judged.append(window)
        return self._judge(engine, window)

    def allow(self, number: int) -> None:
        self._allowed.release(number)
        wait_until(lambda: self._allowed._value == 0 or len(self.judged) >= WEEKS or self.fails, "they are judged")


@pytest.fixture
def pace(monkeypatch: pytest.MonkeyPatch) -> Pace:
    pace = Pace(side_by_side.judged_batch)
    monkeypatch.setattr(side_by_side, "judged_batch", pace)
    return pace


def job_of(engine: Driftline) -> Job:
    (job,) = engine.jobs.jobs("windows")
    return job


def begun(open_time_line: Open, pace: Pace, number: int) -> AppTest:
    """The weeks, of which so many are judged and no other one will be."""
    app = open_time_line(view="week", judge=False)
    if number:
        pace.allow(number)
        app.run()
        wait_until(lambda: f"of {number} batches" in "".join(alts(app.run())), "the newest are shown")
    return app


def test_the_newest_weeks_are_shown_while_the_others_are_on_their_way(
    open_time_line: Open, pace: Pace, engine: Driftline
) -> None:
    app = begun(open_time_line, pace, 3)
    assert "Verdicts of 3 batches" in alts(app)[0]
    assert "15 to 21 Jul drift; 22 to 28 Jul drift; 29 Jul to 4 Aug" in alts(app)[0]
    wait_until(lambda: "3 of 10 weeks, the newest first" in job_of(engine).message, "it says how far it is")
    assert "Cancel" in labels(app)
    assert len(app.selectbox(key="window.batch").options) == 3
    pace.allow(20)
    assert "Verdicts of 10 batches" in alts(judged(app))[0]
    assert "Cancel" not in labels(app)
    assert pace.judged == sorted(pace.judged, key=lambda one: str(one.period.first), reverse=True)


def test_while_it_works_days_are_chosen_and_another_page_finds_the_same_work(
    open_time_line: Open, pace: Pace, engine: Driftline
) -> None:
    app = begun(open_time_line, pace, 2)
    offered = app.selectbox(key="window.batch").options
    app.selectbox(key="window.batch").select(offered[1]).run()
    assert app.header[0].value == "22 to 28 Jul 2013"
    second = open_time_line(view="week", judge=False)
    assert "Verdicts of 2 batches" in alts(second)[0]
    pace.allow(20)
    for page in (app, second):
        assert "Verdicts of 10 batches" in alts(judged(page))[0]
    assert len(pace.judged) == WEEKS
    assert job_of(engine).attempts == 1


def test_stopped_it_says_what_is_there_also_to_who_comes_later_and_goes_on_from_there(
    open_time_line: Open, pace: Pace, engine: Driftline
) -> None:
    app = begun(open_time_line, pace, 3)
    app.button(key="judging-cancel").click().run()
    assert app.button(key="judging-cancel").disabled
    pace.allow(1)
    wait_until(lambda: not job_of(engine).active, "it stops")
    for page in (app.run(), open_time_line(view="week", judge=False)):
        assert page.info[0].proto.title == "Stopped"
        assert "4 of 10 weeks are shown, the newest." in texts(page)
        assert "Verdicts of 4 batches" in alts(page)[0]
    app.button(key="judging-again").click().run()
    pace.allow(20)
    assert "Verdicts of 10 batches" in alts(judged(app))[0]
    assert not app.info
    assert len(pace.judged) == WEEKS, "none was judged twice"


def test_a_page_of_which_nothing_is_judged_yet_stands(open_time_line: Open, pace: Pace, engine: Driftline) -> None:
    app = begun(open_time_line, pace, 0)
    assert "Cancel" in labels(app)
    assert alts(app) == [], "no chart without anything in it"
    assert app.date_input(key="window.from")
    engine.jobs.cancel(job_of(engine).id)
    st.cache_resource.clear()  # as after a restart
    pace.allow(1)
    wait_until(lambda: not job_of(engine).active, "it stops")
    app = open_time_line(view="week", judge=False)
    assert "None of 10 weeks is judged yet." in texts(app)
    assert alts(app) == []
    app.button(key="judging-again").click().run()
    pace.allow(20)
    assert "Verdicts of 10 batches" in alts(judged(app))[0]


def test_after_a_restart_it_begins_by_itself(open_time_line: Open, engine: Driftline) -> None:
    assert "Verdicts of 10 batches" in alts(open_time_line(view="week"))[0]
    assert job_of(engine).state == "done"
    st.cache_resource.clear()
    assert "Verdicts of 10 batches" in alts(open_time_line(view="week"))[0]
    assert (job_of(engine).state, job_of(engine).attempts) == ("done", 2)


def test_an_error_is_told_as_text_with_what_is_there_and_a_way_on(
    open_time_line: Open, pace: Pace, engine: Driftline
) -> None:
    app = begun(open_time_line, pace, 3)
    pace.fails = True
    pace.allow(1)
    wait_until(lambda: job_of(engine).state == "failed", "it fails")
    app.run()
    assert app.error[0].value.startswith("The \\<b\\>disk\\<\\/b\\> is away\\. 3 of 10 weeks are shown, the newest.")
    assert app.error[0].proto.title == "The rest could not be judged"
    pace.fails = False
    app.button(key="judging-again").click().run()
    pace.allow(20)
    assert "Verdicts of 10 batches" in alts(judged(app))[0]


def test_the_list_of_jobs_names_it_and_starts_it_again(
    open_time_line: Open, open_page: Open, pace: Pace, engine: Driftline
) -> None:
    begun(open_time_line, pace, 1)
    engine.jobs.cancel(job_of(engine).id)
    pace.allow(1)
    wait_until(lambda: not job_of(engine).active, "it stops")
    app = open_page("views/models.py")
    assert [link.proto.label for link in app.get("page_link")] == ["**Time line** flight\\-delay"]
    app.button(key=f"again-{job_of(engine).id}").click().run()
    assert not app.exception
    pace.allow(20)
    wait_until(lambda: job_of(engine).state == "done", "it is done")
