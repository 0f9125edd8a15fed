"""Every hostile file through the page, in one window of a real Chromium: the wanted words on screen, nothing runs."""

from __future__ import annotations

import json
import re
import shutil
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.app_server import AppServer
from tests.browser_page import choose_file, wait_until_rested
from tests.hostile.cases import CASES, GOOD, REASON, Case, outcome, require

pytestmark = [pytest.mark.browser, pytest.mark.skipif(not CASES, reason=REASON)]

ENDED = "[data-testid=stAlert]:has-text('Refused'), [data-testid=stHeading]:has-text('What moved')"


@pytest.fixture(scope="module")
def window(browser: Browser, server: AppServer, evidence: dict[str, Callable[[], str]]) -> Iterator[Page]:
    """One window for all files; what would open a dialog is remembered."""
    context = browser.new_context(viewport={"width": 1440, "height": 900}, reduced_motion="reduce")
    page = context.new_page()
    page.on("dialog", lambda dialog: (ran.append(dialog.message), dialog.dismiss()))
    page.on("requestfailed", lambda request: None if server.url in request.url else ran.append(request.url))
    evidence["text of the page"] = lambda: page.locator("body").inner_text(timeout=2_000)[-6000:]
    page.goto(server.url)
    expect(page.get_by_role("heading", name="Does your production data")).to_be_visible(timeout=30_000)
    yield page
    evidence.pop("text of the page")
    context.close()


ran: list[str] = []
"""What a page of ours never does: dialogs opened, addresses elsewhere asked for."""


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_as_wanted(case: Case, window: Page, server: AppServer, tmp_path: Path) -> None:
    ran.clear()
    window.goto(server.url)
    window.get_by_test_id("stFileUploader").nth(1).wait_for()
    file = tmp_path / case.upload_as
    shutil.copy(case.file, file)
    wait_until_rested(window)
    if case.labels:
        choose_file(window, file, uploader=1)
        expect(window.get_by_test_id("stFileUploader").nth(1)).to_contain_text(file.name[:3])
        wait_until_rested(window)
        choose_file(window, GOOD)
    else:
        choose_file(window, file)
    window.locator(ENDED).first.wait_for(timeout=30_000)
    wait_until_rested(window)
    said = window.locator("body").inner_text()
    assert "Traceback" not in said
    alerts = window.get_by_test_id("stAlert").all_inner_texts()
    refused = next((alert for alert in alerts if alert.startswith("Refused") or "\nRefused" in alert), "")
    notes = re.findall(r"(\d+) notes? on the file", said)
    came = outcome(refused=bool(refused), notes=notes, sentence=said)
    require(case, came, re.sub(r"[\u200b\u00a0]", lambda m: " " if m.group() == "\u00a0" else "", refused or said))
    if came == "accept" and case.upload_as in said.replace("\u200b", ""):
        assert "200 rows" in said.replace("\u00a0", " ")
    assert ran == []
    started = time.monotonic()
    with urllib.request.urlopen(f"{server.url}/api/ready", timeout=5) as answer:
        assert answer.status == 200
        assert json.load(answer)
    assert time.monotonic() - started < 2


def test_nothing_is_written_outside_the_data_folder(server: AppServer) -> None:
    assert list(Path("/tmp").glob("pwned_*")) == []
    assert {path.name for path in server.data.parent.iterdir()} == {"data", "server.log"}
    assert "Traceback" not in server.log.read_text(errors="replace")
