"""200 uploads of 20 MB, each checked and looked at: the memory of the server stays where it was.

Fewer of them: DRIFTLINE_SOAK_UPLOADS=40 make soak ARGUMENTS=tests/soak/test_many_uploads.py
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.app_server import AppServer
from tests.browser_page import choose_file, wait_until_rested
from tests.soak.material import write_rows
from tests.soak.watching import tell, watched

pytestmark = [pytest.mark.soak, pytest.mark.browser]

UPLOADS = int(os.environ.get("DRIFTLINE_SOAK_UPLOADS", "200"))
FIRST = 5
"""Uploads until everything is imported and every cache has its first entries."""
WINDOW = 10
"""Uploads in one window, that is in one session."""
ROWS = 98_000
GOAL = 1.2


@pytest.fixture(scope="module")
def rows(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_rows(tmp_path_factory.mktemp("rows") / "rows.csv", ROWS, extra=10)


def test_memory_stays_flat(browser: Browser, server: AppServer, rows: Path, tmp_path: Path) -> None:
    content = rows.read_bytes()
    file = tmp_path / "rows.csv"
    tell("size of an upload", len(content) / 1e6, "MB")
    with watched(server) as watch:
        page, before = browser.new_page(), 0.0
        for number in range(FIRST + UPLOADS):
            if number % WINDOW == 0:
                page.close()
                page = browser.new_page()
            file.write_bytes(content.replace(b'"0-0"', f'"{number}th"'.encode(), 1))
            _check(page, server, file)
            if number + 1 == FIRST:
                before = watch.memory
                tell(f"memory after {FIRST} uploads", before, "MB")
            elif (number + 1 - FIRST) % 20 == 0:
                tell(f"memory after {number + 1} uploads", watch.memory, "MB")
        page.close()
        after = watch.memory
        tell("health page, slowest answer", watch.slowest, "s", goal=1.0)
    tell(f"memory after {UPLOADS} uploads over memory before them", after / before, "x", goal=GOAL)
    assert len(list((server.data / "uploads").iterdir())) == FIRST + UPLOADS, "each was another file, kept once"
    assert after / before <= GOAL


def _check(page: Page, server: AppServer, file: Path) -> None:
    page.goto(server.url)
    expect(page.get_by_role("heading", name="Does your production")).to_be_visible(timeout=60_000)
    wait_until_rested(page, timeout=60_000)
    choose_file(page, file)
    expect(page.get_by_role("heading", name="What moved")).to_be_visible(timeout=300_000)
    wait_until_rested(page, timeout=60_000)
