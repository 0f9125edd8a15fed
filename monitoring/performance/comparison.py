"""Two versions on the same rows: every measure of the gate's table, for one set of rows and for its segments. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

import numpy as np
from numpy.typing import NDArray

from monitoring.errors import NotPossible
from monitoring.performance.calibration import measure_calibration
from monitoring.performance.estimate import LEAST_DAYS, Estimate, Floats, Integers, estimate_mean
from monitoring.performance.gate import (
    GateResult,
    GateTerms,
    LabelChange,
    SegmentComparison,
    WindowComparison,
)
from monitoring.performance.ranking import estimate_auc_difference
from monitoring.performance.realised import measure_performance

THRESHOLD = 0.5
NO_CATEGORY = "(missing)"


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoredRows:
    """Rows with outcomes that both versions scored.

    Attributes:
        labels: outcomes (n,) of 0 and 1, none missing.
        champion: probability of the positive class by the version in use (n,).
        challenger: the same by the one that wants to be (n,).
        days: which block of days (any whole number) each row belongs to (n,); None when rows have no time: each stands
            for itself.
        dates: ISO days of the earliest and the latest row, '' without times.
        categories: for each categorical column the category of each row (n,), '' where it is missing.
    """

    labels: Floats
    champion: Floats
    challenger: Floats
    days: Integers | None
    dates: tuple[str, str] = ("", "")
    categories: Mapping[str, NDArray[np.object_]] = field(default_factory=dict)

    @property
    def blocks(self) -> Integers:
        """What varies: days, or rows where there are no days."""
        return np.arange(len(self.labels)) if self.days is None else self.days

    @property
    def losses(self) -> Floats:
        """By how much the challenger's squared error is larger in each row (n,)."""
        differences: Floats = (self.challenger - self.labels) ** 2 - (self.champion - self.labels) ** 2
        return differences


def compare_rows(rows: ScoredRows, terms: GateTerms, confidence: float) -> WindowComparison:
    """Every measure of both versions on `rows`, with intervals at `confidence`.

    Raises:
        NotPossible: no rows, or fewer than `LEAST_DAYS` days.
    """
    before = measure_performance(rows.labels, rows.champion)
    after = measure_performance(rows.labels, rows.challenger)
    if before is None or after is None:
        raise NotPossible("No row with an outcome is left to compare the versions on.")
    blocks = rows.blocks
    brier = estimate_mean(rows.losses, blocks, confidence)
    auc = estimate_auc_difference(rows.labels, rows.champion, rows.challenger, blocks, confidence)
    labels = _compare_labels(rows, confidence)
    return WindowComparison(
        rows=len(rows.labels),
        days=0 if rows.days is None else len(np.unique(rows.days)),
        first=rows.dates[0],
        last=rows.dates[1],
        champion=before,
        challenger=after,
        champion_accuracy=float(np.mean((rows.champion > THRESHOLD) == (rows.labels == 1))),
        brier=brier,
        auc=auc,
        labels=labels,
        champion_calibration=measure_calibration(rows.labels, rows.champion, blocks, confidence),
        challenger_calibration=measure_calibration(rows.labels, rows.challenger, blocks, confidence),
        result=conclude(loss_of(terms, brier, auc, labels), terms.no_worse_margin),
    )


def loss_of(terms: GateTerms, brier: Estimate, auc: Estimate | None, labels: LabelChange) -> Estimate:
    """The difference that decides, turned so that less is better.

    Raises:
        NotPossible: the metric is the AUC and only one class occurs.
    """
    if terms.metric == "brier":
        return brier
    if terms.metric == "accuracy":
        return labels.accuracy.mirrored
    if auc is None:
        raise NotPossible("All rows to compare on have the same outcome: there is no AUC to compare the versions by.")
    return auc.mirrored


def conclude(loss: Estimate, margin: float) -> GateResult:
    """What an interval of "less is better" says."""
    if loss.high < 0:
        return "better"
    if loss.low > 0:
        return "worse"
    return "no_worse" if loss.high < margin else "inconclusive"


def compare_segments(rows: ScoredRows, terms: GateTerms) -> tuple[SegmentComparison, ...]:
    """Both versions on each category with enough rows and days, the one that lost most first.

    Which categories are compared follows from their rows and days alone, never from an outcome or a prediction. The
    intervals are adjusted for their number (Bonferroni): on unchanged versions any segment `fell` with probability at
    most (1 - confidence) / 2.
    """
    found = _list_segments(rows, terms)
    adjusted = 1 - (1 - terms.confidence) / max(1, len(found))
    segments = []
    for column, value, inside in found:
        part = estimate_mean(rows.losses[inside], rows.blocks[inside], adjusted)
        champion = float(np.mean((rows.champion[inside] - rows.labels[inside]) ** 2))
        segments.append(
            SegmentComparison(
                column=column,
                value=value,
                rows=int(inside.sum()),
                days=0 if rows.days is None else len(np.unique(rows.days[inside])),
                champion=champion,
                challenger=champion + part.value,
                brier=part,
                fell=part.low > terms.segment_margin,
            )
        )
    return tuple(sorted(segments, key=lambda one: (-one.brier.value, one.column, one.value)))


def name_day(ordinal: int) -> str:
    """ISO form of a day counted from the year 1."""
    return date.fromordinal(ordinal).isoformat()


def _compare_labels(rows: ScoredRows, confidence: float) -> LabelChange:
    positive = rows.labels == 1
    before, after = (rows.champion > THRESHOLD) == positive, (rows.challenger > THRESHOLD) == positive
    return LabelChange(
        churn=float(np.mean(before != after)),
        mended=int(np.sum(after & ~before)),
        spoiled=int(np.sum(before & ~after)),
        accuracy=estimate_mean(after.astype(np.float64) - before, rows.blocks, confidence),
    )


def _list_segments(rows: ScoredRows, terms: GateTerms) -> list[tuple[str, str, NDArray[np.bool_]]]:
    found = []
    for column, categories in rows.categories.items():
        if terms.segment_columns is not None and column not in terms.segment_columns:
            continue
        values, place, counts = np.unique(categories.astype(str), return_inverse=True, return_counts=True)
        for number in np.flatnonzero(counts >= terms.segment_rows):
            inside = place == number
            if len(np.unique(rows.blocks[inside])) >= LEAST_DAYS:
                found.append((column, str(values[number]) or NO_CATEGORY, inside))
    return found
