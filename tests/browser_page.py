"""Waiting for Streamlit, and pictures of whole pages."""

from pathlib import Path

from playwright.sync_api import Page, expect

RESTED = "[data-testid=stApp][data-test-connection-state=CONNECTED][data-test-script-state=notRunning]"


NOTHING_WAITS = """() => ![...document.querySelectorAll("[data-waits]")].some((place) => {
    const {top, bottom} = place.getBoundingClientRect();
    return bottom > 0 && top < innerHeight;
})"""
"""Whether nothing in the window waits to be made: what is passed too quickly is not."""


def wait_until_rested(page: Page, *, timeout: float = 30_000) -> None:
    """Wait until the page is connected, no run is under way and no placeholder is left.

    A fast run is never seen as running, so this first gives a click time to reach the server. Better than this, where
    there is one: expect a text that only the new state has.
    """
    page.wait_for_timeout(210)
    expect(page.locator(RESTED)).to_be_attached(timeout=timeout)
    expect(page.get_by_test_id("stSkeleton")).to_have_count(0, timeout=timeout)
    page.wait_for_timeout(100)


def choose_file(page: Page, path: Path, *, uploader: int = 0) -> None:
    """Choose `path` in the uploader with that number on the page, as a click and a file dialog would."""
    page.get_by_test_id("stFileUploader").nth(uploader).locator("input[type=file]").set_input_files(path)


def scroll_through(page: Page) -> None:
    """To the end of the page and back to its start, so that what is made when it comes into view is there."""
    main = page.get_by_test_id("stMain")
    for _ in range(40):
        if main.evaluate("m => { const at = m.scrollTop; m.scrollBy(0, m.clientHeight); return m.scrollTop === at }"):
            break
        page.wait_for_function(NOTHING_WAITS, timeout=30_000)
    wait_until_rested(page)
    main.evaluate("m => m.scrollTo(0, 0)")


def take_picture(page: Page, path: Path) -> None:
    """A picture of the whole page: Streamlit scrolls an inner element, so the window is made as high as that."""
    scroll_through(page)
    size = page.viewport_size
    assert size is not None, "the page has no fixed size"
    height = page.evaluate("document.querySelector('[data-testid=stMain]').scrollHeight")
    page.set_viewport_size({"width": size["width"], "height": max(size["height"], int(height))})
    wait_until_rested(page)
    path.parent.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=path)
    page.set_viewport_size(size)
