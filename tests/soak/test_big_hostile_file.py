"""The large file of the hostile list that is accepted, a million rows, through the page: as far from the reference as
the rows that it was drawn from, without a note, while the app goes on answering."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from scipy import stats

from monitoring.wiring import open_driftline, settings_from_environment
from tests.app_server import AppServer
from tests.browser import by_hand
from tests.browser_page import choose_file, wait_until_rested
from tests.hostile.big_files import MILLION, SECONDS, good, write_million_rows
from tests.hostile.cases import CASES, REASON
from tests.soak.watching import tell, watched

pytestmark = [pytest.mark.soak, pytest.mark.browser, pytest.mark.skipif(not CASES, reason=REASON)]


def test_a_million_rows_are_accepted_without_a_note(page: Page, server: AppServer, tmp_path: Path) -> None:
    file = write_million_rows(tmp_path)
    page.goto(server.url)
    expect(page.get_by_role("heading", name="Does your production data")).to_be_visible(timeout=60_000)
    wait_until_rested(page)
    with watched(server) as watch:
        started = time.monotonic()
        choose_file(page, file)
        expect(page.get_by_text("rows read").or_(page.get_by_text("Reading:")).first).to_be_visible(timeout=60_000)
        expect(page.get_by_role("heading", name="What moved")).to_be_visible(timeout=SECONDS * 1_000)
        tell("from the drop of the million rows to the verdict", time.monotonic() - started, "s", goal=SECONDS)
    tell("health page, slowest answer", watch.slowest, "s", goal=2.0)
    assert watch.slowest < 2
    wait_until_rested(page)
    said = page.locator("body").inner_text().replace("\u00a0", " ")
    assert f"{MILLION:,} rows" in said
    assert "on the file" not in said, "no note"
    assert "Traceback" not in said + server.log_end()
    _as_far_as_the_good_rows(server, page.url.rpartition("check=")[2])


def _as_far_as_the_good_rows(server: AppServer, check: str) -> None:
    """KS distances of the nine columns that were left as they are, against scipy's of the 200 rows."""
    driftline = open_driftline(settings_from_environment({"DRIFTLINE_DATA": str(server.data)}))
    found = {f.column: f.effect for f in driftline.history.check(check).findings if f.detector == "ks"}
    reference, few = by_hand.rows("reference"), good()
    for column in set(by_hand.NUMBERS) - {"temp"}:
        values = few[column][few[column] != ""].astype(float)
        wanted = stats.ks_2samp(reference[column].dropna(), values, method="asymp").statistic
        assert found[column] == pytest.approx(wanted, abs=0.01), column
