"""What was seen of a version since its promotion: one file for each switch, replaced as a whole."""

from __future__ import annotations

from pathlib import Path

from pydantic import ValidationError

from monitoring.contract import Value
from monitoring.durable import replace_file, storing
from monitoring.policy.promotion_watch import WatchedBatch


class Watch(Value):
    """The watch that follows one switch.

    Attributes:
        switch: id of the switch; version: what it put into use; previous: what was in use before.
        batches: labelled batches since, oldest first.
        passed_over: ids of checks whose rows cannot tell: a version was trained on them or compared on them by its
            gate, or they are gone.
    """

    switch: str
    version: int
    previous: int
    batches: tuple[WatchedBatch, ...] = ()
    passed_over: tuple[str, ...] = ()


class Watches:
    """The watches of a data folder. What is lost can be worked out again from the uploads.

    Args:
        folder: where they are kept; made when the first one comes.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def get(self, switch: str) -> Watch | None:
        """What is known since a switch; None when nothing is, or when it cannot be understood."""
        try:
            return Watch.model_validate_json(self._file(switch).read_bytes())
        except (OSError, ValidationError):
            return None

    def keep(self, watch: Watch) -> None:
        """Keep what is known now. Raises StoreFailed."""
        with storing("What was seen since the promotion"):
            replace_file(self._file(watch.switch), watch.model_dump_json(indent=1).encode() + b"\n")

    def _file(self, switch: str) -> Path:
        return self._folder / f"{switch}.json"
