"""What a policy makes of measurements: findings in a named state, and one verdict. Plain values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from monitoring.drift.measurement import Detector, Evidence, Role
from monitoring.policy.drift_policy import DriftPolicy

State = Literal["drift", "small", "stable", "undecided", "not_applicable"]
VerdictName = Literal["stable", "watch", "drift", "broken", "undecided"]
Action = Literal["none", "watch", "retrain", "repair_feed", "collect_more"]


@dataclass(slots=True, kw_only=True)
class Finding:
    """One measurement, adjusted and judged. Nothing changes one.

    It is not frozen, for a check makes hundreds, and a frozen one takes four times as long to make.

    Attributes:
        column, role, detector, statistic, effect, effect_low, effect_high, n_reference, n_batch, evidence: as measured.
        state: `drift`, `small`, `stable`, `undecided`, `not_applicable` (shown, not tested, or nothing to compare).
        p_value: max of row test and day test before adjustment; None when nothing was tested.
        p_adjusted: after the correction for the number of tests, 1 where too few rows keep the test from rejecting;
            None when nothing was tested.
        p_rows: row-test p-value; None when nothing was tested.
        p_days: day-test p-value; None when the day test was not attainable.
        tolerance: smallest effect that matters: the policy's floor or the natural variation, whichever is larger.
        natural_variation: what exchanging whole blocks produces by itself; None when not attainable.
        outside_every_block: whether the batch lies further from the reference than any single block of it does.
        weight: of the column in the policy's correction; 1 unless it says otherwise.
        muted: whether the policy keeps this column out of the verdict.
        note: one short sentence when the state needs one ("needs 9 days of data, has 1"), else ''.
    """

    column: str
    role: Role
    detector: Detector
    state: State
    statistic: float
    p_value: float | None
    p_adjusted: float | None
    p_rows: float | None
    p_days: float | None
    effect: float
    effect_low: float
    effect_high: float
    tolerance: float
    natural_variation: float | None
    outside_every_block: bool
    n_reference: int
    n_batch: int
    muted: bool
    note: str
    evidence: Evidence
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Reason:
    """Why the verdict is what it is. `code` is stable and documented; `text` is a sentence part for a person."""

    code: str
    column: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The judgement of a batch.

    Attributes:
        name: `stable`, `watch`, `drift`, `broken` or `undecided`.
        sentence: one plain sentence with numbers.
        action: code of what to do.
        advice: the action as a sentence.
        reasons: what led here, most important first.
        caveat: what the promise rests on ("if rows are independent"), '' when the full promise holds.
        policy: name of the policy used.
        policy_id: content hash of the policy used.
        thresholds: the policy itself, so that a verdict can be understood when the policy has long changed; None in
            verdicts that were stored before.
    """

    name: VerdictName
    sentence: str
    action: Action
    advice: str
    reasons: tuple[Reason, ...]
    caveat: str
    policy: str
    policy_id: str
    thresholds: DriftPolicy | None = None
