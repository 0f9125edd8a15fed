"""Quantiles from counts, each an interval, and what they say about a number that moved. Pure."""

from __future__ import annotations

from math import ceil

import numpy as np

from monitoring.drift.measurement import NumericShift
from monitoring.drift.pair import NumericPair
from monitoring.profiles.counts import NumericCounts
from monitoring.profiles.grid import Floats, NumericGrid


def quantile_bounds(counts: NumericCounts, grid: NumericGrid, share: float) -> tuple[float, float]:
    """Bounds of the smallest value up to which at least `share` of the finite values lie; (0, 0) without values."""
    if not counts.present:
        return 0.0, 0.0
    rank = max(1, ceil(share * counts.present))
    cell = int(np.searchsorted(np.cumsum(counts.cells), rank))
    if cell % 2:
        return float(grid.points[cell // 2]), float(grid.points[cell // 2])
    left = max(counts.lowest, float(grid.points[cell // 2 - 1])) if cell else counts.lowest
    right = min(counts.highest, float(grid.points[cell // 2])) if cell // 2 < len(grid.points) else counts.highest
    return left, right


def quantile_of(values: Floats, share: float) -> float:
    """The same of `values` (n,), any order, n >= 1, exactly.

    >>> quantile_of(np.array([3.0, 1.0, 2.0, 9.0]), 0.5)
    2.0
    """
    rank = max(1, ceil(share * len(values))) - 1
    return float(np.partition(values, rank)[rank])


def numeric_shift(pair: NumericPair, location: float) -> NumericShift:
    """Medians (the middle of their bounds) and means of both sides; `location` is where the KS gap is widest."""
    return NumericShift(
        median_reference=sum(quantile_bounds(pair.reference, pair.grid, 0.5)) / 2,
        median_batch=sum(quantile_bounds(pair.batch, pair.grid, 0.5)) / 2,
        mean_reference=pair.reference.mean,
        mean_batch=pair.batch.mean,
        location=location,
    )


def reference_spread(pair: NumericPair) -> float:
    """Interquartile range of the reference; where that is 0 its range, and 1 where that is 0 too."""
    if not len(pair.ordered):
        return 1.0
    low, high = np.quantile(pair.ordered, (0.25, 0.75), method="inverted_cdf")
    return float(high - low) or float(pair.ordered[-1] - pair.ordered[0]) or 1.0
