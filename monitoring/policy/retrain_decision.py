"""Whether to ask for a retraining now, and why not. Pure: the same policy, evidence and time give the same decision."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Literal

from monitoring.contract import Value
from monitoring.policy.retrain_evidence import RetrainEvidence
from monitoring.policy.retrain_policy import RetrainPolicy
from monitoring.policy.retrain_rules import Rule, RuleCode, approval_reasons, judge_rules

RULES = 2
"""Version of the rules, raised when the same inputs would be decided, or told, otherwise; kept with each decision."""

DecisionOutcome = Literal["quiet", "held", "incident", "dry_run", "approval", "request"]
"""`quiet`: nothing asks; `held`: something asks, a gate or a suppression holds; `incident`: the feed is broken;
`dry_run`: it would have asked; `approval`: it waits for a person; `request`: it was asked for."""

APPROVALS = {
    "by_hand": "every retraining is approved by a person",
    "first": "it is the first that this policy asks for",
    "age": "only the version's age asks",
    "performance": "only the performance asks",
    "large_shift": "the predictions moved very far",
    "few_labels": "there are few known outcomes to learn from",
}


class Decision(Value):
    """What was decided, and every rule that led to it.

    Attributes:
        id: content hash of occasion, policy and evidence: the same check, policy and history are the same decision.
        model: which model.
        occasion: key of the occasion; kind: check, clock or hand; check: the check it is about, None for none.
        at: the time that it was decided for.
        policy: name of the policy; policy_id: its content hash.
        outcome: see `DecisionOutcome`.
        triggers: codes of the triggers that ask.
        sentence: the decision and its reason for a person: the answer to "why did it not retrain?".
        rules: every rule, with what it looked at and what it said.
        until: when time alone may change the decision, None when only new data or a person can.
        expires: when the approval that it waits for is void, None where none is needed.
        uploads: batches that a request of this decision rests on: they confirm nothing again.
        version: of the rules that decided.
    """

    id: str
    model: str
    occasion: str
    kind: Literal["check", "clock", "hand"]
    check: str | None
    at: datetime
    policy: str
    policy_id: str
    outcome: DecisionOutcome
    triggers: tuple[RuleCode, ...]
    sentence: str
    rules: tuple[Rule, ...]
    until: datetime | None = None
    expires: datetime | None = None
    uploads: tuple[str, ...] = ()
    version: int = RULES

    @property
    def asks(self) -> bool:
        """Whether it makes a request, be it one that waits for approval."""
        return self.outcome in ("approval", "request")

    def rule(self, code: RuleCode) -> Rule:
        """What one rule said."""
        return next(rule for rule in self.rules if rule.code == code)


def decide(policy: RetrainPolicy, evidence: RetrainEvidence, now: datetime) -> Decision:
    """The decision on an occasion. A person who asks is held back by a broken feed and by having nothing to learn from.

    Args:
        policy: the policy in force.
        evidence: everything else that it rests on.
        now: UTC time; on the data's clock the time of the newest row.
    """
    rules = judge_rules(policy, evidence, now)
    triggers = tuple(rule.code for rule in rules if rule.part == "trigger" and rule.outcome == "asks")
    holding = [rule for rule in rules if rule.outcome == "holds"]
    reasons = approval_reasons(policy, evidence, triggers, now)
    dry = policy.dry_run and evidence.occasion.kind != "hand"
    outcome = _outcome(rules, triggers, holding, needs_approval=bool(reasons), dry=dry)
    expires = now + timedelta(days=policy.approval.expires_days) if outcome == "approval" else None
    approval = _approval_rule(reasons, policy.approval.expires_days, by_hand=evidence.occasion.kind == "hand")
    return Decision(
        id=_id(policy, evidence),
        model=evidence.model,
        occasion=evidence.occasion.key,
        kind=evidence.occasion.kind,
        check=evidence.occasion.check,
        at=now,
        policy=policy.name,
        policy_id=policy.id,
        outcome=outcome,
        triggers=triggers,
        sentence=_sentence(outcome, rules, triggers, holding),
        rules=(*rules, approval, _dry_run_rule(dry=dry, on=policy.dry_run)),
        until=_until(rules, triggers, holding),
        expires=expires,
        uploads=tuple(batch.upload for batch in evidence.batches[-policy.confirmation.of :]),
    )


def _id(policy: RetrainPolicy, evidence: RetrainEvidence) -> str:
    content = json.dumps([policy.id, evidence.model_dump(mode="json")], sort_keys=True, ensure_ascii=False)
    return "decision-" + hashlib.sha256(content.encode()).hexdigest()[:16]


def _outcome(
    rules: Sequence[Rule], triggers: Sequence[str], holding: Sequence[Rule], *, needs_approval: bool, dry: bool
) -> DecisionOutcome:
    if any(rule.code == "feed" for rule in holding):
        return "incident"
    if not triggers:
        return "quiet"
    if holding:
        return "held"
    if dry:
        return "dry_run"
    return "approval" if needs_approval else "request"


def _sentence(
    outcome: DecisionOutcome,
    rules: Sequence[Rule],
    triggers: Sequence[str],
    holding: Sequence[Rule],
) -> str:
    asking = " ".join(rule.sentence for rule in rules if rule.code in triggers)
    if outcome == "incident":
        return next(rule.sentence for rule in holding if rule.code == "feed")
    if outcome == "quiet":
        seen = [rule.sentence for rule in rules if rule.part == "trigger" and rule.outcome == "quiet"]
        waits = [rule.sentence for rule in holding if rule.until is not None]
        return f"Nothing asks for a retraining. {' '.join([*(s for s in seen if s != NOBODY), *waits])}".strip()
    if outcome == "held":
        return f"Held back. {' '.join(rule.sentence for rule in holding)} What asks: {asking}"
    if outcome == "dry_run":
        return f"It would have asked for a retraining, but the policy only tries out what it would do. {asking}"
    if outcome == "approval":
        return f"A retraining waits for approval. {asking}"
    return f"A retraining was asked for. {asking}"


NOBODY = "Nobody asked by hand."


def _until(rules: Sequence[Rule], triggers: Sequence[str], holding: Sequence[Rule]) -> datetime | None:
    """When time alone lets it ask: when all that hold it back end by themselves, or when its age is due."""
    ends = [rule.until for rule in holding]
    if not triggers:
        due = next((rule.until for rule in rules if rule.code == "age"), None)
        ends = [due, *ends]
    known = [end for end in ends if end is not None]
    return max(known) if known and len(known) == len(ends) else None


def _approval_rule(reasons: Sequence[str], days: float, *, by_hand: bool) -> Rule:
    inputs: dict[str, int | float | str | bool | None] = {"reasons": ", ".join(reasons), "days": days}
    if by_hand:
        sentence = "A person asked: nobody else has to approve it."
        return Rule(code="approval", part="approval", outcome="off", sentence=sentence, inputs=inputs)
    if not reasons:
        sentence = "No approval is needed."
        return Rule(code="approval", part="approval", outcome="passes", sentence=sentence, inputs=inputs)
    why = "; ".join(APPROVALS[reason] for reason in reasons)
    sentence = f"A person has to approve it within {days:g} days: {why}."
    return Rule(code="approval", part="approval", outcome="holds", sentence=sentence, inputs=inputs)


def _dry_run_rule(*, dry: bool, on: bool) -> Rule:
    if dry:
        sentence = "The policy only tries out what it would do: nothing is asked for."
        return Rule(code="dry_run", part="mode", outcome="holds", sentence=sentence, inputs={"dry_run": on})
    sentence = "A person asked: dry run does not matter." if on else "The policy acts."
    return Rule(
        code="dry_run", part="mode", outcome="off" if on else "passes", sentence=sentence, inputs={"dry_run": on}
    )
