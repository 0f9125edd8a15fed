"""A page that shows work under way hears of its end, whatever gets lost between the two."""

from __future__ import annotations

from itertools import count
from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, WebSocketRoute, expect

from tests.app_server import AppServer
from tests.browser.own_files import repeated
from tests.browser.test_interrupted import open_start
from tests.browser_page import choose_file, scroll_through, wait_until_rested

pytestmark = pytest.mark.browser
LONG = 120
"""Times July's rows, so that a quick machine too shows the progress of their check."""


def test_what_a_page_tells_of_a_job_is_told_again_when_it_is_lost(
    page: Page, server: AppServer, tmp_path: Path
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
    open_start(page, server.url)
    choose_file(page, repeated(tmp_path, "july", LONG))
    expect(page.get_by_text("July 2013 looks different")).to_be_visible(timeout=60_000)
    assert len(lost) == 2, "two were lost, a third one was not"


def test_questions_that_are_not_answered_are_asked_again(page: Page, server: AppServer, tmp_path: Path) -> None:
    asked = count()

    def refuse_first(route: Route) -> None:
        if next(asked) < 3:
            route.abort()
        else:
            route.continue_()

    page.route("**/api/jobs/*", refuse_first)
    open_start(page, server.url)
    choose_file(page, repeated(tmp_path, "july", LONG + 1))  # another file than above
    expect(page.get_by_text("July 2013 looks different")).to_be_visible(timeout=60_000)
    assert next(asked) > 3


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
