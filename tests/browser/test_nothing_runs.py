"""Markup and script in headers, values and file names: text everywhere they come to, Evidently's page included.

The same journey shows that a column is named on the page, remembered, used again and forgotten.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest
from playwright.sync_api import Page, expect

from monitoring.tables.formulas import is_formula
from tests.app_server import AppServer
from tests.browser.by_hand import SAMPLES
from tests.browser_page import choose_file, wait_until_rested

pytestmark = pytest.mark.browser

RUN = "window.pwned=1;alert(1)"
HEADER = f'<img src="/pwned" onerror="{RUN}">'
OTHER = f"</script><script>{RUN}</script>"
VALUES = [f"<script>{RUN}</script>", f"</script><svg onload={RUN}>", "{{7*7}}", "[x](javascript:alert(1))",
          "![x](/pwned)", "=1+1", "<b onmouseover=alert(1)>bold</b>"]  # fmt: skip
NAME = f"<svg onload={RUN}>.csv"


@pytest.fixture
def ran(page: Page) -> Iterator[list[str]]:
    """What ran, or was asked for, although it came in a file. The test fails when it is not empty at the end."""
    seen: list[str] = []
    page.on("dialog", lambda dialog: (seen.append(dialog.message), dialog.dismiss()))
    page.on("request", lambda request: seen.append(request.url) if request.url.endswith("/pwned") else None)
    yield seen
    assert seen == []


@pytest.fixture
def hostile_file(tmp_path: Path) -> Path:
    """A quiet week: one column under a name of markup, another one that is not known, categories and a cell of it."""
    rows = pd.read_csv(SAMPLES / "quiet-week.csv").astype({"wind_speed": object})
    rows["dest"] = [VALUES[i % 20] if i % 20 < len(VALUES) else dest for i, dest in enumerate(rows.dest)]
    rows.loc[:30, "wind_speed"] = HEADER
    rows[OTHER] = VALUES[0]
    rows = rows.rename(columns={"temp": HEADER})
    file = tmp_path / NAME
    rows.to_csv(file, index=False)
    return file


def require_nothing_ran(page: Page) -> None:
    wait_until_rested(page)
    assert [frame.url for frame in page.frames if frame.evaluate("window.pwned === 1")] == []
    assert page.locator("img[src$='/pwned'], svg[onload], b[onmouseover]").count() == 0


def open_start(page: Page, server: AppServer) -> None:
    page.goto(server.url)
    expect(page.get_by_role("heading", name="Does your production data")).to_be_visible(timeout=30_000)
    wait_until_rested(page)


def test_what_comes_in_a_file_is_text_wherever_it_is_shown(
    page: Page, server: AppServer, ran: list[str], hostile_file: Path, tmp_path: Path
) -> None:
    open_start(page, server)
    choose_file(page, hostile_file)
    _name_the_column(page)
    _result_shows_text(page)
    _rows_come_out_quoted(page, tmp_path)
    _report_shows_text(page, server, tmp_path)
    _the_name_is_used_and_forgotten(page, server, hostile_file)
    assert ran == []


def _name_the_column(page: Page) -> None:
    expect(page.get_by_test_id("stAlert").filter(has_text="needed column is missing: temp")).to_be_visible()
    require_nothing_ran(page)
    expect(page.get_by_role("button", name="Check it read this way")).to_be_disabled()
    page.get_by_role("combobox", name="temp is the column").click()
    page.get_by_role("option", name='<img src="/pwned"').click()
    wait_until_rested(page)
    require_nothing_ran(page)
    page.get_by_role("button", name="Check it read this way").press("Enter")


def _result_shows_text(page: Page) -> None:
    expect(page.get_by_role("heading", name="What moved")).to_be_visible(timeout=30_000)
    require_nothing_ran(page)
    said = page.get_by_test_id("stMain").inner_text().replace("\u200b", "")
    assert "<svg onload=" in page.get_by_role("heading", level=1).inner_text().replace("\u200b", "")
    for words in ("was taken for temp, as its name was given", "</script>", "{{7*7}}", "wind_speed: 31 values are not"):
        assert words in said, words
    page.get_by_text("Rows scored although a value did not fit").click()
    require_nothing_ran(page)


def _rows_come_out_quoted(page: Page, tmp_path: Path) -> None:
    with page.expect_download() as download:
        page.get_by_role("button", name="Rows that did not fit (CSV)").press("Enter")
    file = tmp_path / "misfits.csv"
    download.value.save_as(file)
    with file.open(newline="") as stream:
        cells = [cell for row in csv.reader(stream) for cell in row]
    assert HEADER in cells
    assert "'=1+1" in cells
    assert list(filter(is_formula, cells)) == []


def _report_shows_text(page: Page, server: AppServer, tmp_path: Path) -> None:
    page.get_by_role("button", name="Open the Evidently report").press("Enter")
    frame = page.frame_locator("iframe[src*='reports/']")
    expect(frame.get_by_text("Drift in column 'dest'")).to_be_visible(timeout=120_000)
    require_nothing_ran(page)
    check = page.url.rsplit("check=", 1)[1]
    stored = (server.data / "reports" / f"{check}.html").read_text()
    assert f"<script>{RUN}" not in stored
    alone = tmp_path / "report.html"
    alone.write_text(stored)
    other = page.context.new_page()
    other.goto(alone.as_uri())
    expect(other.get_by_text("Drift in column 'dest'")).to_be_visible(timeout=60_000)
    pwned = other.evaluate("window.pwned === 1")
    other.close()
    assert not pwned


def _the_name_is_used_and_forgotten(page: Page, server: AppServer, hostile_file: Path) -> None:
    kept = json.loads((server.data / "column-names.json").read_text())
    assert kept == {"flight-delay": {HEADER: "temp"}}
    open_start(page, server)
    page.get_by_text("Names of columns remembered for flight-delay: 1").click()
    require_nothing_ran(page)
    choose_file(page, hostile_file)
    expect(page.get_by_test_id("stAlert").filter(has_text="was checked before")).to_be_visible(timeout=30_000)
    require_nothing_ran(page)
    open_start(page, server)
    page.get_by_text("Names of columns remembered for flight-delay: 1").click()
    page.get_by_role("button", name="Forget", exact=False).first.press("Enter")
    expect(page.get_by_text("Names of columns remembered")).to_have_count(0)
    choose_file(page, hostile_file)
    expect(page.get_by_test_id("stAlert").filter(has_text="needed column is missing: temp")).to_be_visible()
    for place in ("history", "models"):
        page.goto(f"{server.url}/{place}")
        require_nothing_ran(page)
