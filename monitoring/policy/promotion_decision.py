"""From the gate's table to what becomes of a challenger. Pure: the same table and policy give the same decision."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from monitoring.performance.gate import Gate, GateResult, Metric, WindowComparison
from monitoring.policy.phrases import percent
from monitoring.policy.promotion_policy import ApprovalCase, PromotionPolicy

PromotionOutcome = Literal["promote", "ask", "refuse"]
RequirementCode = Literal["result", "gain", "hold_out", "segments", "calibration", "churn", "latency", "size", "parity"]

METRIC_WORDS: dict[Metric, str] = {"brier": "Brier score", "auc": "AUC", "accuracy": "accuracy"}
RESULT_WORDS: dict[GateResult, str] = {
    "better": "better",
    "no_worse": "no worse",
    "worse": "worse",
    "inconclusive": "inconclusive",
}

SHOWN = 0.001
"""Smallest difference that a sentence writes as a number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Requirement:
    """One thing that a policy demands, and whether the challenger meets it; `sentence` says it with its numbers."""

    code: RequirementCode
    met: bool
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PromotionDecision:
    """What becomes of a challenger.

    Attributes:
        outcome: `promote` it, `ask` a person, or `refuse` it.
        sentence: the decision and its reason.
        requirements: everything that was demanded, met or not.
        policy, policy_id: name and content hash of the policy.
    """

    outcome: PromotionOutcome
    sentence: str
    requirements: tuple[Requirement, ...]
    policy: str
    policy_id: str

    @property
    def unmet(self) -> tuple[Requirement, ...]:
        """What keeps it from being promoted."""
        return tuple(one for one in self.requirements if not one.met)


def decide_promotion(gate: Gate, policy: PromotionPolicy, *, parity: float, tolerance: float) -> PromotionDecision:
    """What a policy makes of a challenger.

    Args:
        gate: the comparison with the champion.
        policy: what suffices.
        parity: largest difference between the exported file and the trained model; tolerance: the largest accepted.
    """
    requirements = tuple(_require(gate, policy, parity, tolerance))
    unmet = [one for one in requirements if not one.met]
    if unmet:
        outcome: PromotionOutcome = "refuse"
        sentence = f"Not promoted: {unmet[0].sentence}"
    elif why := _ask_because(gate, policy):
        outcome, sentence = "ask", f"It passes everything that the policy demands; a person decides, {why}."
    else:
        outcome, sentence = "promote", "It passes everything that the policy demands."
    return PromotionDecision(
        outcome=outcome, sentence=sentence, requirements=requirements, policy=policy.name, policy_id=policy.id
    )


def _require(gate: Gate, policy: PromotionPolicy, parity: float, tolerance: float) -> Iterator[Requirement]:
    wanted = " or ".join(RESULT_WORDS[one] for one in policy.suffices)
    yield Requirement(
        code="result",
        met=gate.result in policy.suffices,
        sentence=f"the gate says {RESULT_WORDS[gate.result]}; the policy demands {wanted}.",
    )
    if policy.must_gain:
        yield _gain(gate, policy)
    if gate.hold_out is not None:
        yield _hold_out(gate.hold_out, policy)
    if gate.newest is not None:
        yield _segments(gate, policy)
        gap = gate.newest.challenger_calibration.gap
        yield Requirement(
            code="calibration",
            met=abs(gap.value) <= policy.largest_gap,
            sentence=f"its mean prediction lies {abs(gap.value):.3f} from what happened; "
            f"{_allowed(policy.largest_gap, f'{policy.largest_gap:g}')}.",
        )
    yield Requirement(
        code="churn",
        met=gate.churn <= policy.largest_churn,
        sentence=f"it changes {percent(gate.churn)} of the predicted classes; "
        f"{_allowed(policy.largest_churn, percent(policy.largest_churn))}.",
    )
    if gate.cost is not None:
        times = gate.cost.challenger_ms / gate.cost.champion_ms
        yield Requirement(
            code="latency",
            met=times <= policy.slowest,
            sentence=f"a row takes {times:.1f} times as long; {policy.slowest:g} times is allowed.",
        )
        size = gate.cost.challenger_bytes
        yield Requirement(
            code="size",
            met=size <= policy.largest_file_mb * 1e6,
            sentence=f"its file has {_size(size)}; {policy.largest_file_mb:g} MB is allowed.",
        )
    yield Requirement(
        code="parity",
        met=parity <= tolerance,
        sentence=f"its file differs from the trained model by up to {parity:.1e}; {tolerance:.0e} is allowed.",
    )


def _allowed(limit: float, said: str) -> str:
    """A limit on a share; one that allows everything is none."""
    return f"{said} is allowed" if limit < 1 else "no limit is set"


def _size(size: int) -> str:
    """Bytes of a file: '3.6 kB', '12 MB'."""
    return f"{size / 1e6:,.3g} MB" if size >= 1e6 else f"{size / 1e3:,.3g} kB"


def _gain(gate: Gate, policy: PromotionPolicy) -> Requirement:
    lost = gate.brier_difference
    if gate.newest is not None and policy.metric != "brier":
        changed = gate.newest.auc if policy.metric == "auc" else gate.newest.labels.accuracy
        lost = -changed.value if changed is not None else 0.0
    said = "no worse" if lost <= 0 else f"worse by {lost:.4f}"
    return Requirement(
        code="gain", met=lost <= 0, sentence=f"on the newest days its {METRIC_WORDS[policy.metric]} is {said}."
    )


def _hold_out(window: WindowComparison, policy: PromotionPolicy) -> Requirement:
    """Not merely "not surely worse": surely no worse by more than the margin."""
    name = METRIC_WORDS[policy.metric]
    if policy.metric == "auc" and window.auc is None:
        return Requirement(code="hold_out", met=True, sentence="the frozen hold-out has one class only: it has no AUC.")
    lost, gained = {
        "brier": (window.brier.high, -window.brier.value),
        "auc": (-window.auc.low, window.auc.value) if window.auc is not None else (0.0, 0.0),
        "accuracy": (-window.labels.accuracy.low, window.labels.accuracy.value),
    }[policy.metric]
    worst = f"worse by up to {lost:.3f}" if lost >= SHOWN else f"worse by less than {SHOWN:g}"
    said = f"may be {worst}; {_allowed(policy.hold_out_margin, f'{policy.hold_out_margin:g}')}"
    if lost <= 0:
        said = f"is surely better, by {gained:.3f}" if gained >= SHOWN else "is surely no worse"
    return Requirement(
        code="hold_out", met=lost <= policy.hold_out_margin, sentence=f"on the frozen hold-out its {name} {said}."
    )


def _segments(gate: Gate, policy: PromotionPolicy) -> Requirement:
    fell = [one for one in gate.segments if one.fell]
    if not fell:
        said = f"none of {len(gate.segments)} categories is surely worse by more than {policy.segment_margin:g}."
    else:
        named = ", ".join(f"{one.column} {one.value}" for one in fell[:3])
        said = f"{named} {'is' if len(fell) == 1 else 'are'} surely worse by more than {policy.segment_margin:g}."
    return Requirement(code="segments", met=not fell, sentence=said)


def _ask_because(gate: Gate, policy: PromotionPolicy) -> str:
    """Why a person must be asked; '' when nobody must."""
    approval = policy.approval
    if approval.mode == "automatic":
        return ""
    if approval.mode == "by_hand":
        return "as the policy wants it"
    holds: dict[ApprovalCase, str] = {}
    if gate.result != "better":
        holds["not_better"] = f"for it is only {RESULT_WORDS[gate.result]}"
    if gate.churn > approval.churn:
        holds["churn"] = f"for {percent(gate.churn)} of the predicted classes change"
    if any(one.brier.low > 0 for one in gate.segments):
        holds["segments"] = "for some categories get worse"
    if gate.newest is not None and _worse_calibrated(gate.newest):
        holds["calibration"] = "for its mean prediction is further from what happened"
    return next((holds[case] for case in approval.when if case in holds), "")


def _worse_calibrated(window: WindowComparison) -> bool:
    """Whether the challenger's gap is surely larger than the champion's."""
    after, before = window.challenger_calibration.gap, window.champion_calibration.gap
    return min(abs(after.low), abs(after.high)) > abs(before.value) and after.low * after.high > 0
