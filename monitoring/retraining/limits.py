"""How long a retraining may take and how much memory it may use, and what is said when it wants more."""

from __future__ import annotations

from dataclasses import dataclass

MINUTES_VARIABLE = "DRIFTLINE_RETRAIN_MINUTES"
MEMORY_VARIABLE = "DRIFTLINE_RETRAIN_MEMORY_MB"
MEGABYTE = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkLimits:
    """Bounds of one retraining.

    Attributes:
        seconds: wall time.
        memory: bytes of memory, of all processes that take part.
    """

    seconds: float = 3_600.0
    memory: int = 8_192 * MEGABYTE


DEFAULT_LIMITS = WorkLimits()


def too_long(what: str, limits: WorkLimits) -> str:
    """The sentence when the time is over.

    >>> too_long("train.py", WorkLimits(seconds=60))
    'train.py did not end within 1 minute and was stopped: DRIFTLINE_RETRAIN_MINUTES sets this limit, raise it.'
    """
    minutes = limits.seconds / 60
    length = f"{minutes:g} minute{'' if minutes == 1 else 's'}" if minutes >= 1 else f"{limits.seconds:g} s"
    return f"{what} did not end within {length} and was stopped: {MINUTES_VARIABLE} sets this limit, raise it."


def too_large(what: str, limits: WorkLimits) -> str:
    """The sentence when the memory is used up.

    >>> print(too_large("train.py", WorkLimits(memory=2_000 * MEGABYTE)).partition(":")[0])
    train.py needs more than 2,000 MB of memory and was stopped
    """
    megabytes = f"{limits.memory / MEGABYTE:,.0f} MB"
    return f"{what} needs more than {megabytes} of memory and was stopped: {MEMORY_VARIABLE} sets this limit, raise it."
