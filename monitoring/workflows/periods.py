"""Spans of whole days, and those that a person means: the one before, the same a year ago, weeks, months. Pure."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

Step = Literal["day", "week", "month"]

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Period:
    """From the first to the last day, both included; None leaves an end open."""

    first: date | None = None
    last: date | None = None

    @property
    def bounded(self) -> bool:
        """Whether an end is given."""
        return self.first is not None or self.last is not None

    def holds(self, day: date) -> bool:
        """Whether a day lies in it."""
        return (self.first is None or self.first <= day) and (self.last is None or day <= self.last)

    def meets(self, first: date, last: date) -> bool:
        """Whether it has a day in common with those from `first` to `last`."""
        return (self.first is None or self.first <= last) and (self.last is None or first <= self.last)

    def covers(self, first: date, last: date) -> bool:
        """Whether it holds all days from `first` to `last`."""
        return self.holds(first) and self.holds(last)

    @property
    def months(self) -> int:
        """How many whole calendar months it is, 0 where it is something else."""
        if self.first is None or self.last is None or self.first.day != 1 or (self.last + DAY).day != 1:
            return 0
        return 12 * (self.last.year - self.first.year) + self.last.month - self.first.month + 1


def previous(period: Period) -> Period | None:
    """The period of the same length just before: as many months before whole months; None without both ends.

    >>> previous(Period(date(2013, 7, 1), date(2013, 7, 31)))
    Period(first=datetime.date(2013, 6, 1), last=datetime.date(2013, 6, 30))
    >>> previous(Period(date(2013, 7, 8), date(2013, 7, 14)))
    Period(first=datetime.date(2013, 7, 1), last=datetime.date(2013, 7, 7))
    """
    if period.first is None or period.last is None:
        return None
    try:
        last = period.first - DAY
        if period.months:
            return Period(_months_later(period.first, -period.months), last)
        return Period(period.first - (period.last - last), last)
    except (OverflowError, ValueError):
        return None


def later(period: Period) -> Period | None:
    """The period of the same length just after: as many months after whole months; None without both ends.

    >>> later(Period(date(2013, 6, 1), date(2013, 6, 30)))
    Period(first=datetime.date(2013, 7, 1), last=datetime.date(2013, 7, 31))
    """
    if period.first is None or period.last is None:
        return None
    try:
        first = period.last + DAY
        if period.months:
            return Period(first, _months_later(first, period.months) - DAY)
        return Period(first, period.last + (first - period.first))
    except (OverflowError, ValueError):
        return None


def year_before(period: Period) -> Period | None:
    """The same days of the year before, the end of February for its 29th; None without both ends.

    >>> year_before(Period(date(2024, 2, 1), date(2024, 2, 29)))
    Period(first=datetime.date(2023, 2, 1), last=datetime.date(2023, 2, 28))
    """
    if period.first is None or period.last is None or period.first.year == 1:
        return None
    first, last = _months_later(period.first, -12), _months_later(period.last, -12)
    return Period(first, last.replace(day=_length(last))) if period.months else Period(first, last)


def steps(first: date, last: date, step: Step) -> Iterator[Period]:
    """The days, calendar weeks (from Monday) or calendar months that hold the days from `first` to `last`.

    >>> [str(period.first) for period in steps(date(2013, 7, 3), date(2013, 7, 16), "week")]
    ['2013-07-01', '2013-07-08', '2013-07-15']
    """
    start = step_of(first, step).first
    while start is not None and start <= last:
        period = step_of(start, step)
        yield period
        start = period.last + DAY if period.last is not None and period.last < date.max else None


def step_of(day: date, step: Step) -> Period:
    """The day, week or month that holds a day."""
    if step == "day":
        return Period(day, day)
    if step == "week":
        monday = date.fromordinal(max(1, day.toordinal() - day.weekday()))
        return Period(monday, date.fromordinal(min(date.max.toordinal(), day.toordinal() + 6 - day.weekday())))
    return Period(day.replace(day=1), day.replace(day=_length(day)))


def _months_later(day: date, months: int) -> date:
    """The same day some months later, the month's last where it has no such day."""
    month = 12 * day.year + day.month - 1 + months
    first = date(month // 12, month % 12 + 1, 1)
    return first.replace(day=min(day.day, _length(first)))


def _length(day: date) -> int:
    return monthrange(day.year, day.month)[1]
