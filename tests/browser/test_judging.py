"""Days of a time line that are still being judged, in a real browser: cut off, reloaded, stopped, gone on with."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.app_server import AppServer
from tests.browser.months_checked import check_months
from tests.browser.steering import steered
from tests.line import line_to
from tests.processes import wait_until

pytestmark = pytest.mark.browser

DAYS = 61
SLOWEST = 60_000


@pytest.fixture(scope="module")
def allowed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """How many days the app may judge."""
    return tmp_path_factory.mktemp("paced") / "allowed"


@pytest.fixture(scope="module")
def filled(
    start_server: Callable[..., AppServer], allowed: Path, tmp_path_factory: pytest.TempPathFactory
) -> AppServer:
    """The app with checks of June and July, which judges days as it is allowed to."""
    allowed.write_text("0")
    server = start_server(steered(PACED=allowed))
    check_months(server, tmp_path_factory.mktemp("months"), (6, 7))
    return server


def allow(file: Path, number: int) -> None:
    new = file.with_suffix(".new")
    new.write_text(str(number))
    new.replace(file)


def jobs(server: AppServer) -> list[tuple[str, int]]:
    """State of the job that judges, and how often it was begun."""
    with sqlite3.connect(f"file:{server.data / 'driftline.db'}?mode=ro", uri=True) as connection:
        return connection.execute("select state, attempts from jobs where kind = 'windows'").fetchall()


def expect_batches(page: Page, number: int) -> None:
    """The strip of verdicts shows so many days."""
    marks = page.get_by_test_id("stPlotlyChart").first.locator(".scatterlayer .point")
    expect(marks).to_have_count(number, timeout=SLOWEST)


def test_days_go_on_through_a_cut_line_and_a_reload_stop_when_told_and_go_on_from_there(
    page: Page, browser: Browser, filled: AppServer, allowed: Path
) -> None:
    with line_to(filled.port) as line:
        page.goto(f"{line.url}/timeline?view=day")
        cancel = page.get_by_role("button", name="Cancel", exact=True)
        expect(cancel).to_be_visible(timeout=SLOWEST)
        allow(allowed, 1)
        expect_batches(page, 1)
        allow(allowed, 8)
        expect(page.get_by_text("8 of 61 days, the newest first")).to_be_visible(timeout=SLOWEST)
        line.cut()
        expect(page.locator("[data-test-connection-state=CONNECTED]")).to_have_count(0)
        allow(allowed, 20)
        line.mend()
        expect(page.get_by_text("20 of 61 days, the newest first")).to_be_visible(timeout=SLOWEST)
        page.reload()
        expect_batches(page, 20)
        cancel.click(timeout=SLOWEST)
        expect(page.get_by_role("button", name="Stopping …")).to_be_disabled(timeout=SLOWEST)
        allow(allowed, 21)
        expect(page.get_by_text("21 of 61 days are shown, the newest.")).to_be_visible(timeout=SLOWEST)
        assert jobs(filled) == [("cancelled", 1)]
    other = browser.new_context().new_page()
    other.goto(f"{filled.url}/timeline?view=day")
    expect(other.get_by_text("21 of 61 days are shown, the newest.")).to_be_visible(timeout=SLOWEST)
    other.get_by_role("button", name="Go on").click(timeout=SLOWEST)
    expect(other.get_by_role("button", name="Cancel", exact=True)).to_be_visible(timeout=SLOWEST)
    allow(allowed, DAYS)
    expect_batches(other, DAYS)
    expect(other.get_by_role("button", name="Cancel", exact=True)).to_have_count(0, timeout=SLOWEST)
    wait_until(lambda: jobs(filled) == [("done", 2)], "no day was judged twice, or it would wait for one more")
    other.context.close()
