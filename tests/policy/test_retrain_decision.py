"""What a retrain policy decides: each rule by an example, and what it says of why it did not retrain."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from monitoring.policy.retrain_decision import decide
from monitoring.policy.retrain_evidence import Asked, Batch, Labelled, RetrainEvidence
from monitoring.policy.retrain_policy import DEFAULT_RETRAIN, RetrainPolicy
from tests.policy.retrain_material import asked_of, at, batch, days, evidence, live, live_through, requests


def asked(day: float, state: str = "ended", **values: object) -> Asked:
    return Asked.model_validate({"id": f"request-{day}", "at": at(day), "state": state, **values})


def outcome(policy: RetrainPolicy, told: RetrainEvidence, day: float) -> str:
    return decide(policy, told, at(day)).outcome


def test_two_of_three_batches_that_moved_the_predictions_ask_and_one_does_not() -> None:
    one = decide(live(), evidence(days(["calm", "calm", "high"])), at(2.1))
    assert (one.outcome, one.triggers) == ("quiet", ())
    assert "1 of the last 3 batches drifted and moved the predictions by at least 10 %; 2 are needed." in one.sentence
    two = decide(live(), evidence(days(["high", "calm", "high"])), at(2.1))
    assert (two.outcome, two.triggers) == ("request", ("drift",))
    assert two.sentence == (
        "A retraining was asked for. "
        "2 of the last 3 batches drifted and moved the predictions far enough; 2 are needed."
    )


def test_nothing_is_asked_for_before_anything_was_checked() -> None:
    told = decide(live(), evidence(kind="clock"), at(0))
    assert told.outcome == "quiet"
    assert "No batch of this version has told anything yet" in told.sentence


def test_drift_that_leaves_the_predictions_alone_asks_only_when_any_drift_is_wanted() -> None:
    inputs = days(["calm", "calm"]) + tuple(
        batch(day, "high", moved=0.01, predictions_drifted=False) for day in (2, 3, 4)
    )
    assert outcome(live(), evidence(inputs), 4.1) == "quiet"
    assert outcome(live(triggers={"drift": "any"}), evidence(inputs), 4.1) == "request"
    assert outcome(live(triggers={"drift": "off"}), evidence(days(["high"] * 3)), 4.1) == "quiet"


def test_an_episode_stays_open_at_the_lower_level_and_ends_below_it() -> None:
    policy = live(suppression={"cool_down_days": 0, "budget": 31})
    opened = live_through(policy, ["high", "high", "moved", "moved", "calm", "calm", "calm", "moved", "moved"])
    assert [one.outcome for one in opened] == [
        "quiet", "request", "quiet", "request", "quiet", "quiet", "quiet", "quiet", "quiet",
    ]  # fmt: skip
    assert "Drift goes on, but only 1 of the last 3 batches came after the last request" in opened[2].sentence
    assert opened[3].rule("drift").inputs["open"] is True
    assert opened[-1].rule("drift").inputs == {
        "open": False, "high": 0, "moved": 2, "fresh": 2, "looked": 3, "needed": 2,
    }  # fmt: skip


@pytest.mark.parametrize(("keep", "asks"), [(1, True), (2, False)])
def test_an_episode_is_kept_open_by_as_many_batches_as_the_policy_says(keep: int, asks: bool) -> None:
    policy = live(confirmation={"keep": keep}, suppression={"cool_down_days": 0})
    lived = live_through(policy, ["high", "high", "calm", "calm", "moved", "moved"])
    assert (lived[-1].outcome == "request") is asks


def test_batches_that_say_nothing_are_passed_over() -> None:
    seen = decide(live(), evidence(days(["high", "undecided", "broken", "undecided", "high"])), at(4.1))
    assert seen.outcome == "request"
    assert seen.rule("drift").inputs["looked"] == 2


def test_a_broken_feed_is_an_incident_whatever_asks() -> None:
    told = decide(live(triggers={"age_days": 1}), evidence(days(["high", "high", "broken"])), at(30))
    assert told.outcome == "incident"
    assert told.triggers == ("drift", "age")
    assert told.sentence == "The feed of this batch is broken: it is repaired, never learnt from."
    assert decide(live(), evidence(days(["high", "high", "broken"]), kind="hand"), at(3)).outcome == "incident"


def test_a_worse_brier_score_asks_when_it_is_beyond_the_level_and_beyond_chance() -> None:
    def told(brier: float, rows: int) -> RetrainEvidence:
        values = {"brier": brier, "brier_reference": 0.15, "reference_rows": 20_000, "labelled_rows": rows}
        return evidence([batch(0, **values), batch(1, **values)])

    policy = live()
    assert decide(policy, told(0.18, 5_000), at(1.1)).triggers == ("performance",)
    assert decide(policy, told(0.165, 5_000), at(1.1)).triggers == (), "worse for certain, but by less than .02"
    assert decide(policy, told(0.18, 600), at(1.1)).triggers == (), "by .03, which 600 rows do not tell from chance"
    assert decide(policy, told(0.12, 5_000), at(1.1)).triggers == (), "better"
    few = decide(policy, told(0.9, 499), at(1.1))
    assert "No batch has outcomes for 500 rows" in few.rule("performance").sentence
    assert decide(live(triggers={"performance": False}), told(0.9, 5_000), at(1.1)).triggers == ()


def test_the_age_asks_once_and_again_as_many_days_after_the_last_request() -> None:
    policy = live(triggers={"age_days": 90})
    assert outcome(policy, evidence(days(["calm"] * 3)), 89.9) == "quiet"
    asks = decide(policy, evidence(days(["calm"] * 3)), at(90))
    assert (asks.outcome, asks.triggers) == ("request", ("age",))
    later = decide(policy, evidence(days(["calm"] * 3), asked=[asked(90)]), at(150))
    assert later.outcome == "quiet"
    assert later.until == at(180)
    assert outcome(policy, evidence(days(["calm"] * 3), asked=[asked(90)]), 180) == "request"


def test_the_cool_down_holds_until_a_day_that_is_named() -> None:
    told = evidence(days(["high"] * 3, first=5), asked=[asked(0)])
    held = decide(live(), told, at(9))
    assert held.outcome == "held"
    assert held.until == at(14)
    assert "Cool-down until Monday 16 March 2026, 12:00 UTC: 14 days after the last request." in held.sentence
    assert "What asks: 3 of the last 3 batches drifted" in held.sentence
    assert outcome(live(), told, 14) == "request"
    assert outcome(live(suppression={"cool_down_days": 0}), told, 9) == "request"


def test_a_cool_down_is_told_when_nothing_asks_yet() -> None:
    told = decide(live(), evidence(days(["calm", "calm", "high"]), asked=[asked(0)]), at(4))
    assert told.outcome == "quiet"
    assert "1 of the last 3 batches" in told.sentence
    assert "Cool-down until Monday 16 March 2026" in told.sentence


def test_what_was_refused_cools_down_too_and_what_nobody_answered_does_not() -> None:
    drift = days(["high"] * 3, first=5)
    assert outcome(live(), evidence(drift, asked=[asked(4, "refused")]), 9) == "held"
    assert outcome(live(), evidence(drift, asked=[asked(4, "expired")]), 9) == "request"
    waiting = asked(4, "waiting", expires=at(8))
    assert outcome(live(), evidence(drift, asked=[waiting]), 7.9) == "held"
    assert outcome(live(), evidence(drift, asked=[waiting]), 8) == "request", "nobody has marked it yet"


def test_the_budget_is_of_any_thirty_days() -> None:
    policy = live(suppression={"cool_down_days": 0, "budget": 2})
    told = evidence(days(["high"] * 3, first=20), asked=[asked(1), asked(5)])
    held = decide(policy, told, at(22.1))
    assert held.outcome == "held"
    assert held.until == at(31)
    assert "2 of 2 requests in the last 30 days." in held.rule("budget").sentence
    assert outcome(policy, told, 31) == "request"
    refused = evidence(days(["high"] * 3, first=20), asked=[asked(1), asked(5, "refused")])
    assert outcome(policy, refused, 22.1) == "request", "a refused request trained nothing"


def test_a_dry_run_says_what_it_counts_that_was_never_asked_for() -> None:
    dry = live(dry_run=True)
    told = evidence(days(["high"] * 3, first=20), asked=[asked(15, by_hand=True), asked(18, "dry")])
    tried = decide(dry, told, at(22.1))
    assert "2 of 2 requests in the last 30 days, 1 by hand and 1 in dry run only." in tried.sentence
    assert "14 days after the last request (in dry run only)." in tried.sentence
    acts = decide(live(), told, at(22.1))
    assert "1 of 2 requests in the last 30 days, 1 by hand." in acts.rule("budget").sentence
    assert "14 days after the last request (by hand)." in acts.sentence
    assert (
        "The last request (by hand) was more than 14 days ago."
        in decide(live(), told, at(29.1)).rule("cool_down").sentence
    )


def test_what_goes_on_after_a_request_is_named() -> None:
    told = evidence(days(["high"] * 3), asked=[asked(2.5, uploads=("upload-0", "upload-1", "upload-2"))])
    assert (
        "Drift goes on, but none of the last 3 batches came after the last request"
        in decide(live(), told, at(3)).sentence
    )
    worse = {"brier": 0.3, "brier_reference": 0.15, "reference_rows": 20_000, "labelled_rows": 5_000}
    told = evidence([batch(day, **worse) for day in (0, 1)], asked=[asked(1.5, uploads=("upload-0",))])
    assert "A worse Brier score goes on, but only 1 of the last 2 batches" in decide(live(), told, at(3)).sentence


@pytest.mark.parametrize(("state", "holds"), [("waiting", True), ("ready", True), ("running", True), ("ended", False)])
def test_one_is_in_flight_at_a_time(state: str, holds: bool) -> None:
    told = evidence(days(["high"] * 3, first=50), asked=[asked(0, state, expires=at(90))])
    assert outcome(live(), told, 53) == ("held" if holds else "request")
    assert outcome(live(suppression={"one_in_flight": False}), told, 53) == "request"


def test_a_muted_time_holds_until_the_first_free_day() -> None:
    window = {"first": date(2026, 3, 1), "last": date(2026, 3, 6), "why": "month end"}
    policy = live(muted=[window, {"weekdays": ["sat", "sun"]}])
    held = decide(policy, evidence(days(["high"] * 3)), at(2.1))
    assert held.outcome == "held"
    assert held.rule("muted").sentence == "Muted (month end) until Monday 9 March 2026, 00:00 UTC."
    assert held.until == at(6.5)
    assert outcome(policy, evidence(days(["high"] * 3)), 6.5) == "request"
    assert outcome(policy, evidence(days(["high"] * 3)), 12) == "held", "a Saturday"


def test_too_few_rows_and_too_few_outcomes_hold() -> None:
    small = tuple(batch(day, "high", rows=300) for day in range(3))
    rows = decide(live(), evidence(small, labelled=[Labelled(upload="x", at=at(0), rows=5_000, learnt=False)]), at(2.1))
    assert rows.outcome == "held"
    assert rows.rule("rows").sentence == "The last 3 batches have 900 rows; 1,000 are needed."
    learnt = [Labelled(upload="x", at=at(0), rows=5_000, learnt=True)]
    labels = decide(live(), evidence(days(["high"] * 3), labelled=learnt), at(2.1))
    assert labels.outcome == "held"
    assert labels.rule("labels").sentence == "0 rows with known outcomes to learn from; 1,000 are needed."
    assert labels.until is None, "time alone does not bring outcomes"


def test_outcomes_must_mature() -> None:
    policy = live(gates={"mature_days": 10})
    held = decide(policy, evidence(days(["high"] * 3)), at(2.1))
    assert (held.outcome, held.until) == ("held", at(10))
    assert outcome(policy, evidence(days(["high"] * 3)), 10) == "request"


def test_nothing_to_learn_from_holds_a_person_too() -> None:
    refusal = "Version 2 has learnt from every file with outcomes that is here."
    for kind in ("check", "hand"):
        told = decide(live(), evidence(days(["high"] * 3), refusal=refusal, kind=kind), at(2.1))
        assert told.outcome == "held"
        assert refusal in told.sentence


def test_a_person_is_held_back_by_nothing_else() -> None:
    told = evidence(days(["calm"], first=1), asked=[asked(0, "running")], labelled=[], kind="hand")
    policy = RetrainPolicy.model_validate({"muted": [{"first": "2026-01-01", "last": "2027-01-01"}]})
    decision = decide(policy, told, at(1.1))
    assert (decision.outcome, decision.triggers) == ("request", ("by_hand",))
    assert [rule.code for rule in decision.rules if rule.outcome == "holds"] == []
    assert decision.rule("cool_down").sentence.endswith("A person asked: it does not hold.")


def test_a_dry_run_says_what_it_would_do_and_lives_by_its_own_rules() -> None:
    lived = live_through(RetrainPolicy(), ["high"] * 20)
    assert {one.outcome for one in lived} == {"quiet", "dry_run", "held"}
    real = live_through(live(), ["high"] * 20)
    assert [one.at for one in requests(lived)] == [one.at for one in requests(real)] == [at(1.1), at(15.1)]
    assert lived[1].sentence.startswith("It would have asked for a retraining, but the policy only tries out")
    assert lived[2].outcome == "quiet"
    assert lived[5].outcome == "held"


def test_what_a_dry_run_would_have_asked_holds_nothing_back_once_it_acts() -> None:
    told = evidence(days(["high"] * 3, first=2), asked=[asked(1, "dry", uploads=("upload-2", "upload-3", "upload-4"))])
    assert outcome(live(), told, 5) == "request"
    assert outcome(DEFAULT_RETRAIN, told, 5) == "quiet"


@pytest.mark.parametrize(
    ("approval", "waits"),
    [
        ({"mode": "automatic"}, ""),
        ({"mode": "by_hand"}, "every retraining is approved by a person"),
        ({"mode": "by_hand_when", "when": ["first"]}, "it is the first that this policy asks for"),
        ({"mode": "by_hand_when", "when": ["age", "performance"]}, ""),
        ({"mode": "by_hand_when", "when": ["large_shift"], "large_shift": 0.3}, "the predictions moved very far"),
        ({"mode": "by_hand_when", "when": ["large_shift"], "large_shift": 0.31}, ""),
        ({"mode": "by_hand_when", "when": ["few_labels"], "few_labels": 6_001}, "there are few known outcomes"),
        ({"mode": "by_hand_when", "when": ["few_labels"], "few_labels": 6_000}, ""),
    ],
)
def test_approval_is_asked_for_when_the_policy_says(approval: dict[str, object], waits: str) -> None:
    decision = decide(live(approval=approval), evidence(days(["high"] * 3)), at(2.1))
    assert decision.outcome == ("approval" if waits else "request")
    assert waits in decision.rule("approval").sentence
    assert decision.expires == (at(9.1) if waits else None)


def test_the_first_is_the_first_that_a_policy_asked_for() -> None:
    policy = live(approval={"mode": "by_hand_when", "when": ["first"]})
    drift = days(["high"] * 3, first=50)
    assert outcome(policy, evidence(drift, asked=[asked(0, by_hand=True)]), 53) == "approval"
    assert outcome(policy, evidence(drift, asked=[asked(0, "refused")]), 53) == "approval"
    assert outcome(policy, evidence(drift, asked=[asked(0)]), 53) == "request"
    assert outcome(policy, evidence(days(["calm"]), kind="hand"), 53) == "request"


def test_a_request_dated_in_the_future_counts_from_the_decision_after_it() -> None:
    """The clock was ten years ahead for a day: the cool-down starts where it was set right, and ends."""
    ahead = asked(3650, followed=at(4))
    told = evidence(days(["high"] * 3, first=5), asked=[ahead])
    assert decide(live(), told, at(8)).until == at(18)
    assert outcome(live(), told, 18) == "request"
    alone = evidence(days(["high"] * 3, first=5), asked=[asked(3650)])
    assert outcome(live(), alone, 8) == "held", "no decision since: as if it had been made now"


def test_the_clock_set_back_makes_nothing_run_again() -> None:
    first = decide(live(), evidence(days(["high"] * 3)), at(2.1))
    again = decide(live(), evidence(days(["high"] * 4), asked=[asked_of(first)]), at(2.1) - timedelta(days=400))
    assert again.outcome in ("quiet", "held")
    assert again.rule("cool_down").outcome == "holds"


def test_every_decision_lists_every_rule_once() -> None:
    codes = [rule.code for rule in decide(live(), evidence(days(["calm"])), at(1)).rules]
    assert codes == [
        "drift", "performance", "age", "by_hand", "feed", "plan", "rows", "labels",
        "in_flight", "cool_down", "budget", "muted", "approval", "dry_run",
    ]  # fmt: skip


def test_a_batch_says_which_rows_a_request_rests_on() -> None:
    decision = decide(live(), evidence(days(["calm", "calm", "high", "high"])), at(4))
    assert decision.uploads == ("upload-1", "upload-2", "upload-3")
    other: Batch = batch(9, "high", upload="late")
    more = evidence([*days(["calm", "calm", "high", "high"]), other], asked=[asked_of(decision)])
    assert decide(live(suppression={"cool_down_days": 0}), more, at(9.1)).rule("drift").inputs["fresh"] == 1
