"""One change of the champion. The registry makes it, the history keeps it. Plain value."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class Switch:
    """One change of the champion: `version` came into use instead of `previous`."""

    id: str
    model: str
    version: int
    previous: int | None
    kind: Literal["promote", "roll_back"]
    reason: str
    at: datetime
