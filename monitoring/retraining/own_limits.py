"""Time and memory of what runs in this very process, the worker: a local retraining, a hook of others."""

from __future__ import annotations

import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import NoReturn

from monitoring.errors import HookFailed, ModelRefused
from monitoring.retraining.limits import WorkLimits, too_large, too_long

_OUT_OF_MEMORY = ("bad alloc", "bad_alloc", "unable to allocate", "memoryerror")


_GRACE_SECONDS = 60.0
"""How long a block whose time is over may go on, deaf to it, before its process is ended."""
_SOON = 0.001
_logger = logging.getLogger(__name__)


class _TimeIsOver(BaseException):
    """Not an Exception: nothing on the way may take it for a failure of its own. `bound`: of which block."""

    def __init__(self, bound: object) -> None:
        super().__init__()
        self.bound = bound


@contextmanager
def bounded(what: str, limits: WorkLimits) -> Iterator[None]:
    """Run the block within limits of time and memory, as far as the system allows them for a running process.

    The memory is bounded where the system knows `RLIMIT_DATA` for mapped memory (Linux); the time in the main thread of
    a process, where a signal can interrupt, which is where a worker trains.

    Raises:
        HookFailed: the block went beyond a limit; the sentence says which, and how to raise it.
    """
    try:
        with _bounded_memory(limits), timed(what, limits):
            yield
    except MemoryError as error:
        raise HookFailed(too_large(what, limits)) from error
    except ModelRefused as error:  # the runtime and the exporter tell of missing memory in words
        if any(words in f"{error} {error.__cause__!r}".lower() for words in _OUT_OF_MEMORY):
            raise HookFailed(too_large(what, limits)) from error
        raise


@contextmanager
def timed(what: str, limits: WorkLimits) -> Iterator[None]:
    """Run the block within a limit of time alone. Blocks may lie in each other; each tells of its own limit.

    Where a block does not end though it was told to, because it takes no exception or never comes back from a library,
    its process is ended: its job counts as interrupted then, and its lease holds nothing up.

    Raises:
        HookFailed: the time was over; the sentence says how to raise it.
    """
    bound = object()
    try:
        with _bounded_time(bound, limits.seconds):
            yield
    except _TimeIsOver as over:
        if over.bound is not bound:
            raise
        raise HookFailed(too_long(what, limits)) from None


@contextmanager
def _bounded_memory(limits: WorkLimits) -> Iterator[None]:
    if sys.platform != "linux":
        yield
        return
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_DATA)
    most = limits.memory if hard == resource.RLIM_INFINITY else min(limits.memory, hard)
    resource.setrlimit(resource.RLIMIT_DATA, (most, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_DATA, (soft, hard))


@contextmanager
def _bounded_time(bound: object, seconds: float) -> Iterator[None]:
    """Raise in the block when its time is over, unless a block around it is over sooner and will raise anyway."""
    left = signal.getitimer(signal.ITIMER_REAL)[0]
    if threading.current_thread() is not threading.main_thread() or 0 < left <= seconds:
        yield
        return

    def stop(number: int, frame: FrameType | None) -> NoReturn:
        raise _TimeIsOver(bound)

    began = time.monotonic()
    last = threading.Timer(seconds + _GRACE_SECONDS, _end_process)
    last.daemon = True
    last.start()
    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
        last.cancel()
        if left:
            signal.setitimer(signal.ITIMER_REAL, max(left - (time.monotonic() - began), _SOON))


def _end_process() -> None:
    """What cannot be interrupted is ended with its process, as by the system when memory runs out."""
    _logger.critical("What had to end by now did not: this process is ended.")
    os.kill(os.getpid(), signal.SIGKILL)
