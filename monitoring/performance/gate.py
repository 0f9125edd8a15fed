"""What came out of comparing a challenger with the champion on the same rows. Plain values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from monitoring.performance.realised import Realised

GateResult = Literal["better", "no_worse", "worse", "inconclusive"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """Challenger against champion on the same labelled rows, none of them used to train either.

    Attributes:
        result: `better`, `no_worse`, `worse` or `inconclusive`, by the Brier score.
        sentence: the result with its numbers.
        rows: rows compared; days: whole days they come from.
        champion, challenger: versions' realised performance on those rows.
        brier_difference: challenger's Brier score minus the champion's; negative is better.
        brier_low, brier_high: 95 % interval of the difference, whole days being what varies.
        churn: share of rows whose predicted class changes at .5.
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
