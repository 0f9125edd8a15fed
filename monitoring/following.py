"""How the command line follows work: a line of progress on a terminal, and how a job ended."""

from __future__ import annotations

import sys
import time

from monitoring.errors import DriftlineError, Refused
from monitoring.history.records import Job
from monitoring.workflows.parts import Driftline

POLL_SECONDS = 0.2


def wait_for(driftline: Driftline, job_id: str) -> Job:
    """Follow a job to its end, wherever it runs."""
    while (job := driftline.jobs.job(job_id)).active:
        show_progress(job.share, job.message)
        time.sleep(POLL_SECONDS)
    end_progress()
    return job


def finished(job: Job) -> Job:
    if job.state == "done":
        return job
    raise Refused(job.message) if job.state == "refused" else DriftlineError(job.message)


def show_progress(share: float, message: str) -> None:
    if sys.stderr.isatty():
        print(f"\r\033[K{share:4.0%} {message}", end="", file=sys.stderr, flush=True)


def end_progress() -> None:
    if sys.stderr.isatty():
        print("\r\033[K", end="", file=sys.stderr, flush=True)
