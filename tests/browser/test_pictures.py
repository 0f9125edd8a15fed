"""The pictures of README: `make pictures` takes them anew. As a test, that every page stands without a mistake."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, expect

from tests.app_server import AppServer
from tests.browser.by_hand import SAMPLES
from tests.browser_page import choose_file, take_picture, wait_until_rested

pytestmark = pytest.mark.browser

SIZES = {"desktop": (1440, 900), "phone": (390, 844)}


@pytest.fixture(scope="module")
def checked(server: AppServer, browser: Browser) -> str:
    """Address of a check of July with its outcomes, after the year was checked."""
    page = browser.new_page()
    page.goto(server.url)
    page.get_by_role("button", name="The year so far").press("Enter", timeout=30_000)
    page.wait_for_url("**/timeline**", timeout=120_000)
    page.goto(server.url)
    expect(page.get_by_role("heading", name="Does your production data")).to_be_visible(timeout=30_000)
    wait_until_rested(page)
    choose_file(page, SAMPLES / "july-labels.csv", uploader=1)
    expect(page.get_by_text("july-labels.csv")).to_be_visible()
    choose_file(page, SAMPLES / "july.csv")
    expect(page.get_by_text("July 2013 looks different")).to_be_visible(timeout=30_000)
    address = page.url
    page.close()
    return address


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES)
def test_pages(browser: Browser, server: AppServer, checked: str, tmp_path: Path, size: str, scheme: str) -> None:
    width, height = SIZES[size]
    context = browser.new_context(
        viewport={"width": width, "height": height},
        color_scheme="dark" if scheme == "dark" else "light",
        reduced_motion="reduce",
    )
    page = context.new_page()
    faults: list[str] = []
    page.on("console", lambda message: faults.append(message.text) if _is_fault(message) else None)
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("request", lambda sent: None if _is_ours(sent.url, server) else faults.append(f"asked for {sent.url}"))
    folder = Path(os.environ.get("DRIFTLINE_PICTURES", tmp_path))
    pages = {
        "home": server.url,
        "check": checked,
        "timeline": f"{server.url}/timeline",
        "column": f"{server.url}/column?check={checked.rsplit('=', 1)[1]}&column=temp",
        "models": f"{server.url}/models",
        "retraining": f"{server.url}/retraining",
        "settings": f"{server.url}/settings",
    }
    for name, address in pages.items():
        page.goto(address)
        expect(page.get_by_role("heading", level=1)).to_be_visible(timeout=30_000)
        wait_until_rested(page)
        assert not _scrolls_sideways(page), f"{name} is wider than the window"
        page.screenshot(path=folder / f"{name}-{size}-{scheme}.png")
        if name == "check":
            take_picture(page, folder / f"{name}-whole-{size}-{scheme}.png")
    assert faults == []
    context.close()


def _is_ours(url: str, server: AppServer) -> bool:
    """Whether this stays on the machine: nothing a page needs comes from elsewhere."""
    return url.startswith((f"{server.url}/", "data:", "blob:"))


def _is_fault(message: ConsoleMessage) -> bool:
    """Streamlit looks for its server below a page's address first and finds it above; that is no fault."""
    return message.type == "error" and "/_stcore/" not in message.location["url"]


def _scrolls_sideways(page: Page) -> bool:
    script = "main => main.scrollWidth > main.clientWidth + 1"
    return bool(page.get_by_test_id("stMain").evaluate(script))
