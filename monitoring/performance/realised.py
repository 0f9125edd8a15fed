"""How good predictions turned out to be, once labels are known. Pure."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from monitoring.performance.block_losses import BlockLosses, Floats, Ints


@dataclass(frozen=True, slots=True, kw_only=True)
class Realised:
    """Realised performance of a binary classifier on labelled rows.

    Attributes:
        rows: labelled rows.
        rate: share of positive labels.
        mean_prediction: mean predicted probability of the positive class.
        auc: area under the ROC curve, ties counted half (Hanley & McNeil 1982); None when only one class occurs.
        brier: mean squared difference of probability and outcome (Brier 1950), lower is better.
        blocks: blocks of time (days) of equal size that the labelled rows are worth, 0 where they have no time.
        deviation: standard deviation of one block's Brier score; None for fewer than two blocks.
    """

    rows: int
    rate: float
    mean_prediction: float
    auc: float | None
    brier: float
    blocks: float = 0.0
    deviation: float | None = None


def measure_performance(labels: Floats, probabilities: Floats, blocks: Ints | None = None) -> Realised | None:
    """Realised performance of `probabilities` (n,) against `labels` (n,) of 0 and 1, NaN where unknown.

    `blocks` (n,) are the rows' blocks of time, as in `BlockLosses`. Returns None when no row has a label.

    >>> found = measure_performance(np.array([0.0, 1.0, np.nan]), np.array([0.25, 0.75, 0.9]))
    >>> found.rows, found.rate, found.mean_prediction, found.auc, found.brier
    (2, 0.5, 0.5, 1.0, 0.0625)
    """
    known = ~np.isnan(labels)
    y, p = labels[known], probabilities[known]
    if not len(y):
        return None
    losses, spread = (p - y) ** 2, BlockLosses()
    if blocks is not None:
        spread.add(blocks[known], losses)
    return Realised(
        rows=len(y),
        rate=float(y.mean()),
        mean_prediction=float(p.mean()),
        auc=_auc(y, p),
        brier=float(np.mean(losses)),
        blocks=spread.spread.blocks,
        deviation=spread.spread.deviation,
    )


def _auc(y: Floats, p: Floats) -> float | None:
    from scipy.stats import rankdata  # 0.6 s to import, and most that import this module measure nothing

    positives = float(y.sum())
    negatives = len(y) - positives
    if not positives or not negatives:
        return None
    ranks = rankdata(p)
    return float((ranks[y == 1].sum() - positives * (positives + 1) / 2) / (positives * negatives))
