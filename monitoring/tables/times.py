"""Times: ISO 8601 text or any Arrow time → timestamp[us] without zone."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from monitoring.tables.conversion import Converted, Mask, as_mask, faults_of, is_text, without_missing

_EARLIEST = datetime(1, 1, 1)
_LATEST = datetime(9999, 12, 31, 23, 59, 59)
_ZONE = r"\d{2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?\s*(?:[Zz]|UTC|GMT|[+-]\d{2}(?::?\d{2})?)$"
_ISO = (
    r"^(\d{4}-\d{2}-\d{2})(?:[Tt ]\s*(\d{2}:\d{2}(?::\d{2}(?:[.,]\d{1,6})?)?)\d*"
    r"\s*(?:[Zz]|UTC|GMT|[+-]\d{2}(?::?\d{2})?)?)?$"
)


def convert_times(raw: Any) -> Converted:
    """A column of times as timestamp[us]; `noted` counts the values that had a time zone, which is dropped.

    A time with a zone keeps the hour and minute it was written with (or, typed, shows in its own zone).
    """
    if is_text(raw):
        times, bad, zoned = _parsed(raw)
    elif pa.types.is_timestamp(raw.type) or pa.types.is_date(raw.type):
        zone = getattr(raw.type, "tz", None)
        local = pc.local_timestamp(raw) if zone else raw
        times, bad = local.cast(pa.timestamp("us"), safe=False), np.zeros(len(raw), np.bool_)
        zoned = len(raw) - raw.null_count if zone else 0
    else:
        times, bad, zoned = _parsed(raw.cast(pa.string()))
    outside = as_mask(
        pc.or_(
            pc.less(times, pa.scalar(_EARLIEST, pa.timestamp("us"))),
            pc.greater(times, pa.scalar(_LATEST, pa.timestamp("us"))),
        )
    )
    if outside.any():
        times = pc.if_else(pa.array(outside), pa.scalar(None, pa.timestamp("us")), times)
    return Converted(times, faults_of(bad_timestamp=bad | outside), zoned)


def _parsed(text: Any) -> tuple[Any, Mask, int]:
    """Text → (timestamp[us] with null for missing and unreadable, where it was unreadable, how many had a zone)."""
    try:
        return pc.cast(without_missing(text, trim=False), pa.timestamp("us")), np.zeros(len(text), np.bool_), 0
    except pa.ArrowInvalid:
        pass
    trimmed = without_missing(pc.utf8_trim_whitespace(text), trim=False)
    zoned = int(as_mask(pc.match_substring_regex(trimmed, _ZONE)).sum())
    iso = pc.match_substring_regex(trimmed, _ISO)
    plain = pc.replace_substring_regex(trimmed, _ISO, r"\1 \2")
    plain = pc.replace_substring(pc.utf8_trim_whitespace(plain), ",", ".")
    plain = pc.if_else(iso, plain, pa.scalar(None, pa.string()))
    times = _cast_one_by_one(plain)
    return times, as_mask(pc.and_(pc.is_valid(trimmed), pc.is_null(times))), zoned


def _cast_one_by_one(text: Any) -> Any:
    """Cast each distinct value on its own, null where it is no date (30 February)."""
    try:
        return pc.cast(text, pa.timestamp("us"))
    except pa.ArrowInvalid:
        pass
    encoded = text.dictionary_encode()
    times = pa.array([_as_time(value) for value in encoded.dictionary.to_pylist()], pa.timestamp("us"))
    return times.take(encoded.indices)


def _as_time(value: str) -> datetime | None:
    try:
        return datetime.fromisoformat(value)
    except ValueError:
        return None
