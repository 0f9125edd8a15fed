"""Adjusting p-values for the number of tests made, and the choice of the tests that count. Pure.

Tests may have weights w: the p-value that decides is p / w, with weights of mean 1. They must be fixed before the
batch is seen. Holm 1979 for the step-down; Genovese, Roeder & Wasserman 2006 and Blanchard & Roquain 2008 for the
step-up ones.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def can_reject(smallest: Floats, weights: Floats, level: float) -> NDArray[np.bool_]:
    """Which tests could still reject if all of these were counted (k,); the others need not be. Tarone 1990.

    Tests enter by their `smallest` p-value per weight where that is within the part of the level that would be theirs;
    those that entered before have smaller ones and stay within theirs. The choice knows pooled counts only, so that
    whatever is true of the p-values stays true of those chosen.

    Args:
        smallest: (k,) smallest p-value that each test could have.
        weights: (k,) their weights, positive.
        level: probability of any false alarm.

    >>> can_reject(np.array([1.0, 1e-9, 0.02, 0.03]), np.ones(4), 0.05).tolist()
    [False, True, True, False]
    """
    chosen, total = np.zeros(len(smallest), dtype=bool), 0.0
    for i in np.argsort(smallest / weights, kind="stable").tolist():
        if smallest[i] * (total + weights[i]) <= level * weights[i]:
            chosen[i], total = True, total + float(weights[i])
    return chosen


def holm(p: Floats, weights: Floats | None = None) -> Floats:
    """Step-down adjustment; any false alarm at most alpha whatever the dependence. Holm 1979.

    >>> holm(np.array([0.01, 0.04, 0.03])).tolist()
    [0.03, 0.06, 0.06]
    >>> holm(np.array([0.02, 0.02]), np.array([4.0, 1.0])).tolist()
    [0.025, 0.025]
    """
    weights = _or_ones(weights, p)
    order = np.argsort(p / weights, kind="stable")
    left = np.cumsum(weights[order][::-1])[::-1]
    stepped = np.maximum.accumulate(p[order] / weights[order] * left)
    return _unsorted(np.minimum(stepped, 1.0), order)


def benjamini_hochberg(p: Floats, weights: Floats | None = None) -> Floats:
    """Step-up adjustment; expected share of false alarms at most alpha if independent. Benjamini & Hochberg 1995."""
    weights = _or_ones(weights, p)
    order = np.argsort(p / weights, kind="stable")
    scaled = p[order] / weights[order] * weights.sum() / np.arange(1, len(p) + 1)
    stepped = np.minimum.accumulate(scaled[::-1])[::-1]
    return _unsorted(np.minimum(stepped, 1.0), order)


def benjamini_yekutieli(p: Floats, weights: Floats | None = None) -> Floats:
    """As `benjamini_hochberg`, whatever the dependence. Benjamini & Yekutieli 2001."""
    return np.minimum(benjamini_hochberg(p, weights) * np.sum(1 / np.arange(1, len(p) + 1)), 1.0)


CORRECTIONS: Mapping[str, Callable[[Floats, Floats | None], Floats]] = {
    "holm": holm,
    "by": benjamini_yekutieli,
    "bh": benjamini_hochberg,
}


def _or_ones(weights: Floats | None, p: Floats) -> Floats:
    return np.ones(len(p)) if weights is None else weights


def _unsorted(values: Floats, order: NDArray[np.int64]) -> Floats:
    result = np.empty_like(values)
    result[order] = values
    return result
