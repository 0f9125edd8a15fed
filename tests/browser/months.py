"""The packaged year month by month through the page: files of months, and an app whose policies act by themselves."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from playwright.sync_api import Page, expect

from monitoring.policy.retrain_policy import RetrainPolicy
from monitoring.wiring import open_driftline, settings_from_environment
from monitoring.workflows.decide import put_in_force
from monitoring.workflows.parts import Driftline
from tests.app_server import AppServer
from tests.browser.by_hand import SAMPLES
from tests.browser_page import choose_file, wait_until_rested
from tests.processes import wait_until

MODEL = "flight-delay"
RETRAIN = """
name = "every second month at most"
dry_run = false
clock = "data"
confirmation = {batches = 1, of = 1}
suppression = {cool_down_days = 45}
approval = {mode = "automatic"}
"""
"""The retrain policy of the loops that are lived month by month."""


def start_loop(start_server: Callable[..., AppServer], folder: Path, *, promotion: str) -> tuple[AppServer, Driftline]:
    """An app on an empty data folder with `RETRAIN` and a promotion policy (TOML) in force, and the engine on it."""
    file = folder / "promotion.toml"
    file.write_text(promotion)
    server = start_server(environment={"DRIFTLINE_PROMOTION_POLICY": str(file)})
    driftline = open_driftline(settings_from_environment({"DRIFTLINE_DATA": str(server.data)}))
    put_in_force(driftline, MODEL, RetrainPolicy.from_toml(RETRAIN), reason="the replay")
    return server, driftline


def write_month(folder: Path, month: int, *, broken: bool = False, rows: int | None = None) -> Path:
    """The flights of a month with their outcomes: all, or so many; a broken feed writes airlines in lower case."""
    year = pq.read_table(SAMPLES / "year.parquet")
    table = year.filter(pc.equal(pc.month(year["scheduled_departure"]), month))
    if rows is not None:
        table = table.take(pa.array(np.linspace(0, table.num_rows - 1, rows).astype(int)))
    if broken:
        place = table.schema.get_field_index("carrier")
        table = table.set_column(place, "carrier", pc.utf8_lower(table["carrier"].cast(pa.string())))
    file = folder / f"2013-{month:02}.parquet"
    pq.write_table(table, file)
    return file


def drop(page: Page, server: AppServer, driftline: Driftline, file: Path) -> str:
    """Drop a month on the first page, wait for its verdict and for the decision on it. Returns the check's id."""
    page.goto(server.url)
    expect(page.get_by_role("heading", name="Does your production data")).to_be_visible(timeout=60_000)
    wait_until_rested(page, timeout=60_000)
    choose_file(page, file)
    page.wait_for_url("**/?check=*", timeout=120_000)
    expect(page.get_by_role("heading", level=1)).to_contain_text(file.stem, timeout=120_000)
    check = page.url.rpartition("=")[2]
    wait_until(lambda: driftline.decisions.decision_of(check) is not None, f"the decision on {file.stem}")
    return check


def finish(driftline: Driftline, asked_for: int, *, seconds: float = 60.0) -> None:
    """Wait until all trainings that were asked for are started and done: a request is sent after its decision."""

    def done() -> bool:
        jobs = driftline.jobs.jobs("retrain")
        return len(jobs) == asked_for and not any(job.active for job in jobs)

    wait_until(done, "the training", seconds=seconds)
