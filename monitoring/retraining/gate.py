"""The comparison of challenger and champion on the same rows: what decides, and the sentence. Pure.

Both score the same labelled rows, so the rows' own difficulty cancels: only the difference counts, and a whole day is
one observation (`performance.estimate`). The newest matured window decides by the metric of the terms. The frozen
hold-out may object: a version that is better on the newest days and surely worse on the old ones, by more than a
margin, is `inconclusive`, and so is one for which it is the other way round. So the result of the two versions in
exchanged places is the mirrored one.

Several candidates (ways to choose the training rows) are compared on the same days as the gate judges on. For that all
their intervals are widened together (Bonferroni): whichever is chosen, a candidate that is no better is called `better`
with probability (1 - confidence) / 2 at most. To choose on one half of the held-out days and to judge on the other
needs no adjustment, but costs more: with ten held-out days and three candidates the interval is wider by 30 % when
adjusted and by 74 % when it rests on five days.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from monitoring.performance.comparison import ScoredRows, compare_rows, compare_segments, loss_of
from monitoring.performance.estimate import LEAST_DAYS, Estimate
from monitoring.performance.gate import (
    CandidateComparison,
    Cost,
    Gate,
    GateResult,
    GateTerms,
    Metric,
    WindowComparison,
)

__all__ = ["LEAST_DAYS", "Gate", "GateResult", "ScoredCandidate", "choose_candidate", "compare_versions"]

_CONCLUSIONS: dict[GateResult, str] = {
    "better": "The challenger is better",
    "no_worse": "The challenger is no worse",
    "worse": "The challenger is worse",
    "inconclusive": "These rows do not tell which is better",
}
_METRICS: dict[Metric, str] = {"brier": "Brier score", "auc": "AUC", "accuracy": "accuracy"}


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoredCandidate:
    """One way to choose the training rows, and the newest window scored by what it gave.

    Attributes:
        data: code of the training data; training_rows: how many rows it was trained on.
        newest: the newest matured window, its `challenger` being this candidate.
    """

    data: str
    training_rows: int
    newest: ScoredRows


def choose_candidate(candidates: Sequence[ScoredCandidate], terms: GateTerms) -> tuple[CandidateComparison, ...]:
    """All candidates compared with the champion, in their order; the one that gains most by the metric is chosen.

    Of equal ones the first is chosen, so put the one that you would take anyway first.

    Raises:
        NotPossible: the rows do not suffice to compare.
    """
    confidence = adjusted_confidence(terms, len(candidates))
    compared = [compare_rows(candidate.newest, terms, confidence) for candidate in candidates]
    losses = [loss_of(terms, one.brier, one.auc, one.labels) for one in compared]
    best = min(range(len(losses)), key=lambda place: losses[place].value)
    return tuple(
        CandidateComparison(
            data=candidate.data,
            training_rows=candidate.training_rows,
            challenger=window.challenger,
            difference=loss if terms.metric == "brier" else loss.mirrored,
            chosen=place == best,
        )
        for place, (candidate, window, loss) in enumerate(zip(candidates, compared, losses, strict=True))
    )


def adjusted_confidence(terms: GateTerms, candidates: int) -> float:
    """The confidence of one interval with which all candidates' intervals hold at once."""
    return 1 - (1 - terms.confidence) / candidates


def compare_versions(
    newest: ScoredRows,
    hold_out: ScoredRows | None = None,
    *,
    terms: GateTerms | None = None,
    candidates: Sequence[CandidateComparison] = (),
    cost: Cost | None = None,
) -> Gate:
    """Compares two versions on the newest matured window and, where there is one, on the frozen hold-out.

    Args:
        newest: rows of the newest window, scored by both.
        hold_out: rows of older held-out days, scored by both.
        terms: how to compare; the defaults of `GateTerms` without them.
        candidates: what `choose_candidate` found, the challenger among them; () when there was one way only.
        cost: time and size of both.

    Raises:
        NotPossible: no rows, or fewer than `LEAST_DAYS` days.

    >>> import numpy as np
    >>> outcomes = np.tile([0.0, 0.0, 1.0], 20)
    >>> coin, wiser = np.full(60, 0.5), np.where(outcomes == 1, 0.6, 0.3)
    >>> rows = ScoredRows(labels=outcomes, champion=coin, challenger=wiser, days=np.arange(60) // 6)
    >>> compare_versions(rows).result
    'better'
    """
    terms = terms or GateTerms()
    confidence = adjusted_confidence(terms, max(1, len(candidates)))
    now = compare_rows(newest, terms, confidence)
    before = None if hold_out is None else compare_rows(hold_out, terms, confidence)
    result = _settle(now, before, terms)
    return Gate(
        result=result,
        sentence=_tell(result, now, before, terms, confidence),
        rows=now.rows,
        days=now.days,
        champion=now.champion,
        challenger=now.challenger,
        brier_difference=now.brier.value,
        brier_low=now.brier.low,
        brier_high=now.brier.high,
        churn=now.labels.churn,
        terms=terms,
        confidence=confidence,
        newest=now,
        hold_out=before,
        segments=compare_segments(newest, terms),
        candidates=tuple(candidates),
        cost=cost,
    )


def objects(hold_out: WindowComparison | None, terms: GateTerms) -> int:
    """1 when the hold-out says that the challenger is surely worse by more than the margin, -1 that the champion is."""
    if hold_out is None:
        return 0
    loss = loss_of(terms, hold_out.brier, hold_out.auc, hold_out.labels)
    return int(loss.low > terms.hold_out_margin) - int(loss.high < -terms.hold_out_margin)


def _settle(newest: WindowComparison, hold_out: WindowComparison | None, terms: GateTerms) -> GateResult:
    against = objects(hold_out, terms)
    contradicted = (newest.result in ("better", "no_worse") and against > 0) or (
        newest.result == "worse" and against < 0
    )
    return "inconclusive" if contradicted else newest.result


def _tell(
    result: GateResult,
    newest: WindowComparison,
    hold_out: WindowComparison | None,
    terms: GateTerms,
    confidence: float,
) -> str:
    held = f"{newest.rows:,} held-out rows" + (f" of {newest.days} days" if newest.days else "")
    before, after, difference = _figures(newest, terms)
    areas = ""
    if terms.metric != "auc" and newest.champion.auc is not None and newest.challenger.auc is not None:
        areas = f"; AUC {newest.challenger.auc:.3f} against {newest.champion.auc:.3f}"
    conclusion = _CONCLUSIONS[result]
    if result != newest.result:
        conclusion = "The newest days and the frozen hold-out contradict each other"
    told = (
        f"{conclusion}: on {held} its {_METRICS[terms.metric]} is {after:.3f} against {before:.3f} "
        f"(difference {difference.value:+.3f}, {100 * confidence:.3g} % interval {difference.low:+.3f} to "
        f"{difference.high:+.3f}){areas}."
    )
    if hold_out is not None:
        before, after, difference = _figures(hold_out, terms)
        told += f" On the frozen hold-out it is {after:.3f} against {before:.3f} ({difference.value:+.3f})."
    return told.replace("-0.", "−0.")


def _figures(window: WindowComparison, terms: GateTerms) -> tuple[float, float, Estimate]:
    """The champion's metric, the challenger's, and their difference."""
    if terms.metric == "brier":
        return window.champion.brier, window.challenger.brier, window.brier
    if terms.metric == "auc" and window.auc is not None:
        return window.champion.auc or 0.0, window.challenger.auc or 0.0, window.auc
    return window.champion_accuracy, window.champion_accuracy + window.labels.accuracy.value, window.labels.accuracy
