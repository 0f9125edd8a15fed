"""What child processes of the tests do: `python -m tests.jobs.children TASK DATABASE JOB`."""

from __future__ import annotations

import sys
import time

from monitoring.history.history import History
from monitoring.history.jobs import Jobs
from monitoring.progress import Progress
from monitoring.workflows.jobs import run_job
from tests.processes import say


def work_forever(jobs: Jobs, job_id: str) -> None:
    """Run a job that reports and does not end by itself."""

    def work(progress: Progress) -> dict[str, object]:
        progress(0.25, "Halfway to the half")
        say("working")
        while True:
            time.sleep(0.05)
            progress(0.25, "Halfway to the half")

    run_job(jobs, job_id, work)
    say(jobs.job(job_id).state)


def be_stuck(jobs: Jobs, job_id: str) -> None:
    """Run a job that never reports again, and so never learns that it is to stop."""
    jobs.claim(job_id)
    say("working")
    while True:
        time.sleep(60)


def try_to_claim(jobs: Jobs, job_id: str) -> None:
    """Claim a job at the same moment as others; stay alive until told to go."""
    say("ready")
    sys.stdin.readline()
    say(jobs.claim(job_id))
    sys.stdin.readline()


if __name__ == "__main__":
    tasks = {task.__name__: task for task in (work_forever, be_stuck, try_to_claim)}
    tasks[sys.argv[1]](Jobs(History(sys.argv[2]).engine), sys.argv[3])
