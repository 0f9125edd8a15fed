"""The widest gap between two distribution functions: bounds from counts, exact after a look into a few cells. Pure."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from monitoring.profiles.counts import NumericCounts
from monitoring.profiles.grid import Floats, Ints


@dataclass(frozen=True, slots=True)
class Gap:
    """sup |F - G|.

    Attributes:
        low, high: bounds of it, equal where it is exact.
        cell: at whose right end the lower bound is reached; the cell that holds `value` after a look.
        value: where it is reached within a cell, None at its right end.
    """

    low: float
    high: float
    cell: int
    value: float | None = None


@dataclass(frozen=True, slots=True)
class Doubt:
    """Open cells (k,) within which the gap may be wider than at any cell's end, and how wide (k,)."""

    cells: Ints
    bounds: Floats


def bound_gap(reference: NumericCounts, batch: NumericCounts) -> tuple[Gap, Doubt]:
    """Bounds of the gap from counts on the same grid, and where it may be wider than the lower one.

    Within an open cell (a, b) both functions rise somewhere: |F - G| is at most F(b-) - G(a) or G(b-) - F(a). Both
    sides must have values.
    """
    gaps = reference.shares - batch.shares
    highest, lowest = int(gaps.argmax()), int(gaps.argmin())
    cell = highest if gaps[highest] >= -gaps[lowest] else lowest
    low = abs(float(gaps[cell]))
    at_end = gaps[0::2]
    inside = np.maximum(at_end + batch.open_shares, reference.open_shares - at_end)
    doubtful = np.flatnonzero(inside > low)
    doubtful = doubtful[(reference.cells[2 * doubtful] > 0) & (batch.cells[2 * doubtful] > 0)]
    bounds = inside[doubtful]
    return Gap(low, float(bounds.max(initial=low)), cell), Doubt(doubtful, bounds)


def exact_gap(
    found: tuple[Gap, Doubt], reference: NumericCounts, batch: NumericCounts, ordered: Floats, values: Floats
) -> Gap:
    """The gap itself, by a look into those cells only whose bound exceeds the best found.

    Args:
        found: what `bound_gap` gives.
        reference, batch: counts on the same grid.
        ordered, values: the finite values of both sides, sorted.
    """
    best, doubt = found
    low, cell, value = best.low, best.cell, best.value
    for place in np.argsort(-doubt.bounds, kind="stable").tolist():
        if doubt.bounds[place] <= low:
            break
        i = int(doubt.cells[place])
        mine, other = (_slice(side, 2 * i) for side in (reference, batch))
        points = np.concatenate((ordered[mine], values[other]))
        f = (mine.start + np.searchsorted(ordered[mine], points, side="right")) / reference.present
        g = (other.start + np.searchsorted(values[other], points, side="right")) / batch.present
        gaps = np.abs(f - g)
        widest = int(gaps.argmax())
        if gaps[widest] > low:
            low, cell, value = float(gaps[widest]), 2 * i, float(points[widest])
    return Gap(low, low, cell, value)


def _slice(side: NumericCounts, cell: int) -> slice:
    """Where the values of a cell lie among the sorted ones."""
    end = int(side.upto[cell])
    return slice(end - int(side.cells[cell]), end)
