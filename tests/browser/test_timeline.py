"""The time line in a real browser: clicks and drags choose days, an address opens anywhere, a phone has room."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from monitoring.policy.verdict import VerdictName
from monitoring.wiring import open_driftline, settings_from_environment
from monitoring.workflows.promote import promote, roll_back
from tests.app_server import AppServer
from tests.browser.months_checked import MODEL, check_months, click_mark, middle
from tests.browser_page import wait_until_rested
from tests.dashboard.test_views import register_second

pytestmark = pytest.mark.browser

COMPARED = "July 2013, compared with June 2013, looks different"


@pytest.fixture(scope="module")
def filled(server: AppServer, tmp_path_factory: pytest.TempPathFactory) -> AppServer:
    """The app with checks of May, June and July."""
    check_months(server, tmp_path_factory.mktemp("months"), (5, 6, 7))
    return server


def test_a_click_on_a_mark_is_in_the_address_and_going_back_undoes_the_comparison(
    page: Page, filled: AppServer
) -> None:
    page.goto(f"{filled.url}/timeline")
    expect(page.get_by_role("heading", name="Time line")).to_be_visible(timeout=30_000)
    wait_until_rested(page)
    click_mark(page, 2)
    expect(page.get_by_text("July 2013 looks different")).to_be_visible(timeout=30_000)
    expect(page).to_have_url(f"{filled.url}/timeline?from=2013-07-01&to=2013-07-31")
    wait_until_rested(page)
    page.get_by_text("The period before (Jun 2013)").click()
    expect(page.get_by_text(COMPARED)).to_be_visible(timeout=60_000)
    page.go_back()
    expect(page.get_by_text("July 2013 looks different")).to_be_visible(timeout=30_000)


def test_an_address_opens_the_same_in_a_fresh_browser_and_the_old_one_leads_there(
    browser: Browser, filled: AppServer
) -> None:
    said = []
    for path in ("timeline", "history"):
        context = browser.new_context()
        page = context.new_page()
        page.goto(f"{filled.url}/{path}?from=2013-07-01&to=2013-07-31&against=before&column=temp")
        expect(page.get_by_text(COMPARED)).to_be_visible(timeout=60_000)
        wait_until_rested(page)
        assert "/timeline?" in page.url
        page.get_by_role("heading", name="Predicted and happened").scroll_into_view_if_needed()
        expect(page.get_by_text("temp (°F)").first).to_be_attached()
        said.append(page.get_by_test_id("stAlert").inner_text())
        context.close()
    assert said[0] == said[1]


def test_dragging_over_a_column_chooses_a_range_and_the_time_line_leaves_as_csv(
    page: Page, filled: AppServer, tmp_path: Path
) -> None:
    page.goto(f"{filled.url}/timeline")
    expect(page.get_by_role("heading", name="A column over time")).to_be_visible(timeout=30_000)
    wait_until_rested(page)
    page.get_by_role("heading", name="Predicted and happened").scroll_into_view_if_needed()
    chart = page.get_by_test_id("stPlotlyChart").nth(2)  # made when it comes into view
    chart.scroll_into_view_if_needed()
    points = chart.locator(".scatterlayer .point")
    expect(points).to_have_count(3, timeout=15_000)
    page.wait_for_timeout(500)
    left, right = middle(points.nth(0)), middle(points.nth(1))
    page.mouse.move(left[0] - 20, left[1] - 15)
    page.mouse.down()
    page.mouse.move(right[0], right[1], steps=6)
    page.mouse.move(right[0] + 30, right[1] + 15, steps=4)
    page.mouse.up()
    expect(page.get_by_text("May 1 to June 30, 2013 looks different")).to_be_visible(timeout=60_000)
    expect(page).to_have_url(f"{filled.url}/timeline?from=2013-05-01&to=2013-06-30")
    wait_until_rested(page)
    with page.expect_download() as download:
        page.get_by_role("button", name="Time line as CSV").press("Enter")
    lines = Path(download.value.path()).read_text().splitlines()
    assert [line.split(",")[0] for line in lines[1:]] == ["2013-05.parquet", "2013-06.parquet", "2013-07.parquet"]


def test_on_a_phone_legend_events_and_versions_have_room(browser: Browser, filled: AppServer) -> None:
    """Every verdict, and promoted, checked, rolled back, promoted and rolled back again."""
    engine = open_driftline(settings_from_environment({"DRIFTLINE_DATA": str(filled.data)}))
    register_second(engine)
    kept = engine.history.check(engine.history.checks(MODEL)[0].id)

    def check(number: int, name: VerdictName, version: int) -> None:
        made = {"id": f"{number:016x}", "upload": f"{number:064x}", "created_at": engine.now(), "version": version}
        engine.history.record_check(replace(kept, verdict=replace(kept.verdict, name=name), **made), b"")

    for number, name in enumerate(("stable", "watch", "broken", "undecided") * 3):
        check(number, name, 1)
    for number in (90, 91):
        promote(engine.registry, engine.history, MODEL, 2, reason="better", now=engine.now())
        check(number, "drift", 2)
        roll_back(engine.registry, engine.history, MODEL, reason="not better", now=engine.now())
    page = browser.new_context(viewport={"width": 390, "height": 844}).new_page()
    for order in ("check", "data"):
        page.goto(f"{filled.url}/timeline?order={order}")
        chart = page.get_by_test_id("stPlotlyChart").first
        expect(chart.locator(".legend .traces")).to_have_count(5, timeout=30_000)
        wait_until_rested(page)
        lanes, legend = boxes(chart.locator(".yaxislayer-above .ytick text")), boxes(chart.locator(".legend .bg"))
        assert len(lanes) == (4 if order == "check" else 1)
        assert boxes(chart.locator(".legend .scrollbar"))[0]["height"] == 0
        assert all(legend[0]["bottom"] <= lane["top"] for lane in lanes)
        events = boxes(chart.locator(".scatterlayer .trace:nth-child(n + 6) .point"))
        assert len(events) == (1 + 2 + 2 if order == "check" else 0)
        versions = [box for box in boxes(chart.locator(".textpoint text")) if box["width"]]
        assert len(versions) == 2
        for one, other in combinations([*events, *versions], 2):
            beside = one["right"] <= other["left"] or other["right"] <= one["left"]
            assert beside or one["bottom"] <= other["top"] or other["bottom"] <= one["top"]
    page.context.close()


def boxes(what: Locator) -> list[dict[str, float]]:
    found: list[dict[str, float]] = what.evaluate_all(
        """all => all.map(one => {
            const { left, right, top, bottom, width, height } = one.getBoundingClientRect();
            return { left, right, top, bottom, width, height };
        })"""
    )
    return found
