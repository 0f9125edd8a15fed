"""The page of settings on a phone: every value has the width of the page for its words."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, expect

from tests.app_server import AppServer
from tests.browser_page import wait_until_rested

pytestmark = pytest.mark.browser
WIDTH = 390
WORDS = (
    "Largest probability that a check of unchanged data finds any drift at all.",
    "a recipe of your own for training",
)


def test_values_and_their_meaning_are_stacked_and_read_across(browser: Browser, server: AppServer) -> None:
    page = browser.new_context(viewport={"width": WIDTH, "height": 844}).new_page()
    page.goto(f"{server.url}/settings")
    for words in WORDS:
        meaning = page.get_by_text(words)
        expect(meaning).to_be_attached(timeout=30_000)
        wait_until_rested(page)
        box = meaning.bounding_box()
        assert box is not None
        assert box["width"] > 0.7 * WIDTH
        assert box["x"] + box["width"] <= WIDTH
    assert page.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth") <= WIDTH
    page.context.close()
