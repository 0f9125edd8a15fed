"""What a detector returns: numbers without a threshold, with the evidence a sentence or a chart needs. Plain values."""

from __future__ import annotations

from dataclasses import dataclass
from sys import float_info
from typing import Literal, NamedTuple

from monitoring.drift.converted import Converted

Role = Literal["input", "prediction", "target", "rows"]
Detector = Literal[
    "ks",
    "chi2",
    "missing",
    "unseen",
    "out_of_range",
    "constant",
    "duplicates",
    "wasserstein",
    "cvm",
    "psi",
    "js",
    "mean_shift",
    "median_shift",
]


@dataclass(slots=True, kw_only=True)
class NumericShift:
    """How a number moved. Medians and means in the column's unit; `location` is where the KS gap is widest.

    `median_error` is how far a median may lie from the one told, where counts leave that open: beyond the training
    reference's values cells are wide. The means are exact. `converted` is what the usual conversion that
    fits best would do to the numbers, of inputs by `ks` alone; None where they hardly moved, or only counts are known.

    Nothing changes one; frozen, it would take four times as long to make.
    """

    kind: Literal["numeric"] = "numeric"
    median_reference: float
    median_batch: float
    mean_reference: float
    mean_batch: float
    location: float
    median_error: float = 0.0
    converted: Converted | None = None


@dataclass(frozen=True, slots=True)
class CategoryChange:
    """Share of one category on both sides."""

    category: str
    share_reference: float
    share_batch: float


@dataclass(frozen=True, slots=True, kw_only=True)
class CategoryShift:
    """Which categories grew and shrank most, largest change first; `groups` is how many groups the test compared."""

    kind: Literal["category"] = "category"
    grew: tuple[CategoryChange, ...]
    shrank: tuple[CategoryChange, ...]
    groups: int


@dataclass(slots=True, kw_only=True)
class ShareShift:
    """Share of rows with a property (missing, unseen, out of range, constant, repeated) on both sides, in [0, 1].

    Nothing changes one; frozen, it would take four times as long to make.

    Attributes:
        share_reference: share in the reference.
        share_batch: share in the batch.
        highest_reference_block: largest share in any one block of the reference (the reference's share without blocks).
        examples: values behind it with their count in the batch, most frequent first (unseen categories, the constant).
        respelled: for unseen categories that differ from a known one only in case, space or punctuation:
            (as in the batch, as known), most frequent first.
        respelled_share: share of batch rows with such a spelling.
        below: share of batch rows below the reference's smallest value (out of range only).
        above: share of batch rows above the reference's largest value (out of range only).
        low: the reference's smallest value (out of range only).
        high: the reference's largest value (out of range only).
    """

    kind: Literal["share"] = "share"
    share_reference: float
    share_batch: float
    highest_reference_block: float
    examples: tuple[tuple[str, int], ...] = ()
    respelled: tuple[tuple[str, str], ...] = ()
    respelled_share: float = 0.0
    below: float = 0.0
    above: float = 0.0
    low: float = 0.0
    high: float = 0.0


Evidence = NumericShift | CategoryShift | ShareShift


class Measurement(NamedTuple):
    """One detector's look at one column.

    A named tuple, which is made in a third of the time that a frozen dataclass takes: a check makes hundreds.

    Attributes:
        column: name of the column; '' for whole rows.
        role: what the column is to the model.
        detector: code of the detector.
        statistic: the detector's own statistic (KS D, X², a share); its lower bound where only an interval is known.
        statistic_low, statistic_high: ends of the interval that counts leave for it; equal where it is exact.
        p_value: row-test p-value in [0, 1]; None where the detector measures a share for display and tests nothing.
        distance: raw distance d in [0, 1] that the day test exchanges (KS D, total variation, change of share).
        effect: share of rows that moved, in [0, 1], corrected for noise where the distance is biased.
        effect_low: lower end of the effect's 95 % interval.
        effect_high: upper end, u = min(1, d + .8225 S) for tested distances.
        n_reference: rows of the reference that count (not missing, for `ks`).
        n_batch: rows of the batch that count.
        evidence: what moved, for sentences and charts.
        scale: what a statistic in the column's unit is divided by to compare columns; 1 for numbers without a unit.
        smallest_p: what the p-value is at least, whichever of the pooled rows were the batch's; 1 without a test.
        constant: whether both sides hold one and the same value, so that nothing can differ.
    """

    column: str
    role: Role
    detector: Detector
    statistic: float
    statistic_low: float
    statistic_high: float
    p_value: float | None
    distance: float
    effect: float
    effect_low: float
    effect_high: float
    n_reference: int
    n_batch: int
    evidence: Evidence
    scale: float = 1.0
    smallest_p: float = 1.0
    constant: bool = False

    @property
    def scaled(self) -> float:
        """The statistic per `scale` (for one in the column's unit the reference's interquartile range), finite."""
        return max(-float_info.max, min(float_info.max, self.statistic / self.scale))
