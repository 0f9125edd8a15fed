"""What a retrain decision rests on: batches, earlier requests, outcomes, the champion. Plain values; stored as JSON."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Literal

from monitoring.contract import Value

WINDOW = 40
"""Batches that a decision looks at: the newest of the champion's, by the time of their rows."""
ASKED = 40
"""Earlier requests that a decision looks at, the newest."""
NAMED = 16
"""Digits of an upload's SHA-256 that name it in the evidence."""

AskedState = Literal["waiting", "ready", "running", "ended", "refused", "expired", "dry"]


class Occasion(Value):
    """Why a decision is made now.

    Attributes:
        kind: `check` (a check was recorded), `clock` (time passed), `hand` (a person asks).
        key: names the occasion; one decision is made for each.
        check: the check that it is about, None for none.
        why: what the person said.
    """

    kind: Literal["check", "clock", "hand"]
    key: str
    check: str | None = None
    why: str = ""


class Batch(Value):
    """One batch as the champion saw it.

    Attributes:
        check: id of the check that knows most outcomes of these rows; of those the newest.
        upload: first 16 digits of the SHA-256 of the rows: what makes it one batch, however often it was checked.
        at: UTC time of its last row; of its check where rows have no time.
        verdict: name of the verdict.
        moved: effect of the predictions, in [0, 1]; largest: of the column that moved most.
        predictions_drifted: whether the predictions are in `drift`.
        rows, labelled_rows: how many.
        brier: realised Brier score, None without outcomes.
        blocks: of time (days) that the rows with outcomes are worth.
        brier_reference, reference_rows, reference_blocks: the same of the version's reference, and its rows.
        deviation: standard deviation of the Brier score of one block of the reference, None where it has no two.
    """

    check: str
    upload: str
    at: datetime
    verdict: str
    moved: float
    largest: float
    predictions_drifted: bool
    rows: int
    labelled_rows: int = 0
    brier: float | None = None
    brier_reference: float | None = None
    reference_rows: int = 0
    blocks: float = 0.0
    reference_blocks: float = 0.0
    deviation: float | None = None


class Asked(Value):
    """An earlier request.

    Attributes:
        id: its id; of the decision for one that a dry run would have made.
        at: time of the decision that made it.
        followed: time of the first decision after that with an earlier time, as the clock was set back; None when there
            is none: an `at` in the future is read as this.
        state: `waiting` for approval, `ready` to be sent, `running`, `ended`, `refused` by a person, `expired`,
            `dry` (a dry run would have made it).
        uploads: batches that it rested on; they confirm nothing again.
        by_hand: whether a person asked.
        expires: when approval is void, None where none is needed.
    """

    id: str
    at: datetime
    followed: datetime | None = None
    state: AskedState
    uploads: tuple[str, ...] = ()
    by_hand: bool = False
    expires: datetime | None = None

    def void(self, now: datetime) -> bool:
        """Whether nobody answered in time."""
        return self.state == "expired" or (self.state == "waiting" and self.expires is not None and self.expires <= now)

    def made(self, now: datetime) -> datetime:
        """When it was made, as `now` sees it: a clock that was set back makes it no younger than the next decision."""
        return self.at if self.at <= now else min(self.followed or now, now)


class Labelled(Value):
    """Rows with outcomes to learn from: an upload whose feed was not broken. `learnt`: the champion knows them."""

    upload: str
    at: datetime
    rows: int
    learnt: bool


class Champion(Value):
    """The version in use, and when what it knows ended: when it was made, on the data's clock its last training day."""

    version: int
    since: datetime


class Plan(Value):
    """What a request would be now: `refusal` says why there can be none, '' when there can."""

    refusal: str = ""


class RetrainEvidence(Value):
    """Everything that a decision rests on, beside the policy and the time.

    Attributes:
        model: which model.
        occasion: why now.
        champion: the version in use.
        subject: the batch that the decision is about, None for none.
        batches: the champion's batches, oldest rows first, at most `WINDOW`.
        asked: earlier requests, oldest first.
        labelled: uploads with outcomes.
        plan: what would be asked for.
    """

    model: str
    occasion: Occasion
    champion: Champion
    subject: Batch | None
    batches: tuple[Batch, ...]
    asked: tuple[Asked, ...]
    labelled: tuple[Labelled, ...]
    plan: Plan

    def matured_rows(self, days: float, now: datetime) -> int:
        """Labelled rows that the champion has not learnt from and whose outcomes had `days` to come in."""
        until = now - timedelta(days=days)
        return sum(one.rows for one in self.labelled if not one.learnt and one.at <= until)

    def counted(self, now: datetime, *, dry_run: bool) -> tuple[Asked, ...]:
        """Requests that hold others back: those that nobody answered in time do not, a dry run's only in a dry run."""
        return tuple(one for one in self.asked if not one.void(now) and (dry_run or one.state != "dry"))


def order_batches(batches: tuple[Batch, ...]) -> tuple[Batch, ...]:
    """The newest `WINDOW` batches by the time of their rows, oldest first: whatever the order in which they came."""
    return tuple(sorted(batches, key=lambda batch: (batch.at, batch.upload))[-WINDOW:])
