"""`python -m monitoring.worker JOB_ID`: runs one retrain, try or report job of the data folder to its end, then exits.

Exit code 0 when the job is done, 1 when it ended otherwise or was not to be run here; how it ended is in the job.
"""

from __future__ import annotations

import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Sequence
from types import FrameType
from typing import NoReturn

from monitoring.errors import DriftlineError, StoreFailed
from monitoring.history.jobs import Jobs
from monitoring.history.records import Job
from monitoring.wiring import open_driftline, settings_from_environment
from monitoring.workflows.jobs import Work, run_job
from monitoring.workflows.parts import Driftline
from monitoring.workflows.retrain import run_retrain, run_try

NICENESS = 10
"""The page comes first: a worker takes what is left of the processor."""
BEAT_SECONDS = 5.0
"""How often a worker says that it lives; its lease is much longer, so that a busy disk does not end it."""

_logger = logging.getLogger(__name__)


def main(arguments: Sequence[str]) -> int:
    """Run the job that the only argument names. Returns the exit code."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    if len(arguments) != 1:
        _logger.error("Usage: python -m monitoring.worker JOB_ID")
        return 1
    os.nice(NICENESS)
    signal.signal(signal.SIGTERM, _leave)
    try:
        driftline = open_driftline(settings_from_environment())
        threading.Thread(target=_beat, args=(driftline.jobs, arguments[0]), name="beat", daemon=True).start()
        job = driftline.jobs.job(arguments[0])
        run_job(driftline.jobs, job.id, _work(driftline, job), resumed=job.kind == "retrain")
        return 0 if driftline.jobs.job(arguments[0]).state == "done" else 1
    except DriftlineError as error:
        _logger.error("Job %s was not run: %s", arguments[0], error)
        return 1


def _beat(jobs: Jobs, job_id: str) -> None:
    """Say again and again that this process lives, however long a step takes that reports nothing."""
    while True:
        try:
            jobs.beat(job_id)
        except StoreFailed as error:
            _logger.warning("That the worker of job %s lives was not kept: %s", job_id, error)
        time.sleep(BEAT_SECONDS)


def _work(driftline: Driftline, job: Job) -> Work:
    if job.kind == "retrain":
        return lambda progress: run_retrain(driftline, job.payload, progress)
    if job.kind == "try":
        return lambda progress: run_try(driftline, job.payload, progress)
    if job.kind == "report":
        from monitoring.workflows.report import run_report

        return lambda progress: run_report(driftline, job.payload, progress)
    raise DriftlineError(f"A job of kind {job.kind} runs in the process of the page.")


def _leave(number: int, frame: FrameType | None) -> NoReturn:
    """Asked to end: unwind, so that what was staged is removed and the job says that it was stopped."""
    sys.exit(128 + number)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
