"""What holds for every policy and every history: monotone rules, nothing learnt from a broken feed, pure decisions."""

from __future__ import annotations

import json
import random
from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitoring.policy.retrain_decision import Decision, decide
from monitoring.policy.retrain_evidence import Asked, Batch, Labelled, RetrainEvidence, order_batches
from monitoring.policy.retrain_policy import RetrainPolicy
from tests.policy.retrain_material import at, batch, evidence, live, live_through, requests

KINDS = ("calm", "high", "moved", "broken", "undecided")
histories = st.lists(st.sampled_from(KINDS), min_size=1, max_size=30)
"""One batch a day."""


@st.composite
def policies(draw: st.DrawFn, **fixed: object) -> RetrainPolicy:
    """Any policy."""
    of = draw(st.integers(1, 5))
    needed = draw(st.integers(1, of))
    values: dict[str, object] = {
        "dry_run": draw(st.booleans()),
        "triggers": {"drift": draw(st.sampled_from(["predictions", "any"])), "age_days": draw(st.integers(0, 20))},
        "confirmation": {"batches": needed, "of": of, "keep": draw(st.integers(1, needed))},
        "gates": {"rows": draw(st.integers(1, 5_000)), "mature_days": draw(st.integers(0, 5))},
        "suppression": {
            "cool_down_days": draw(st.integers(0, 20)),
            "budget": draw(st.integers(1, 5)),
            "one_in_flight": draw(st.booleans()),
        },
        "muted": draw(st.sampled_from([[], [{"weekdays": ["sat", "sun"]}]])),
        "approval": {"mode": draw(st.sampled_from(["automatic", "by_hand", "by_hand_when"]))},
    }
    return RetrainPolicy.model_validate(values | fixed)


def dates(decisions: list[Decision]) -> list[object]:
    return [one.at for one in requests(decisions)]


HARDER: dict[str, list[dict[str, dict[str, object]]]] = {
    "a longer cool-down": [{"suppression": {"cool_down_days": days}} for days in (0, 3, 10, 30)],
    "a smaller budget": [{"suppression": {"cool_down_days": 1, "budget": budget}} for budget in (10, 3, 1)],
    "more batches": [{"confirmation": {"batches": needed, "of": 4}} for needed in (1, 2, 3, 4)],
    "a shorter memory": [{"confirmation": {"batches": 2, "of": of}} for of in (6, 4, 2)],
    "a higher open level": [{"drift": {"open": level, "close": 0.05}} for level in (0.05, 0.2, 0.5)],
    "a higher close level": [{"drift": {"open": 0.3, "close": level}} for level in (0.05, 0.1, 0.3)],
    "more rows": [{"gates": {"rows": rows}} for rows in (1, 3_000, 6_000, 6_001)],
    "more outcomes": [{"gates": {"labelled_rows": rows}} for rows in (1, 20_000, 60_000)],
    "outcomes that take longer": [{"gates": {"mature_days": days}} for days in (0, 4, 40)],
}


@pytest.mark.parametrize("what", HARDER)
@settings(max_examples=25)
@given(kinds=histories)
def test_a_harder_rule_never_gives_more_nor_earlier_requests(what: str, kinds: list[str]) -> None:
    """Each request of the harder policy comes no earlier than the easier one's of the same number."""
    easier_first = [dates(live_through(live(**tables), kinds)) for tables in HARDER[what]]
    for easier, harder in pairwise(easier_first):
        assert len(harder) <= len(easier)
        assert all(late >= early for early, late in zip(easier, harder, strict=False))


@given(kinds=histories, muted=st.sets(st.sampled_from(["mon", "wed", "sat"]), min_size=1))
def test_muted_days_have_no_request_and_never_make_more(kinds: list[str], muted: set[str]) -> None:
    quiet = live_through(live(muted=[{"weekdays": sorted(muted)}]), kinds)
    assert len(requests(quiet)) <= len(requests(live_through(live(), kinds)))
    assert not {f"{one.at:%a}".lower() for one in requests(quiet)} & muted


@given(kinds=histories, policy=policies())
def test_a_broken_batch_never_leads_to_a_request(kinds: list[str], policy: RetrainPolicy) -> None:
    for kind, decision in zip(kinds, live_through(policy, kinds), strict=True):
        assert (decision.outcome == "incident") == (kind == "broken")


@given(kinds=histories, policy=policies(dry_run=True))
def test_a_dry_run_never_asks(kinds: list[str], policy: RetrainPolicy) -> None:
    assert not any(one.asks for one in live_through(policy, kinds))


@given(kinds=histories, policy=policies())
def test_each_request_of_a_trigger_uses_up_batches_of_its_own(kinds: list[str], policy: RetrainPolicy) -> None:
    """What the promise rests on."""
    asked = [one for one in requests(live_through(policy, kinds)) if "drift" in one.triggers]
    drifted = sum(kind in ("high", "moved") for kind in kinds)
    assert len(asked) * policy.confirmation.batches <= drifted


@given(kinds=histories, policy=policies(approval={"mode": "automatic"}))
def test_the_caps_hold_whatever_happens(kinds: list[str], policy: RetrainPolicy) -> None:
    made = [one.at for one in requests(live_through(policy, kinds))]
    assert all(b - a >= timedelta(days=policy.suppression.cool_down_days) for a, b in pairwise(made))
    assert all(
        sum(day <= other < day + timedelta(days=30) for other in made) <= policy.suppression.budget for day in made
    )


@given(kinds=histories, policy=policies(), day=st.integers(0, 90))
def test_a_decision_is_a_function_of_its_stored_inputs(kinds: list[str], policy: RetrainPolicy, day: int) -> None:
    """Replayed from JSON, it is the same to the last letter."""
    told = evidence([batch(number, kind) for number, kind in enumerate(kinds)])
    decision = decide(policy, told, at(day))
    stored = json.dumps([policy.model_dump(mode="json"), told.model_dump(mode="json")])
    kept_policy, kept_evidence = json.loads(stored)
    again = decide(
        RetrainPolicy.model_validate(kept_policy), RetrainEvidence.model_validate(kept_evidence), decision.at
    )
    assert again == decision
    assert Decision.model_validate_json(decision.model_dump_json()) == decision
    assert decide(policy, told, at(day + 1)).id == decision.id, "the time is no part of what it is called"


@given(kinds=histories, policy=policies(), seed=st.integers(0, 2**32 - 1))
def test_batches_may_come_in_any_order(kinds: list[str], policy: RetrainPolicy, seed: int) -> None:
    """A batch that came late stands where its rows belong."""
    batches = [batch(number, kind) for number, kind in enumerate(kinds)]
    shuffled = random.Random(seed).sample(batches, len(batches))
    assert order_batches(tuple(shuffled)) == order_batches(tuple(batches))
    newest = batches[-1]
    one = decide(policy, evidence(batches, subject=newest), at(90))
    assert decide(policy, evidence(shuffled, subject=newest, labelled=_labelled(batches)), at(90)) == one


def _labelled(batches: list[Batch]) -> list[Labelled]:
    return [
        Labelled(upload=one.upload, at=one.at, rows=one.labelled_rows, learnt=False)
        for one in order_batches(tuple(batches))
        if one.verdict != "broken"
    ]


@given(kinds=histories, policy=policies())
def test_the_answer_is_never_empty_and_says_who_holds(kinds: list[str], policy: RetrainPolicy) -> None:
    for one in live_through(policy, kinds):
        held = [rule.sentence for rule in one.rules if rule.outcome == "holds" and rule.part in ("gate", "suppression")]
        assert one.sentence.endswith(".")
        assert one.outcome not in ("held", "incident") or any(sentence in one.sentence for sentence in held)


@given(kinds=histories, policy=policies(), day=st.integers(0, 10))
def test_the_time_that_is_named_is_the_time_when_it_changes(kinds: list[str], policy: RetrainPolicy, day: int) -> None:
    """A moment before `until` it is still held; at `until` all that ended by itself has ended."""
    drifting = [*kinds, "high", "high", "high", "high", "high"]
    earlier = Asked(id="earlier", at=at(len(drifting) - day), state="ended")
    told = evidence([batch(number, kind) for number, kind in enumerate(drifting)], asked=[earlier])
    decision = decide(policy, told, at(len(drifting)))
    if decision.outcome != "held" or decision.until is None:
        return
    assert decide(policy, told, decision.until - timedelta(microseconds=1)).outcome == "held"
    after = decide(policy, told, decision.until)
    assert after.outcome != "held" or after.until is None or after.until > decision.until
