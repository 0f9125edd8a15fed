"""Windows of time made by adding stored profiles: opened, compared with the reference or with each other, judged.

Nothing is read from rows. A window that takes whole files counts on the cells that profiles are stored with; one that
cuts a file counts on the coarser cells of days, and its intervals are wider. What was worked out is kept in memory
under ids of content, so that the same window is never worked out twice.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import reduce
from typing import Literal, TypeVar

from monitoring.contract import PREDICTION
from monitoring.errors import NotFound
from monitoring.history.records import CheckSummary
from monitoring.profiles.coarse import POINTS, coarse_reference
from monitoring.profiles.codec import decode_profile
from monitoring.profiles.counts import CategoryCounts, NumericCounts
from monitoring.profiles.joined_cells import JoinedCells
from monitoring.profiles.mismatch import ProfileMismatch
from monitoring.profiles.profile import Profile
from monitoring.profiles.reference import Reference
from monitoring.profiles.standing_in import with_all_columns
from monitoring.registry.version import Version
from monitoring.workflows.parts import Driftline
from monitoring.workflows.periods import Period
from monitoring.workflows.window_parts import (
    EPOCH,
    LeftOut,
    Part,
    cut,
    in_period,
    of_version,
    once_an_upload,
    perhaps_twice,
    without_repeats,
)

T = TypeVar("T")

Kind = Literal["stored", "joined", "days"]
"""Cells: of stored profiles; these joined with those of blocks; those of blocks alone, where a file is cut."""


@dataclass(frozen=True, slots=True)
class Window:
    """The rows of a span of days, all scored by one version, each counted once as far as stored counts tell.

    Attributes:
        model, version: what scored them.
        period: the days asked for.
        parts: what it is made of, in an order of its own.
        left_out: rows of these days that are not counted.
        perhaps_twice: pairs of files that both count for the same days: stored counts cannot tell whether they hold
            the same rows.
    """

    model: str
    version: int
    period: Period
    parts: tuple[Part, ...]
    left_out: tuple[LeftOut, ...]
    perhaps_twice: tuple[tuple[CheckSummary, CheckSummary], ...] = ()

    @property
    def rows(self) -> int:
        """Rows counted."""
        return sum(part.rows for part in self.parts)

    @property
    def cut(self) -> bool:
        """Whether a file is in it with a part of its days only."""
        return any(part.blocks is not None for part in self.parts)

    @property
    def days(self) -> tuple[date, ...]:
        """First and last day that it has rows of, as far as these are counted by days; () without any."""
        days = [day for part in self.parts if len(part.days) for day in part.days[[0, -1]].tolist()]
        return (date.fromordinal(min(days) + EPOCH), date.fromordinal(max(days) + EPOCH)) if days else ()

    @property
    def key(self) -> str:
        """Hash of what it is made of: equal for windows with the same rows."""
        said = [f"{part.check.id}:{'' if part.blocks is None else part.days.tolist()}" for part in self.parts]
        content = "|".join([self.model, str(self.version), *sorted(said)])
        return hashlib.sha256(content.encode()).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcomes:
    """What became of the rows of a window, as far as it is known.

    Attributes:
        rows: of the window; labelled: of these with a known outcome.
        rate: share of positive outcomes, None without any.
        mean_prediction: of all its rows, None where predictions are no numbers; an estimate where a file is cut.
        brier: mean squared error of the predictions on the labelled rows; None where a file with labels is cut.
    """

    rows: int
    labelled: int
    rate: float | None
    mean_prediction: float | None
    brier: float | None


def open_window(
    driftline: Driftline,
    model: str,
    period: Period,
    *,
    version: int | None = None,
    checks: Sequence[CheckSummary] | None = None,
) -> Window:
    """The window of a model's stored checks.

    Args:
        driftline: the parts.
        model: whose checks.
        period: the days; all rows, those without a time too, when it is open at both ends.
        version: whose scores; see `version_for` when none is given.
        checks: the checks to look at, all of the model where None.

    Raises:
        NotFound: there is no such model or version.
        StoreFailed: the version is damaged, or the history cannot be read.
    """
    checks = driftline.history.checks(model) if checks is None else checks
    inside, left = in_period(checks, period)
    version = version_for(driftline, model, inside) if version is None else version
    mine, others = of_version(inside, version)
    once, again = once_an_upload(mine)
    left += [*others, *again]
    grids = cells_of(driftline, model, version).on("stored").grids
    parts = []
    for check in once:
        profile = _readable(driftline, check, grids.reference)
        if profile is None:
            left.append(LeftOut("unreadable", check, check.rows))
            continue
        part, more = cut(check, profile, period, grids.contract.block_days)
        left += more
        parts += [part] if part else []
    target = grids.contract.target.name
    kept, repeated = without_repeats(parts, target)
    if any(part.blocks is not None for part in kept):
        left += [LeftOut("too_many_days", part.check, part.rows) for part in kept if part.profile.blocks.left_out]
        kept = [part for part in kept if not part.profile.blocks.left_out]
    return Window(model, version, period, tuple(kept), tuple(left + repeated), tuple(perhaps_twice(kept, target)))


def version_for(driftline: Driftline, model: str, checks: Sequence[CheckSummary]) -> int:
    """The version in use if it scored one of the checks, else the newest that did."""
    champion = driftline.registry.champion(model).number
    numbers = {check.version for check in checks}
    return champion if champion in numbers or not numbers else max(numbers)


def window_profile(driftline: Driftline, window: Window) -> Profile:
    """All rows of a window in one profile, with a column for each of the reference's.

    Raises:
        NotFound: it has no rows.
        ProfileMismatch: a profile belongs to another reference, or cannot be counted by days where another is cut.
    """
    if not window.parts:
        raise NotFound("There are no rows in this period.")
    return merged(driftline, window, "days" if window.cut else "stored")


def outcomes(driftline: Driftline, window: Window) -> Outcomes:
    """Realised outcomes of a window. Raises as `window_profile`."""
    profile = window_profile(driftline, window)
    contract = driftline.registry.version(window.model, window.version).contract
    target, predictions = profile.columns.get(contract.target.name), profile.columns[PREDICTION]
    labelled, rate = 0, None
    if isinstance(target, CategoryCounts) and (labelled := int(target.cells.sum())):
        rate = float(target.cells[-1]) / labelled
    elif target is None:
        labelled = sum(part.check.labelled_rows for part in window.parts if part.blocks is None)
    known = [part for part in window.parts if part.check.labelled_rows and part.check.brier is not None]
    whole = bool(known) and all(part.blocks is None for part in known)
    squares = sum((part.check.brier or 0.0) * part.check.labelled_rows for part in known)
    return Outcomes(
        rows=profile.rows,
        labelled=labelled,
        rate=rate,
        mean_prediction=predictions.mean if isinstance(predictions, NumericCounts) else None,
        brier=squares / sum(part.check.labelled_rows for part in known) if whole else None,
    )


def stored_profile(driftline: Driftline, check: CheckSummary) -> Profile:
    """The profile that a check keeps, read once.

    Raises:
        ProfileMismatch: it was kept by another Driftline.
        NotFound: the check was deleted.
    """
    return kept(driftline, ("stored", check.id), lambda: decode_profile(driftline.history.profile(check.id)))


@dataclass(frozen=True, slots=True)
class Cells:
    """The cells of one version's windows.

    Attributes:
        version: the version.
        joined: its reference on all kinds of cells.
    """

    version: Version
    joined: JoinedCells

    def on(self, kind: Kind) -> Reference:
        """The reference on cells of some kind."""
        if kind == "stored":
            return self.joined.stored
        return self.joined.reference if kind == "joined" else self.joined.days.reference


def cells_of(driftline: Driftline, model: str, number: int) -> Cells:
    """The cells of a version. Raises NotFound, or StoreFailed where it is damaged."""

    def make() -> Cells:
        version = driftline.registry.version(model, number)
        reference = driftline.loaded.get(version).reference
        return Cells(version, JoinedCells.build(reference, coarse_reference(reference, POINTS)))

    return kept(driftline, ("cells", model, str(number)), make)


def kept(driftline: Driftline, key: tuple[str, ...], make: Callable[[], T]) -> T:
    value: T = driftline.worked_out.get(key, make)
    return value


def _readable(driftline: Driftline, check: CheckSummary, reference: str) -> Profile | None:
    """The profile of a check, None where it does not belong to the reference any more or cannot be read."""
    try:
        profile = stored_profile(driftline, check)
    except ProfileMismatch:
        return None
    return profile if profile.reference == reference and profile.points == POINTS else None


def finest(*windows: Window) -> Kind:
    """The finest cells on which windows are known."""
    if any(window.cut for window in windows):
        return "days"
    some_not_counted = any(part.profile.blocks.left_out for window in windows for part in window.parts)
    return "stored" if some_not_counted else "joined"


def merged(driftline: Driftline, window: Window, kind: Kind) -> Profile:
    """All rows of a window on cells of some kind. Raises as `window_profile`."""

    def make() -> Profile:
        cells = cells_of(driftline, window.model, window.version)
        pieces = [_piece(part, cells.joined, kind) for part in window.parts]
        return _sum([with_all_columns(piece, cells.on(kind).grids) for piece in pieces])

    return kept(driftline, ("profile", window.key, kind), make)


def _piece(part: Part, cells: JoinedCells, kind: Kind) -> Profile:
    if kind == "stored":
        return part.profile
    return cells.of(part.profile) if kind == "joined" else cells.days.of(part.profile, part.taken)


def _sum(profiles: list[Profile]) -> Profile:
    """The sum, neighbours first: adding hundreds one by one would copy the days of all before each time."""
    while len(profiles) > 1:
        profiles = [reduce(lambda a, b: a + b, profiles[i : i + 2]) for i in range(0, len(profiles), 2)]
    return profiles[0]
