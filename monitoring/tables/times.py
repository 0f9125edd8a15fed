"""Times: ISO 8601 text, other dates of a known order, or any Arrow time → timestamp[us] without zone."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from monitoring.tables.conversion import Converted, Mask, as_mask, faults_of, is_text, without_missing
from monitoring.tables.reading_options import DateOrder

_EARLIEST = datetime(1, 1, 1)
_LATEST = datetime(9999, 12, 31, 23, 59, 59)
_ZONE = r"\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?\s*(?:[Zz]|UTC|GMT|[+-]\d{2}(?::?\d{2})?)$"
_ISO = (
    r"^(\d{4}-\d{2}-\d{2})(?:[Tt ]\s*(\d{2}:\d{2}(?::\d{2}(?:[.,]\d{1,6})?)?)\d*"
    r"\s*(?:[Zz]|UTC|GMT|[+-]\d{2}(?::?\d{2})?)?)?$"
)
_TIME_OF_DAY = (
    r"(?:,?[Tt ]\s*(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:[.,](?P<fraction>\d{1,6})\d*)?)?"
    r"\s*(?P<half>[AaPp])?(?:\.?[Mm]\.?)?\s*(?:[Zz]|UTC|GMT|[+-]\d{2}(?::?\d{2})?)?)?$"
)
_YEAR, _MONTH, _DAY = r"(?P<year>\d{4}|\d{2})", r"(?P<month>\d{1,2})", r"(?P<day>\d{1,2})"
_DATES: dict[DateOrder, str] = {
    "ymd": rf"^{_YEAR}[./-]{_MONTH}[./-]{_DAY}{_TIME_OF_DAY}",
    "dmy": rf"^{_DAY}[./-]{_MONTH}[./-]{_YEAR}{_TIME_OF_DAY}",
    "mdy": rf"^{_MONTH}[./-]{_DAY}[./-]{_YEAR}{_TIME_OF_DAY}",
}
_CENTURY_TURNS = 69
"""Of years with two digits those from here on are 19xx, as POSIX has it."""


def convert_times(raw: Any, *, order: DateOrder | None = None) -> Converted:
    """A column of times as timestamp[us]; `mended` counts the values that had a time zone, which is dropped.

    A time with a zone keeps the hour and minute it was written with (or, typed, shows in its own zone).

    Args:
        raw: a `pyarrow.Array` of text or times.
        order: the order of day, month and year in text that is not ISO 8601; without it such text is no time.
    """
    if is_text(raw):
        times, bad, zoned = _parsed(raw, order)
    elif pa.types.is_timestamp(raw.type) or pa.types.is_date(raw.type):
        zone = getattr(raw.type, "tz", None)
        local = pc.local_timestamp(raw) if zone else raw
        times = local.cast(pa.timestamp("us"), safe=False)
        bad = _overflown(local, times)
        zoned = len(raw) - raw.null_count if zone else 0
    else:
        times, bad, zoned = _parsed(raw.cast(pa.string()), None)
    outside = as_mask(
        pc.or_(
            pc.less(times, pa.scalar(_EARLIEST, pa.timestamp("us"))),
            pc.greater(times, pa.scalar(_LATEST, pa.timestamp("us"))),
        )
    )
    outside |= bad & as_mask(times.is_valid())
    if outside.any():
        times = pc.if_else(pa.array(outside), pa.scalar(None, pa.timestamp("us")), times)
    return Converted(times, faults_of(bad_timestamp=bad | outside), {"zone" if is_text(raw) else "typed_zone": zoned})


def _overflown(local: Any, times: Any) -> Mask:
    """Where a count of seconds or milliseconds does not fit into microseconds: it would be another time."""
    if getattr(local.type, "unit", "us") not in ("s", "ms"):
        return np.zeros(len(local), np.bool_)
    whole = {"s": 1_000_000, "ms": 1_000}[local.type.unit]
    back = np.asarray(pc.fill_null(times.cast(pa.int64()), 0).to_numpy(zero_copy_only=False), np.int64) // whole
    given = np.asarray(pc.fill_null(local.cast(pa.int64()), 0).to_numpy(zero_copy_only=False), np.int64)
    return np.asarray(back != given, np.bool_)


def _parsed(text: Any, order: DateOrder | None) -> tuple[Any, Mask, int]:
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
    if order != "ymd":  # a year of four digits in front leaves no doubt: 2013-7-1 6:30
        times = pc.coalesce(times, _ordered(pc.if_else(_starts_with_year(trimmed), trimmed, None), "ymd"))
    if order is not None:
        times = pc.coalesce(times, _ordered(trimmed, order))
    return times, as_mask(pc.and_(pc.is_valid(trimmed), pc.is_null(times))), zoned


def _starts_with_year(text: Any) -> Any:
    return pc.match_substring_regex(text, r"^\d{4}[./-]")


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


def _ordered(text: Any, order: DateOrder) -> Any:
    """Dates in this order as timestamp[us], null for what is none."""
    fields = pc.extract_regex(text, _DATES[order])
    year, month, day = (_whole(fields, name) for name in ("year", "month", "day"))
    short = as_mask(pc.equal(pc.utf8_length(pc.struct_field(fields, "year")), 2))
    year = np.where(short, year + np.where(year < _CENTURY_TURNS, 2000, 1900), year)
    hour, minute, second = (_whole(fields, name) for name in ("hour", "minute", "second"))
    half = pc.utf8_lower(pc.struct_field(fields, "half"))
    halved, afternoon = as_mask(pc.not_equal(half, "")), as_mask(pc.equal(half, "p"))
    good = ~halved | ((hour >= 1) & (hour <= 12))
    hour = np.where(halved, hour % 12 + 12 * afternoon, hour)
    good &= (month >= 1) & (month <= 12) & (day >= 1) & (year >= 1) & (hour < 24) & (minute < 60) & (second < 60)
    months = ((year - 1970) * 12 + month - 1).astype("datetime64[M]")
    days = months.astype("datetime64[D]") + (day - 1)
    good &= days.astype("datetime64[M]") == months
    micros = ((hour * 60 + minute) * 60 + second) * 1_000_000 + _micros(fields)
    times = days.astype("datetime64[us]") + micros.astype("timedelta64[us]")
    return pa.array(times, pa.timestamp("us"), mask=~(good & as_mask(pc.is_valid(fields))))


def _whole(fields: Any, name: str) -> NDArray[np.int64]:
    """A part of the dates as whole numbers, 0 where there is none."""
    return _integers(pc.struct_field(fields, name))


def _micros(fields: Any) -> NDArray[np.int64]:
    return _integers(pc.utf8_rpad(pc.struct_field(fields, "fraction"), 6, "0"))


def _integers(text: Any) -> NDArray[np.int64]:
    digits = pc.fill_null(text, "")
    present = pc.if_else(pc.equal(digits, ""), "0", digits)
    return np.asarray(pc.cast(present, pa.int64()).to_numpy(zero_copy_only=False), dtype=np.int64)
