"""Requests that wait until a job has changed, however many: one look at the store for all of them."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Final

from monitoring.errors import DriftlineError
from monitoring.history.job_states import has_ended

_logger = logging.getLogger(__name__)
LOOK: Final = 0.1
"""Seconds between two looks, as long as somebody waits."""


@dataclass(frozen=True, slots=True)
class Known:
    """What somebody knows of a job.

    Attributes:
        job: its id.
        mark: its mark, as it was.
        until_end: whether nothing but its end is of interest.
    """

    job: str
    mark: str
    until_end: bool

    def is_old(self, mark: str) -> bool:
        """Whether there is something to tell, now that this is its mark."""
        return has_ended(mark) if self.until_end else mark != self.mark


class JobWatch:
    """Those that wait, on the event loop of the server.

    Args:
        marks: the marks of jobs by id, without those that are not there; called in a thread.
    """

    def __init__(self, marks: Callable[[Collection[str]], Mapping[str, str]]) -> None:
        self._marks = marks
        self._waiting: dict[asyncio.Future[None], Known] = {}
        self._looking: asyncio.Task[None] | None = None

    async def wait(self, known: Known, seconds: float) -> None:
        """Return when what is known is old, or after that time."""
        loop = asyncio.get_running_loop()
        told = loop.create_future()
        self._waiting[told] = known
        if self._looking is None or self._looking.done() or self._looking.get_loop() is not loop:
            self._looking = loop.create_task(self._look())
        try:
            await asyncio.wait([told], timeout=seconds)
        finally:
            self._waiting.pop(told, None)

    async def _look(self) -> None:
        while self._waiting:
            await asyncio.sleep(LOOK)
            try:
                marks = await asyncio.to_thread(self._marks, {known.job for known in self._waiting.values()})
            except DriftlineError:
                continue  # whoever waits asks again, and is told then
            except Exception:
                _logger.exception("The jobs that pages wait for cannot be looked at")
                continue
            for told, known in tuple(self._waiting.items()):
                if known.is_old(marks.get(known.job, "")) and not told.done():
                    told.set_result(None)
