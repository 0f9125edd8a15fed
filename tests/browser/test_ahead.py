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
PATIENCE = 90_000
"""Milliseconds in which a browser on a busy machine finds time to load ahead."""


def test_no_code_is_asked_for_between_the_file_and_its_verdict(page: Page, server: AppServer, tmp_path: Path) -> None:
    came: list[str] = []

    def note(answer: Response) -> None:
        if answer.url.endswith(".js"):
            came.append(answer.url.rpartition("/")[2])

    page.on("response", note)
    with page.expect_response(f"**/{SCRIPTS[-1]}.js", timeout=PATIENCE) as last:
        open_start(page, server.url)
    page.evaluate("address => import(address).then(() => true)", last.value.url)  # it has come and has been run
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
    with page.expect_event("requestfailed", timeout=PATIENCE):
        open_start(page, server.url)
    choose_file(page, repeated(tmp_path, "july", 1))
    expect(page.get_by_text("July 2013 looks different")).to_be_visible(timeout=30_000)
    wait_until_rested(page)
    expect(page.get_by_test_id("stMetric").first).to_be_visible()
    assert next(asked) > 1
