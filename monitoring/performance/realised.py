"""How good predictions turned out to be, once labels are known. Pure."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Realised:
    """Realised performance of a binary classifier on labelled rows.

    Attributes:
        rows: labelled rows.
        rate: share of positive labels.
        mean_prediction: mean predicted probability of the positive class.
        auc: area under the ROC curve, ties counted half (Hanley & McNeil 1982); None when only one class occurs.
        brier: mean squared difference of probability and outcome (Brier 1950), lower is better.
    """

    rows: int
    rate: float
    mean_prediction: float
    auc: float | None
    brier: float


def measure_performance(labels: Floats, probabilities: Floats) -> Realised | None:
    """Realised performance of `probabilities` (n,) against `labels` (n,) of 0 and 1, NaN where unknown.

    Returns None when no row has a label.

    >>> measure_performance(np.array([0.0, 1.0, np.nan]), np.array([0.25, 0.75, 0.9]))
    Realised(rows=2, rate=0.5, mean_prediction=0.5, auc=1.0, brier=0.0625)
    """
    known = ~np.isnan(labels)
    y, p = labels[known], probabilities[known]
    if not len(y):
        return None
    return Realised(
        rows=len(y),
        rate=float(y.mean()),
        mean_prediction=float(p.mean()),
        auc=_auc(y, p),
        brier=float(np.mean((p - y) ** 2)),
    )


def _auc(y: Floats, p: Floats) -> float | None:
    from scipy.stats import rankdata  # 0.6 s to import, and most that import this module measure nothing

    positives = float(y.sum())
    negatives = len(y) - positives
    if not positives or not negatives:
        return None
    ranks = rankdata(p)
    return float((ranks[y == 1].sum() - positives * (positives + 1) / 2) / (positives * negatives))
