"""The widest gap between two distribution functions: bounds from counts, exact after a look into a few cells. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from monitoring.profiles.counts import NumericCounts
from monitoring.profiles.grid import Floats, Ints

AT_ONCE = 16
"""Doubtful cells that are looked into together, those of the widest bounds first."""


@dataclass(frozen=True, slots=True)
class Gap:
    """sup |F - G|.

    Attributes:
        low, high: bounds of it, equal where it is exact.
        cell: at whose right end the lower bound of the counts is reached.
        value: the smallest value at which a wider one was found by a look into the cells; None where none was.
    """

    low: float
    high: float
    cell: int
    value: float | None = None


@dataclass(frozen=True, slots=True)
class Doubt:
    """Open cells (k,), of all cells, within which the gap may be wider than at any cell's end, and how wide (k,)."""

    cells: Ints
    bounds: Floats


@dataclass(frozen=True)
class Steps:
    """How many values of both sides lie before each of the cells (u,) in which the batch has any, and up to its end.

    Elsewhere only the reference's number rises. Whole numbers, as floats, which hold products of both sides exactly.

    Attributes:
        n, m: values of the reference and of the batch.
        cells: increasing.
        f_before, f_upto: of the reference's values.
        g_before, g_upto: of the batch's.
    """

    n: int
    m: int
    cells: Ints
    f_before: Floats
    f_upto: Floats
    g_before: Floats
    g_upto: Floats

    @classmethod
    def of(cls, reference: NumericCounts, batch: NumericCounts) -> Steps:
        """From counts on the same grid; both sides must have values."""
        filled = batch.filled
        f_passed, g_passed = reference.passed, np.zeros(len(filled.cells) + 1)
        g_passed[1:] = filled.upto
        return cls(
            n=reference.present,
            m=batch.present,
            cells=filled.cells,
            f_before=f_passed.take(filled.cells, mode="clip"),
            f_upto=f_passed[1:].take(filled.cells, mode="clip"),
            g_before=g_passed[:-1],
            g_upto=g_passed[1:],
        )

    @cached_property
    def over(self) -> Floats:
        """(u,) n m (F - G) where each cell begins: the largest since the one before."""
        found = self.f_before * self.m
        found -= self.g_before * self.n
        return found

    @cached_property
    def under(self) -> Floats:
        """(u,) n m (G - F) where each cell ends."""
        found = self.g_upto * self.n
        found -= self.f_upto * self.m
        return found


def bound_gap(steps: Steps, reference: NumericCounts) -> tuple[Gap, Doubt]:
    """Bounds of the gap from counts, and where it may be wider than the lower one.

    F - G is widest where a step of the batch begins, G - F where one ends. Within an open cell (a, b) both rise
    somewhere: |F - G| is at most F(b-) - G(a) or G(b-) - F(a).
    """
    over, under, m, size = steps.over, steps.under, steps.m, steps.n * steps.m
    ahead, behind = int(over.argmax()), int(under.argmax())
    widest = float(max(over[ahead], under[behind]))
    near = widest - reference.heaviest_open * m
    places = ((over > near) | (under > near)).nonzero()[0]
    cells = steps.cells[places]
    f = reference.cells[cells]
    bounds = np.maximum(over[places], under[places]) + f * m
    doubtful = (bounds > widest) & (f > 0) & (cells & 1 == 0)
    bounds = bounds[doubtful] / size
    low = widest / size
    if over[ahead] >= under[behind]:
        cell = int(reference.upto.searchsorted(int(steps.f_before[ahead])))
    else:
        cell = int(steps.cells[behind])
    return Gap(low, float(bounds.max(initial=low)), cell), Doubt(cells[doubtful], bounds)


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
    n, m = reference.present, batch.present
    low, value = best.low, best.value
    widest_first = (-doubt.bounds).argsort(kind="stable")
    for begin in range(0, len(widest_first), AT_ONCE):
        places = widest_first[begin : begin + AT_ONCE]
        if doubt.bounds[places[0]] < low:
            break
        cells = doubt.cells[places]
        points = np.concatenate((reference.values_in(cells, ordered), batch.values_in(cells, values)))
        f, g = (side.searchsorted(points, side="right") for side in (ordered, values))
        gaps = np.abs(f * m - g * n) / (n * m)
        widest = float(gaps.max())
        smallest = float(points[gaps == widest].min())
        if widest > low:
            low, value = widest, smallest
        elif widest == low and value is not None:
            value = min(value, smallest)
    return Gap(low, low, best.cell, value)
