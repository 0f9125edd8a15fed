"""Code that the way to a verdict needs is in the browser before a file is dropped, and a lost piece costs nothing."""

from __future__ import annotations

from itertools import count
from pathlib import Path

import pytest
from playwright.sync_api import Page, Response, Route, expect

from dashboard.components.ahead import PARTS, SCRIPTS
from tests.app_server import AppServer
from tests.browser.own_files import repeated
from tests.browser.test_interrupted import open_start
from tests.browser_page import choose_file, wait_until_rested

pytestmark = pytest.mark.browser
LAST = f"**/{SCRIPTS[-1]}.js"


def is_code(address: str) -> bool:
    return address.endswith(".js")


def test_no_code_is_asked_for_between_the_file_and_its_verdict(page: Page, server: AppServer, tmp_path: Path) -> None:
    came: list[str] = []

    def note(answer: Response) -> None:
        if is_code(answer.url):
            came.append(answer.url.rpartition("/")[2])

    page.on("response", note)
    with page.expect_response(LAST):
        open_start(page, server.url)
    page.wait_for_timeout(500)
    assert [part for part in PARTS if not any(name.startswith(f"{part}.") for name in came)] == []
    came.clear()
    choose_file(page, repeated(tmp_path, "july", 1))
    expect(page.get_by_text("July 2013 looks different")).to_be_visible(timeout=30_000)
    assert came == []


def test_a_piece_that_does_not_come_ahead_comes_when_it_is_needed(
    page: Page, server: AppServer, tmp_path: Path
) -> None:
    asked = count()

    def refuse_first(route: Route) -> None:
        if next(asked) == 0:
            route.abort()
        else:
            route.continue_()

    page.route("**/Metric.*.js", refuse_first)
    with page.expect_response(LAST):
        open_start(page, server.url)
    choose_file(page, repeated(tmp_path, "july", 1))
    expect(page.get_by_text("July 2013 looks different")).to_be_visible(timeout=30_000)
    wait_until_rested(page)
    expect(page.get_by_test_id("stMetric").first).to_be_visible()
    assert next(asked) > 1
