"""The states of a job, and the mark by which a page sees that it has changed. Nothing heavy is imported here."""

from __future__ import annotations

from hashlib import sha256
from typing import Final, Literal

JobState = Literal["queued", "running", "done", "failed", "refused", "cancelled", "interrupted"]
ACTIVE: Final[tuple[JobState, ...]] = ("queued", "running")
"""States of a job that has not ended."""


def job_mark(state: str, share: float, message: str, cancel_asked: bool, attempts: int) -> str:
    """Short, and another one whenever a person would see the job changed; its first word is the state."""
    seen = (round(share, 2), message, cancel_asked, attempts)
    return f"{state} {sha256(repr(seen).encode()).hexdigest()[:16]}"


def has_ended(mark: str) -> bool:
    """Whether the job of this mark has ended; of "", the mark of none, too."""
    return mark.partition(" ")[0] not in ACTIVE
