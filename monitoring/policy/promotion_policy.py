"""What a challenger must show before it is put into use, and how it is watched afterwards. Pure.

A plain validated value, written in TOML, versioned by its content. What it decides is in `promotion_decision` and
`promotion_watch`; docs/training.md explains every key.
"""

from __future__ import annotations

from typing import ClassVar, Literal, Self, get_args

from pydantic import Field, model_validator

from monitoring.contract import Value
from monitoring.performance.gate import GateResult, GateTerms, Metric
from monitoring.policy.policy_file import PolicyFile

ApprovalCase = Literal["not_better", "churn", "segments", "calibration"]
APPROVAL_CASES: tuple[ApprovalCase, ...] = get_args(ApprovalCase)


class PromotionApproval(Value):
    """Whether a person says yes before a version that passed is put into use.

    Attributes:
        mode: `automatic`, `by_hand`, or `by_hand_when` one of `when` holds.
        when: `not_better` (the result is another than `better`), `churn` (more than `churn` of the predicted classes
            change), `segments` (a category is worse, though not by more than the policy allows), `calibration` (the
            challenger's mean prediction is surely further from what happened than the champion's).
        churn: share of rows.
    """

    mode: Literal["automatic", "by_hand", "by_hand_when"] = "by_hand"
    when: tuple[ApprovalCase, ...] = APPROVAL_CASES
    churn: float = Field(default=0.2, ge=0, le=1)


class WatchTerms(Value):
    """How a version is watched after it was put into use.

    Attributes:
        batches: labelled batches after which the watch ends; 0 for no watch.
        action: `propose` the roll back, or `roll_back` at once, when the version is surely worse than the one before.
    """

    batches: int = Field(default=3, ge=0, le=100, strict=True)
    action: Literal["propose", "roll_back"] = "propose"


class PromotionPolicy(PolicyFile):
    """What suffices to put a challenger into use.

    Attributes:
        name: how the policy is called on screen.
        suffices: results of the gate that are good enough.
        metric: what decides: `brier`, `auc` or `accuracy`.
        margin: by how much the metric may be worse for `no_worse`; .001 (Brier score) or .002 without. Where drift is
            confirmed, the burden of proof may be turned round: a wide margin, and `no_worse` suffices.
        must_gain: whether the metric itself must be at least as good as the champion's, whatever the margin.
        confidence: of each two-sided interval, before it is widened for the number of candidates.
        hold_out_margin: by how much the metric may be worse on the frozen hold-out.
        segment_columns: categorical columns whose categories may not fall; none given means all.
        segment_rows: least rows of a category that counts.
        segment_margin: by how much the Brier score of a category may be worse.
        largest_gap: most that the mean prediction may lie from what happened, on the newest days.
        largest_churn: most of the predicted classes that may change.
        slowest: how many times the champion's time a row may take.
        largest_file_mb: megabytes that the model file may have.
        approval: whether a person must say yes.
        watch: what happens after the promotion.
    """

    CALLED: ClassVar[str] = "promotion policy"

    name: str = Field(default="default", min_length=1, max_length=80)
    suffices: tuple[GateResult, ...] = Field(default=("better",), min_length=1)
    metric: Metric = "brier"
    margin: float | None = Field(default=None, ge=0, le=1)
    must_gain: bool = True
    confidence: float = Field(default=0.95, ge=0.5, lt=1)
    hold_out_margin: float = Field(default=0.01, ge=0, le=1)
    segment_columns: tuple[str, ...] | None = None
    segment_rows: int = Field(default=200, ge=30, strict=True)
    segment_margin: float = Field(default=0.02, ge=0, le=1)
    largest_gap: float = Field(default=1.0, gt=0, le=1)
    largest_churn: float = Field(default=1.0, ge=0, le=1)
    slowest: float = Field(default=5.0, gt=0)
    largest_file_mb: float = Field(default=500.0, gt=0)
    approval: PromotionApproval = PromotionApproval()
    watch: WatchTerms = WatchTerms()

    @model_validator(mode="after")
    def _never_worse(self) -> Self:
        if {"worse", "inconclusive"} & set(self.suffices):
            raise ValueError('only "better" and "no_worse" can suffice')
        return self

    @property
    def terms(self) -> GateTerms:
        """How the gate compares under this policy."""
        return GateTerms(
            metric=self.metric,
            margin=self.margin,
            confidence=self.confidence,
            hold_out_margin=self.hold_out_margin,
            segment_columns=self.segment_columns,
            segment_rows=self.segment_rows,
            segment_margin=self.segment_margin,
        )


DEFAULT_PROMOTION = PromotionPolicy()
"""What holds until a person writes another: a version must be better, and a person promotes it."""
