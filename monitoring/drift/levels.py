"""The levels of a categorical column on both sides: their counts, in groups, their distance, what changed. Pure.

Levels are grouped by their pooled count: grouping by reference counts alone multiplies false alarms by up to 3,400 (see
docs/how-it-works.md).
"""

from __future__ import annotations

from collections.abc import Sequence
from math import pi, sqrt

import numpy as np

from monitoring.drift.intervals import sampling_scale
from monitoring.drift.measurement import CategoryChange, CategoryShift
from monitoring.profiles.counts import CategoryCounts, hashed_level
from monitoring.profiles.grid import CategoryGrid, Floats, Ints

SMALLEST_EXPECTED = 5.0
CHANGES_KEPT = 5
BEYOND_THE_CAP = "(other unseen)"


def level_counts(
    grid: CategoryGrid, reference: CategoryCounts, batch: CategoryCounts
) -> tuple[tuple[str, ...], Ints, Ints]:
    """Every level of either side with its counts, in the order of their names: neither side chooses how ties group.

    Where a side has more unseen levels than it can count singly, all levels, known ones too, that stand beyond the last
    one kept are one level on both sides.
    """
    if not any(side.unseen_rows or side.capped for side in (reference, batch)):
        known, cells = grid.by_name
        n, m = (np.append(side.cells[cells], 0) for side in (reference, batch))
        return (*known, BEYOND_THE_CAP), n, m
    unseen = sorted({*reference.unseen, *batch.unseen})
    names = (*grid.categories, *unseen)
    sides = [_with_unseen(side, unseen) for side in (reference, batch)]
    limits = [max(map(hashed_level, side.unseen), default=b"") for side in (reference, batch) if side.capped]
    order, beyond = sorted(range(len(names)), key=names.__getitem__), np.zeros(len(names), dtype=bool)
    if limits:
        beyond[:] = [hashed_level(name) > min(limits) for name in names]
        order = [i for i in order if not beyond[i]]
    levels = (*(names[i] for i in order), BEYOND_THE_CAP)
    n, m = (np.append(counts[order], counts[-1] + counts[:-1][beyond].sum()) for counts in sides)
    return levels, n, m


def _with_unseen(side: CategoryCounts, unseen: Sequence[str]) -> Ints:
    """Counts of the known levels, of `unseen`, and of all others together."""
    kept = [side.unseen.get(level, 0) for level in unseen]
    return np.concatenate((side.cells, np.array([*kept, side.unseen_rows - sum(kept)], dtype=np.int64)))


def group_levels(reference: Ints, batch: Ints) -> Floats:
    """Counts (2, g) of both sides in groups of levels, from counts (k,) of the levels; (2, 0) where a side is empty.

    Levels are sorted by pooled count and neighbours joined until each group expects at least 5 rows in the smaller
    sample.
    """
    n, m = int(reference.sum()), int(batch.sum())
    if not n or not m:
        return np.zeros((2, 0))
    pooled = reference + batch
    order = np.argsort(pooled, kind="stable")
    groups = _group(pooled[order], SMALLEST_EXPECTED * (n + m) / min(n, m))
    return np.stack([np.bincount(groups, weights=side[order]) for side in (reference, batch)])


def total_variation(reference: Ints, batch: Ints) -> tuple[float, float]:
    """Raw total variation distance, and the same less what sampling noise alone would make of it.

    e = max(0, TV - sqrt(2/pi) min(N+, N-)), N± the sums of the levels' standard errors over those that grew and shrank.
    """
    n, m = int(reference.sum()), int(batch.sum())
    if not n or not m:
        return 0.0, 0.0
    p, q = reference / n, batch / m
    raw = min(1.0, float(np.abs(p - q).sum() / 2))
    pooled = (reference + batch) / (n + m)
    sigma = np.sqrt(pooled * (1 - pooled)) * sampling_scale(n, m)
    grew, shrank, same = q > p, q < p, q == p
    ties = sigma[same].sum() / 2
    noise = min(sigma[grew].sum() + ties, sigma[shrank].sum() + ties)
    return raw, max(0.0, raw - sqrt(2 / pi) * float(noise))


def changes(levels: tuple[str, ...], reference: Ints, batch: Ints, groups: int) -> CategoryShift:
    """The levels that grew and shrank most; `groups` is how many groups the test compared."""
    p: Floats = reference / max(int(reference.sum()), 1)
    q: Floats = batch / max(int(batch.sum()), 1)
    order = np.argsort(q - p, kind="stable")
    shrank = [i for i in order[:CHANGES_KEPT] if q[i] < p[i]]
    grew = [i for i in order[::-1][:CHANGES_KEPT] if q[i] > p[i]]

    def change(i: int) -> CategoryChange:
        return CategoryChange(levels[i], float(p[i]), float(q[i]))

    return CategoryShift(grew=tuple(map(change, grew)), shrank=tuple(map(change, shrank)), groups=groups)


def _group(ascending: Ints, enough: float) -> Ints:
    """Group of each level, from pooled counts in ascending order; what is left over joins the last full group."""
    groups = np.zeros(len(ascending), dtype=np.int64)
    current, held = 0, 0
    for i, count in enumerate(ascending.tolist()):
        groups[i] = current
        held += count
        if held >= enough:
            current, held = current + 1, 0
    return np.minimum(groups, max(current - 1, 0))
