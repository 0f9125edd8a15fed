"""A CSV of a million rows, 200 MB, and a file of 999 MB, through the page: progress, a page that answers, memory."""

from __future__ import annotations

import itertools
import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.app_server import AppServer
from tests.browser_page import choose_file, wait_until_rested
from tests.soak.material import write_rows
from tests.soak.watching import Watch, tell, tell_all, watched

pytestmark = [pytest.mark.soak, pytest.mark.browser]

HEADINGS = {"Models": "Models", "Check": "Does your production"}


@pytest.fixture(scope="module")
def million(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The model's columns, an id, a time, outcomes and ten columns of no use."""
    return write_rows(tmp_path_factory.mktemp("rows") / "million.csv", 1_000_000, extra=10)


@pytest.fixture
def pages(browser: Browser, server: AppServer) -> Iterator[tuple[Page, Page]]:
    """Two windows of the app, at rest after a first check."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    first, second = context.new_page(), context.new_page()
    for page in (first, second):
        open_start(page, server)
    first.get_by_role("button", name="A quiet week").press("Enter")
    expect(first.get_by_role("heading", name="What moved")).to_be_visible(timeout=120_000)
    open_start(first, server)
    yield first, second
    context.close()


def open_start(page: Page, server: AppServer) -> None:
    page.goto(server.url)
    expect(page.get_by_role("heading", name="Does your production")).to_be_visible(timeout=60_000)
    wait_until_rested(page, timeout=60_000)


def change_page(page: Page, name: str) -> float:
    """Seconds from the click to the heading of another page."""
    started = time.perf_counter()
    page.get_by_test_id("stTopNavLink").filter(has_text=name).first.click()
    expect(page.get_by_role("heading", name=HEADINGS[name]).first).to_be_visible(timeout=60_000)
    return time.perf_counter() - started


def test_a_million_rows(pages: tuple[Page, Page], server: AppServer, million: Path) -> None:
    page, other = pages
    quiet = tell_all("page change while nothing runs", [change_page(other, name) for name in ("Models", "Check") * 5])
    with watched(server) as watch:
        before = watch.memory
        messages, changes, seconds = _check(page, other, million)
        wait_until_rested(page, timeout=60_000)
        peak = watch.peak
    rows = [int(count.replace(",", "")) for text in messages for count in re.findall(r"([\d,]+) rows", text)]
    assert len(set(rows)) >= 5, f"progress in rows: {messages}"
    assert rows == sorted(rows)
    assert page.get_by_text("1,000,000 rows").first.is_visible()
    tell(f"from the drop of {million.stat().st_size / 1e6:.0f} MB to the verdict", seconds, "s")
    busy = tell_all("page change of another window meanwhile", changes, goal=1.0)
    tell("the same, over that of a quiet app", busy / quiet, "x")
    _memory(watch, before, peak, million)
    assert busy < 1.0


def _check(page: Page, other: Page, file: Path) -> tuple[list[str], list[float], float]:
    """Messages of the progress, seconds of each page change in the other window, seconds to the verdict."""
    messages: list[str] = []
    changes: list[float] = []
    started = time.perf_counter()
    choose_file(page, file)
    for name in itertools.cycle(("Models", "Check")):
        bar = page.get_by_test_id("stProgress")
        if bar.count():
            messages += [text for text in bar.first.all_inner_texts() if text not in messages]
        if page.get_by_role("heading", name="What moved").count():
            break
        changes.append(change_page(other, name))
        assert time.perf_counter() - started < 1_200, f"no verdict; the last said was {messages[-1:]}"
    return messages, changes, time.perf_counter() - started


def _memory(watch: Watch, before: float, peak: float, file: Path) -> None:
    tell("health page, slowest answer", watch.slowest, "s", goal=1.0)
    tell("memory of the server at its peak, above before", peak - before, "MB")
    tell("memory of the server a moment after the verdict, above before", watch.memory - before, "MB")
    assert watch.slowest < 1.0
    assert peak - before < 1_000, "never several times the file"
    assert watch.memory - before < file.stat().st_size / 1e6, "given back"


def test_a_thousand_megabytes_pass_without_being_held(
    pages: tuple[Page, Page], server: AppServer, tmp_path: Path
) -> None:
    """A file of the largest size that is taken: labels, so that nothing reads it yet."""
    page, other = pages
    file = tmp_path / "large.csv"
    with file.open("wb") as stream:
        stream.truncate(999_000_000)
    with watched(server) as watch:
        before, started = watch.memory, time.perf_counter()
        choose_file(page, file, uploader=1)
        expect(page.get_by_role("button", name="Remove large.csv")).to_be_visible(timeout=600_000)
        while not any(path.stat().st_size == 999_000_000 for path in parts(server)):
            change_page(other, "Models")
            change_page(other, "Check")
            assert time.perf_counter() - started < 600
        tell("from the drop of 999 MB until it is in the data folder", time.perf_counter() - started, "s")
        tell("memory of the server at its peak, above before", watch.peak - before, "MB", goal=100)
    tell("health page, slowest answer", watch.slowest, "s", goal=1.0)
    assert watch.peak - before < 100
    assert watch.slowest < 1.0
    wait_until_rested(page)
    page.get_by_role("button", name="Remove large.csv").click()
    expect(page.get_by_role("button", name="Remove large.csv")).to_have_count(0)
    wait_until_rested(page)
    assert parts(server) == [], "what is taken back is removed"


def parts(server: AppServer) -> list[Path]:
    """What lies among the uploads and is not kept."""
    return [path for path in (server.data / "uploads").iterdir() if path.name.startswith(".part")]
