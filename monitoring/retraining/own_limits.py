"""Time and memory of what runs in this very process: the packaged recipe in its worker."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import NoReturn

from monitoring.errors import HookFailed, ModelRefused
from monitoring.retraining.limits import WorkLimits, too_large, too_long

_OUT_OF_MEMORY = ("bad alloc", "bad_alloc", "unable to allocate", "memoryerror")


class _TimeIsOver(BaseException):
    """Not an Exception: nothing on the way may take it for a failure of its own."""


@contextmanager
def bounded(what: str, limits: WorkLimits) -> Iterator[None]:
    """Run the block within limits of time and memory, as far as the system allows them for a running process.

    The memory is bounded where the system knows `RLIMIT_DATA` for mapped memory (Linux); the time in the main thread of
    a process, where a signal can interrupt, which is where a worker trains.

    Raises:
        HookFailed: the block went beyond a limit; the sentence says which, and how to raise it.
    """
    try:
        with _bounded_memory(limits), _bounded_time(limits):
            yield
    except _TimeIsOver:
        raise HookFailed(too_long(what, limits)) from None
    except MemoryError as error:
        raise HookFailed(too_large(what, limits)) from error
    except ModelRefused as error:  # the runtime and the exporter tell of missing memory in words
        if any(words in f"{error} {error.__cause__!r}".lower() for words in _OUT_OF_MEMORY):
            raise HookFailed(too_large(what, limits)) from error
        raise


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
def _bounded_time(limits: WorkLimits) -> Iterator[None]:
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGALRM, _stop)
    signal.setitimer(signal.ITIMER_REAL, limits.seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def _stop(number: int, frame: FrameType | None) -> NoReturn:
    raise _TimeIsOver
