"""Adjusting p-values for the number of tests made. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def holm(p: Floats) -> Floats:
    """Step-down adjustment; any false alarm at most alpha whatever the dependence. Holm 1979.

    >>> holm(np.array([0.01, 0.04, 0.03])).tolist()
    [0.03, 0.06, 0.06]
    """
    order = np.argsort(p, kind="stable")
    stepped = np.maximum.accumulate(p[order] * np.arange(len(p), 0, -1))
    return _unsorted(np.minimum(stepped, 1.0), order)


def benjamini_hochberg(p: Floats) -> Floats:
    """Step-up adjustment; expected share of false alarms at most alpha if independent. Benjamini & Hochberg 1995."""
    order = np.argsort(p, kind="stable")
    scaled = p[order] * len(p) / np.arange(1, len(p) + 1)
    stepped = np.minimum.accumulate(scaled[::-1])[::-1]
    return _unsorted(np.minimum(stepped, 1.0), order)


def benjamini_yekutieli(p: Floats) -> Floats:
    """As `benjamini_hochberg`, whatever the dependence. Benjamini & Yekutieli 2001."""
    return np.minimum(benjamini_hochberg(p) * np.sum(1 / np.arange(1, len(p) + 1)), 1.0)


CORRECTIONS: Mapping[str, Callable[[Floats], Floats]] = {
    "holm": holm,
    "by": benjamini_yekutieli,
    "bh": benjamini_hochberg,
}


def _unsorted(values: Floats, order: NDArray[np.int64]) -> Floats:
    result = np.empty_like(values)
    result[order] = values
    return result
