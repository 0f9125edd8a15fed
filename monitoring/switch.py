"""One change of the champion. The registry makes it, the history keeps it. Plain value."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class Switch:
    """One change of the champion: `version` came into use instead of `previous`.

    `earlier` holds the ids of the labelled checks that the version had scored before, in an earlier time in use: clocks
    jump, so times do not tell what came before. Only the registry keeps it; None where it was not noted.
    """

    id: str
    model: str
    version: int
    previous: int | None
    kind: Literal["promote", "roll_back"]
    reason: str
    at: datetime
    earlier: tuple[str, ...] | None = field(default=None, compare=False)
