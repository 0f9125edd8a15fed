"""Several people at once: each gets the result of the own file, and nobody sees what another has not saved."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.app_server import AppServer
from tests.browser.by_hand import SAMPLES
from tests.browser.own_files import open_window, write_own
from tests.browser_page import choose_file, wait_until_rested

pytestmark = pytest.mark.browser

PEOPLE = 4


def test_each_gets_the_own_numbers_and_nobody_anothers_upload(
    browser: Browser, server: AppServer, tmp_path: Path
) -> None:
    files = [write_own(tmp_path, number) for number in range(PEOPLE)]
    assert len({f"{own.gap:.2f}" for own in files}) == PEOPLE
    windows = [open_window(browser, server) for _ in files]
    first = windows[0]
    choose_file(first, SAMPLES / "july-labels.csv", uploader=1)
    expect(first.get_by_text("july-labels.csv")).to_be_visible()
    for page, own in zip(windows[1:], files[1:], strict=True):
        expect(page.get_by_text("july-labels.csv")).to_have_count(0)
        choose_file(page, own.file)
    for page, own in zip(windows[1:], files[1:], strict=True):
        own.expect_on(page)
        expect(page.get_by_text("Outcomes known by now?")).to_be_visible()
    late = open_window(browser, server)
    expect(late.get_by_text("july-labels.csv")).to_have_count(0)
    for own in files[1:]:
        expect(late.get_by_text(own.file.name).first).to_be_visible()
    expect(late.get_by_text(files[0].file.name)).to_have_count(0)
    choose_file(first, files[0].file)
    files[0].expect_on(first)
    wait_until_rested(first)
    for page in (*windows, late):
        page.context.close()
