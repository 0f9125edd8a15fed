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


def exactly(alpha: float, *, batches: int, of: int, days: int) -> float:
    """Requests expected in so many independent days that begin afresh, from the chance of every course of days.

    Written anew from docs/retraining.md: a day is calm (0), an alarm that no request rests on (1), or one that a
    request rests on (2); `open` is whether the episode is open (`keep` is 1).
    """
    states = {((), False): 1.0}
    expected = 0.0
    for _ in range(days):
        after: dict[tuple[tuple[int, ...], bool], float] = {}
        for (last, was_open), chance in states.items():
            for day, share in ((1, alpha), (0, 1 - alpha)):
                window = (*last, day)
                alarms = sum(one > 0 for one in window)
                is_open = alarms >= batches or (was_open and alarms >= 1)
                if is_open and window.count(1) >= batches:
                    expected += chance * share
                    window = tuple(2 if one else 0 for one in window)
                state = (window[-(of - 1) :] if of > 1 else (), is_open)
                after[state] = after.get(state, 0.0) + chance * share
        states = after
    return expected


@pytest.mark.parametrize(("batches", "of"), [(1, 1), (2, 2), (2, 3), (2, 5), (3, 5)])
@pytest.mark.parametrize("alpha", [0.01, 0.1])
def test_independent_days_ask_no_more_than_promised_and_hardly_less(alpha: float, batches: int, of: int) -> None:
    """Without simulation: no seed's luck. The bound counts each alarm that others follow, some of which share one."""
    policy = live(
        confirmation={"batches": batches, "of": of},
        suppression={"cool_down_days": 0, "budget": 31},
        triggers={"performance": False},
    )
    promised = promise(policy, alpha=alpha, batches=365).independent
    exact = exactly(alpha, batches=batches, of=of, days=365)
    assert exact <= promised * (1 + 1e-9)
    assert exact >= promised * (0.9 if alpha == 0.01 else 0.4)


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
