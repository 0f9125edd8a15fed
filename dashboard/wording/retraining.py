"""Words for retraining by policy: decisions, rules, requests, and a policy in plain words. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from dashboard.wording.quantities import NBSP, counted, percent
from dashboard.wording.verdicts import Alert, Look
from monitoring.history.records import Job
from monitoring.history.retrain_records import ATTEMPTS, starts_again
from monitoring.policy.retrain_decision import APPROVALS, DecisionOutcome
from monitoring.policy.retrain_evidence import Asked
from monitoring.policy.retrain_policy import Muted, RetrainPolicy
from monitoring.policy.retrain_promise import Promise
from monitoring.policy.retrain_rules import BUDGET_DAYS, Part, Rule, RuleCode

OUTCOMES: Final[dict[str, Look]] = {
    "quiet": Look("Not asked for", "remove", "gray", "–", "Nothing asks for a retraining."),
    "held": Look("Held back", "pause_circle", "orange", "⏸", "Something asks for a retraining, a rule holds it back."),
    "incident": Look("Incident", "build", "violet", "✕", "The feed is broken: it is repaired, never learnt from."),
    "dry_run": Look("Would retrain", "science", "blue", "◌", "The policy only tries out what it would do."),
    "approval": Look("Waits for you", "how_to_reg", "orange", "?", "A person has to approve the retraining."),
    "request": Look("Retrains", "model_training", "blue", "▶", "A retraining was asked for."),
}
ALERTS: Final[dict[str, Alert]] = {
    "quiet": "info",
    "held": "warning",
    "incident": "error",
    "dry_run": "info",
    "approval": "warning",
    "request": "info",
}
_KNOWN: Final = ("Nothing asks for a retraining. ", "Held back. ", "A retraining waits for approval. ")
_BRIEF: Final = 120
_UNKNOWN: Final = Look("Unknown", "help", "gray", "?", "This outcome is newer than the page.")

REQUESTS: Final[dict[str, Look]] = {
    "waiting": Look("Waits for you", "how_to_reg", "orange", "?", "A person has to approve it."),
    "ready": Look("To be sent", "outbox", "blue", "▶", "It is sent as soon as it can be."),
    "sent": Look("Sent", "send", "green", "✓", "Its job tells the rest."),
    "refused": Look("Refused", "block", "gray", "⊘", "A person refused it."),
    "expired": Look("Expired", "timer_off", "gray", "–", "Nobody answered in time. The next check decides anew."),
}

RULES: Final[dict[RuleCode, str]] = {
    "drift": "Drift",
    "performance": "Performance",
    "age": "Age",
    "by_hand": "By hand",
    "feed": "Feed",
    "plan": "Something to learn",
    "rows": "Rows",
    "labels": "Outcomes",
    "in_flight": "One at a time",
    "cool_down": "Cool-down",
    "budget": "Budget",
    "muted": "Muted times",
    "approval": "Approval",
    "dry_run": "Dry run",
}
PARTS: Final[dict[Part, str]] = {
    "trigger": "What asks",
    "gate": "What must be there",
    "suppression": "What holds back",
    "approval": "Who says yes",
    "mode": "Whether it acts",
}
_RULE_LOOKS: Final[dict[str, Look]] = {
    "asks": Look("asks", "campaign", "blue", "▶", "It asks for a retraining."),
    "quiet": Look("quiet", "check", "green", "✓", "It asks for nothing now."),
    "passes": Look("open", "check", "green", "✓", "It holds nothing back."),
    "holds": Look("holds", "pause", "orange", "⏸", "It holds a retraining back."),
    "off": Look("off", "remove", "gray", "–", "It does not apply."),
}


def outcome_look(outcome: DecisionOutcome | str) -> Look:
    """How a decision is shown."""
    return OUTCOMES.get(outcome, _UNKNOWN)


def kept_look(outcome: str, request_state: str | None) -> Look:
    """How a kept decision is shown: one that waited for a person by what became of it."""
    if outcome == "approval" and request_state not in (None, "waiting"):
        return request_look(str(request_state))
    return outcome_look(outcome)


def outcome_alert(outcome: str) -> Alert:
    """Kind of the banner a decision is shown in."""
    return ALERTS.get(outcome, "info")


def brief(sentence: str) -> str:
    """A decision's sentence for a list in which its outcome stands already: without that, and not too long.

    >>> brief("Nothing asks for a retraining. 1 of the last 3 batches drifted; 2 are needed.")
    '1 of the last 3 batches drifted; 2 are needed.'
    """
    for known in _KNOWN:
        sentence = sentence.removeprefix(known)
    return sentence if len(sentence) <= _BRIEF else f"{sentence[: _BRIEF - 1].rstrip()}…"


def request_look(state: str) -> Look:
    """How a request is shown."""
    return REQUESTS.get(state, _UNKNOWN)


def said_of_start(job: Job, *, by_hand: bool) -> str:
    """Whether a request's job that was stopped is started again by itself, or waits for a person; else ''."""
    if job.state != "interrupted":
        return ""
    if starts_again(job.state, job.attempts, by_hand=by_hand):
        return f"It starts again by itself, as attempt {job.attempts + 1} of {ATTEMPTS}."
    if by_hand:
        return "A person asked for it, so a person starts it again."
    return f"It was started {job.attempts} times and does not start again by itself: a person has to start it."


def made_by_now(number: int, champion: int, *, refused: bool, served: bool) -> str:
    """What became of the version that was made from a check's rows.

    >>> made_by_now(2, 2, refused=False, served=True)
    'Retrained: version 2 was made from this data and is in use.'
    """
    made = f"Retrained: version {number} was made from this data"
    if number == champion:
        return f"{made} and is in use."
    if served:
        return f"{made} and was in use; by now version {champion} is."
    if refused:
        return f"{made}, but the promotion policy refused it; version {champion} is in use."
    return f"{made} and waits for a person; version {champion} is in use."


def requests_words(asked: Sequence[Asked]) -> str:
    """How many earlier requests a decision rests on, those of dry runs apart."""
    dry = sum(one.state == "dry" for one in asked)
    beside = f" ({counted(dry, 'more', 'more')} in dry run only)" if dry else ""
    return f"{counted(len(asked) - dry, 'earlier request')}{beside}"


def rule_look(rule: Rule) -> Look:
    """How a rule's outcome is shown."""
    return _RULE_LOOKS[rule.outcome]


def policy_words(policy: RetrainPolicy, hooks: tuple[str, ...]) -> dict[str, str]:
    """What a policy does, one sentence for each part; text for Markdown that escapes what is not ours itself."""
    return {
        "Asks": " ".join(_asks(policy)),
        "Learns": _learns(policy),
        "Holds back": _holds(policy),
        "Approval": _approval(policy),
        "Acts by": policy.hook or (f"{hooks[0]}, the first hook that is set up" if hooks else "no hook is set up"),
        "Days are": "counted from now" if policy.clock == "wall" else "counted on the newest row's time",
    }


def promise_words(promised: Promise, *, per_day: float) -> str:
    """What a policy promises, in a sentence or two."""
    return (
        f"With {_batches(per_day)}, on data that does not change, it asks for at most "
        f"**{_number(promised.unchanged)}** retrainings a year on average, however much batches resemble each other "
        f"({_number(promised.independent)} if they are independent); whatever happens, for at most "
        f"**{_number(promised.ever)}**."
    )


def _batches(per_day: float) -> str:
    return "a batch a day" if per_day == 1 else f"{per_day:g} batches a day"


def _number(value: float) -> str:
    return f"{value:.0f}" if value >= 20 else f"{value:.1f}" if value >= 1 else f"{value:.2g}"


def _asks(policy: RetrainPolicy) -> list[str]:
    confirm = policy.confirmation
    often = f"{confirm.batches} of the last {confirm.of} batches" if confirm.of > 1 else "a batch"
    said = []
    if policy.triggers.drift != "off":
        what = "drifted and moved the predictions" if policy.triggers.drift == "predictions" else "drifted"
        levels = f"by at least {percent(policy.drift.open)} (then down to {percent(policy.drift.close)})"
        said.append(f"When {often} {what} {levels}.")
    if policy.triggers.performance:
        levels = (
            f"at least {policy.performance.open:g} worse than on the reference, and beyond what rows and days vary by"
        )
        known = f"in batches with {counted(policy.performance.labelled_rows, 'known outcome')} or more"
        said.append(f"When {often} had a Brier score {levels}, {known}.")
    if policy.triggers.age_days:
        said.append(f"When nobody has retrained it for {counted(policy.triggers.age_days, 'day')}.")
    return said or ["Only when a person does."]


def _learns(policy: RetrainPolicy) -> str:
    gates = policy.gates
    old = f", {gates.mature_days:g} days old at least" if gates.mature_days else ""
    return (
        f"Never from a broken feed. The last batches need {counted(gates.rows, 'row')}, and "
        f"{counted(gates.labelled_rows, 'new row')} need known outcomes{old}."
    )


def _holds(policy: RetrainPolicy) -> str:
    hold = policy.suppression
    dry = ", and so does what a dry run would have asked for" if policy.dry_run else ""
    parts = [
        f"{hold.cool_down_days:g} days of cool-down after a request" if hold.cool_down_days else "no cool-down",
        f"at most {counted(hold.budget, 'request')} in {BUDGET_DAYS} days",
        "one at a time" if hold.one_in_flight else "several at once",
    ]
    muted = [_muted(one) for one in policy.muted]
    held = f"{'; '.join(parts)}{'; muted ' + ', '.join(muted) if muted else ''}."
    return f"{held[:1].upper()}{held[1:]} What a person asks for counts{dry}."


def _muted(one: Muted) -> str:
    days = "/".join(one.weekdays)
    dates = f"{one.first:%-d %b %Y}{NBSP}to{NBSP}{one.last:%-d %b %Y}" if one.first and one.last else ""
    return " ".join(filter(None, (days, dates)))


def _approval(policy: RetrainPolicy) -> str:
    approval = policy.approval
    void = f" A request that nobody answers is void after {approval.expires_days:g} days."
    if approval.mode == "automatic":
        return "Nobody is asked."
    if approval.mode == "by_hand":
        return f"A person approves each.{void}"
    return f"A person approves it when {' or when '.join(APPROVALS[reason] for reason in approval.when)}.{void}"
