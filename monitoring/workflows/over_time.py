"""What a time line shows: batches side by side, how a column is spread in each, what happened between them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from monitoring.contract import PREDICTION
from monitoring.drift.quantiles import quantile_bounds
from monitoring.errors import NotFound, StoreFailed
from monitoring.history.records import CheckSummary
from monitoring.profiles.counts import CategoryCounts, Counts, NumericCounts
from monitoring.profiles.grid import CategoryGrid, Grid, NumericGrid
from monitoring.profiles.mismatch import ProfileMismatch
from monitoring.registry.version import Version
from monitoring.switch import Switch
from monitoring.tables.export import as_csv
from monitoring.workflows.parts import Driftline
from monitoring.workflows.periods import Period
from monitoring.workflows.window_parts import first_day, last_day
from monitoring.workflows.windows import (
    Kind,
    Window,
    cells_of,
    finest,
    merged,
    stored_profile,
)

QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
"""Shares of the rows up to which a band is drawn: the middle, the middle half, nine tenths."""
CATEGORIES = 5
"""Categories of a column that are shown over time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """One place on the time line: a checked file, or the rows of a day, week or month from several.

    Attributes:
        name: of the file; '' for a window.
        check: id of the check; None for a window.
        first, last: its first and last day, None without times.
        version: what scored it.
        created_at: UTC time of the check, of the last one for a window.
        verdict, sentence: of the check, or of the window.
        rows: scored rows; labelled_rows: with a known outcome.
        effects: how far each tested column moved.
        drifted: columns in `drift`.
        mean_prediction: None where predictions are no numbers.
        rate: share of positive outcomes; brier, auc: of the predictions; None where they are not known.
    """

    name: str
    check: str | None
    first: date | None
    last: date | None
    version: int
    created_at: datetime
    verdict: str
    sentence: str
    rows: int
    labelled_rows: int
    effects: dict[str, float]
    drifted: tuple[str, ...]
    mean_prediction: float | None
    rate: float | None
    brier: float | None
    auc: float | None

    @property
    def period(self) -> Period:
        """Its days."""
        return Period(self.first, self.last)


@dataclass(frozen=True, slots=True)
class Spread:
    """How the values of a column are spread.

    Attributes:
        quantiles: values at `QUANTILES`, the middle of what the stored counts leave; () for a category.
        shares: share of each category, () for a number.
    """

    quantiles: tuple[float, ...]
    shares: tuple[tuple[str, float], ...]


MarkKind = Literal["trained", "promote", "roll_back", "incident"]


@dataclass(frozen=True, slots=True)
class Mark:
    """Something that happened.

    Attributes:
        kind: a version was `trained`, put into use (`promote`) or brought back (`roll_back`); `incident`: a feed was
            broken.
        place: where: that of the batch, for an incident; half-way before the first batch that was checked later, else.
        at: UTC time of it.
        version: which version, None for an incident.
        text: the reason given, the verdict's sentence, or what came of a version that was trained.
    """

    kind: MarkKind
    place: float
    at: datetime
    version: int | None
    text: str


def batch_of(check: CheckSummary) -> Batch:
    """A check as a place on the time line."""
    return Batch(
        name=check.file_name,
        check=check.id,
        first=first_day(check),
        last=last_day(check),
        version=check.version,
        created_at=check.created_at,
        verdict=check.verdict,
        sentence=check.sentence,
        rows=check.rows,
        labelled_rows=check.labelled_rows,
        effects=check.effects,
        drifted=check.drifted,
        mean_prediction=check.mean_prediction,
        rate=check.rate,
        brier=check.brier,
        auc=check.auc,
    )


def check_spread(driftline: Driftline, check: CheckSummary, column: str) -> Spread | None:
    """How a column of a checked file is spread; None where the file lacks it or its profile cannot be read any more."""

    def make() -> Spread | None:
        try:
            cells = cells_of(driftline, check.model, check.version)
            profile = stored_profile(driftline, check)
            if column not in profile.columns:
                return None
            kind: Kind = "stored" if profile.blocks.left_out else "joined"
            counts = profile.columns[column] if profile.blocks.left_out else cells.joined.column(profile, column)
        except (ProfileMismatch, NotFound, StoreFailed):
            return None
        return _spread(counts, cells.on(kind).grids.columns[column])

    found: Spread | None = driftline.worked_out.get(("spread", check.id, column), make)
    return found


def window_spread(driftline: Driftline, window: Window, column: str) -> Spread | None:
    """How a column of a window is spread. Raises as `window_profile`."""
    kind = finest(window)
    grid = cells_of(driftline, window.model, window.version).on(kind).grids.columns.get(column)
    return _spread(merged(driftline, window, kind).columns.get(column), grid)


def reference_spread(driftline: Driftline, model: str, version: int, column: str) -> Spread | None:
    """How a column of a version's reference is spread. Raises as `cells_of`."""
    reference = driftline.loaded.get(driftline.registry.version(model, version)).reference
    return _spread(reference.profile.columns.get(column), reference.grids.columns.get(column))


def marks(batches: Sequence[Batch], switches: Sequence[Switch], versions: Sequence[Version]) -> tuple[Mark, ...]:
    """What happened to the model and its data, from left to right.

    Args:
        batches: in the order shown.
        switches: changes of the version in use.
        versions: all versions; those made by a retraining count.
    """
    found = [
        Mark("incident", place, batch.created_at, None, batch.sentence)
        for place, batch in enumerate(batches)
        if batch.verdict == "broken"
    ]
    for switch in switches:
        found.append(Mark(switch.kind, _before(batches, switch.at), switch.at, switch.version, switch.reason))
    for version in versions:
        manifest = version.manifest
        if manifest.parent is not None:
            place, told = _before(batches, manifest.created_at), _what_came_of(version, switches)
            found.append(Mark("trained", place, manifest.created_at, version.number, told))
    return tuple(sorted(found, key=lambda mark: (mark.place, mark.at, mark.kind)))


def _what_came_of(version: Version, switches: Sequence[Switch]) -> str:
    """What the gate said of a version, and whether it was ever put into use."""
    used = any(switch.version == version.number for switch in switches)
    use = "it was put into use" if used else "it was not put into use"
    gate = version.manifest.gate
    return f"{gate.sentence.partition(':')[0]}; {use}." if gate else f"{use[:1].upper()}{use[1:]}."


def in_order(checks: Iterable[CheckSummary], order: Literal["data", "check"]) -> list[CheckSummary]:
    """Oldest first: by the last day of the rows, those without one at the end; or by when they were checked.

    Checks of the same days stand together, one version after the other.
    """
    if order == "check":
        return sorted(checks, key=lambda check: (check.created_at, check.id))
    return sorted(checks, key=_by_data)


def timeline_csv(batches: Sequence[Batch]) -> str:
    """The time line as CSV, a line for each batch: verdict, sizes, outcomes, the effect of each column."""
    columns = sorted({column for batch in batches for column in batch.effects})
    header = ["name", "first_day", "last_day", "version", "verdict", "rows", "labelled_rows", "mean_prediction"]
    header += ["happened", "brier", "auc", "in_drift", *(f"moved: {column}" for column in columns)]
    rows = [
        [
            *(batch.name, _text(batch.first), _text(batch.last), str(batch.version), batch.verdict),
            *(str(batch.rows), str(batch.labelled_rows)),
            *(_number(value) for value in (batch.mean_prediction, batch.rate, batch.brier, batch.auc)),
            "; ".join(batch.drifted),
            *(_number(batch.effects.get(column)) for column in columns),
        ]
        for batch in batches
    ]
    return as_csv(header, rows)


def shown_categories(spreads: Iterable[Spread | None]) -> tuple[str, ...]:
    """The categories that are most frequent in any of the spreads, those with the largest share first."""
    largest: dict[str, float] = {}
    for spread in spreads:
        for category, share in spread.shares if spread else ():
            largest[category] = max(share, largest.get(category, 0.0))
    return tuple(sorted(largest, key=lambda category: (-largest[category], category))[:CATEGORIES])


def columns_of(driftline: Driftline, model: str, version: int) -> tuple[str, ...]:
    """The columns that a version's profiles count: the predictions first. Raises as `cells_of`."""
    names = cells_of(driftline, model, version).on("stored").grids.columns
    return (PREDICTION, *(name for name in names if name != PREDICTION))


def _spread(counts: Counts | None, grid: Grid | None) -> Spread | None:
    if isinstance(counts, NumericCounts) and isinstance(grid, NumericGrid):
        if not counts.present:
            return None
        return Spread(tuple(sum(quantile_bounds(counts, grid, share)) / 2 for share in QUANTILES), ())
    if isinstance(counts, CategoryCounts) and isinstance(grid, CategoryGrid) and counts.present:
        known = zip(grid.categories, counts.cells.tolist(), strict=True)
        shares = [(category, n / counts.present) for category, n in (*known, *counts.unseen.items()) if n]
        return Spread((), tuple(sorted(shares, key=lambda share: (-share[1], share[0]))))
    return None


def _before(batches: Sequence[Batch], at: datetime) -> float:
    later = (place for place, batch in enumerate(batches) if batch.created_at > at)
    return next(later, len(batches)) - 0.5


def _by_data(check: CheckSummary) -> tuple[bool, str, int, datetime, str]:
    return check.last_time is None, (check.last_time or "")[:10], check.version, check.created_at, check.id


def _text(day: date | None) -> str:
    return day.isoformat() if day else ""


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.6g}"
