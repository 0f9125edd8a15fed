"""A page that shows work under way hears of its end, whatever gets lost between the two."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, WebSocketRoute, expect

from tests.app_server import AppServer
from tests.browser.own_files import repeated
from tests.browser.steering import steered
from tests.browser.test_interrupted import open_start
from tests.browser_page import choose_file, scroll_through, wait_until_rested

pytestmark = pytest.mark.browser
SLOWEST = 60_000


@pytest.fixture(scope="module")
def held(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """As long as this file is there, checks wait."""
    return tmp_path_factory.mktemp("steered") / "held"


@pytest.fixture(scope="module")
def away(held: Path) -> Path:
    """As long as this file is there, no job can be read."""
    return held.with_name("away")


@pytest.fixture(autouse=True)
def _let_go(held: Path, away: Path) -> Iterator[None]:
    """A test that fails holds nothing back from the next."""
    yield
    held.unlink(missing_ok=True)
    away.unlink(missing_ok=True)


@pytest.fixture(scope="module")
def holding(start_server: Callable[..., AppServer], held: Path, away: Path) -> AppServer:
    """The app, which goes on with checks as it is allowed to."""
    return start_server(steered(HELD=held, AWAY=away))


def begin(page: Page, server: AppServer, held: Path, file: Path) -> None:
    """Drop a file whose check has begun then, and waits."""
    held.touch()
    open_start(page, server.url)
    choose_file(page, file)
    expect(page.get_by_test_id("stProgress")).to_be_visible(timeout=SLOWEST)


def test_what_a_page_tells_of_a_job_is_told_again_when_it_is_lost(
    page: Page, holding: AppServer, held: Path, tmp_path: Path
) -> None:
    lost: list[bytes] = []

    def lossy(line: WebSocketRoute) -> None:
        upstream = line.connect_to_server()

        def pass_on(message: str | bytes) -> None:
            if isinstance(message, bytes) and b"news" in message and len(lost) < 2:
                lost.append(message)
            else:
                upstream.send(message)

        line.on_message(pass_on)

    page.route_web_socket("**/_stcore/stream", lossy)
    begin(page, holding, held, repeated(tmp_path, "july", 1))
    held.unlink()
    expect(page.get_by_text("July 2013 looks different")).to_be_visible(timeout=SLOWEST)
    assert len(lost) == 2, "two were lost, a third one was not"


def test_questions_that_are_not_answered_are_asked_again(
    page: Page, holding: AppServer, held: Path, tmp_path: Path
) -> None:
    asked = count()

    def refuse_first(route: Route) -> None:
        if next(asked) < 3:
            route.abort()
        else:
            route.continue_()

    page.route("**/api/jobs/*", refuse_first)
    begin(page, holding, held, repeated(tmp_path, "july", 2))
    held.unlink()
    expect(page.get_by_text("July 2013 looks different")).to_be_visible(timeout=SLOWEST)
    assert next(asked) > 3


def test_a_page_outlives_a_store_that_cannot_be_read_for_a_while(
    page: Page, holding: AppServer, held: Path, away: Path, tmp_path: Path
) -> None:
    begin(page, holding, held, repeated(tmp_path, "july", 3))
    away.touch()
    unknown = page.get_by_test_id("stAlert").filter(has_text="How far it is cannot be read now")
    page.get_by_role("button", name="Cancel", exact=True).press("Enter")  # has the progress drawn again
    expect(unknown).to_be_visible(timeout=SLOWEST)
    failed = page.get_by_test_id("stAlert").filter(has_text="it is away")
    expect(failed).to_have_count(1)
    away.unlink()
    expect(page.get_by_test_id("stProgress")).to_be_visible(timeout=SLOWEST)
    expect(unknown).to_have_count(0)
    expect(failed).to_be_visible(timeout=SLOWEST)  # the click on Cancel came to nothing
    held.unlink()
    expect(page.get_by_text("July 2013 looks different")).to_be_visible(timeout=SLOWEST)
    expect(failed).to_have_count(0)  # it was told when it happened


def test_a_page_that_met_a_store_that_cannot_be_read_is_there_when_it_is_asked_for_again(
    page: Page, holding: AppServer, held: Path, away: Path, tmp_path: Path
) -> None:
    begin(page, holding, held, repeated(tmp_path, "july", 4))
    away.touch()
    page.reload()
    expect(page.get_by_test_id("stAlert").filter(has_text="This cannot be shown")).to_be_visible(timeout=SLOWEST)
    away.unlink()
    held.unlink()
    page.get_by_role("button", name="Try again").press("Enter")
    expect(page.get_by_text("July 2013 looks different")).to_be_visible(timeout=SLOWEST)


def test_the_list_of_jobs_goes_on_by_itself_and_leads_to_the_result(
    page: Page, holding: AppServer, held: Path, tmp_path: Path
) -> None:
    begin(page, holding, held, repeated(tmp_path, "july", 5))
    page.goto(f"{holding.url}/models")
    expect(page.get_by_text("Running")).to_be_visible(timeout=SLOWEST)
    held.unlink()
    expect(page.get_by_text("Running")).to_have_count(0, timeout=SLOWEST)
    page.get_by_role("link", name="Check july-5.csv").press("Enter")
    expect(page.get_by_text("July 2013 looks different")).to_be_visible(timeout=SLOWEST)


HEADINGS = """() => [...document.querySelectorAll("h2, h3")].map((heading) => {
    const main = document.querySelector("[data-testid=stMain]");
    return [heading.textContent, heading.getBoundingClientRect().top + main.scrollTop];
})"""
A_LINE = 30
"""Pixels by which words below a chart may move what follows, where they take one line more or less."""


@pytest.mark.parametrize(("size", "times"), [((1440, 900), 1), ((390, 844), 2)], ids=["desk", "phone"])
def test_a_chart_is_drawn_when_it_comes_into_view_and_takes_the_place_kept_for_it(
    page: Page, server: AppServer, tmp_path: Path, size: tuple[int, int], times: int
) -> None:
    page.set_viewport_size({"width": size[0], "height": size[1]})
    open_start(page, server.url)
    choose_file(page, repeated(tmp_path, "july", times))
    expect(page.get_by_text("July 2013 looks different")).to_be_visible(timeout=30_000)
    charts = page.get_by_test_id("stPlotlyChart")
    expect(page.get_by_role("img", name="Histograms of temp").first).to_be_visible()
    assert charts.count() == 0
    wait_until_rested(page)
    headings = page.evaluate(HEADINGS)
    page.locator("#predictions").evaluate("heading => heading.scrollIntoView()")
    expect(charts.filter(has_text="Predictions").first).to_be_visible()
    scroll_through(page)
    expect(charts.filter(has_text="rows at or below").first).to_be_visible()
    for (name, before), (same, after) in zip(headings, page.evaluate(HEADINGS), strict=True):
        assert (name, after) == (same, pytest.approx(before, abs=A_LINE))
