"""Files that a person dropped, on their way from a zone of the page to what is done with them: once, and not lost.

Streamlit breaks a run of the page off whenever the person does something else, at any look into the session, and may
begin the next run before the one before has noticed. So what is to happen with a file is no matter of one run: a drop
stays in the session's box, each run finds it there, the first one begins it, and all of them learn what came of it.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final

from streamlit.runtime.uploaded_file_manager import DeletedFile, UploadedFile

from dashboard.arrivals import ARRIVALS, TICKET, Arrival
from monitoring.history.uploads import Uploads

PLACES: Final = 4
"""Places drawn last in which a file may still lie: it was on its way when the next one was drawn."""


@dataclass(frozen=True, slots=True)
class Dropped:
    """A file as it was dropped: its name, which is the person's text, and where its content is."""

    name: str
    content: bytes | Arrival

    def keep(self, uploads: Uploads) -> str:
        """Put it among the uploads. Returns its SHA-256. Raises StoreFailed when there is no room for it."""
        return uploads.save(self.content) if isinstance(self.content, bytes) else self.content.keep()

    def discard(self) -> None:
        """Remove it, unless it is kept."""
        if isinstance(self.content, Arrival):
            self.content.discard()


@dataclass(frozen=True, slots=True)
class Place:
    """Zones that belong together, as they were drawn.

    Attributes:
        labels: key of the zone for outcomes.
        rows: key of the zone for rows, None where only outcomes are asked for, to the check that is shown.
        model: whose rows they are; "" where only outcomes are asked for.
        check: what was in the address, None when nothing was.
    """

    labels: str
    rows: str | None = None
    model: str = ""
    check: str | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a drop.

    Attributes:
        address: where it is looked at from here on, None to stay.
        note: what should be said about it.
        problem: why it could not be begun.
    """

    address: Mapping[str, str] | None = None
    note: str = ""
    problem: str = ""


@dataclass(slots=True)
class Drop:
    """Files that were dropped together.

    Attributes:
        place: where.
        rows: the rows, None when only outcomes came.
        labels: the outcomes, None without any.
        look: whether they are to be looked at before anything is done with them.
    """

    place: Place
    rows: Dropped | None
    labels: Dropped | None
    look: bool
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _outcome: Outcome | None = None

    @property
    def name(self) -> str:
        """The name of the file that starts something: of the rows, where there are any."""
        first = self.rows or self.labels
        return first.name if first else ""

    def begin(self, how: Callable[[Drop], Outcome]) -> Outcome:
        """What `how` makes of it, which is called once, whoever asks; the others wait. What is not kept is removed.

        Args:
            how: must not look into the session: the run could end there.
        """
        with self._lock:
            if self._outcome is None:  # what fails unforeseen is not tried again
                self._outcome = Outcome(problem=f"{self.name} could not be taken in: drop it again.")
                try:
                    self._outcome = how(self)
                finally:
                    self.discard()
            return self._outcome

    def discard(self) -> None:
        """Remove what is not kept."""
        for dropped in (self.rows, self.labels):
            if dropped is not None:
                dropped.discard()


class DropBox:
    """The zones of a session and what was dropped there. Safe for several runs of the page at a time."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._round = 0
        self._places: deque[Place] = deque(maxlen=PLACES)
        self._taken: set[str] = set()
        self._drops: deque[Drop] = deque()

    def place(self, *, model: str | None = None, check: str | None = None) -> Place:
        """Zones to be drawn: the same as long as nothing is taken out of them, then empty ones.

        Args:
            model: for whose rows; None for outcomes alone.
            check: what is in the address.
        """
        with self._lock:
            if model is None:
                place = Place(labels=f"late-labels-{self._round}-{check}", check=check)
            else:
                place = Place(f"labels-{self._round}", rows=f"rows-{self._round}", model=model, check=check)
            with suppress(ValueError):
                self._places.remove(place)
            self._places.append(place)
            return place

    def collect(self, lies_in: Callable[[str], object], *, look: bool) -> None:
        """Take what lies in the zones.

        Args:
            lies_in: the value of the zone of that key.
            look: whether rows are to be looked at first, from now on.
        """
        with self._lock:
            places = tuple(reversed(self._places))  # zones that were drawn for something else since have the same keys
        found = [(place, lies_in(place.rows) if place.rows else None, lies_in(place.labels)) for place in places]
        with self._lock:  # from here on nothing looks into the session: a ticket is good once
            for place, rows, labels in found:
                self._take(place, rows, labels, look)

    def waiting(self) -> tuple[Drop, ...]:
        """What was taken and is not done with, the first one first."""
        with self._lock:
            return tuple(self._drops)

    def done_with(self, drop: Drop) -> None:
        """What came of it is known to the page. Does no harm a second time."""
        with self._lock:
            if drop in self._drops:
                self._drops.remove(drop)

    def _take(self, place: Place, rows: object, labels: object, look: bool) -> None:
        starts = labels if place.rows is None else rows
        if not isinstance(starts, UploadedFile) or starts.file_id in self._taken:
            return
        self._taken.add(starts.file_id)
        self._round += 1
        self._drops.append(Drop(place, _dropped(rows), _dropped(labels), look and place.rows is not None))


def _dropped(file: object) -> Dropped | None:
    """The file for which a zone's ticket stands; None where none lies."""
    if isinstance(file, DeletedFile):  # the zone still shows it, but the server was started anew meanwhile
        return Dropped("", Arrival("", "", None, "The outcomes are no longer here: drop them again, then the rows."))
    if not isinstance(file, UploadedFile):
        return None
    content = file.getvalue()
    if not content.startswith(TICKET):
        return Dropped(file.name, content)  # it did not come over HTTP: a test of the page alone
    gone = Arrival("", "", None, f"{file.name} is no longer here: drop it again.")
    return Dropped(file.name, ARRIVALS.take(content) or gone)
