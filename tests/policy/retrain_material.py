"""Batches, requests and whole histories for the tests of the retrain policy."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta

from monitoring.policy.retrain_decision import Decision, decide
from monitoring.policy.retrain_evidence import (
    ASKED,
    WINDOW,
    Asked,
    Batch,
    Champion,
    Labelled,
    Occasion,
    Plan,
    RetrainEvidence,
    order_batches,
)
from monitoring.policy.retrain_policy import RetrainPolicy

START = datetime(2026, 3, 2, 12, tzinfo=UTC)
"""A Monday."""


def live(**tables: object) -> RetrainPolicy:
    """A policy that acts by itself, with tables of it changed: `live(confirmation={"batches": 1})`."""
    return RetrainPolicy.model_validate({"dry_run": False, "approval": {"mode": "automatic"}, **tables})


def at(day: float) -> datetime:
    """A moment, days after the start."""
    return START + timedelta(days=day)


def batch(day: float, kind: str = "calm", *, upload: str | None = None, rows: int = 2_000, **values: object) -> Batch:
    """A batch of one day. `kind`: calm, high, moved, broken, undecided."""
    verdict = {"calm": "stable", "high": "drift", "moved": "drift"}.get(kind, kind)
    effect = {"high": 0.3, "moved": 0.07}.get(kind, 0.01)
    base = {
        "check": f"check-{upload or day}",
        "upload": upload or f"upload-{day}",
        "at": at(day),
        "verdict": verdict,
        "moved": effect,
        "largest": effect,
        "predictions_drifted": kind == "high",
        "rows": rows,
        "labelled_rows": rows,
    }
    return Batch.model_validate(base | values)


def days(kinds: Sequence[str], first: int = 0) -> tuple[Batch, ...]:
    """One batch a day: `days(["calm", "high"])`."""
    return tuple(batch(first + number, kind) for number, kind in enumerate(kinds))


def evidence(
    batches: Iterable[Batch] = (),
    *,
    asked: Iterable[Asked] = (),
    labelled: Iterable[Labelled] | None = None,
    kind: str = "check",
    since: datetime = START,
    refusal: str = "",
    subject: Batch | None = None,
) -> RetrainEvidence:
    """Evidence with the newest batch as its subject, and its unbroken batches as what can be learnt from."""
    ordered = order_batches(tuple(batches))
    about = subject or (ordered[-1] if ordered else None)
    known = tuple(
        Labelled(upload=one.upload, at=one.at, rows=one.labelled_rows, learnt=False)
        for one in ordered
        if one.verdict != "broken"
    )
    return RetrainEvidence(
        model="model",
        occasion=Occasion.model_validate(
            {"kind": kind, "key": f"{kind}:{about.check if about else ''}", "check": about.check if about else None}
        ),
        champion=Champion(version=1, since=since),
        subject=about,
        batches=ordered,
        asked=tuple(asked),
        labelled=known if labelled is None else tuple(labelled),
        plan=Plan(refusal=refusal),
    )


def asked_of(decision: Decision, *, state: str | None = None) -> Asked:
    """The request that a decision made, as the next decision sees it."""
    states = {"dry_run": "dry", "approval": "waiting", "request": "ended"}
    return Asked.model_validate(
        {
            "id": decision.id,
            "at": decision.at,
            "state": state or states[decision.outcome],
            "uploads": decision.uploads,
            "expires": decision.expires,
        }
    )


def live_through(policy: RetrainPolicy, kinds: Sequence[str]) -> list[Decision]:
    """Decide once a day on one batch a day, each request ended by the next day. No version is ever promoted."""
    batches = days(kinds)
    decisions: list[Decision] = []
    asked: list[Asked] = []
    for number in range(len(batches)):
        told = evidence(batches[max(0, number + 1 - WINDOW) : number + 1], asked=asked[-ASKED:])
        decisions.append(decide(policy, told, at(number + 0.1)))
        if decisions[-1].outcome in ("request", "dry_run", "approval"):
            asked.append(asked_of(decisions[-1]))
    return decisions


def requests(decisions: Iterable[Decision]) -> list[Decision]:
    """Those that ask, also in a dry run."""
    return [one for one in decisions if one.outcome in ("request", "approval", "dry_run")]
