"""What the store keeps of retraining by policy: decisions, what they rest on, requests, answers, incidents. Values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from monitoring.history.records import JobState
from monitoring.policy.retrain_decision import Decision
from monitoring.policy.retrain_evidence import RetrainEvidence
from monitoring.policy.retrain_policy import RetrainPolicy

RequestState = Literal["waiting", "ready", "sent", "refused", "expired"]
Answer = Literal["approved", "refused"]
ATTEMPTS = 3
"""How often the worker of a policy's request is started by itself; afterwards a person has to."""


def starts_again(job: JobState, attempts: int, *, by_hand: bool) -> bool:
    """Whether a request's job is started again by itself: its worker went away, or the store failed under it.

    >>> starts_again("interrupted", 2, by_hand=False), starts_again("interrupted", 3, by_hand=False)
    (True, False)
    """
    return job == "interrupted" and attempts < ATTEMPTS and not by_hand


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """A request that a decision makes: what a hook receives, as JSON, and the id derived from that content."""

    id: str
    payload: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What came of an occasion: the decision, what it rests on, and the request that goes with it, None for none."""

    decision: Decision
    policy: RetrainPolicy
    evidence: RetrainEvidence
    outgoing: Outgoing | None


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptDecision:
    """A decision as it was kept.

    Attributes:
        decision: what was decided; policy, evidence: from what.
        request: id of the request that was written with it, None for none; request_state: what became of that by now.
        recorded_at: UTC time of the record: `decision.at` may be on the data's clock.
    """

    decision: Decision
    policy: RetrainPolicy
    evidence: RetrainEvidence
    request: str | None
    recorded_at: datetime
    request_state: RequestState | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionLine:
    """One line of the list of decisions."""

    id: str
    model: str
    check: str | None
    outcome: str
    sentence: str
    at: datetime
    recorded_at: datetime
    request: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptRequest:
    """A request in the outbox.

    Attributes:
        id: derived from its content; its job has the same id.
        model: which model.
        decision: id of the decision it was written with, None for one from before there were decisions.
        state: `waiting` for approval, `ready` to be sent, `sent` (its job tells the rest), `refused`, `expired`.
        by_hand: whether a person asked.
        payload: what the hook receives.
        created_at: UTC time of its record; expires_at: when its approval is void, None where none is needed.
        answer: what a person said last, None before; answered_at, reason: when and why.
    """

    id: str
    model: str
    decision: str | None
    state: RequestState
    by_hand: bool
    payload: dict[str, Any]
    created_at: datetime
    expires_at: datetime | None
    answer: Answer | None = None
    answered_at: datetime | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    """A broken feed. `id` is that of the check that found it; `closed_by` a check's id or a person's words."""

    id: str
    model: str
    sentence: str
    opened_at: datetime
    closed_at: datetime | None
    closed_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptPolicy:
    """A policy that was put in force."""

    policy: RetrainPolicy
    reason: str
    at: datetime
