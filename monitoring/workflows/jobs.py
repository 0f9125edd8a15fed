"""Running jobs: in a thread of this process, or in a worker process of their own; and stopping them."""

from __future__ import annotations

import logging
import os
import queue
import re
import secrets
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

import psutil

import monitoring
from monitoring.durable import storing
from monitoring.errors import Cancelled, DriftlineError, NotFound, Refused, StoreFailed
from monitoring.freed_memory import give_back_freed_memory
from monitoring.history.jobs import Jobs
from monitoring.history.records import Job
from monitoring.processes import Process, is_alive, process_with
from monitoring.progress import Progress

Work = Callable[[Progress], dict[str, Any]]
"""Does a job. What it returns is the job's result."""

GRACE_SECONDS = 5.0
"""How long a worker that was asked to stop may take before it is ended."""

IDLE_SECONDS = 3.0
"""How long a thread has had no job when memory is given back: not while the page of the last one is drawn."""

_WORKER_KINDS = ("retrain", "report", "try")
_TRIES_TO_KEEP_END = 3
_SECONDS_BETWEEN_TRIES = 1.0
_AGAIN = "It can be started again."
_logger = logging.getLogger(__name__)


def run_job(jobs: Jobs, job_id: str, work: Work, *, resumed: bool = False) -> bool:
    """Run a job here and keep how it ended. Returns False when somebody else runs it or it needs no run.

    Args:
        jobs: where the job is kept.
        job_id: the job.
        work: does it.
        resumed: a job that ended because the store failed counts as interrupted, not as failed: it is one that is
            started again by itself, for the store is likely to work by then.
    """
    if not jobs.claim(job_id):
        return False
    try:
        jobs.finish(job_id, work(lambda share, message: jobs.report(job_id, share, message)))
    except Cancelled:
        _end(jobs, job_id, "cancelled", "Cancelled.")
    except Refused as error:
        _end(jobs, job_id, "refused", str(error))
    except DriftlineError as error:
        _logger.warning("Job %s failed: %s", job_id, error)
        if resumed and isinstance(error, StoreFailed):
            _end(jobs, job_id, "interrupted", f"{error} {_AGAIN}")
        else:
            _end(jobs, job_id, "failed", str(error))
    except Exception:
        reference = secrets.token_hex(4)
        _logger.exception("Job %s failed by an error of ours, reference %s", job_id, reference)
        _end(jobs, job_id, "failed", f"An error of ours, not of your file. The log tells more under {reference}.")
    except BaseException:  # the process is asked to end
        _stop(jobs, job_id)
        raise
    return True


def _end(
    jobs: Jobs, job_id: str, state: Literal["failed", "refused", "cancelled", "interrupted"], message: str
) -> None:
    for attempt in range(_TRIES_TO_KEEP_END):
        try:
            jobs.fail(job_id, state, message)
        except StoreFailed:
            _logger.exception("The end of job %s (%s: %s) was not kept, try %d", job_id, state, message, attempt + 1)
            time.sleep(_SECONDS_BETWEEN_TRIES)
        else:
            return
    jobs.give_up(job_id)


def _stop(jobs: Jobs, job_id: str) -> None:
    try:
        if jobs.job(job_id).cancel_asked:
            jobs.fail(job_id, "cancelled", "Cancelled.")
        else:
            jobs.fail(job_id, "interrupted", f"The process that worked on this was stopped. {_AGAIN}")
    except DriftlineError:
        _logger.exception("That job %s was stopped is not kept", job_id)


class JobRunner:
    """A few threads that run jobs one after the other. They end with the process, whatever they do.

    Args:
        jobs: where the jobs are kept.
        threads: how many jobs run at once.
    """

    def __init__(self, jobs: Jobs, *, threads: int = 2) -> None:
        self._jobs = jobs
        self._limit = threads
        self._threads: list[threading.Thread] = []
        self._waiting: queue.SimpleQueue[tuple[str, Work]] = queue.SimpleQueue()
        self._lock = threading.Lock()

    def run(self, job_id: str, work: Work) -> None:
        """Run a submitted job as soon as a thread is free. Of several calls for one job, one runs it."""
        self._waiting.put((job_id, work))
        with self._lock:
            if len(self._threads) < self._limit:
                thread = threading.Thread(target=self._serve, name=f"jobs-{len(self._threads)}", daemon=True)
                self._threads.append(thread)
                thread.start()

    def _serve(self) -> None:
        while True:
            job_id, work = self._next()
            try:
                run_job(self._jobs, job_id, work)
            except NotFound:
                _logger.info("Job %s was deleted before it started", job_id)
            except Exception:
                _logger.exception("Job %s could not be started", job_id)
            del work  # with the engine that it holds: the next job may be long in coming

    def _next(self) -> tuple[str, Work]:
        """The next job. Once none has come for a while, nobody waits for what giving memory back takes."""
        try:
            return self._waiting.get(timeout=IDLE_SECONDS)
        except queue.Empty:
            give_back_freed_memory()
            return self._waiting.get()


def start_worker(jobs: Jobs, job_id: str, data: Path) -> None:
    """Start a process that runs a submitted job: `python -m monitoring.worker JOB_ID`, its output in `logs/`.

    Args:
        jobs: where the job is kept.
        job_id: the job.
        data: the data folder.

    Raises:
        StoreFailed: the process could not be started, or that it was could not be kept; the job is `interrupted`,
            unless the process takes it all the same.
    """
    if not re.fullmatch(r"[A-Za-z0-9_-]+", job_id):
        raise NotFound("That does not name a job.")
    try:
        with storing("The log of the worker"):
            process = _spawn(job_id, data.resolve())
    except StoreFailed as error:
        if jobs.claim(job_id):
            jobs.fail(job_id, "interrupted", f"{error} {_AGAIN}")
        raise
    threading.Thread(target=process.wait, name=f"worker-{process.pid}", daemon=True).start()
    worker = process_with(process.pid)
    if worker is None:
        jobs.give_up(job_id)  # it has left: if without taking the job, that must not wait for this process
        return
    try:
        jobs.hand_over(job_id, worker)
    except StoreFailed:
        jobs.give_up(job_id)  # it may meet the same and leave: then the job must not wait for this process
        raise


def _spawn(job_id: str, data: Path) -> subprocess.Popen[bytes]:
    code = str(Path(monitoring.__path__[0]).parent)
    search_path = os.pathsep.join(filter(None, (code, os.environ.get("PYTHONPATH"))))
    logs = data / "logs"
    logs.mkdir(parents=True, exist_ok=True)
    with (logs / f"{job_id}.log").open("ab") as log:
        return subprocess.Popen(  # noqa: S603 - our own module, and an id that was checked
            [sys.executable, "-P", "-m", "monitoring.worker", job_id],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            env={**os.environ, "PYTHONPATH": search_path, "DRIFTLINE_DATA": str(data)},
            start_new_session=True,
        )


def cancel_job(jobs: Jobs, job_id: str, *, grace: float = GRACE_SECONDS) -> Job:
    """Ask a job to stop. A worker that does not within `grace` seconds is ended. Raises NotFound."""
    job = jobs.cancel(job_id)
    worker = jobs.runner(job_id) if job.kind in _WORKER_KINDS else None
    if worker and worker.pid != os.getpid():
        threading.Thread(target=_insist, args=(jobs, job_id, worker, grace), daemon=True).start()
    return job


def _insist(jobs: Jobs, job_id: str, worker: Process, grace: float) -> None:
    try:
        for signal_number in (signal.SIGTERM, signal.SIGKILL):
            if _ends_within(jobs, job_id, worker, grace):
                return
            _send(worker, signal_number)
        _ends_within(jobs, job_id, worker, grace)
        jobs.sweep()
    except DriftlineError as error:
        _logger.info("Job %s is no longer watched: %s", job_id, error)


def _ends_within(jobs: Jobs, job_id: str, worker: Process, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if not is_alive(worker) or not jobs.job(job_id).active:
            return True
        time.sleep(0.1)
    return False


def _send(worker: Process, signal_number: signal.Signals) -> None:
    """Signal a worker; when it is killed, whatever it started in its session too."""
    receivers = [worker.pid]
    if signal_number == signal.SIGKILL and _session(worker.pid) == worker.pid:
        receivers = [pid for pid in psutil.pids() if _session(pid) == worker.pid]
    for pid in receivers:
        if is_alive(worker) or pid != worker.pid:
            try:
                os.kill(pid, signal_number)
            except ProcessLookupError:
                _logger.debug("Process %d had ended", pid)


def _session(pid: int) -> int | None:
    try:
        return os.getsid(pid)
    except OSError:
        return None
