"""How quick the pages are with a saved check of 1,000,000 x 25 values: medians of 20 in Chromium, and what is sent.

Seconds are taken inside the browser: from the key or click to the moment when the script rests, or the heading of the
next page is on the screen. Chromium runs on the processors of the app.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Request, WebSocket, expect

from monitoring.progress import silent
from monitoring.wiring import open_driftline, settings_from_environment
from monitoring.workflows.check import check_and_record, order_check
from tests.app_server import AppServer
from tests.browser_page import scroll_through, wait_until_rested
from tests.soak.material import write_rows
from tests.soak.watching import tell, tell_all

pytestmark = [pytest.mark.soak, pytest.mark.browser]

TIMES = 20
PAGES = {
    "Time line": ("timeline", "Time line"),
    "Models": ("models", "Models"),
    "Retraining": ("retraining", "Retraining"),
    "Settings": ("settings", "Settings"),
    "Check": ("", "Does your production"),
}
"""By the word in the navigation: path and main heading."""
CHOSEN = """([column, before]) => links(column) > before
    && document.querySelector('[data-testid=stApp]').dataset.testScriptState !== 'running'
    && (window.rested ??= performance.now())"""
LINKS = "window.links = column => document.querySelectorAll(`a[href*='column=${column}']`).length"
"""Links to the page of a column: one more when it is chosen, drawn last."""
SHOWN = """words => [...document.querySelectorAll('h1, h2')].some(h => h.offsetParent && h.innerText.includes(words))
    && (window.shown ??= performance.now())"""


@pytest.fixture(scope="module")
def checked(server: AppServer, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Address of the check."""
    engine = open_driftline(settings_from_environment({"DRIFTLINE_DATA": str(server.data)}))
    rows = write_rows(tmp_path_factory.mktemp("rows") / "million.csv", 1_000_000, extra=10)
    with rows.open("rb") as stream:
        upload = engine.uploads.save(stream)
    order = order_check(engine, upload=upload, file_name=rows.name, model="flight-delay")
    check_and_record(engine, order, silent)
    return f"{server.url}/?check={order.id}"


@pytest.fixture
def window(page: Page, checked: str) -> Page:
    """The page of the check, at rest, where the columns are chosen."""
    page.goto(checked)
    expect(page.locator("#columns")).to_be_attached(timeout=60_000)
    wait_until_rested(page)  # what is above it has its height
    page.locator("#columns").evaluate("heading => heading.scrollIntoView()")
    expect(page.get_by_role("combobox", name="Column")).to_be_visible(timeout=60_000)
    wait_until_rested(page)
    return page


def choose(page: Page, column: str) -> float:
    """Seconds from the choice of a column until its card is drawn to the end and the script rests."""
    chosen = page.get_by_role("combobox", name="Column")
    chosen.click()
    chosen.fill(column)
    page.evaluate(LINKS)
    before = page.evaluate("column => links(column)", column)
    page.evaluate("window.since = performance.now(); window.rested = null")
    chosen.press("Enter")
    page.wait_for_function(CHOSEN, arg=[column, before], polling="raf", timeout=60_000)
    return float(page.evaluate("window.rested - window.since")) / 1000


def until_heading(page: Page, words: str, act: Callable[[], object]) -> float:
    """Seconds from an act in the page until a heading is on the screen."""
    page.evaluate("window.since = performance.now(); window.shown = null")
    act()
    page.wait_for_function(SHOWN, arg=words, polling="raf", timeout=60_000)
    return float(page.evaluate("window.shown - window.since")) / 1000


def test_a_widget_rests_soon(window: Page) -> None:
    seconds = [choose(window, ("humid", "carrier")[number % 2]) for number in range(TIMES + 1)]
    median = tell_all("another column chosen, until the script rests", seconds[1:], goal=0.4)
    assert median < 0.4


def test_a_page_change_shows_its_first_screen(window: Page) -> None:
    medians = []
    for name in PAGES:
        seconds = []
        for _ in range(TIMES + 1):
            change(window, "Models" if name != "Models" else "Time line")
            seconds.append(change(window, name))
        medians.append(tell_all(f"change to {name}, until its heading", seconds[1:], goal=1.0))
    seconds = []
    for _ in range(TIMES + 1):
        change(window, "Check")
        seconds.append(until_heading(window, "What moved", window.get_by_role("link", name="See why").click))
        wait_until_rested(window)
    medians.append(tell_all("change to the check, until what moved", seconds[1:], goal=1.0))
    assert max(medians) < 1.0


def change(page: Page, name: str) -> float:
    """Seconds from a click in the navigation until the main heading of that page; then waits for its end."""
    link = page.get_by_test_id("stTopNavLink").filter(has_text=name).first
    seconds = until_heading(page, PAGES[name][1], link.click)
    wait_until_rested(page)
    return seconds


def test_a_first_visit(browser: Browser, server: AppServer, checked: str) -> None:
    """A browser that was never here: nothing is in its cache."""
    for what, address, words in (("the start", server.url, "Does your"), ("the check", checked, "What moved")):
        seconds = []
        for _ in range(TIMES + 1):
            context = browser.new_context(viewport={"width": 1440, "height": 900})
            page = context.new_page()
            page.goto(address, wait_until="commit")
            page.wait_for_function(SHOWN, arg=words, polling="raf", timeout=60_000)
            seconds.append(float(page.evaluate("window.shown")) / 1000)  # since the navigation began
            context.close()
        assert tell_all(f"first visit to {what}", seconds[1:], goal=3.0) < 3.0


class Sent:
    """Bytes that an app sends to a page beside Streamlit's own assets and the Evidently page."""

    def __init__(self, page: Page, server: AppServer) -> None:
        self.total = 0
        self._server = server
        page.on("websocket", self._listen)
        page.on("requestfinished", self._add)

    def _listen(self, socket: WebSocket) -> None:
        socket.on("framereceived", self._frame)

    def _frame(self, payload: Any) -> None:
        self.total += len(payload if isinstance(payload, bytes) else payload.encode())

    def _add(self, request: Request) -> None:
        path = request.url.removeprefix(self._server.url)
        if not path.startswith(("/static/", "/reports/", "data:", "blob:")):
            self.total += request.sizes()["responseBodySize"]


def test_little_is_sent(page: Page, server: AppServer, checked: str) -> None:
    sent = Sent(page, server)
    addresses = {"the check": checked, "the start": server.url}
    addresses |= {name: f"{server.url}/{path}" for name, (path, _) in PAGES.items() if path}
    for what, address in addresses.items():
        before = sent.total
        page.goto(address)
        expect(page.get_by_role("heading").first).to_be_visible(timeout=60_000)
        wait_until_rested(page, timeout=60_000)
        scroll_through(page)
        wait_until_rested(page, timeout=60_000)
        amount = (sent.total - before) / 1000
        tell(f"sent for {what}", amount, "kB", goal=500)
        assert amount < 500
