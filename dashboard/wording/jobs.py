"""Words for work that outlives a page. Pure."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

from dashboard.wording.quantities import counted, duration
from dashboard.wording.verdicts import Look
from monitoring.history.records import Job, JobState

STATES: Final[dict[JobState, Look]] = {
    "queued": Look("Waiting", "hourglass_empty", "gray", "…", "It starts as soon as it is its turn."),
    "running": Look("Running", "progress_activity", "blue", "▶", "It goes on when you close the page."),
    "done": Look("Done", "check_circle", "green", "✓", "It ended well."),
    "failed": Look("Failed", "error", "red", "✕", "It ended with an error of ours. Nothing half done was kept."),
    "refused": Look("Refused", "block", "orange", "⊘", "What was given could not be used. Nothing was recorded."),
    "cancelled": Look("Cancelled", "cancel", "gray", "–", "Somebody asked it to stop. Nothing was recorded."),
    "interrupted": Look(
        "Interrupted", "power_off", "orange", "⏸", "It was stopped before its end. Nothing half done was kept."
    ),
}

KINDS: Final[dict[str, str]] = {
    "check": "Check",
    "retrain": "Retraining",
    "report": "Report",
    "year": "The year so far",
    "column": "A closer look at a column",
    "try": "Trying a hook",
    "windows": "Time line",
}


def job_look(state: JobState) -> Look:
    """Word, icon and colour of a job's state."""
    return STATES[state]


def kind_word(kind: str) -> str:
    """What a job does, in a word."""
    return KINDS.get(kind, kind.capitalize())


def under_way(job: Job, others: int) -> str:
    """What a job does now: what it says itself, or that it waits, and with how many `others`."""
    if job.state == "queued" and others > 0:
        return f"Waiting for its turn, with {counted(others, 'other job')} under way"
    return job.message or STATES[job.state].word


def startable(job: Job) -> bool:
    """Whether a job that ended without a result may be started again as it is."""
    return job.state in ("failed", "cancelled", "interrupted")


def ended(job: Job) -> str:
    """How a job ended, in a sentence or two: its own message, or what its state means."""
    meaning = STATES[job.state].meaning
    message = job.message.strip()
    return f"{message} {meaning}" if message and job.state == "failed" else message or meaning


def took(job: Job, now: datetime) -> str:
    """How long a job has been running, or ran; '' before it starts."""
    if job.started_at is None:
        return ""
    end = job.finished_at or now
    return duration((_aware(end) - _aware(job.started_at)).total_seconds())


def _aware(moment: datetime) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
