"""Pictures of columns: what their charts need, binned here so that a page sends kilobytes. Pure."""

from __future__ import annotations

from math import ceil

import numpy as np

from monitoring.profiles.counts import CategoryCounts, NumericCounts
from monitoring.profiles.grid import CategoryGrid, Floats, Ints
from monitoring.profiles.picture import CategoryPicture, NumericPicture

BINS = 40
CURVE_POINTS = 160
BARS = 12
NARROW = 1e-9
"""Range, relative to the values, below which they are drawn as one."""
FINEST = 10_000
"""Evenly spaced points within the range above which they are no grid to mind."""
OFF_POINT = 0.05
"""How far a value may lie off an evenly spaced point, in steps, for the points to count as its grid."""
FULL = 0.2
"""Part of such points that must occur."""
TRIMMED = 0.002
"""Share of rows at either end that the histogram may leave out, so that one wild value does not flatten the rest."""


def draw_numbers(ordered: Floats, values: Floats, reference: NumericCounts, batch: NumericCounts) -> NumericPicture:
    """Histogram and cumulative curves of the finite values of both sides.

    Args:
        ordered: (n,) the reference's values, sorted.
        values: (m,) the batch's values (or a uniform sample of them), any order.
        reference, batch: counts, for the missing shares.
    """
    drawn = np.sort(values)
    edges, step = _edges(ordered, drawn)
    x = _curve_points(ordered, drawn, float(edges[0]), float(edges[-1]))
    gap_x, gap_reference, gap_batch = _widest_gap(ordered, drawn)
    inside = _in_bins(drawn, edges)
    return NumericPicture(
        edges=_plain(edges),
        step=_short(step),
        bins_reference=_plain(_in_bins(ordered, edges) / max(len(ordered), 1)),
        bins_batch=_plain(inside / max(len(drawn), 1)),
        curve_x=_plain(x),
        curve_reference=_plain(_cumulative(ordered, x)),
        curve_batch=_plain(_cumulative(drawn, x)),
        gap_x=gap_x,
        gap_reference=gap_reference,
        gap_batch=gap_batch,
        beyond=1 - float(inside.sum()) / len(drawn) if len(drawn) else 0.0,
        missing_reference=reference.missing / max(reference.rows, 1),
        missing_batch=batch.missing / max(batch.rows, 1),
    )


def draw_categories(grid: CategoryGrid, reference: CategoryCounts, batch: CategoryCounts) -> CategoryPicture:
    """Shares of the categories that changed most, the others in one bar."""
    unseen = sorted({*reference.unseen, *batch.unseen})
    levels = [*grid.categories, *unseen]
    p = np.array([*reference.cells, *(reference.unseen.get(level, 0) for level in unseen)]) / max(reference.present, 1)
    q = np.array([*batch.cells, *(batch.unseen.get(level, 0) for level in unseen)]) / max(batch.present, 1)
    changed = sorted(range(len(levels)), key=lambda i: (-abs(q[i] - p[i]), -p[i], levels[i]))[:BARS]
    return CategoryPicture(
        categories=tuple(levels[i] for i in changed),
        share_reference=tuple(float(p[i]) for i in changed),
        share_batch=tuple(float(q[i]) for i in changed),
        unseen=tuple(i >= len(grid.categories) for i in changed),
        others=len(levels) - len(changed),
        others_reference=_rest(p, changed, reference.present),
        others_batch=_rest(q, changed, batch.present),
        missing_reference=reference.missing / max(reference.rows, 1),
        missing_batch=batch.missing / max(batch.rows, 1),
    )


def _rest(shares: Floats, drawn: list[int], present: int) -> float:
    return max(0.0, 1 - float(shares[drawn].sum())) if present else 0.0


def _edges(ordered: Floats, drawn: Floats) -> tuple[Floats, float]:
    """Bin edges over the central range of both sides, and how far apart the values are, 0 where they lie anywhere."""
    sides = [side for side in (ordered, drawn) if len(side)]
    if not sides:
        return np.array([0.0, 1.0]), 0.0
    low = min(float(side[int(TRIMMED * (len(side) - 1))]) for side in sides)
    high = max(float(side[ceil((1 - TRIMMED) * (len(side) - 1))]) for side in sides)
    if high - low <= NARROW * max(abs(low), abs(high)):
        around = max(0.5, NARROW * abs(low))
        return np.array([low - around, high + around]), 2 * around
    step = _step(ordered, drawn, low, high)
    if step is None:
        return np.linspace(low, high + NARROW * (high - low), BINS + 1), 0.0
    steps = round((high - low) / step) + 1
    each = -(-steps // BINS)
    return np.asarray(low - step / 2 + step * each * np.arange(-(-steps // each) + 1)), step


def _step(ordered: Floats, drawn: Floats, low: float, high: float) -> float | None:
    """Distance of the values where all lie on evenly spaced points; bins must hold equally many of them each."""
    values = np.zeros(0)
    for side in sorted((ordered, drawn), key=len):  # the smaller one is often enough to tell that there are none
        values = np.unique(np.concatenate((values, side[(side >= low) & (side <= high)])))
        step = float(np.diff(values).min(initial=high - low))
        if step * FINEST < high - low:
            return None
    places = (values - low) / step
    on_points = np.abs(places - np.round(places)).max(initial=0.0) <= OFF_POINT
    return step if on_points and len(values) >= FULL * (places[-1] + 1) else None


def _curve_points(ordered: Floats, drawn: Floats, low: float, high: float) -> Floats:
    """Points of the curves: quantiles of both sides, where the curves bend, and the ends."""
    share = np.linspace(0, 1, CURVE_POINTS // 2)
    bends = [side[np.rint(share * (len(side) - 1)).astype(np.int64)] for side in (ordered, drawn) if len(side)]
    points = np.unique(np.concatenate([*bends, [low, high]]))
    return points[(points >= low) & (points <= high)]


def _in_bins(ordered: Floats, edges: Floats) -> Ints:
    """Sorted values (n,) in each of the bins (b,), the last of which has both its edges."""
    before = ordered.searchsorted(edges)
    before[-1] = ordered.searchsorted(edges[-1], side="right")
    return np.diff(before)


def _widest_gap(ordered: Floats, drawn: Floats) -> tuple[float, float, float]:
    """Where the cumulative curves are furthest apart, and both curves there."""
    if not len(ordered) or not len(drawn):
        return 0.0, 0.0, 0.0
    n, m, before = len(ordered), len(drawn), ordered.searchsorted(drawn)
    f = np.concatenate((_ranks(ordered), ordered.searchsorted(drawn, side="right"))) / n
    g = np.concatenate((np.bincount(before, minlength=n).cumsum()[:n], _ranks(drawn))) / m
    widest = int(np.argmax(np.abs(f - g)))
    return float(ordered[widest] if widest < n else drawn[widest - n]), float(f[widest]), float(g[widest])


def _ranks(ordered: Floats) -> Ints:
    """How many of sorted values (n,), n >= 1, are at most each of them."""
    ends = np.append(np.flatnonzero(ordered[1:] != ordered[:-1]), len(ordered) - 1) + 1
    return ends.repeat(np.diff(ends, prepend=0))


def _cumulative(ordered: Floats, points: Floats) -> Floats:
    if not len(ordered):
        return np.zeros(len(points))
    return np.asarray(np.searchsorted(ordered, points, side="right") / len(ordered))


def _plain(values: Floats) -> tuple[float, ...]:
    """Floats short enough to store: twelve significant digits keep edges apart."""
    return tuple(map(_short, values))


def _short(value: float) -> float:
    return float(f"{value:.12g}")
