"""The gate's table, the promotion policy's demands and the watch, as they stand on the page Models."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from monitoring.history.watches import Watch
from monitoring.performance.comparison import ScoredRows
from monitoring.performance.gate import Cost, Gate
from monitoring.policy.promotion_decision import decide_promotion
from monitoring.policy.promotion_policy import PromotionPolicy
from monitoring.policy.promotion_watch import DayLoss, WatchedBatch, judge_watch
from monitoring.registry.manifest import Manifest
from monitoring.registry.version import MANIFEST_FILE
from monitoring.retraining.gate import ScoredCandidate, choose_candidate, compare_versions
from monitoring.retraining.staging import write_value
from monitoring.switch import Switch
from monitoring.workflows.parts import Driftline
from monitoring.workflows.watch import WatchedVersion
from tests.dashboard.conftest import draw, labels, texts
from tests.dashboard.versions_by_hand import AT

MODEL = "flight-delay"
HOSTILE = "**B6** <img src=x>"


def scored(gain: float, seed: int = 0) -> ScoredRows:
    """Ten days in July; two airlines, one of them with a name that is markup."""
    rng = np.random.default_rng(seed)
    outcomes = (rng.random(900) < 0.3).astype(float)
    after = np.abs(outcomes - np.sqrt(np.clip(0.2 - gain + rng.normal(0, 0.01, 900), 0, 1)))
    return ScoredRows(
        labels=outcomes,
        champion=np.abs(outcomes - np.sqrt(0.2 + rng.normal(0, 0.01, 900))),
        challenger=after,
        days=np.repeat(np.arange(10), 90),
        dates=("2013-07-02", "2013-07-29"),
        categories={"carrier": rng.choice([HOSTILE, "UA"], 900).astype(object)},
    )


def whole_gate(gain: float = 0.02) -> Gate:
    """A gate with all its parts."""
    rows = scored(gain)
    candidates = choose_candidate(
        [
            ScoredCandidate(data=name, training_rows=count, newest=one)
            for name, count, one in (
                ("all", 60_000, rows),
                ("last-60-days", 20_000, replace(rows, challenger=rows.champion)),
            )
        ],
        PromotionPolicy().terms,
    )
    cost = Cost(champion_ms=1.5, challenger_ms=3.0, champion_bytes=9_000, challenger_bytes=12_000)
    return compare_versions(rows, scored(0.0, 1), candidates=candidates, cost=cost)


def table_page(gate: Any, decision: Any) -> None:
    from dashboard.components.gate_table import show_gate_table

    show_gate_table(gate, decision, champion=1, challenger=2)


def cells(app: AppTest) -> str:
    return "\n".join(str(cell) for table in app.table for column in table.value for cell in table.value[column])


def test_the_whole_table_is_shown_with_its_demands() -> None:
    gate = whole_gate()
    app = draw(table_page, gate=gate, decision=decide_promotion(gate, PromotionPolicy(), parity=1e-7, tolerance=1e-5))
    said, told = texts(app), cells(app)
    for title in ("Newest days", "Frozen hold-out", "Choices of training rows", "Categories", "Cost"):
        assert f"**{title}**" in said
    assert len(app.table) == 5
    assert "**rows of the last 60 days**" not in told and "rows of the last 60 days" in told
    assert "**all rows so far**" in told
    assert f"{gate.champion.brier:.4f}" in told and f"**{gate.challenger.brier:.4f}**" in told
    assert "2.00 times" in told
    assert "2 to 29 Jul 2013" in said
    assert said.count(":material/check:") == 9
    assert "<img" not in told.replace("\\<img", "") and "\\*\\*B6" in told


def test_what_is_not_met_is_marked() -> None:
    gate = whole_gate(-0.02)
    app = draw(table_page, gate=gate, decision=decide_promotion(gate, PromotionPolicy(), parity=1e-7, tolerance=1e-5))
    assert texts(app).count(":material/close:") >= 2
    assert "The gate says worse; the policy demands better" in texts(app).replace("\\", "")


def test_a_version_that_was_compared_before_the_table_existed_shows_what_is_known() -> None:
    old = replace(whole_gate(), newest=None, hold_out=None, segments=(), candidates=(), cost=None)
    app = draw(table_page, gate=old, decision=None)
    assert not app.table


def watch_page(watched: Any) -> None:
    import streamlit as st

    from dashboard.components.watch_panel import show_watch

    def keep(what: str) -> None:
        st.session_state[what] = True

    show_watch(watched, compare=lambda: keep("compared"), roll_back=lambda: keep("asked"))


def watched(*losses: float, waiting: int = 0) -> WatchedVersion:
    """Version 2 beside version 1: a batch of seven days for each loss."""
    batches = tuple(
        WatchedBatch(
            check=f"c{number}",
            file_name=f"week-{number}.csv",
            rows=700,
            before=0.2,
            after=0.2 + loss,
            days=tuple(
                DayLoss(day=10 * number + day, rows=100, loss=100 * loss + day / 10, squares=1.0) for day in range(7)
            ),
        )
        for number, loss in enumerate(losses)
    )
    switch = Switch(id="switch-1", model=MODEL, version=2, previous=1, kind="promote", reason="", at=AT)
    return WatchedVersion(
        switch=switch,
        watch=Watch(switch="switch-1", version=2, previous=1, batches=batches),
        verdict=judge_watch(batches, whole_gate(), PromotionPolicy()),
        waiting=waiting,
    )


def test_a_watch_without_batches_says_what_to_do() -> None:
    app = draw(watch_page, watched=watched())
    assert "Watched" in texts(app) and "Check the next rows with their outcomes" in texts(app)
    assert labels(app) == []


def test_batches_that_wait_can_be_compared_now() -> None:
    app = draw(watch_page, watched=watched(-0.03, waiting=2))
    assert app.progress[0].value == 33, "one of three"
    app.button(key="watch-compare").click().run()
    assert app.session_state["compared"] is True


def test_a_version_that_does_worse_offers_the_roll_back() -> None:
    app = draw(watch_page, watched=watched(0.05, 0.05))
    assert "Worse than before" in texts(app)
    app.button(key="watch-roll-back").click().run()
    assert app.session_state["asked"] is True


def test_a_watch_that_ended_well_offers_nothing() -> None:
    app = draw(watch_page, watched=watched(-0.03, -0.03, -0.03))
    assert "Proved" in texts(app)
    assert labels(app) == []


@pytest.fixture
def with_rival(engine: Driftline) -> Driftline:
    """The packaged model with a version 2 that copies its files and carries a gate."""
    champion = engine.registry.champion(MODEL)
    with engine.registry.staging(MODEL) as folder:
        for file in (champion.model_file, champion.folder / "contract.json", champion.reference_file):
            (folder / file.name).write_bytes(file.read_bytes())
        base = Manifest.model_validate_json((champion.folder / MANIFEST_FILE).read_text())
        changes = {"parent": 1, "gate": whole_gate(), "request": "retrain-1", "data": "last-60-days"}
        write_value(base.model_copy(update={**changes, "version": 0, "files": {}}), folder / MANIFEST_FILE)
        engine.registry.register(MODEL, folder)
    return engine


def test_the_page_tells_of_one_version_what_comes_next(open_page: Callable[..., AppTest]) -> None:
    app = open_page("views/models.py")
    assert not app.exception
    assert "One version so far" in texts(app)
    assert "The packaged version has been in use from the start" in texts(app)


def test_a_version_that_waits_for_a_person_is_promoted_and_then_watched(
    open_page: Callable[..., AppTest], with_rival: Driftline
) -> None:
    app = open_page("views/models.py")
    said = texts(app).replace("\\", "")
    assert "waits for you" in said and "a person decides, as the policy wants it" in said
    assert "2 ← 1" in cells(app) and "rows of the last 60 days" in cells(app)
    app.button(key="promote-2").click().run()
    next(button for button in reversed(app.button) if button.label == "Promote version 2").click().run()
    assert with_rival.registry.champion(MODEL).number == 2
    app = open_page("views/models.py")
    assert not app.exception
    assert "0 of 3 batches with outcomes" in texts(app)
    app.button(key="roll-back").click().run()
    next(button for button in reversed(app.button) if button.label == "Roll back").click().run()
    assert with_rival.registry.champion(MODEL).number == 1
    assert "batches with outcomes" not in texts(open_page("views/models.py")), "what is not in use is not watched"


def test_a_damaged_version_is_named_and_the_others_stay(
    open_page: Callable[..., AppTest], with_rival: Driftline
) -> None:
    file = with_rival.registry.version(MODEL, 2).folder / "contract.json"
    file.chmod(0o644)
    file.write_text("{}")
    app = open_page("views/models.py")
    assert not app.exception
    assert "Version 2 of flight-delay is damaged" in texts(app).replace("\\", "")
    assert "Versions of flight" in texts(app)
