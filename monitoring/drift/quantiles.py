"""Quantiles, from sorted values or, as an interval, from counts. Pure."""

from __future__ import annotations

from math import ceil

from monitoring.profiles.counts import NumericCounts
from monitoring.profiles.grid import Floats, NumericGrid


def quantile_bounds(counts: NumericCounts, grid: NumericGrid, share: float) -> tuple[float, float]:
    """Bounds of the smallest value up to which at least `share` of the finite values lie; (0, 0) without values."""
    if not counts.present:
        return 0.0, 0.0
    rank = max(1, ceil(share * counts.present))
    cell = int(counts.filled.cells[counts.filled.upto.searchsorted(rank)])
    if cell % 2:
        return float(grid.points[cell // 2]), float(grid.points[cell // 2])
    left = max(counts.lowest, float(grid.points[cell // 2 - 1])) if cell else counts.lowest
    right = min(counts.highest, float(grid.points[cell // 2])) if cell // 2 < len(grid.points) else counts.highest
    return left, right


def quantile_of(ordered: Floats, share: float) -> float:
    """The same of sorted `ordered` (n,), n >= 1, exactly.

    >>> import numpy as np
    >>> quantile_of(np.array([1.0, 2.0, 3.0, 9.0]), 0.5)
    2.0
    """
    return float(ordered[max(1, ceil(share * len(ordered))) - 1])
