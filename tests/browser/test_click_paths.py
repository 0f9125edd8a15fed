"""A stranger's questions, answered in as few clicks as docs/click-paths.md says: counted in a real Chromium."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from monitoring.wiring import open_driftline, settings_from_environment
from monitoring.workflows.check import check_and_record, enlist_check, order_check
from monitoring.workflows.decide import decide_check
from monitoring.workflows.jobs import run_job
from monitoring.workflows.parts import Driftline
from monitoring.workflows.promote import promote
from tests.app_server import AppServer
from tests.browser.months_checked import check_months, click_mark
from tests.browser_page import wait_until_rested
from tests.dashboard.test_views import MODEL, SAMPLES, register_second

pytestmark = pytest.mark.browser
ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def engine(server: AppServer) -> Iterator[Driftline]:
    """The server's data folder with a check of July that has two rows too many, by version 2, which was promoted."""
    engine = open_driftline(settings_from_environment({"DRIFTLINE_DATA": str(server.data)}))
    register_second(engine)
    promote(engine.registry, engine.history, MODEL, 2, reason="a test", now=engine.now())
    rows = (SAMPLES / "july.csv").read_text() + "a,row,of,four\nanother,one\n"
    order = order_check(engine, upload=engine.uploads.save(rows.encode()), file_name="july.csv", model=MODEL)
    enlist_check(engine, order)
    run_job(engine.jobs, order.id, lambda progress: check_and_record(engine, order, progress))
    assert engine.history.check(order.id).read.rows_refused == 2
    assert decide_check(engine, order.id, MODEL) is not None
    yield engine


@pytest.fixture(scope="module")
def months(start_server: Callable[..., AppServer], tmp_path_factory: pytest.TempPathFactory) -> AppServer:
    """Another app, with checks of June and July."""
    server = start_server()
    check_months(server, tmp_path_factory.mktemp("months"), (6, 7))
    return server


class Stranger:
    """Somebody on the first page who counts clicks."""

    def __init__(self, page: Page, address: str) -> None:
        self.page = page
        self.clicks = 0
        page.goto(address)
        expect(page.get_by_role("heading", name="Does your production data")).to_be_visible(timeout=60_000)
        wait_until_rested(page)

    def click(self, what: Locator) -> None:
        self.clicks += 1
        what.click(timeout=30_000)
        wait_until_rested(self.page)

    def click_mark(self, place: int) -> None:
        self.clicks += 1
        click_mark(self.page, place)
        wait_until_rested(self.page)


def test_is_the_model_fine(page: Page, server: AppServer, engine: Driftline) -> None:
    stranger = Stranger(page, server.url)
    last = page.get_by_text("Last check")
    expect(last).to_be_in_viewport()
    expect(last).to_contain_text("Drift")
    expect(last).to_contain_text("july.csv")
    assert stranger.clicks == 0
    stranger.click(page.get_by_role("link", name="See why"))
    expect(page.get_by_text("July 2013 looks different")).to_be_in_viewport()
    assert stranger.clicks == 1


def test_what_changed_in_july(page: Page, months: AppServer) -> None:
    """Compared with the training reference after two clicks, with June after three."""
    stranger = Stranger(page, months.url)
    stranger.click(page.get_by_role("link", name="Time line"))
    stranger.click_mark(1)
    expect(page.get_by_text("July 2013 looks different")).to_be_visible(timeout=30_000)
    stranger.click(page.get_by_text("The period before (Jun 2013)"))
    expect(page.get_by_text("July 2013, compared with June 2013, looks different")).to_be_visible(timeout=60_000)
    assert stranger.clicks <= 3


def test_show_me_the_rows_that_could_not_be_used(page: Page, server: AppServer, engine: Driftline) -> None:
    stranger = Stranger(page, server.url)
    stranger.click(page.get_by_role("link", name="july.csv"))
    stranger.click(page.get_by_text("Rows set aside"))
    expect(
        page.get_by_text("Rows set aside").locator("xpath=ancestor::details").get_by_test_id("stDataFrame")
    ).to_be_visible()
    assert stranger.clicks <= 3


def test_go_back_to_the_old_model(page: Page, server: AppServer, engine: Driftline) -> None:
    stranger = Stranger(page, server.url)
    stranger.click(page.get_by_role("link", name="Models"))
    stranger.click(page.get_by_role("button", name="Roll back …"))
    stranger.click(page.get_by_role("dialog").get_by_role("button", name="Roll back"))
    expect(page.get_by_text("Version 1 brought back instead of version 2")).to_be_visible(timeout=30_000)
    assert engine.registry.champion(MODEL).number == 1
    assert stranger.clicks <= 3


def test_why_did_it_not_retrain(page: Page, server: AppServer, engine: Driftline) -> None:
    """Of the last batch: one click. Of an earlier one: its name, then the question itself."""
    answer = "1 of 1 batch drifted and moved the predictions by at least 10 %; 2 are needed."
    stranger = Stranger(page, server.url)
    stranger.click(page.get_by_role("link", name="Retraining"))
    expect(page.get_by_role("heading", name="Why did it, or did it not, retrain?")).to_be_in_viewport()
    expect(page.get_by_text(answer).first).to_be_in_viewport()
    assert stranger.clicks == 1
    stranger = Stranger(page, server.url)
    stranger.click(page.get_by_role("link", name="july.csv"))
    stranger.click(page.get_by_role("link", name="Why did it not retrain?"))
    expect(page.get_by_text(answer).first).to_be_in_viewport()
    assert stranger.clicks <= 3


def test_the_paths_are_written_down() -> None:
    written = (ROOT / "docs" / "click-paths.md").read_text()
    for question in (
        "Is the model fine?",
        "What changed in July?",
        "Show me the rows that could not be used",
        "Why did it not retrain?",
        "Go back to the old model",
    ):
        assert question in written
