"""How good predictions were and how two versions compare, as rows of words. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from dashboard.wording.quantities import counted, percent
from dashboard.wording.verdicts import Look
from monitoring.performance.gate import Gate, GateResult
from monitoring.performance.realised import Realised

GATES: Final[dict[GateResult, Look]] = {
    "better": Look("Better", "thumb_up", "green", "▲", "Its Brier score is lower, by more than chance."),
    "no_worse": Look("No worse", "drag_handle", "blue", "=", "Its Brier score is not higher by more than matters."),
    "worse": Look("Worse", "thumb_down", "red", "▼", "Its Brier score is higher, by more than chance."),
    "inconclusive": Look("Inconclusive", "help", "gray", "?", "The held-out rows are too few to tell."),
}

MEASURES: Final = (
    ("Ranking (AUC)", "auc"),
    ("Error (Brier)", "brier"),
    ("Mean prediction", "mean_prediction"),
    ("Share that happened", "rate"),
    ("Rows with an outcome", "labelled"),
)


@dataclass(frozen=True, slots=True)
class Measure:
    """One measure of two sides, ready to be shown. `term` is the key of its explanation."""

    name: str
    term: str
    before: str
    after: str


def measures(before: Realised | None, after: Realised) -> tuple[Measure, ...]:
    """The realised performance of two sides; `before` may be unknown."""
    said = _said(before) if before else ("–",) * 5
    return tuple(
        Measure(name, term, then, now) for (name, term), then, now in zip(MEASURES, said, _said(after), strict=True)
    )


def gate_measures(gate: Gate) -> tuple[Measure, ...]:
    """Champion and challenger on the same rows."""
    return measures(gate.champion, gate.challenger)[:3]


def sides(champion: int, challenger: int, in_use: int) -> tuple[str, str]:
    """What two versions that were compared are called, with their parts: those of then once another one is in use.

    >>> sides(1, 2, 1), sides(1, 2, 2)
    (('Version 1 (champion)', 'Version 2 (challenger)'), ('Version 1 (champion then)', 'Version 2 (in use)'))
    """
    if in_use == champion:
        return f"Version {champion} (champion)", f"Version {challenger} (challenger)"
    part = "in use" if in_use == challenger else "challenger then"
    return f"Version {champion} (champion then)", f"Version {challenger} ({part})"


def gate_look(gate: Gate) -> Look:
    """Word, icon and colour of a comparison."""
    return GATES[gate.result]


def gate_basis(gate: Gate) -> str:
    """On what the comparison rests, beside the numbers of its sentence."""
    return (
        f"Neither version was trained on these {counted(gate.rows, 'row')}. The new one changes the predicted class of "
        f"{percent(gate.churn)} of them; {percent(gate.champion.rate)} really had the outcome."
    )


def realised_sentence(reference: Realised | None, batch: Realised, positive: str = "") -> str:
    """What the outcomes say about the predictions, in a sentence."""
    outcome = f" {positive}" if positive else ""
    sentence = f"The model predicted {percent(batch.mean_prediction)}{outcome}; {percent(batch.rate)} really were."
    if not positive:
        sentence = f"Predicted {percent(batch.mean_prediction)}, happened {percent(batch.rate)}."
    if reference is None:
        return sentence
    return f"{sentence} On the reference it was {percent(reference.mean_prediction)} and {percent(reference.rate)}."


def _said(side: Realised) -> tuple[str, ...]:
    auc = "one class only" if side.auc is None else f"{side.auc:.3f}"
    return auc, f"{side.brier:.3f}", percent(side.mean_prediction), percent(side.rate), counted(side.rows, "row")
