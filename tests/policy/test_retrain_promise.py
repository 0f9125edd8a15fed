"""How often a policy may ask on unchanged data: computed, and lived through with days that are independent or not."""

from __future__ import annotations

import random

import pytest

from monitoring.policy.retrain_policy import RetrainPolicy
from monitoring.policy.retrain_promise import promise
from tests.policy.retrain_material import live, live_through, requests

ALPHA = 0.1
"""Larger than a drift policy's, so that few simulated days suffice."""


def free(days: int, rng: random.Random) -> list[str]:
    """Days that alarm by chance, each by itself."""
    return ["high" if rng.random() < ALPHA else "calm" for _ in range(days)]


def sticky(days: int, rng: random.Random) -> list[str]:
    """Days that alarm as often, but in runs of ten: what follows an alarm is nearly always another."""
    kinds: list[str] = []
    stay, begin = 0.9, 0.1 * ALPHA / (1 - ALPHA)
    alarmed = rng.random() < ALPHA
    for _ in range(days):
        kinds.append("high" if alarmed else "calm")
        alarmed = rng.random() < (stay if alarmed else begin)
    return kinds


@pytest.mark.parametrize("confirmation", [{"batches": 1, "of": 1}, {"batches": 2, "of": 3}, {"batches": 3, "of": 5}])
def test_lived_through_it_is_kept(confirmation: dict[str, int]) -> None:
    policy = live(
        confirmation=confirmation,
        suppression={"cool_down_days": 0, "budget": 31},
        triggers={"performance": False},
    )
    rng, years = random.Random(7), 3
    promised = promise(policy, alpha=ALPHA)
    counted = {
        days: len(requests(live_through(policy, days(int(365.25 * years), rng)))) / years for days in (free, sticky)
    }
    assert counted[free] <= promised.independent * 1.25
    assert counted[sticky] <= promised.unchanged * 1.25
    if confirmation["batches"] > 1:
        assert counted[sticky] > promised.independent, "runs are what the larger figure is for"


def test_by_the_figures() -> None:
    policy = live(triggers={"performance": False}, suppression={"cool_down_days": 0, "budget": 31})
    told = promise(policy, alpha=0.01)
    assert told.unchanged == pytest.approx(365.25 * 0.01 / 2)
    assert told.independent == pytest.approx(365.25 * 0.01 * (1 - 0.99**2))
    assert told.ever == pytest.approx(31 * 365.25 / 30)


def test_what_caps_it() -> None:
    assert promise(live(suppression={"cool_down_days": 365.25}), alpha=0.4).unchanged == 1
    assert promise(live(suppression={"budget": 1}), alpha=0.4).ever == pytest.approx(365.25 / 30)
    off = {"triggers": {"drift": "off", "performance": False, "age_days": 73}}
    assert promise(RetrainPolicy.model_validate(off), alpha=0.4).unchanged == pytest.approx(365.25 / 73)


def test_fewer_batches_promise_less() -> None:
    assert promise(live(), alpha=0.01, batches=52).unchanged == pytest.approx(52 * (0.01 + 0.01) / 2)
