"""The rules of a retrain policy, one function each: what it looks at, what it says, until when. Pure.

Each has a stable code that docs/retraining.md explains. None knows of another: `retrain_decision` puts them together.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Literal

from monitoring.contract import Value
from monitoring.policy.phrases import counted, percent
from monitoring.policy.retrain_confirmation import Confirmed, confirm_drift, confirm_worse
from monitoring.policy.retrain_evidence import Asked, RetrainEvidence
from monitoring.policy.retrain_policy import ApprovalReason, RetrainPolicy
from monitoring.policy.retrain_words import kind_of, kinds_of, nothing_known, trigger_sentence

RuleCode = Literal[
    "drift",
    "performance",
    "age",
    "by_hand",
    "feed",
    "plan",
    "rows",
    "labels",
    "in_flight",
    "cool_down",
    "budget",
    "muted",
    "approval",
    "dry_run",
]
Part = Literal["trigger", "gate", "suppression", "approval", "mode"]
RuleOutcome = Literal["asks", "quiet", "passes", "holds", "off"]
BUDGET_DAYS = 30
_LONGEST_MUTED = 3 * 366


class Rule(Value):
    """One rule with what it looked at and what it said.

    Attributes:
        code: stable name.
        part: what kind of rule it is.
        outcome: a trigger `asks` or is `quiet`; a gate or a suppression `passes` or `holds`; `off` does not apply.
        sentence: for a person.
        until: when time alone changes it, None when it does not.
        inputs: the numbers that it looked at.
    """

    code: RuleCode
    part: Part
    outcome: RuleOutcome
    sentence: str
    until: datetime | None = None
    inputs: dict[str, int | float | str | bool | None]


def judge_rules(policy: RetrainPolicy, evidence: RetrainEvidence, now: datetime) -> tuple[Rule, ...]:
    """Every rule but those of approval and dry run, which need to know what the others said."""
    asked = evidence.counted(now, dry_run=policy.dry_run)
    rules = (
        _drift(policy, evidence, asked),
        _performance(policy, evidence, asked),
        _age(policy, evidence, asked, now),
        _by_hand(evidence),
        _feed(evidence),
        _plan(evidence),
        _rows(policy, evidence),
        _labels(policy, evidence, now),
        _in_flight(policy, asked),
        _cool_down(policy, asked, now),
        _budget(policy, asked, now),
        _muted(policy, now),
    )
    return tuple(_waived(rule) for rule in rules) if evidence.occasion.kind == "hand" else rules


def approval_reasons(
    policy: RetrainPolicy, evidence: RetrainEvidence, triggers: tuple[str, ...], now: datetime
) -> tuple[ApprovalReason | Literal["by_hand"], ...]:
    """Why a person has to say yes; empty when nobody has to."""
    approval = policy.approval
    if evidence.occasion.kind == "hand" or approval.mode == "automatic":
        return ()
    if approval.mode == "by_hand":
        return ("by_hand",)
    moved = max((batch.moved for batch in evidence.batches[-policy.confirmation.of :]), default=0.0)
    sent = [one for one in evidence.counted(now, dry_run=policy.dry_run) if one.state != "refused"]
    holds: dict[ApprovalReason, bool] = {
        "first": not any(not one.by_hand for one in sent),
        "age": triggers == ("age",),
        "performance": triggers == ("performance",),
        "large_shift": moved >= approval.large_shift,
        "few_labels": evidence.matured_rows(policy.gates.mature_days, now) < approval.few_labels,
    }
    return tuple(reason for reason in approval.when if holds[reason])


def say_moment(at: datetime) -> str:
    """A moment of UTC in words.

    >>> from datetime import UTC
    >>> say_moment(datetime(2026, 11, 27, 9, 5, tzinfo=UTC))
    'Friday 27 November 2026, 09:05 UTC'
    """
    return f"{at:%A} {at.day} {at:%B %Y}, {at:%H:%M} UTC"


def _drift(policy: RetrainPolicy, evidence: RetrainEvidence, asked: tuple[Asked, ...]) -> Rule:
    wanted = policy.triggers.drift
    if wanted == "off":
        return Rule(code="drift", part="trigger", outcome="off", sentence="Drift asks for nothing.", inputs={})
    seen = confirm_drift(evidence.batches, policy, _spent(asked))
    what = "drifted and moved the predictions" if wanted == "predictions" else "drifted"
    return _trigger("drift", seen, f"{what} by at least {percent(policy.drift.open)}", f"{what} far enough")


def _performance(policy: RetrainPolicy, evidence: RetrainEvidence, asked: tuple[Asked, ...]) -> Rule:
    if not policy.triggers.performance:
        sentence = "Realised performance asks for nothing."
        return Rule(code="performance", part="trigger", outcome="off", sentence=sentence, inputs={})
    seen = confirm_worse(evidence.batches, policy, _spent(asked))
    if not seen.looked:
        sentence = nothing_known(evidence.batches, policy.performance.labelled_rows)
        return Rule(code="performance", part="trigger", outcome="quiet", sentence=sentence, inputs=_told(seen))
    what = f"had a Brier score worse than the reference's by at least {policy.performance.open:g}"
    return _trigger("performance", seen, what, "had a worse Brier score")


def _trigger(code: Literal["drift", "performance"], seen: Confirmed, high: str, moved: str) -> Rule:
    sentence = trigger_sentence(code, seen, high, moved)
    outcome: RuleOutcome = "asks" if seen.asks else "quiet"
    return Rule(code=code, part="trigger", outcome=outcome, sentence=sentence, inputs=_told(seen))


def _age(policy: RetrainPolicy, evidence: RetrainEvidence, asked: tuple[Asked, ...], now: datetime) -> Rule:
    days = policy.triggers.age_days
    if not days:
        sentence = "The age of the version asks for nothing."
        return Rule(code="age", part="trigger", outcome="off", sentence=sentence, inputs={})
    since = max([min(evidence.champion.since, now), *(one.made(now) for one in asked)])
    due = since + timedelta(days=days)
    inputs = {"days": days, "since": since.isoformat()}
    if due <= now:
        sentence = f"Version {evidence.champion.version} has not been retrained for {counted(days, 'day')}."
        return Rule(code="age", part="trigger", outcome="asks", sentence=sentence, inputs=inputs)
    sentence = f"Version {evidence.champion.version} is due for its age on {say_moment(due)}."
    return Rule(code="age", part="trigger", outcome="quiet", sentence=sentence, until=due, inputs=inputs)


def _by_hand(evidence: RetrainEvidence) -> Rule:
    if evidence.occasion.kind == "hand":
        return Rule(code="by_hand", part="trigger", outcome="asks", sentence="A person asked for it.", inputs={})
    return Rule(code="by_hand", part="trigger", outcome="quiet", sentence="Nobody asked by hand.", inputs={})


def _feed(evidence: RetrainEvidence) -> Rule:
    subject = evidence.subject
    inputs = {"check": subject.check if subject else None, "verdict": subject.verdict if subject else None}
    if subject is not None and subject.verdict == "broken":
        sentence = "The feed of this batch is broken: it is repaired, never learnt from."
        return Rule(code="feed", part="gate", outcome="holds", sentence=sentence, inputs=inputs)
    return Rule(code="feed", part="gate", outcome="passes", sentence="The feed is whole.", inputs=inputs)


def _plan(evidence: RetrainEvidence) -> Rule:
    refusal = evidence.plan.refusal
    if refusal:
        return Rule(code="plan", part="gate", outcome="holds", sentence=refusal, inputs={"refusal": refusal})
    return Rule(
        code="plan", part="gate", outcome="passes", sentence="There are files to learn from.", inputs={"refusal": None}
    )


def _rows(policy: RetrainPolicy, evidence: RetrainEvidence) -> Rule:
    last = evidence.batches[-policy.confirmation.of :]
    rows, needed = sum(batch.rows for batch in last if batch.verdict != "broken"), policy.gates.rows
    inputs = {"rows": rows, "needed": needed}
    of = f"The last {len(last)} batches have" if len(last) > 1 else "The last batch has"
    sentence = f"{of} {counted(rows, 'row')}; {needed:,} are needed."
    return Rule(
        code="rows", part="gate", outcome="passes" if rows >= needed else "holds", sentence=sentence, inputs=inputs
    )


def _labels(policy: RetrainPolicy, evidence: RetrainEvidence, now: datetime) -> Rule:
    gates = policy.gates
    rows = evidence.matured_rows(gates.mature_days, now)
    days = f" that are {gates.mature_days:g} days old" if gates.mature_days else ""
    sentence = f"{counted(rows, 'row')} with known outcomes{days} to learn from; {gates.labelled_rows:,} are needed."
    later = [one.at + timedelta(days=gates.mature_days) for one in evidence.labelled if not one.learnt]
    waits = min((at for at in later if at > now), default=None)
    enough = rows >= gates.labelled_rows
    return Rule(
        code="labels",
        part="gate",
        outcome="passes" if enough else "holds",
        sentence=sentence,
        until=None if enough else waits,
        inputs={"rows": rows, "needed": gates.labelled_rows, "days": gates.mature_days},
    )


def _in_flight(policy: RetrainPolicy, asked: tuple[Asked, ...]) -> Rule:
    under_way = [one for one in asked if one.state in ("waiting", "ready", "running")]
    inputs = {"request": under_way[-1].id if under_way else None}
    if not policy.suppression.one_in_flight:
        sentence = "Several retrainings may run at once."
        return Rule(code="in_flight", part="suppression", outcome="off", sentence=sentence, inputs=inputs)
    if under_way:
        waits = under_way[-1].state == "waiting"
        sentence = "A request waits for approval." if waits else "A retraining is under way."
        expires = under_way[-1].expires if waits else None
        return Rule(
            code="in_flight", part="suppression", outcome="holds", sentence=sentence, until=expires, inputs=inputs
        )
    sentence = "No other retraining is under way."
    return Rule(code="in_flight", part="suppression", outcome="passes", sentence=sentence, inputs=inputs)


def _cool_down(policy: RetrainPolicy, asked: tuple[Asked, ...], now: datetime) -> Rule:
    days = policy.suppression.cool_down_days
    newest = max(asked, key=lambda one: one.made(now), default=None)
    inputs = {"days": days, "last": newest.made(now).isoformat() if newest else None}
    if newest is None:
        sentence = "Nothing was asked for before."
        return Rule(code="cool_down", part="suppression", outcome="passes", sentence=sentence, inputs=inputs)
    until, kind = newest.made(now) + timedelta(days=days), kind_of(newest)
    if until > now:
        sentence = f"Cool-down until {say_moment(until)}: {days:g} days after the last request{kind}."
        return Rule(
            code="cool_down", part="suppression", outcome="holds", sentence=sentence, until=until, inputs=inputs
        )
    sentence = f"The last request{kind} was more than {days:g} days ago."
    return Rule(code="cool_down", part="suppression", outcome="passes", sentence=sentence, inputs=inputs)


def _budget(policy: RetrainPolicy, asked: tuple[Asked, ...], now: datetime) -> Rule:
    budget = policy.suppression.budget
    start = now - timedelta(days=BUDGET_DAYS)
    counting = [one for one in asked if one.state != "refused" and one.made(now) > start]
    made = sorted(one.made(now) for one in counting)
    inputs = {"budget": budget, "used": len(made)}
    sentence = f"{len(made)} of {counted(budget, 'request')} in the last {BUDGET_DAYS} days{kinds_of(counting)}."
    if len(made) < budget:
        return Rule(code="budget", part="suppression", outcome="passes", sentence=sentence, inputs=inputs)
    until = made[-budget] + timedelta(days=BUDGET_DAYS)
    sentence = f"The budget is used up until {say_moment(until)}: {sentence[:1].lower()}{sentence[1:]}"
    return Rule(code="budget", part="suppression", outcome="holds", sentence=sentence, until=until, inputs=inputs)


def _muted(policy: RetrainPolicy, now: datetime) -> Rule:
    today = now.date()
    window = next((one for one in policy.muted if one.covers(today)), None)
    if window is None:
        sentence = "No muted time." if policy.muted else "No time is muted."
        outcome: RuleOutcome = "passes" if policy.muted else "off"
        return Rule(code="muted", part="suppression", outcome=outcome, sentence=sentence, inputs={"why": None})
    days = (today + timedelta(days=number) for number in range(1, _LONGEST_MUTED))
    free = next((day for day in days if not any(one.covers(day) for one in policy.muted)), None)
    until = datetime(free.year, free.month, free.day, tzinfo=now.tzinfo) if free else None
    why = f" ({window.why})" if window.why else ""
    sentence = f"Muted{why} until {say_moment(until)}." if until else f"Muted{why}."
    return Rule(
        code="muted", part="suppression", outcome="holds", sentence=sentence, until=until, inputs={"why": window.why}
    )


def _waived(rule: Rule) -> Rule:
    """A rule where a person asks: only a broken feed, and nothing to learn from, hold a person back."""
    if rule.part in ("gate", "suppression") and rule.code not in ("feed", "plan") and rule.outcome == "holds":
        sentence = f"{rule.sentence} A person asked: it does not hold."
        return rule.model_copy(update={"outcome": "off", "sentence": sentence, "until": None})
    return rule


def _spent(asked: tuple[Asked, ...]) -> frozenset[str]:
    return frozenset(upload for one in asked for upload in one.uploads)


def _told(seen: Confirmed) -> dict[str, int | float | str | bool | None]:
    return {
        "open": seen.open,
        "high": seen.high,
        "moved": seen.moved,
        "fresh": seen.fresh,
        "looked": seen.looked,
        "needed": seen.needed,
    }
