"""A part of the year, month by month, through the page with an automatic policy: it retrains when its own rules demand
it, not on a broken feed and not in the cool-down; a rival that is not better is refused; the time line shows it all.

The whole year is lived in `tests/soak/test_the_year.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from monitoring.workflows.parts import Driftline
from tests.app_server import AppServer
from tests.browser.months import MODEL, drop, finish, start_loop, write_month
from tests.browser_page import wait_until_rested

pytestmark = pytest.mark.browser

ROWS = 3_000
PROMOTION = 'name = "only better"\nsuffices = ["better"]\nsegment_rows = 100000\napproval = {mode = "automatic"}\n'


@pytest.fixture
def loop(start_server: Callable[..., AppServer], tmp_path: Path) -> tuple[AppServer, Driftline]:
    return start_loop(start_server, tmp_path, promotion=PROMOTION)


def test_months_are_retrained_on_as_the_rules_demand(
    page: Page, loop: tuple[AppServer, Driftline], tmp_path: Path
) -> None:
    server, driftline = loop
    found = {}
    for month, broken in ((4, False), (5, False), (6, True), (7, False)):
        check = drop(page, server, driftline, write_month(tmp_path, month, broken=broken, rows=ROWS))
        found[month] = driftline.decisions.decision_of(check)
        finish(driftline, sum(kept is not None and kept.decision.outcome == "request" for kept in found.values()))
    outcomes = {month: kept.decision.outcome for month, kept in found.items() if kept}
    assert outcomes == {4: "request", 5: "held", 6: "incident", 7: "request"}, "May is in April's cool-down"
    assert [job.state for job in driftline.jobs.jobs("retrain")] == ["done", "done"]
    _rivals_were_judged_by_the_gate(driftline)
    _models_shows_them(page, server)
    _time_line_shows_it_all(page, server)
    held = found[5]
    assert held is not None and "Cool-down until" in held.decision.sentence
    page.goto(f"{server.url}/retraining?decision={held.decision.id}")
    expect(page.get_by_text("Cool-down until").first).to_be_visible(timeout=30_000)


def _rivals_were_judged_by_the_gate(driftline: Driftline) -> None:
    """April's rival is not surely better, July's is; only that is in use."""
    april, july = (driftline.registry.version(MODEL, number).manifest for number in (2, 3))
    assert april.gate is not None and july.gate is not None
    assert april.gate.result != "better" and july.gate.result == "better"
    assert july.gate.newest is not None and july.gate.hold_out is not None
    assert (july.parent, driftline.registry.champion(MODEL).number) == (1, 3)
    assert [(one.kind, one.version) for one in driftline.registry.switches(MODEL)] == [("promote", 3)]


def _models_shows_them(page: Page, server: AppServer) -> None:
    page.goto(f"{server.url}/models")
    expect(page.get_by_text("in use").first).to_be_visible(timeout=30_000)
    wait_until_rested(page)
    expect(page.get_by_text("Version 3").first).to_be_visible()
    expect(page.get_by_text("batches with outcomes").or_(page.get_by_text("The watch is over")).first).to_be_visible()
    page.get_by_text("About version 3").click()
    expect(page.get_by_text("Frozen hold-out").first).to_be_visible()


def _time_line_shows_it_all(page: Page, server: AppServer) -> None:
    page.goto(f"{server.url}/timeline")
    expect(page.get_by_role("heading", name="Time line")).to_be_visible(timeout=30_000)
    wait_until_rested(page)
    page.get_by_text("What happened: 4 events").click()
    for number, used in ((2, "it was not put into use"), (3, "it was put into use")):
        line = page.get_by_role("listitem").filter(has_text=f"New version: version {number}")
        expect(line).to_contain_text(used)
    for words in ("New version: version 2", "Broken feed", "New version: version 3", "Promoted: version 3"):
        expect(page.get_by_text(words).first).to_be_visible()
