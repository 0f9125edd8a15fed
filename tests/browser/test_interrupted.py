"""A reload, a lost connection, a killed server, a full disk: nothing is lost or half kept."""

from __future__ import annotations

import sqlite3
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest
from playwright.sync_api import Page, expect

from tests.app_server import AppServer
from tests.browser.by_hand import SAMPLES
from tests.browser.own_files import repeated
from tests.browser_page import choose_file, wait_until_rested
from tests.line import line_to
from tests.processes import wait_until

pytestmark = pytest.mark.browser


def open_start(page: Page, url: str) -> None:
    page.goto(url)
    expect(page.get_by_role("heading", name="Does your production")).to_be_visible(timeout=30_000)
    wait_until_rested(page)


def uploads(server: AppServer) -> list[Path]:
    folder = server.data / "uploads"
    return [path for path in folder.iterdir() if path.exists()] if folder.is_dir() else []


def jobs(server: AppServer) -> list[tuple[str, int]]:
    """State of each check, and how often it was begun."""
    with sqlite3.connect(f"file:{server.data / 'driftline.db'}?mode=ro", uri=True) as connection:
        return connection.execute("select state, attempts from jobs where kind = 'check'").fetchall()


def test_a_reload_and_a_lost_connection_lose_nothing(page: Page, server: AppServer, tmp_path: Path) -> None:
    with line_to(server.port) as line:
        open_start(page, line.url)
        choose_file(page, repeated(tmp_path, "july", 150))
        expect(page.get_by_test_id("stProgress")).to_be_visible(timeout=60_000)
        page.reload()
        line.cut()
        expect(page.locator("[data-test-connection-state=CONNECTED]")).to_have_count(0)
        wait_until(lambda: jobs(server) == [("done", 1)], "the check goes on while nobody is connected")
        line.mend()
        expect(page.get_by_text("July 2013 looks different")).to_be_visible(timeout=60_000)
    assert jobs(server) == [("done", 1)]


def test_a_server_killed_in_the_middle_of_an_upload_keeps_nothing_of_it(
    page: Page, server: AppServer, tmp_path: Path
) -> None:
    file = repeated(tmp_path, "july", 40)
    before = set(uploads(server))
    with line_to(server.port, slow=2_000_000) as line:
        open_start(page, line.url)
        choose_file(page, file)
        wait_until(lambda: any(p.stat().st_size > 1_000_000 for p in {*uploads(server)} - before), "it is on its way")
        server.kill()
    (half,) = set(uploads(server)) - before
    assert half.stat().st_size < file.stat().st_size
    server.start()
    wait_until(lambda: set(uploads(server)) == before, "what the killed server received is swept by the next")
    open_start(page, server.url)
    choose_file(page, SAMPLES / "quiet-week.csv")
    expect(page.get_by_text("looks as usual")).to_be_visible(timeout=60_000)


@contextmanager
def full_disk(server: AppServer, size: int) -> Iterator[None]:
    """From now on the app can write no file beyond `size` bytes, which is told as a full disk is."""
    assert server.process is not None
    app = psutil.Process(server.process.pid)
    soft, hard = app.rlimit(psutil.RLIMIT_FSIZE)
    app.rlimit(psutil.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        app.rlimit(psutil.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux limits a running process")
def test_a_disk_that_is_full_on_the_way_is_said_on_the_page(page: Page, server: AppServer, tmp_path: Path) -> None:
    open_start(page, server.url)
    before = set(uploads(server))
    with full_disk(server, 3_000_000):
        choose_file(page, repeated(tmp_path, "july", 11))
        problem = page.get_by_test_id("stAlert").filter(has_text="could not be kept in the data folder")
        expect(problem).to_contain_text("larger than the system allows")
        wait_until_rested(page)
        assert set(uploads(server)) == before
    choose_file(page, SAMPLES / "december.csv")
    expect(page.get_by_role("heading", name="What moved")).to_be_visible(timeout=60_000)
