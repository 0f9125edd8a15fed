"""The progress of one running job, told to the store often enough to look alive and seldom enough to cost nothing."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable
from datetime import datetime

from monitoring.errors import Cancelled, StoreFailed

LOG_KEPT = 200
MESSAGE_LENGTH = 500

Log = list[list[str]]
Write = Callable[[float, str, Log], bool]
"""Writes share, message and log; tells whether the work is to go on."""

_logger = logging.getLogger(__name__)


def logged(log: Iterable[Iterable[str]], at: datetime, message: str) -> Log:
    """A log with one more message; the oldest give way."""
    return [*(list(line) for line in log), [at.isoformat(), message[:MESSAGE_LENGTH]]][-LOG_KEPT:]


class Reporter:
    """Progress of one running job.

    Args:
        write: keeps it.
        clock: tells the UTC time of a message.
        log: messages so far.
        pause: least seconds between two writes. What comes sooner is written when the pause is over.
    """

    def __init__(self, write: Write, *, clock: Callable[[], datetime], log: Log, pause: float) -> None:
        self._write = write
        self._clock = clock
        self._pause = pause
        self._log = log
        self._share = 0.0
        self._message = ""
        self._written = -pause
        self._stopped = False
        self._timer: threading.Timer | None = None
        self._lock = threading.Lock()

    def report(self, share: float, message: str) -> None:
        """Take in progress. Raises Cancelled when the work is to stop, StoreFailed when it cannot be kept."""
        with self._lock:
            if self._stopped:
                raise Cancelled("Cancelled.")
            if message != self._message:
                self._message = message[:MESSAGE_LENGTH]
                self._log = logged(self._log, self._clock(), message)
            self._share = min(max(share, 0.0), 1.0)
            wait = self._written + self._pause - time.monotonic()
            if wait <= 0:
                self._keep()
            elif self._timer is None:
                self._timer = threading.Timer(wait, self._keep_later)
                self._timer.daemon = True
                self._timer.start()
            if self._stopped:
                raise Cancelled("Cancelled.")

    def close(self) -> Log:
        """Write nothing any more. Returns the log."""
        with self._lock:
            self._stopped = True
            if self._timer:
                self._timer.cancel()
            return self._log

    def _keep(self) -> None:
        self._stopped = not self._write(self._share, self._message, self._log)
        self._written = time.monotonic()  # not before: what was not kept is tried by the next report, which then tells

    def _keep_later(self) -> None:
        with self._lock:
            self._timer = None
            if self._stopped:
                return
            try:
                self._keep()
            except StoreFailed as error:
                _logger.warning("Progress was not kept: %s", error)
