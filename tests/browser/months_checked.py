"""An app with months of the packaged year checked, and a hand that clicks the mark of one on the time line."""

from __future__ import annotations

from pathlib import Path

import pyarrow.compute as pc
import pyarrow.parquet as pq
from playwright.sync_api import Locator, Page, expect

from monitoring.progress import silent
from monitoring.wiring import open_driftline, settings_from_environment
from monitoring.workflows.check import check_and_record, order_check
from tests.app_server import AppServer
from tests.browser.by_hand import SAMPLES

MODEL = "flight-delay"


def check_months(server: AppServer, folder: Path, months: tuple[int, ...]) -> None:
    """Check months of 2013 on the server's data folder, in that order; the files are made in `folder`."""
    engine = open_driftline(settings_from_environment({"DRIFTLINE_DATA": str(server.data)}))
    year = pq.read_table(SAMPLES / "year.parquet")
    month = pc.month(year.column("scheduled_departure"))
    for number in months:
        file = folder / f"2013-0{number}.parquet"
        pq.write_table(year.filter(pc.equal(month, number)), file)
        order = order_check(engine, upload=engine.uploads.save(file.read_bytes()), file_name=file.name, model=MODEL)
        check_and_record(engine, order, silent)


def click_mark(page: Page, place: int) -> None:
    """Click the mark of a batch in the strip of verdicts, as a hand with a mouse does."""
    marks = page.get_by_test_id("stPlotlyChart").first.locator(".scatterlayer .point")
    expect(marks.nth(place)).to_be_visible(timeout=15_000)
    page.wait_for_timeout(500)
    x, y = middle(marks.nth(place))
    page.mouse.move(x - 3, y - 3)
    page.mouse.move(x, y, steps=3)
    page.wait_for_timeout(200)
    page.mouse.down()
    page.mouse.up()


def middle(mark: Locator) -> tuple[float, float]:
    box = mark.bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
