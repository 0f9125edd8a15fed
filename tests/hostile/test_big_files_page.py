"""The large hostile files that are refused, through the page: one sentence, and the app answers. (A million rows that
are accepted take a while: `tests/soak/test_big_hostile_file.py`.)"""

from __future__ import annotations

import time
import urllib.request
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.app_server import AppServer
from tests.browser_page import choose_file, wait_until_rested
from tests.hostile.big_files import write_long_cell, write_long_line
from tests.hostile.cases import CASES, REASON

pytestmark = [pytest.mark.browser, pytest.mark.skipif(not CASES, reason=REASON)]


@pytest.mark.parametrize(
    ("write", "says"),
    [
        (write_long_cell, "b02.csv: a row after row 5 is longer than 4 MB, its longest cell stands in dest;"),
        (write_long_line, "b03.csv has no header: its first line alone is longer than"),
    ],
    ids=["a cell of 10 MB", "a line of 50 MB"],
)
def test_refused_in_one_sentence(
    write: Callable[[Path], Path], says: str, page: Page, server: AppServer, tmp_path: Path
) -> None:
    page.goto(server.url)
    expect(page.get_by_role("heading", name="Does your production data")).to_be_visible(timeout=30_000)
    wait_until_rested(page)
    choose_file(page, write(tmp_path))
    refused = page.get_by_test_id("stAlert").filter(has_text="Refused")
    expect(refused).to_be_visible(timeout=60_000)
    assert says in refused.inner_text().replace("\u200b", "").replace("\u00a0", " ")
    assert "Traceback" not in page.locator("body").inner_text() + server.log_end()
    started = time.monotonic()
    with urllib.request.urlopen(f"{server.url}/_stcore/health", timeout=5) as answer:
        assert answer.read() == b"ok"
    assert time.monotonic() - started < 2, "as the list wants"
