"""The main job, in a real browser, with nothing faked: upload, verdict, report, retrain, promote, roll back."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.app_server import AppServer
from tests.browser import by_hand
from tests.browser.by_hand import SAMPLES
from tests.browser_page import choose_file, wait_until_rested

pytestmark = pytest.mark.browser


def upload_july(page: Page, server: AppServer) -> None:
    """Drop July's outcomes, then its rows, on the first page."""
    page.goto(server.url)
    expect(page.get_by_role("heading", name="Does your production data")).to_be_visible(timeout=30_000)
    wait_until_rested(page)
    choose_file(page, SAMPLES / "july-labels.csv", uploader=1)
    expect(page.get_by_text("july-labels.csv")).to_be_visible()
    wait_until_rested(page)
    choose_file(page, SAMPLES / "july.csv", uploader=0)
    expect(page.get_by_text("July 2013 looks different")).to_be_visible(timeout=30_000)
    wait_until_rested(page)


def press(page: Page, name: str) -> None:
    """Press a button by keyboard: it works wherever the page is scrolled."""
    button = page.get_by_role("button", name=name).first
    expect(button).to_be_enabled()
    button.press("Enter")
    wait_until_rested(page)


def confirm(page: Page, name: str) -> None:
    """Say yes in the dialog."""
    button = page.get_by_role("dialog").get_by_role("button", name=name)
    expect(button).to_be_enabled()
    button.click()
    expect(page.get_by_role("dialog")).to_have_count(0)


def percent(share: float) -> str:
    return f"{share:.0%}".replace("%", " %")


def test_the_whole_journey(page: Page, server: AppServer) -> None:
    upload_july(page, server)
    _verdict_names_what_moved(page)
    _report_shows_the_same_numbers(page, server)
    _challenger_is_better(page)
    _next_check_uses_the_new_version(page, server)
    _roll_back_brings_the_old_one_back(page, server)


def _verdict_names_what_moved(page: Page) -> None:
    old = by_hand.predicted(by_hand.champion(), by_hand.rows("reference")).mean()
    new = by_hand.predicted(by_hand.champion(), by_hand.rows("july")).mean()
    sentence = page.get_by_text("July 2013 looks different")
    for words in ("temp", "dewp", "wind_speed", f"predictions fell from {percent(old)} to {percent(new)} late"):
        expect(sentence).to_contain_text(words)
    assert re.search(r"\?check=[0-9a-f]{16}$", page.url)
    page.reload()
    expect(sentence).to_be_visible(timeout=30_000)
    for column in ("temp", "dewp", "wind_speed"):
        expect(page.get_by_text(re.compile(rf"KS {by_hand.gap(column):.2f}\b")).first).to_be_visible()
    expect(page.get_by_text("scored by flight-delay version 1")).to_be_visible()


def _report_shows_the_same_numbers(page: Page, server: AppServer) -> None:
    wait_until_rested(page)
    press(page, "Open the Evidently report")
    frame = page.frame_locator("iframe[src*='reports/']")
    expect(frame.get_by_text("Drift in column 'humid'")).to_be_visible(timeout=120_000)
    address = page.locator("iframe[src*='reports/']").get_attribute("src")
    assert address is not None
    answer = page.request.get(address if address.startswith("http") else server.url + address)
    assert "sandbox" in answer.headers["content-security-policy"]
    text = frame.locator("body").inner_text()
    for column in ("temp", "dewp", "wind_speed", "humid", "pressure", "prediction"):
        shown = re.search(rf"Drift in column '{column}'.*?Drift score: ([\d.]+)", text, re.DOTALL)
        assert shown, f"{column} is not in the report"
        assert float(shown[1]) == pytest.approx(by_hand.gap(column), abs=6e-4)


def _challenger_is_better(page: Page) -> None:
    champion, challenger = by_hand.quality(by_hand.champion()), by_hand.quality(by_hand.challenger())
    assert challenger.brier < champion.brier
    wait_until_rested(page)
    press(page, "Retrain …")
    expect(page.get_by_role("dialog")).to_contain_text("Nothing is switched until it is promoted")
    confirm(page, "Start retraining")
    expect(page.get_by_role("button", name="Promote version 2").first).to_be_visible(timeout=120_000)
    text = page.get_by_test_id("stMain").inner_text()
    for number in (champion.brier, challenger.brier, champion.auc, challenger.auc):
        assert f"{number:.3f}" in text, f"{number:.3f} is not on the page"
    assert "etter" in text


def _next_check_uses_the_new_version(page: Page, server: AppServer) -> None:
    wait_until_rested(page)
    press(page, "Promote version 2")
    confirm(page, "Promote version 2")
    expect(page.get_by_text("Version 2 is in use.")).to_be_visible()
    upload_again(page, server, 2)


def _roll_back_brings_the_old_one_back(page: Page, server: AppServer) -> None:
    page.goto(f"{server.url}/models")
    wait_until_rested(page)
    press(page, "Roll back")
    confirm(page, "Roll back")
    wait_until_rested(page)
    upload_again(page, server, 1)


def upload_again(page: Page, server: AppServer, version: int) -> None:
    page.goto(server.url)
    expect(page.get_by_role("heading", name="Does your production data")).to_be_visible(timeout=30_000)
    wait_until_rested(page)
    choose_file(page, SAMPLES / "july.csv", uploader=0)
    expect(page.get_by_text(f"scored by flight-delay version {version}")).to_be_visible(timeout=30_000)
