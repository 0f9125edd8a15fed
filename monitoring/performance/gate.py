"""What came out of comparing a challenger with the champion on the same rows. Plain values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Literal

from monitoring.performance.calibration import Calibration
from monitoring.performance.estimate import Estimate
from monitoring.performance.realised import Realised

GateResult = Literal["better", "no_worse", "worse", "inconclusive"]
Metric = Literal["brier", "auc", "accuracy"]

MARGINS: dict[Metric, float] = {"brier": 0.001, "auc": 0.002, "accuracy": 0.002}
"""By how much a metric may be worse without anybody being worse off in practice."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GateTerms:
    """How versions are compared. A promotion policy sets them; they are fixed before a challenger is trained.

    Attributes:
        metric: what decides.
        margin: by how much the metric may be worse and still be called no worse; None for that of `MARGINS`.
        confidence: of each two-sided interval: a challenger that is no better is called `better` with probability
            (1 - confidence) / 2 at most.
        hold_out_margin: by how much the metric may be worse on the frozen hold-out.
        segment_columns: categorical columns whose categories are compared one by one; None for all.
        segment_rows: least labelled rows of a category that is compared.
        segment_margin: by how much the Brier score of a category may be worse.
    """

    metric: Metric = "brier"
    margin: float | None = None
    confidence: float = 0.95
    hold_out_margin: float = 0.01
    segment_columns: tuple[str, ...] | None = None
    segment_rows: int = 200
    segment_margin: float = 0.02

    def unknown_segments(self, categorical: Sequence[str]) -> tuple[str, ...]:
        """What is wrong with `segment_columns` for a model with these categorical columns; nothing, if nothing is.

        A name that no column has would be a floor that everybody passes.
        """
        problems = []
        for name in self.segment_columns or ():
            if name not in categorical:
                close = get_close_matches(name, categorical, n=1)
                meant = f"did you mean {close[0]}?" if close else f"it has {', '.join(categorical) or 'none'}."
                problems.append(f"segment_columns: {name} is no categorical column of the model; {meant}")
        return tuple(problems)

    @property
    def no_worse_margin(self) -> float:
        """The margin, in the unit of the metric."""
        return MARGINS[self.metric] if self.margin is None else self.margin


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelChange:
    """What the challenger does to the predicted classes (McNemar 1947, whole days being what varies: Obuchowski 1998).

    Attributes:
        churn: share of rows whose predicted class changes at .5.
        mended: rows that only the challenger gets right; spoiled: rows that only the champion gets right.
        accuracy: challenger's share of right classes minus the champion's; its p is McNemar's for whole days.
    """

    churn: float
    mended: int
    spoiled: int
    accuracy: Estimate


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowComparison:
    """Both versions on one set of rows that neither was trained on.

    Attributes:
        rows: labelled rows; days: whole days they come from, 0 when rows have no time.
        first, last: ISO days of the earliest and the latest row, '' without times.
        champion, challenger: realised performance.
        champion_accuracy: share of rows whose class the champion predicts rightly at .5.
        brier: challenger's Brier score minus the champion's; below 0 is better.
        auc: the same of the AUC, above 0 is better; None when only one class occurs.
        labels: the predicted classes.
        champion_calibration, challenger_calibration: whether the probabilities mean what they say.
        result: by the metric of the terms.
    """

    rows: int
    days: int
    first: str
    last: str
    champion: Realised
    challenger: Realised
    champion_accuracy: float
    brier: Estimate
    auc: Estimate | None
    labels: LabelChange
    champion_calibration: Calibration
    challenger_calibration: Calibration
    result: GateResult


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentComparison:
    """Both versions on the newest rows of one category.

    Attributes:
        column, value: the category.
        rows, days: labelled rows and whole days of it.
        champion, challenger: Brier scores.
        brier: their difference; all segments' intervals hold at once (Bonferroni).
        fell: surely worse by more than the terms allow.
    """

    column: str
    value: str
    rows: int
    days: int
    champion: float
    challenger: float
    brier: Estimate
    fell: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CandidateComparison:
    """One way to choose the training rows, compared on the newest window; all candidates' intervals hold at once.

    Attributes:
        data: which rows it was trained on: `all`, `since-drift`, `last-90-days`.
        training_rows: how many they were.
        challenger: its realised performance.
        difference: its metric minus the champion's.
        chosen: whether it became the challenger.
    """

    data: str
    training_rows: int
    challenger: Realised
    difference: Estimate
    chosen: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What both versions take, measured side by side.

    Attributes:
        champion_ms, challenger_ms: milliseconds to score 1,000 rows.
        champion_bytes, challenger_bytes: size of the model files.
    """

    champion_ms: float
    challenger_ms: float
    champion_bytes: int
    challenger_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """Challenger against champion on the same labelled rows, none of them used to train either.

    The first fields tell of the newest window, which decides; those with a default are not known of versions that were
    made before them.

    Attributes:
        result: `better`, `no_worse`, `worse` or `inconclusive`.
        sentence: the result with its numbers.
        rows: rows compared; days: whole days they come from.
        champion, challenger: versions' realised performance on those rows.
        brier_difference: challenger's Brier score minus the champion's; negative is better.
        brier_low, brier_high: interval of the difference, whole days being what varies.
        churn: share of rows whose predicted class changes at .5.
        terms: how they were compared.
        confidence: of the intervals of the two windows, after the adjustment for the number of candidates.
        newest: the newest matured window, in full; hold_out: the frozen hold-out, None where there is none.
        segments: categories with enough rows, the one that lost most first.
        candidates: all ways of choosing training rows that were tried.
        cost: time and size, None when it was not measured.
    """

    result: GateResult
    sentence: str
    rows: int
    days: int
    champion: Realised
    challenger: Realised
    brier_difference: float
    brier_low: float
    brier_high: float
    churn: float
    terms: GateTerms = GateTerms()
    confidence: float = 0.95
    newest: WindowComparison | None = None
    hold_out: WindowComparison | None = None
    segments: tuple[SegmentComparison, ...] = ()
    candidates: tuple[CandidateComparison, ...] = ()
    cost: Cost | None = None
