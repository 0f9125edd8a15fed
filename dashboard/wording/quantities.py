"""Numbers, shares, dates and durations as a person writes them. Pure."""

from __future__ import annotations

import math
from datetime import UTC, datetime

from monitoring.policy import phrases

NBSP = "\u00a0"
"""Keeps a number and its unit on one line."""
WHOLE_MONTH = 26
"""Days between first and last row from which a period within a month is called by the month's name."""


def count(number: int) -> str:
    """A whole number with thousands separators.

    >>> count(18784)
    '18,784'
    """
    return f"{number:,}"


def counted(number: int, singular: str, plural: str = "") -> str:
    """A number and its noun.

    >>> counted(1, "row"), counted(6000, "row")
    ('1 row', '6,000 rows')
    """
    return f"{count(number)} {singular if number == 1 else plural or singular + 's'}"


def percent(share: float) -> str:
    """A share as the verdict's sentence writes it, kept on one line.

    >>> [percent(share).replace(NBSP, " ") for share in (0.0, 0.0002, 0.24, 1.0)]
    ['0 %', '< 0.1 %', '24 %', '100 %']
    """
    return "unknown" if math.isnan(share) else phrases.percent(share).replace(" ", NBSP)


def number(value: float, decimals: int | None = None) -> str:
    """A measured number with about three significant digits, never in scientific notation below a billion.

    >>> number(1016.93), number(39.02), number(0.0523), number(-0.0)
    ('1,017', '39', '0.052', '0')
    """
    if math.isnan(value):
        return "unknown"
    if math.isinf(value):
        return "∞" if value > 0 else "−∞"
    if abs(value) >= 1e9:
        return f"{value:.3g}"
    text = f"{value:,.{_decimals(value) if decimals is None else decimals}f}"
    if decimals is None and "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text == "-0" else text.replace("-", "−")


def change(before: float, after: float, unit: str = "") -> str:
    """Two values with an arrow, with as many decimals as it takes to tell them apart.

    >>> change(39.02, 77, "°F").replace(NBSP, " "), change(1016.9, 1017.4, "mbar").replace(NBSP, " ")
    ('39 → 77 °F', '1,016.9 → 1,017.4 mbar')
    """
    suffix = f"{NBSP}{unit}" if unit else ""
    if before == after:
        return f"{number(before)}{suffix}, as before"
    if number(before) != number(after):
        return f"{number(before)} → {number(after)}{suffix}"
    decimals = min(6, max(0, -math.floor(math.log10(abs(after - before))))) if math.isfinite(after - before) else 0
    return f"{number(before, decimals)} → {number(after, decimals)}{suffix}"


def change_of_share(before: float, after: float) -> str:
    """Two shares with an arrow.

    >>> change_of_share(0.24, 0.08).replace(NBSP, " "), change_of_share(0.2412, 0.2431).replace(NBSP, " ")
    ('24 % → 8 %', '24.1 % → 24.3 %')
    """
    if percent(before) != percent(after) or before == after:
        return f"{percent(before)} → {percent(after)}"
    return f"{100 * before:.1f}{NBSP}% → {100 * after:.1f}{NBSP}%"


def p_value(p: float) -> str:
    """A p-value as it is written in a sentence.

    >>> p_value(1e-300), p_value(0.0312), p_value(0.4)
    ('p < 0.001', 'p = 0.031', 'p = 0.40')
    """
    if p < 0.001:
        return "p < 0.001"
    return f"p = {p:.3f}" if p < 0.1 else f"p = {p:.2f}"


def day(iso: str | None) -> str:
    """The day of an ISO timestamp in words; '' without one.

    >>> day("2013-07-04T09:30:00")
    '4 Jul 2013'
    """
    return _day(datetime.fromisoformat(iso)) if iso else ""


def period(first: str | None, last: str | None) -> str:
    """From the first to the last day, without repeating what they share.

    >>> period("2013-07-01T05:00:00", "2013-07-31T23:59:00"), period("2013-07-01", "2013-07-01"), period(None, None)
    ('1 to 31 Jul 2013', '1 Jul 2013', '')
    """
    if not first or not last:
        return day(first or last)
    start, end = datetime.fromisoformat(first), datetime.fromisoformat(last)
    if start.date() == end.date():
        return _day(start)
    if (start.year, start.month) == (end.year, end.month):
        return f"{start.day} to {_day(end)}"
    return f"{start.day} {start:%b} to {_day(end)}" if start.year == end.year else f"{_day(start)} to {_day(end)}"


def short_period(first: str | None, last: str | None) -> str:
    """A period for the label of an axis: a whole month by its name, else its days without the year.

    >>> short_period("2013-07-01T05:00", "2013-07-31T23:59"), short_period("2013-02-06", "2013-02-14")
    ('Jul 2013', '6 to 14 Feb')
    """
    if not first or not last:
        return day(first or last)
    start, end = datetime.fromisoformat(first), datetime.fromisoformat(last)
    if (start.year, start.month) == (end.year, end.month) and (end - start).days >= WHOLE_MONTH:
        return f"{start:%b %Y}"
    return period(first, last).removesuffix(f" {end.year}")


def ago(moment: datetime, now: datetime) -> str:
    """How long ago something was; the day itself when it was long ago.

    >>> start = datetime(2026, 1, 5, 12, 0, tzinfo=UTC)
    >>> ago(start, start.replace(minute=5)), ago(start, start.replace(hour=15)), ago(start, start.replace(day=30))
    ('5 min ago', '3 h ago', '5 Jan 2026')
    """
    seconds = (_aware(now) - _aware(moment)).total_seconds()
    if seconds < 60:
        return "just now"
    if seconds < 3600:
        return f"{seconds // 60:.0f} min ago"
    if seconds < 24 * 3600:
        return f"{seconds // 3600:.0f} h ago"
    days = int(seconds // (24 * 3600))
    return _day(moment) if days > 14 else "yesterday" if days == 1 else f"{days} days ago"


def duration(seconds: float) -> str:
    """A length of time with at most two units.

    >>> duration(0.4), duration(42), duration(125)
    ('less than a second', '42 s', '2 min 5 s')
    """
    whole = int(seconds)
    if whole < 1:
        return "less than a second"
    if whole < 60:
        return f"{whole} s"
    hours, minutes = divmod(whole // 60, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {whole % 60} s"


def _decimals(value: float) -> int:
    size = abs(value)
    if size >= 100:
        return 0
    if size >= 1:
        return 1
    return 0 if size == 0 else min(6, 1 - math.floor(math.log10(size)))


def _day(moment: datetime) -> str:
    return f"{moment.day} {moment:%b %Y}"


def _aware(moment: datetime) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
