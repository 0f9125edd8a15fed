"""Every page under axe-core (MPL-2.0, from the development requirements), and the way through them by keyboard alone.

What axe-core finds in Streamlit's own elements and we cannot mend is listed by rule and element with the reason;
anything else of serious or critical impact fails.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.app_server import AppServer
from tests.browser_page import scroll_through, wait_until_rested

pytestmark = pytest.mark.browser

KNOWN: Final[dict[tuple[str, str], str]] = {
    ("color-contrast", "stButtonGroup"): "Dark: Streamlit writes the chosen one of pills and segmented controls in the "
    "primary colour, which must also be dark enough for the white text that it puts on buttons: no colour is both.",
}
"""Rule, and `data-testid` of the element or of one around it."""
SERIOUS: Final = ("serious", "critical")
OF_COLOUR: Final = ("color-contrast", "link-in-text-block")
MOST_TABS: Final = 120


@pytest.fixture(scope="module")
def checked(server: AppServer, browser: Browser) -> str:
    """A check of July, started and reached by keyboard alone; its address."""
    page = browser.new_page(viewport={"width": 1440, "height": 900}, reduced_motion="reduce")
    page.goto(server.url)
    expect(page.get_by_role("button", name="July", exact=True)).to_be_visible(timeout=60_000)
    wait_until_rested(page)
    tab_to(page, "July")
    page.keyboard.press("Enter")
    expect(page.get_by_text("July 2013 looks different")).to_be_visible(timeout=60_000)
    wait_until_rested(page)
    address = page.url
    page.close()
    return address


def tab_to(page: Page, words: str, *, most: int = MOST_TABS) -> None:
    """Press Tab until what has the focus is called `words`; fails when it never is."""
    seen: list[str] = []
    for _ in range(most):
        page.keyboard.press("Tab")
        said = str(
            page.evaluate("(document.activeElement?.innerText || document.activeElement?.ariaLabel || '').trim()")
        )
        seen.append(said)
        if said.rsplit("\n", maxsplit=1)[-1] == words:
            return
    raise AssertionError(f"Tab never came to {words!r}; it came to {list(dict.fromkeys(seen))}")


def test_by_keyboard_from_the_first_page_to_a_verdict_and_to_the_retrain_dialog(page: Page, checked: str) -> None:
    page.goto(checked)
    expect(page.get_by_text("July 2013 looks different")).to_be_visible(timeout=60_000)
    wait_until_rested(page)
    tab_to(page, "Retrain …")
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_be_visible()
    tab_to(page, "Not now", most=12)
    page.keyboard.press("Enter")
    expect(dialog).to_have_count(0)


def test_by_keyboard_to_a_column_and_back(page: Page, checked: str) -> None:
    page.goto(checked)
    expect(page.get_by_text("July 2013 looks different")).to_be_visible(timeout=60_000)
    wait_until_rested(page)
    tab_to(page, "temp in depth")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="temp", exact=True)).to_be_visible(timeout=30_000)
    wait_until_rested(page)
    tab_to(page, "Back to the check")
    page.keyboard.press("Enter")
    expect(page.get_by_text("July 2013 looks different")).to_be_visible(timeout=30_000)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_page_has_a_serious_fault_of_ours(browser: Browser, server: AppServer, checked: str, scheme: str) -> None:
    check = checked.split("check=")[1]
    context = browser.new_context(
        viewport={"width": 1440, "height": 900},
        color_scheme="dark" if scheme == "dark" else "light",
        reduced_motion="reduce",
    )
    page, found = context.new_page(), []
    rules = OF_COLOUR if scheme == "dark" else ()  # nothing else of a page is another in the dark
    for name, address in {
        "home": "/",
        "check": f"/?check={check}",
        "history": "/history",
        "column of numbers": f"/column?check={check}&column=temp",
        "column of categories": f"/column?check={check}&column=dest",
        "models": "/models",
        "retraining": "/retraining",
        "settings": "/settings",
    }.items():
        page.goto(f"{server.url}{address}")
        expect(page.get_by_role("heading", level=1)).to_be_visible(timeout=60_000)
        wait_until_rested(page)
        if not rules:
            found += [f"{name}, first screen: {fault}" for fault in faults(page)]
        scroll_through(page)
        found += [f"{name}: {fault}" for fault in faults(page, rules)]
    context.close()
    assert not found, "\n".join(found)


def faults(page: Page, rules: Sequence[str] = ()) -> list[str]:
    """What axe-core finds serious by these rules, or all, and is not known to be Streamlit's own."""
    options = {"resultTypes": ["violations"], **({"runOnly": list(rules)} if rules else {})}  # what passes is not told
    return [
        f"{violation['id']} at {node['html'][:160]} ({node['target']})"
        for violation in Axe().run(page, options=options).response["violations"]
        if violation["impact"] in SERIOUS
        for node in violation["nodes"]
        if not _known(page, violation["id"], node["target"])
    ]


def _known(page: Page, rule: str, target: list[str]) -> bool:
    around = (
        "e => [e, ...(function* (n) { while ((n = n.parentElement)) yield n })(e)].map(n => n.dataset.testid || '')"
    )
    names = page.locator(target[-1]).first.evaluate(f"{around}")
    return any((rule, name) in KNOWN for name in names)


def test_a_fault_of_ours_is_found(page: Page) -> None:
    page.set_content('<html lang="en"><title>x</title><main><h1>x</h1><img src="data:,"><p style="color:#ccc">pale</p>')
    assert {fault.split(" at ")[0] for fault in faults(page)} == {"image-alt", "color-contrast"}
    assert {fault.split(" at ")[0] for fault in faults(page, OF_COLOUR)} == {"color-contrast"}
