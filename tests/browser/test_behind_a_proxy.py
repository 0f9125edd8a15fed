"""Under a path of its own, as behind a proxy that serves other things too: pages, links, uploads, reports.

One kind of proxy hands on what the browser asked for, another leaves the path out.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.app_server import AppServer
from tests.browser.by_hand import SAMPLES
from tests.browser_page import choose_file, wait_until_rested
from tests.line import line_to

pytestmark = pytest.mark.browser

PREFIX = "/watch/drift"


@pytest.fixture(scope="module")
def server(start_server: Callable[..., AppServer]) -> AppServer:
    return start_server(prefix=PREFIX)


@pytest.mark.parametrize("strips", ["", PREFIX], ids=["handed on", "left out"])
def test_everything_works_under_a_prefix(page: Page, browser: Browser, server: AppServer, strips: str) -> None:
    with line_to(server.port, strips=strips) as line:
        home = line.url + PREFIX
        asked: list[str] = []
        page.on("request", lambda sent: asked.append(sent.url))
        page.goto(f"{home}/" if strips else home)  # a proxy that leaves it out sends browsers to the folder itself
        expect(page.get_by_role("heading", name="Does your production")).to_be_visible(timeout=30_000)
        wait_until_rested(page)
        choose_file(page, SAMPLES / "quiet-week.csv")
        expect(page.get_by_text("looks as usual")).to_be_visible(timeout=60_000)
        assert page.url.startswith(f"{home}/?check=")
        _deep_link(browser, page.url)
        _report(page, server)
        page.goto(f"{home}/models")
        expect(page.get_by_role("heading", name="Models", level=1)).to_be_visible(timeout=30_000)
        assert page.request.get(f"{home}/api/ready").json()["ready"] is True
        elsewhere = [url for url in asked if not url.startswith((home, "data:", "blob:"))]
        assert elsewhere == [], "nothing is asked for outside the prefix"


def _deep_link(browser: Browser, address: str) -> None:
    """The address of a check opens in a browser that was never here."""
    context = browser.new_context()
    page = context.new_page()
    page.goto(address)
    expect(page.get_by_text("looks as usual")).to_be_visible(timeout=30_000)
    context.close()


def _report(page: Page, server: AppServer) -> None:
    """A report that lies there is framed, and can be downloaded (writing one takes long and is tried elsewhere)."""
    check = page.url.rsplit("check=", 1)[1]
    (server.data / "reports").mkdir(exist_ok=True)
    (server.data / "reports" / f"{check}.html").write_text("<!DOCTYPE html><p>The report itself</p>")
    page.reload()
    page.get_by_role("button", name="Open the Evidently report").press("Enter", timeout=30_000)
    expect(page.frame_locator("iframe").get_by_text("The report itself")).to_be_visible()
    link = page.get_by_role("link", name="Download").get_attribute("href")
    assert link is not None
    answer = page.request.get(link if link.startswith("http") else page.url.split(PREFIX)[0] + link)
    assert "The report itself" in answer.text()
    assert answer.headers["content-disposition"].startswith("attachment")
