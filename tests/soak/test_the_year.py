"""The year through Chromium, month by month, with automatic policies; August comes from a broken feed.

What has to come of each month is worked out by hand from the policies' own rules (`year_by_hand`): exactly those
retrainings, none of the broken month or in the cool-down; a challenger that is not better by the gate's metric is
refused; the time line shows all of it.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from playwright.sync_api import Browser, Page, expect

from monitoring.contract import PREDICTION
from monitoring.workflows.parts import Driftline
from tests.app_server import AppServer
from tests.browser.months import MODEL, drop, finish, start_loop, write_month
from tests.browser_page import take_picture, wait_until_rested
from tests.soak.watching import tell
from tests.soak.year_by_hand import Gain, Model, compare, measure, outcome

pytestmark = [pytest.mark.soak, pytest.mark.browser]

MONTHS, BROKEN = range(4, 13), 8
PROMOTION = """
name = "better by the Brier score"
suffices = ["better"]
hold_out_margin = 1.0  # the gate's metric on the newest days alone decides
segment_margin = 1.0
approval = {mode = "automatic"}
"""
WORDS = {"quiet": "Not asked for", "held": "Held back", "incident": "Incident", "request": "Retrains"}
TRAINING_SECONDS = 600.0


@dataclass
class Year:
    """The year as it was lived, and as it has to be by hand."""

    server: AppServer
    engine: Driftline
    checks: dict[int, str] = field(default_factory=dict)
    outcomes: dict[int, str] = field(default_factory=dict)
    demanded: dict[int, str] = field(default_factory=dict)
    scored_by: dict[int, int] = field(default_factory=dict)
    asked: list[datetime] = field(default_factory=list)
    gains: dict[int, Gain] = field(default_factory=dict)
    in_use: int = 1

    @property
    def made(self) -> int:
        """The newest version that there has to be."""
        return 1 + len(self.asked)

    def model(self, number: int) -> Model:
        version = self.engine.registry.version(MODEL, number)
        return Model.read(version.model_file, version.reference_file)


@pytest.fixture(scope="module")
def year(
    browser: Browser, start_server: Callable[..., AppServer], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Year]:
    folder = tmp_path_factory.mktemp("year")
    lived = Year(*start_loop(start_server, folder, promotion=PROMOTION))
    page = browser.new_context(viewport={"width": 1440, "height": 900}, reduced_motion="reduce").new_page()
    for month in MONTHS:
        _live(page, lived, month, write_month(folder, month, broken=month == BROKEN))
    page.context.close()
    yield lived


def _live(page: Page, year: Year, month: int, file: Path) -> None:
    """Drop a month; work out by hand what has to come of it; wait for the training where there has to be one."""
    check = drop(page, year.server, year.engine, file)
    kept = year.engine.decisions.decision_of(check)
    assert kept is not None
    year.checks[month], year.outcomes[month] = check, kept.decision.outcome
    year.scored_by[month] = year.in_use
    year.demanded[month] = _demand(year, month, pd.read_parquet(file), check)
    gain = year.gains.get(month)
    tell(f"{file.stem}: {kept.decision.outcome}, demanded {year.demanded[month]}, by version", year.in_use, "")
    if gain is not None:
        tell(
            f"    challenger's Brier score on {gain.days} days, low {gain.low:.4f}, high {gain.high:.4f}",
            gain.value,
            "",
        )


def _demand(year: Year, month: int, rows: pd.DataFrame, check: str) -> str:
    if month == BROKEN:
        return "incident"
    champion = year.model(year.in_use)
    facts = measure(champion, rows)
    result = year.engine.history.check(check)
    (told,) = [one for one in result.findings if one.role == "prediction" and one.column == PREDICTION]
    assert told.effect == pytest.approx(facts.moved, abs=1e-3), "the check's KS distance is scipy's"
    assert result.performance is not None
    assert result.performance.brier == pytest.approx(facts.brier, abs=1e-6)
    demanded = outcome(facts, drifted=told.state == "drift", asked=year.asked)
    if demanded == "request":
        year.asked.append(facts.newest)
        finish(year.engine, len(year.asked), seconds=TRAINING_SECONDS)
        year.gains[month] = compare(champion, year.model(year.made), rows)
        if year.gains[month].high < 0:
            year.in_use = year.made
    return demanded


def test_exactly_the_retrainings_that_the_rules_demand(year: Year) -> None:
    assert year.outcomes == year.demanded
    assert year.demanded[BROKEN] == "incident"
    assert {"request", "held", "incident"} <= set(year.demanded.values()), "the year tells nothing otherwise"
    jobs = year.engine.jobs.jobs("retrain", limit=None)
    assert [job.state for job in jobs] == ["done"] * len(year.asked)
    asked_from = {str(job.payload["check"]) for job in jobs}
    assert asked_from == {year.checks[month] for month, came in year.demanded.items() if came == "request"}
    versions = {month: year.engine.history.check(check).version for month, check in year.checks.items()}
    assert versions == year.scored_by, "each month is scored by the version that has to be in use"


def test_nothing_is_learnt_from_the_broken_month(year: Year) -> None:
    broken = year.engine.history.check(year.checks[BROKEN])
    assert broken.verdict.name == "broken"
    for version in year.engine.registry.versions(MODEL):
        assert broken.upload not in version.manifest.sources
        assert version.training_file is not None
        times = pd.read_parquet(version.training_file).scheduled_departure
        assert not (times.dt.month == BROKEN).any()


def test_a_challenger_that_is_not_better_is_refused(year: Year) -> None:
    """By the interval worked out by hand: better is what lies below zero."""
    registry = year.engine.registry
    for number, (month, gain) in enumerate(year.gains.items(), 2):
        gate = registry.version(MODEL, number).manifest.gate
        assert gate is not None
        told = (gate.brier_difference, gate.brier_low, gate.brier_high, gate.days)
        assert told == pytest.approx((gain.value, gain.low, gain.high, gain.days), abs=2e-5), f"month {month}"
        assert (gate.result == "better") == (gain.high < 0)
    better = [number for number, gain in enumerate(year.gains.values(), 2) if gain.high < 0]
    assert [(one.kind, one.version) for one in registry.switches(MODEL)] == [("promote", one) for one in better]
    assert registry.champion(MODEL).number == year.in_use
    assert 0 < len(better) < len(year.gains), "some pass, some are refused"


def test_the_page_says_of_each_month_what_came_of_it(year: Year, browser: Browser) -> None:
    page = browser.new_page()
    for month, check in year.checks.items():
        kept = year.engine.decisions.decision_of(check)
        assert kept is not None
        page.goto(f"{year.server.url}/retraining?decision={kept.decision.id}")
        expect(page.get_by_text(WORDS[year.demanded[month]], exact=True).first).to_be_visible(timeout=60_000)
    page.context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390])
def test_the_time_line_shows_all_of_it(year: Year, browser: Browser, tmp_path: Path, width: int, scheme: Any) -> None:
    context = browser.new_context(
        viewport={"width": width, "height": 900}, color_scheme=scheme, reduced_motion="reduce"
    )
    page = context.new_page()
    page.goto(f"{year.server.url}/timeline")
    expect(page.get_by_role("heading", name="Time line")).to_be_visible(timeout=60_000)
    wait_until_rested(page, timeout=60_000)
    page.get_by_text(f"What happened: {len(year.asked) + len(_promoted(year)) + 1} events").click()
    events = page.get_by_text("What happened:").locator("xpath=ancestor::details")
    expect(events.get_by_text("Broken feed")).to_have_count(1)
    for number in range(2, year.made + 1):
        line = events.get_by_role("listitem").filter(has_text=f"New version: version {number}")
        used = "it was put into use" if number in _promoted(year) else "it was not put into use"
        expect(line).to_contain_text(used)
    for number in _promoted(year):
        expect(events.get_by_text(f"Promoted: version {number}")).to_be_visible()
    folder = Path(os.environ.get("DRIFTLINE_PICTURES", tmp_path))
    take_picture(page, folder / f"year-timeline-{width}-{scheme}.png")
    page.goto(f"{year.server.url}/retraining")
    expect(page.get_by_role("heading", name="Retraining", exact=True)).to_be_visible(timeout=60_000)
    wait_until_rested(page, timeout=60_000)
    take_picture(page, folder / f"year-retraining-{width}-{scheme}.png")
    context.close()


def _promoted(year: Year) -> list[int]:
    return [number for number, gain in enumerate(year.gains.values(), 2) if gain.high < 0]
