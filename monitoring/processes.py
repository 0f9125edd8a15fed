"""Who does the work: processes by number and start, so that a number given to another process is not mistaken."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import psutil


@dataclass(frozen=True, slots=True)
class Process:
    """A process of this machine; its text form is `<pid>-<started>`.

    Attributes:
        pid: its number, which the system gives to another process later.
        started: when it started, in a form that no change of the clock alters.
    """

    pid: int
    started: str

    def __str__(self) -> str:
        return f"{self.pid}-{self.started}"


def here() -> Process:
    """The process that asks."""
    return _described(os.getpid())


def process_of(text: str) -> Process | None:
    """The process that `str(process)` wrote, None for any other text."""
    pid, _, started = text.partition("-")
    return Process(int(pid), started) if pid.isdecimal() and started else None


def process_with(pid: int) -> Process | None:
    """The process that has this number now, None when there is none or only its remains."""
    started = _started(pid)
    return Process(pid, started) if started else None


def is_alive(process: Process) -> bool:
    """Whether exactly this process still runs. One that ended and was not yet waited for does not."""
    return _started(process.pid) == process.started


@lru_cache(maxsize=2)
def _described(pid: int) -> Process:
    process = process_with(pid)
    if process is None:
        raise ProcessLookupError(pid)
    return process


def _started(pid: int) -> str | None:
    """Start of a living process. On Linux in clock ticks since this boot; psutil's wall time moves with the clock."""
    try:
        process = psutil.Process(pid)
        if process.status() in (psutil.STATUS_ZOMBIE, psutil.STATUS_DEAD):
            return None
        if sys.platform != "linux":
            return f"{process.create_time():.2f}"
        ticks = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19]
    except (psutil.Error, OSError, ValueError):
        return None
    return f"{_boot()}.{ticks}"


@lru_cache(maxsize=1)
def _boot() -> str:
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text()[:8]
    except OSError:
        return "boot"
