"""Files that arrived over HTTP and wait, on the disk, until the page takes them.

Streamlit's uploader would hold a file in memory two or three times. So what it is given in the place of the content is
a ticket, and the content is written to the folder of the uploads as it arrives: see `routes/streamed_uploads.py`.
"""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from monitoring.errors import StoreFailed
from monitoring.history.uploads import UploadWriter

TICKET: Final = b"driftline-arrival-"
FORGOTTEN_SECONDS: Final = 3600.0
"""How long a file waits whose page is gone: a lost connection may come back."""


@dataclass(slots=True)
class Arrival:
    """A file that arrived, or the sentence why it could not be kept.

    Attributes:
        address: where it was sent to, which names session and file.
        session: the session that waits for it.
        writer: the file, None when it could not be kept.
        problem: why not.
        at: when it came, by a clock that never goes back.
    """

    address: str
    session: str
    writer: UploadWriter | None
    problem: str = ""
    at: float = field(default_factory=time.monotonic)

    def keep(self) -> str:
        """Put the file among the uploads. Returns its SHA-256. Raises StoreFailed when it could not be kept."""
        if self.writer is None:
            raise StoreFailed(self.problem)
        return self.writer.keep()

    def discard(self) -> None:
        """Remove it, unless it is kept."""
        if self.writer is not None:
            self.writer.discard()


class Arrivals:
    """What waits, by ticket. A ticket is good once. Safe for several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: dict[bytes, Arrival] = {}

    def add(self, arrival: Arrival) -> bytes:
        """Let a file wait. Returns the ticket for it."""
        ticket = TICKET + secrets.token_hex(16).encode()
        with self._lock:
            self._waiting[ticket] = arrival
        return ticket

    def take(self, ticket: bytes) -> Arrival | None:
        """The file that waits for this ticket, which is then the caller's; None when there is none."""
        with self._lock:
            return self._waiting.pop(ticket, None)

    def forget(self, address: str) -> None:
        """Remove what was sent to an address, if it still waits."""
        self._discard(lambda arrival: arrival.address == address)

    def sweep(self, is_there: Callable[[str], bool]) -> None:
        """Remove what has waited for long and whose session, by `is_there`, is gone."""
        until = time.monotonic() - FORGOTTEN_SECONDS
        self._discard(lambda arrival: arrival.at < until and not is_there(arrival.session))

    def clear(self) -> None:
        """Remove everything: the server stops."""
        self._discard(lambda _: True)

    def _discard(self, which: Callable[[Arrival], bool]) -> None:
        with self._lock:
            gone = [ticket for ticket, arrival in self._waiting.items() if which(arrival)]
            arrivals = [self._waiting.pop(ticket) for ticket in gone]
        for arrival in arrivals:
            arrival.discard()


ARRIVALS: Final = Arrivals()
"""Those of this process, which receives them and shows the page."""
