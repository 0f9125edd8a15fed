"""How much better one version ranks the rows than another: the difference of two areas under the ROC curve. Pure.

The area is a U-statistic: to first order it is a mean over rows of how each stands to the rows of the other class
(DeLong, DeLong & Clarke-Pearson, Biometrics 44, 1988). Summed by days these components give the variance when rows of
one day are alike (Obuchowski, Biometrics 53, 1997).
"""

from __future__ import annotations

import numpy as np

from monitoring.performance.estimate import Estimate, Floats, Integers, estimate_from_influence


def estimate_auc_difference(
    labels: Floats, champion: Floats, challenger: Floats, days: Integers, confidence: float
) -> Estimate | None:
    """Challenger's AUC minus the champion's on the same rows; None when only one class occurs.

    Raises:
        NotPossible: too few days.

    >>> outcomes, coin, day = np.tile([0.0, 1.0], 9), np.full(18, 0.5), np.arange(18) // 6
    >>> estimate_auc_difference(outcomes, coin, outcomes, day, 0.95).value
    0.5
    """
    if not 0 < labels.sum() < len(labels):
        return None
    before, influence_before = _area(labels, champion)
    after, influence_after = _area(labels, challenger)
    return estimate_from_influence(after - before, influence_after - influence_before, days, confidence)


def _area(labels: Floats, scores: Floats) -> tuple[float, Floats]:
    """The area, and each row's influence on it (n,): they sum to zero."""
    from scipy.stats import rankdata

    positive = labels == 1
    count, positives = len(labels), int(positive.sum())
    negatives = count - positives
    ranks = rankdata(scores)
    standing = np.empty(count)
    standing[positive] = (ranks[positive] - rankdata(scores[positive])) / negatives
    standing[~positive] = 1 - (ranks[~positive] - rankdata(scores[~positive])) / positives
    area = float(standing[positive].mean())
    weight = np.where(positive, count / positives, count / negatives)
    return area, weight * (standing - area)
