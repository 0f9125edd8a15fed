"""A part of the year, month by month, through the page with an automatic policy: it retrains when its own rules demand
it, not on a broken feed and not in the cool-down; a rival that is not better is refused; the time line shows it all."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from playwright.sync_api import Page, expect

from monitoring.policy.retrain_policy import RetrainPolicy
from monitoring.wiring import open_driftline, settings_from_environment
from monitoring.workflows.decide import put_in_force
from monitoring.workflows.parts import Driftline
from tests.app_server import AppServer
from tests.browser.by_hand import SAMPLES
from tests.browser_page import choose_file, wait_until_rested
from tests.processes import wait_until

pytestmark = pytest.mark.browser

MODEL = "flight-delay"
ROWS = 3_000
RETRAIN = """
name = "monthly"
dry_run = false
clock = "data"
confirmation = {batches = 1, of = 1}
suppression = {cool_down_days = 45}
approval = {mode = "automatic"}
"""
PROMOTION = 'name = "only better"\nsuffices = ["better"]\nsegment_rows = 100000\napproval = {mode = "automatic"}\n'


@pytest.fixture
def loop(start_server: Callable[..., AppServer], tmp_path: Path) -> tuple[AppServer, Driftline]:
    """An app whose policies act by themselves, and the engine on its data folder."""
    promotion = tmp_path / "promotion.toml"
    promotion.write_text(PROMOTION)
    server = start_server(environment={"DRIFTLINE_PROMOTION_POLICY": str(promotion)})
    driftline = open_driftline(settings_from_environment({"DRIFTLINE_DATA": str(server.data)}))
    put_in_force(driftline, MODEL, RetrainPolicy.from_toml(RETRAIN), reason="the replay")
    return server, driftline


def write_month(folder: Path, month: int, *, broken: bool = False) -> Path:
    """3,000 flights of a month with their outcomes; a broken feed writes airlines in lower case."""
    year = pq.read_table(SAMPLES / "year.parquet")
    rows = year.filter(pc.equal(pc.month(year["scheduled_departure"]), month))
    rows = rows.take(pa.array(np.linspace(0, rows.num_rows - 1, ROWS).astype(int)))
    if broken:
        place = rows.schema.get_field_index("carrier")
        rows = rows.set_column(place, "carrier", pc.utf8_lower(rows["carrier"].cast(pa.string())))
    file = folder / f"2013-{month:02}.parquet"
    pq.write_table(rows, file)
    return file


def drop(page: Page, server: AppServer, driftline: Driftline, file: Path) -> str:
    """Drop a month on the first page, wait for its verdict and for the decision on it. Returns the check's id."""
    page.goto(server.url)
    expect(page.get_by_role("heading", name="Does your production data")).to_be_visible(timeout=30_000)
    wait_until_rested(page)
    choose_file(page, file)
    page.wait_for_url("**/?check=*", timeout=60_000)
    expect(page.get_by_role("heading", level=1)).to_contain_text(file.stem, timeout=60_000)
    check = page.url.rpartition("=")[2]
    wait_until(lambda: driftline.decisions.decision_of(check) is not None, f"the decision on {file.stem}")
    return check


def finish(driftline: Driftline, asked_for: int) -> None:
    """Wait until all trainings that were asked for are started and done: a request is sent after its decision."""

    def done() -> bool:
        jobs = driftline.jobs.jobs("retrain")
        return len(jobs) == asked_for and not any(job.active for job in jobs)

    wait_until(done, "the training")


def test_months_are_retrained_on_as_the_rules_demand(
    page: Page, loop: tuple[AppServer, Driftline], tmp_path: Path
) -> None:
    server, driftline = loop
    found = {}
    for month, broken in ((4, False), (5, False), (6, True), (7, False)):
        check = drop(page, server, driftline, write_month(tmp_path, month, broken=broken))
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
    expect(page.get_by_text("labelled batches").or_(page.get_by_text("The watch is over")).first).to_be_visible()
    page.get_by_text("About version 3").click()
    expect(page.get_by_text("Frozen hold-out").first).to_be_visible()


def _time_line_shows_it_all(page: Page, server: AppServer) -> None:
    page.goto(f"{server.url}/timeline")
    expect(page.get_by_role("heading", name="Time line")).to_be_visible(timeout=30_000)
    wait_until_rested(page)
    page.get_by_text("What happened: 4 events").click()
    for words in ("New version: version 2", "Broken feed", "New version: version 3", "Promoted: version 3"):
        expect(page.get_by_text(words).first).to_be_visible()
