"""Which rows of which stored profiles make a window: every row once, and what is left out with the reason. Pure.

The rows themselves are not stored, so that two files are told to hold the same ones by their counts: on every day that
both have, in every column, those of the one must be contained in those of the other, and that must be no chance. Days
that a window leaves out count for this as well: a file that repeats another does so in a month and in each of its days.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import combinations
from math import log
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.special import bdtr

from monitoring.history.records import CheckSummary
from monitoring.profiles.blocks import Blocks
from monitoring.profiles.counts import CategoryCounts
from monitoring.profiles.grid import Ints
from monitoring.profiles.profile import Profile
from monitoring.workflows.periods import Period

EPOCH = date(1970, 1, 1).toordinal()
BY_CHANCE = 1e-6
"""Probability that different rows look contained, below which they are taken for the same."""

Why = Literal[
    "other_version",
    "no_time",
    "rows_without_time",
    "too_many_days",
    "block_edges",
    "same_upload",
    "same_rows",
    "repaired",
    "unreadable",
]


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Rows that lie in a window and are not counted in it.

    Attributes:
        why: `other_version`: scored by another version than the one asked for; `no_time`: the file has no times;
            `rows_without_time`: some rows of a file that is cut have none; `too_many_days`: of more days than are
            counted one by one a file cannot be cut; `block_edges`: the window begins or ends inside a block of days;
            `same_upload`: the same file was checked more than once; `same_rows`: the rows are in another file too;
            `repaired`: of a broken feed, and another file has these days; `unreadable`: the profile was kept by
            another Driftline, or the version is gone.
        check: whose rows they are.
        rows: how many, as far as that is known.
        instead: the check that speaks for them, None where none does.
    """

    why: Why
    check: CheckSummary
    rows: int
    instead: CheckSummary | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """What one stored profile gives to a window.

    Attributes:
        check: whose profile it is.
        profile: all of it.
        blocks: (b,) which of its blocks are taken; None for all rows, those without a time and of days that are not
            counted one by one as well.
    """

    check: CheckSummary
    profile: Profile
    blocks: NDArray[np.bool_] | None

    @property
    def taken(self) -> NDArray[np.bool_]:
        """(b,) which of its blocks are taken."""
        return np.ones(len(self.profile.blocks.ids), dtype=bool) if self.blocks is None else self.blocks

    @property
    def rows(self) -> int:
        """Rows that it gives."""
        return self.profile.rows if self.blocks is None else int(self.profile.blocks.rows[self.blocks].sum())

    @property
    def days(self) -> Ints:
        """Numbers of the blocks of time that it gives."""
        return self.profile.blocks.ids[self.taken & self.profile.blocks.dated]


def first_day(check: CheckSummary) -> date | None:
    """Day of the first row of a check, None without times."""
    return datetime.fromisoformat(check.first_time).date() if check.first_time else None


def last_day(check: CheckSummary) -> date | None:
    """Day of the last row of a check, None without times."""
    return datetime.fromisoformat(check.last_time).date() if check.last_time else None


def in_period(checks: Iterable[CheckSummary], period: Period) -> tuple[list[CheckSummary], list[LeftOut]]:
    """The checks that have, by their first and last row, a day in a period; those without times have none."""
    inside, left = [], []
    for check in checks:
        first, last = first_day(check), last_day(check)
        if not period.bounded or (first and last and period.meets(first, last)):
            inside.append(check)
        elif first is None or last is None:
            left.append(LeftOut("no_time", check, check.rows))
    return inside, left


def of_version(checks: Sequence[CheckSummary], version: int) -> tuple[list[CheckSummary], list[LeftOut]]:
    """Those that a version scored; of the others those whose file it did not score are left out."""
    mine = [check for check in checks if check.version == version]
    known = {check.upload for check in mine}
    others, _ = once_an_upload([check for check in checks if check.upload not in known])
    return mine, [LeftOut("other_version", check, check.rows) for check in others]


def once_an_upload(checks: Iterable[CheckSummary]) -> tuple[list[CheckSummary], list[LeftOut]]:
    """One check for each upload: the latest with outcomes, or the latest where none has any."""
    best: dict[str, CheckSummary] = {}
    everything = sorted(checks, key=_preference)
    for check in everything:
        best[check.upload] = check
    again = [check for check in everything if best[check.upload] is not check]
    left = [LeftOut("same_upload", check, check.rows, instead=best[check.upload]) for check in again]
    return list(best.values()), left


def cut(
    check: CheckSummary, profile: Profile, period: Period, block_days: int
) -> tuple[Part | None, tuple[LeftOut, ...]]:
    """The part of a profile that lies in a period, and what of it cannot be taken out of it.

    Args:
        check: whose profile it is.
        profile: of one check.
        period: of the window.
        block_days: length in days of the contract's blocks.
    """
    if not period.bounded:
        return Part(check, profile, None), ()
    blocks = profile.blocks
    inside, touched = _placed(blocks, period, block_days)
    first, last = first_day(check), last_day(check)
    if first is not None and last is not None and period.covers(first, last):
        return Part(check, profile, None), ()
    if blocks.left_out:
        return None, (LeftOut("too_many_days", check, profile.rows),)
    left = []
    if rows := int(blocks.rows[touched & ~inside].sum()):
        left.append(LeftOut("block_edges", check, rows))
    if not inside.any():
        return None, tuple(left)
    if rows := int(blocks.rows[~blocks.dated].sum()):
        left.append(LeftOut("rows_without_time", check, rows))
    return Part(check, profile, inside), tuple(left)


def without_repeats(parts: Iterable[Part], target: str) -> tuple[list[Part], list[LeftOut]]:
    """The parts with each row once, in an order that does not depend on the order given.

    Of two files whose times overlap, one that looks the same as the other on all days that both have, or contained in
    it by more than chance, gives these days to the one that has more rows, more outcomes, or is newer; a broken feed
    gives way to one that is not.

    Args:
        parts: of different uploads.
        target: the outcome, which may be known in one file and not yet in the other.
    """
    ordered = sorted(parts, key=lambda part: _preference(part.check))
    taken = [part.taken for part in ordered]
    left = []
    for i, j in _meeting(ordered):
        one, other = ordered[i], ordered[j]
        common = np.intersect1d(one.profile.blocks.ids, other.profile.blocks.ids)
        verdict = _which_gives_way(one, other, common, target)
        if verdict is None:
            continue
        why, loser, winner = verdict[0], *((i, j) if verdict[1] is one else (j, i))
        gives_way = np.isin(ordered[loser].profile.blocks.ids, common) & taken[loser]
        if gives_way.any():
            rows = int(ordered[loser].profile.blocks.rows[gives_way].sum())
            taken[loser] = taken[loser] & ~gives_way
            left.append(LeftOut(why, ordered[loser].check, rows, instead=ordered[winner].check))
    kept = []
    for part, blocks in zip(ordered, taken, strict=True):
        if (blocks == part.taken).all():
            kept.append(part)
        elif blocks.any():
            kept.append(replace(part, blocks=blocks))
    return kept, left


def perhaps_twice(parts: Iterable[Part], target: str) -> list[tuple[CheckSummary, CheckSummary]]:
    """Pairs of files that both count for the same days, and may hold the same rows as far as stored counts tell.

    Rows that differ in a category are other rows: files that have none in common on any day are no such pair.

    Args:
        parts: what is left by `without_repeats`.
        target: the outcome, which may be known in one file and not yet in the other.
    """
    ordered = sorted(parts, key=lambda part: _preference(part.check))
    pairs = [(ordered[i], ordered[j]) for i, j in _meeting(ordered)]
    return [(one.check, other.check) for one, other in pairs if _may_share_rows(one, other, target)]


def _may_share_rows(one: Part, other: Part, target: str) -> bool:
    """Whether each column of categories has one that both parts have on the same day."""
    ids = np.intersect1d(one.profile.blocks.ids[one.taken], other.profile.blocks.ids[other.taken])
    sides = [(part.profile.blocks.columns, np.searchsorted(part.profile.blocks.ids, ids)) for part in (one, other)]
    (mine, here), (others, there) = sides
    categories = [name for name, counts in one.profile.columns.items() if isinstance(counts, CategoryCounts)]
    told = [name for name in categories if name != target and name in mine and name in others]
    return all((np.minimum(mine[name][here], others[name][there]) > 0).any() for name in told)


def _preference(check: CheckSummary) -> tuple[bool, datetime, str]:
    """Checks of the same upload that know more come later."""
    return check.labelled_rows > 0, check.created_at, check.id


def _placed(blocks: Blocks, period: Period, block_days: int) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """(b,) which blocks lie wholly in a period, and which have a day in it."""
    first = -np.inf if period.first is None else period.first.toordinal() - EPOCH
    last = np.inf if period.last is None else period.last.toordinal() - EPOCH
    starts = blocks.ids.astype(np.float64) * block_days
    ends = starts + block_days - 1
    inside = blocks.dated & (starts >= first) & (ends <= last)
    return inside, blocks.dated & (starts <= last) & (ends >= first)


def _meeting(parts: Sequence[Part]) -> list[tuple[int, int]]:
    """Places of the pairs that have a block in common and whose times overlap."""
    holders: dict[int, list[int]] = {}
    for place, part in enumerate(parts):
        for block in part.profile.blocks.ids[part.taken].tolist():
            holders.setdefault(block, []).append(place)
    pairs = {pair for places in holders.values() if len(places) > 1 for pair in combinations(places, 2)}
    return sorted(pair for pair in pairs if _times_overlap(parts[pair[0]].check, parts[pair[1]].check))


def _times_overlap(one: CheckSummary, other: CheckSummary) -> bool:
    """Whether the times of two files overlap: parts of a day that follow each other do not hold the same rows."""
    if not (one.first_time and one.last_time and other.first_time and other.last_time):
        return True
    return one.first_time <= other.last_time and other.first_time <= one.last_time


def _which_gives_way(one: Part, other: Part, common: Ints, target: str) -> tuple[Why, Part] | None:
    """Which of two parts, the second preferred where they are equal, does not count for the `common` blocks of both."""
    broken = [part.check.verdict == "broken" for part in (one, other)]
    if broken[0] != broken[1]:
        return "repaired", one if broken[0] else other
    if _contained(one.profile.blocks, other.profile.blocks, common, target):
        return "same_rows", one
    return ("same_rows", other) if _contained(other.profile.blocks, one.profile.blocks, common, target) else None


def _contained(small: Blocks, large: Blocks, common: Ints, target: str) -> bool:
    """Whether what `small` has in the common blocks is in `large` too, as far as counts tell."""
    mine, others = np.searchsorted(small.ids, common), np.searchsorted(large.ids, common)
    if (small.rows[mine] > large.rows[others]).any():
        return False
    columns = [name for name in small.columns if name != target and name in large.columns]
    pairs = [(small.columns[name][mine], large.columns[name][others]) for name in columns]
    if any((a > b).any() for a, b in pairs):
        return False
    if (small.rows[mine] == large.rows[others]).all():
        return True
    share = (small.rows[mine] / (small.rows[mine] + large.rows[others]))[:, None]
    return any(_log_chance(a, b, share) < log(BY_CHANCE) for a, b in pairs)


def _log_chance(a: Ints, b: Ints, share: NDArray[np.float64]) -> float:
    """Logarithm of the probability that rows dealt out at random, `share` (d, 1) of each day's to the first side, leave
    no cell (d, c) of it fuller than that of the second."""
    together = a + b
    chances = bdtr(together // 2, together, np.broadcast_to(share, together.shape))
    return float(np.log(np.maximum(chances[together > 0], 1e-300)).sum())
