"""Deciding again from what a decision kept: the same policy, evidence and time must give the same answer."""

from __future__ import annotations

from dataclasses import dataclass

from monitoring.history.retrain_records import KeptDecision
from monitoring.policy.retrain_decision import RULES, decide


@dataclass(frozen=True, slots=True)
class Replayed:
    """How a decision came out the second time."""

    id: str
    same: bool
    sentence: str


def replay(kept: KeptDecision) -> Replayed:
    """Decide again. A decision by an older version of the rules may come out otherwise, which is told."""
    before = kept.decision
    again = decide(kept.policy, kept.evidence, before.at)
    if again == before:
        return Replayed(before.id, True, "Decided again from what was kept: the same answer, to the last letter.")
    changed = [name for name in type(before).model_fields if getattr(before, name) != getattr(again, name)]
    why = f"the rules were version {before.version} then and are {RULES} now" if before.version != RULES else "a fault"
    return Replayed(
        before.id,
        False,
        f"Decided again it is otherwise in {', '.join(changed)} ({why}). Then: {before.sentence} Now: {again.sentence}",
    )
