"""Time zones of typed columns, under whatever name a program gave them."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

_UTC = ("utc", "z", "gmt", "zulu")
_OFFSET = re.compile(r"(?:(?:UTC|GMT)?([+-]\d{2}):?([0-5]\d)|([+-]\d{2}))", re.ASCII | re.IGNORECASE)
"""Hours before or behind UTC. "GMT+2" is none of them: it is two hours before for some and behind for others."""


@lru_cache(maxsize=256)
def known_zone(zone: str) -> str | None:
    """The zone by the name that Arrow has for it, None for one that is not known.

    >>> known_zone("utc"), known_zone("GMT+0230"), known_zone("Europe/Paris"), known_zone("Mars/Olympus")
    ('UTC', '+02:30', 'Europe/Paris', None)
    """
    if zone.casefold() in _UTC:
        return "UTC"
    match = _OFFSET.fullmatch(zone)
    name = f"{match[1] or match[3]}:{match[2] or '00'}" if match else zone
    return name if _is_known(name) else None


def in_known_zone(values: Any) -> Any:
    """The same times, their zone by the name that Arrow has for it; times without zone as they are."""
    zone = getattr(values.type, "tz", None)
    known = known_zone(zone) if zone else None
    return values if known in (None, zone) else values.view(pa.timestamp(values.type.unit, known))


def _is_known(zone: str) -> bool:
    try:
        pc.local_timestamp(pa.array([0], pa.timestamp("s", zone)))
    except pa.ArrowInvalid:
        return False
    return True
