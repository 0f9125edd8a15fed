"""Wasserstein-1, the area between two distribution functions, in the column's unit. Pure.

W1 = ∫ |F(x) - G(x)| dx (Vallender 1974). Within an open cell the integral of F - G is known from counts and sums. Where
the functions do not cross in it, that is the area; where they may, the area lies between |∫ (F - G)| and that plus
twice what each function can move away from its own mean within the cell.
"""

from __future__ import annotations

import numpy as np

from monitoring.drift.measurement import Measurement
from monitoring.drift.pair import NumericPair
from monitoring.drift.quantiles import reference_spread
from monitoring.drift.shown import shown_number
from monitoring.profiles.counts import NumericCounts
from monitoring.profiles.grid import Floats, Ints


def measure_wasserstein(pair: NumericPair) -> Measurement:
    """W1 between the finite values of both sides; `scaled` is per interquartile range of the reference."""
    interval = (0.0, 0.0)
    if pair.reference.present and pair.batch.present:
        interval = wasserstein_bounds(pair.reference, pair.batch, pair.grid.points)
        if interval[0] < interval[1] and pair.values is not None:
            exact = wasserstein(pair.ordered, pair.values)
            interval = (exact, exact)
    return shown_number(pair, "wasserstein", interval, scale=reference_spread(pair))


def wasserstein(ordered: Floats, values: Floats) -> float:
    """Exact W1 of sorted `ordered` (n,) and `values` (m,) in any order.

    >>> wasserstein(np.array([0.0, 1.0]), np.array([3.0, 2.0]))
    2.0
    """
    other = np.sort(values)
    points = np.sort(np.concatenate((ordered, other)), kind="stable")
    f = np.searchsorted(ordered, points[:-1], side="right") / len(ordered)
    g = np.searchsorted(other, points[:-1], side="right") / len(other)
    return float(np.abs(f - g) @ np.diff(points))


def wasserstein_bounds(reference: NumericCounts, batch: NumericCounts, points: Floats) -> tuple[float, float]:
    """Bounds of W1 from counts and sums on the grid of `points`; both sides must have values."""
    n, m = reference.present, batch.present
    left = np.concatenate(([min(reference.lowest, batch.lowest, points[0])], points))
    right = np.concatenate((points, [max(reference.highest, batch.highest, points[-1])]))
    f, g = np.cumsum(reference.cells) * m, np.cumsum(batch.cells) * n
    f_start, g_start = np.concatenate(([0], f[1::2])), np.concatenate(([0], g[1::2]))
    f_end, g_end = f[0::2], g[0::2]
    width = right - left
    held_f, held_g = reference.cells[0::2], batch.cells[0::2]
    net = np.abs(
        (f_start - g_start) / (n * m) * width
        + (held_f * right - reference.sums) / n
        - (held_g * right - batch.sums) / m
    )
    crossing = np.minimum(f_end - g_start, g_end - f_start) > 0
    spread = _spread(held_f, reference.sums, left, width) / n + _spread(held_g, batch.sums, left, width) / m
    most = np.maximum(f_end - g_start, g_end - f_start) / (n * m) * width
    area = np.where(crossing, np.maximum(net, np.minimum(net + 2 * spread, most)), net)
    return float(net.sum()), float(area.sum())


def _spread(held: Ints, sums: Floats, left: Floats, width: Floats) -> Floats:
    """Largest area between a count that rises within a cell and the same risen at both ends with the same sum."""
    mean = np.divide(sums - held * left, held * width, out=np.zeros(len(held)), where=(held > 0) & (width > 0))
    share = np.clip(mean, 0, 1)
    return np.asarray(held * width * share * (1 - share))
