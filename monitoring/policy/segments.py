"""One column, segment by segment: where in the data it moved. The engine's own tests, adjusted for the segments. Pure.

The rows of both sides are cut by a categorical column or by the outcome. Which segments are compared follows from how
many rows both sides have in them, never from the column's values, so that each test keeps its level; with S segments
each is judged at alpha / S (Bonferroni).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from monitoring.contract import PREDICTION, Contract
from monitoring.drift.catalogue import DEFAULT_PLAN
from monitoring.drift.compare import compare_rows
from monitoring.policy.drift_policy import DriftPolicy
from monitoring.policy.states import name_states
from monitoring.policy.verdict import Finding
from monitoring.profiles.counts import CategoryCounts, NumericCounts
from monitoring.profiles.drawing import draw_categories, draw_numbers
from monitoring.profiles.grid import CategoryGrid, NumericGrid
from monitoring.profiles.picture import Picture
from monitoring.profiles.profile import Profile, as_floats, as_levels
from monitoring.profiles.reference import Reference
from monitoring.progress import Progress, silent

FEWEST_ROWS: Final = 50
"""Rows that each side must have in a segment; below it hardly any distance could be told from chance."""
MOST_SEGMENTS: Final = 20
"""Segments compared, those with most rows in both sides together: each one more costs the others power."""
MAIN: Final = tuple(detector for detector in DEFAULT_PLAN if detector.code in ("ks", "chi2"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """One segment: how far the column moved within it.

    Attributes:
        value: of the column that the rows were cut by.
        share_reference, share_batch: share of all rows of a side that are in this segment.
        finding: of the column among these rows; its p-values are adjusted for all segments.
        picture: of the column among these rows.
    """

    value: str
    share_reference: float
    share_batch: float
    finding: Finding
    picture: Picture


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """A segment that was not compared, and its rows on both sides."""

    value: str
    rows_reference: int
    rows_batch: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Segments:
    """A column cut by another one.

    Attributes:
        column: what was compared; split: what the rows were cut by.
        segments: what was compared, drift first, then the furthest.
        left_out: segments with too few rows on a side, or beyond the most that are compared; those with most rows
            first.
        left_out_count: how many there are of those, listed or not.
        alpha: level at which each segment was judged.
    """

    column: str
    split: str
    segments: tuple[Segment, ...]
    left_out: tuple[LeftOut, ...]
    left_out_count: int
    alpha: float


LISTED: Final = 30
"""Segments that were not compared which are named."""
_ORDER: Final = {"drift": 0, "undecided": 1, "small": 2, "stable": 3, "not_applicable": 4}


def compare_segments(
    reference: pa.Table,
    batch: pa.Table,
    contract: Contract,
    *,
    column: str,
    split: str,
    policy: DriftPolicy,
    progress: Progress = silent,
) -> Segments:
    """Compare one column between both sides within each segment.

    Args:
        reference: conforming reference rows (r) with their `prediction`.
        batch: the batch's rows (n), with `column`, `split` and, where there is one, the time.
        contract: what the columns are.
        column: an input, `prediction` or the outcome.
        split: a categorical input or the outcome, not `column`.
        policy: thresholds; alpha is shared by the segments.
        progress: is told each segment before it is compared.

    Raises:
        Cancelled: `progress` says that a person asked to stop.
    """
    ours, theirs = as_levels(_whole(reference, split)), as_levels(_whole(batch, split))
    rows = _rows_of(ours), _rows_of(theirs)
    values = sorted({*rows[0], *rows[1]}, key=lambda value: (-rows[0].get(value, 0) - rows[1].get(value, 0), value))
    enough = [value for value in values if min(side.get(value, 0) for side in rows) >= FEWEST_ROWS]
    chosen = enough[:MOST_SEGMENTS]
    alpha = policy.alpha / max(len(chosen), 1)
    strict = policy.model_copy(update={"alpha": alpha, "weights": {}})
    one = _one_column(contract, column)
    segments = []
    for place, value in enumerate(chosen):
        progress(place / len(chosen), f"Comparing {column} where {split} is {value[:40]}: {place + 1} of {len(chosen)}")
        old, new = _where(reference, ours, value), _where(batch, theirs, value)
        finding, picture = _compare(old, new, one, column, strict)
        shares = old.num_rows / max(reference.num_rows, 1), new.num_rows / max(batch.num_rows, 1)
        told = _adjusted(finding, len(chosen))
        segments.append(
            Segment(value=value, share_reference=shares[0], share_batch=shares[1], finding=told, picture=picture)
        )
    others = [value for value in values if value not in set(chosen)]
    return Segments(
        column=column,
        split=split,
        segments=tuple(sorted(segments, key=lambda s: (_ORDER[s.finding.state], -s.finding.effect, s.value))),
        left_out=tuple(
            LeftOut(value=value, rows_reference=rows[0].get(value, 0), rows_batch=rows[1].get(value, 0))
            for value in others[:LISTED]
        ),
        left_out_count=len(others),
        alpha=alpha,
    )


def _compare(
    reference: pa.Table, batch: pa.Table, contract: Contract, column: str, policy: DriftPolicy
) -> tuple[Finding, Picture]:
    """The column's main finding among these rows, judged by a policy whose alpha is this segment's part."""
    built = Reference.build(contract, reference.select(_needed(reference, contract, column)), "segment")
    rows = batch.select([name for name in (column, contract.timestamp) if name in batch.schema.names])
    profile, comparison = compare_rows(built, rows, level=policy.alpha, detectors=MAIN)
    (finding,) = name_states(comparison, policy)
    return finding, _draw(built, profile, rows, column)


def _needed(reference: pa.Table, contract: Contract, column: str) -> list[str]:
    """A reference is built with its predictions; the outcome is there only when it is what is compared."""
    names = dict.fromkeys((column, PREDICTION, contract.timestamp))
    return [name for name in names if name is not None and name in reference.schema.names]


def _one_column(contract: Contract, column: str) -> Contract:
    """The contract of this column alone."""
    features = tuple(feature for feature in contract.features if feature.name == column)
    return Contract(
        model=contract.model,
        features=features,
        timestamp=contract.timestamp,
        target=contract.target,
        classes=contract.classes,
        block_days=contract.block_days,
    )


def _draw(reference: Reference, profile: Profile, rows: pa.Table, column: str) -> Picture:
    grid, ours, theirs = reference.grids.columns[column], reference.profile.columns[column], profile.columns[column]
    if isinstance(grid, CategoryGrid) and isinstance(ours, CategoryCounts) and isinstance(theirs, CategoryCounts):
        return draw_categories(grid, ours, theirs)
    assert isinstance(grid, NumericGrid) and isinstance(ours, NumericCounts) and isinstance(theirs, NumericCounts)
    values = as_floats(_whole(rows, column))
    return draw_numbers(reference.ordered[column], values[np.isfinite(values)], ours, theirs)


def _adjusted(finding: Finding, segments: int) -> Finding:
    """The finding with its p-value adjusted for the number of segments."""
    if finding.p_adjusted is None:
        return finding
    return replace(finding, p_adjusted=min(1.0, finding.p_adjusted * segments))


def _rows_of(levels: pa.Array) -> dict[str, int]:
    """Rows of each segment; a row without a value belongs to none."""
    counted = pc.value_counts(levels.drop_null())
    return dict(zip(counted.field("values").to_pylist(), counted.field("counts").to_pylist(), strict=True))


def _where(rows: pa.Table, levels: pa.Array, value: str) -> pa.Table:
    return rows.filter(pc.equal(levels, value))


def _whole(rows: pa.Table, name: str) -> pa.Array:
    values = rows.column(name)
    return values.combine_chunks() if isinstance(values, pa.ChunkedArray) else values
