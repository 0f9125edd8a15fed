"""Wasserstein-1, the area between two distribution functions, in the column's unit. Pure.

W1 = ∫ |F(x) - G(x)| dx (Vallender 1974). Within an open cell the integral of F - G is known from counts and sums. Where
the functions do not cross in it, that is the area; where they may, the area lies between |∫ (F - G)| and that plus
twice what each function can move away from its own mean within the cell, and a look at the cell's values tells it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from monitoring.drift.measurement import Measurement
from monitoring.drift.pair import NumericPair
from monitoring.drift.shown import shown_number
from monitoring.profiles.counts import NumericCounts
from monitoring.profiles.grid import Floats, Ints


def measure_wasserstein(pair: NumericPair) -> Measurement:
    """W1 between the finite values of both sides; `scaled` is per interquartile range of the reference."""
    interval = (0.0, 0.0)
    if pair.reference.present and pair.batch.present:
        areas = Areas.of(pair.reference, pair.batch, pair.grid.points)
        interval = areas.bounds
        if interval[0] < interval[1] and pair.values is not None:
            exact = areas.exact(pair.reference, pair.batch, pair.ordered, pair.values)
            interval = (exact, exact)
    return shown_number(pair, "wasserstein", interval, scale=pair.spread)


@dataclass(frozen=True, slots=True)
class Areas:
    """The area between both functions in each open cell (m + 1,).

    Attributes:
        left, right: ends of the cells; those of the outer ones are the extremes of both sides.
        least: of the area.
        most: of it; larger than `least` only where the functions may cross.
        crossing: (m + 1,) whether they may.
    """

    left: Floats
    right: Floats
    least: Floats
    most: Floats
    crossing: NDArray[np.bool_]

    @classmethod
    def of(cls, reference: NumericCounts, batch: NumericCounts, points: Floats) -> Areas:
        """From counts and sums on the grid of `points`; both sides must have values."""
        n, m = reference.present, batch.present
        left = np.concatenate(([min(reference.lowest, batch.lowest, points[0])], points))
        right = np.concatenate((points, [max(reference.highest, batch.highest, points[-1])]))
        width = right - left
        held_f, held_g = reference.cells[0::2], batch.cells[0::2]
        end = reference.upto[0::2] * m - batch.upto[0::2] * n
        start = end - held_f * m + held_g * n
        least = np.abs(
            start / (n * m) * width + (held_f * right - reference.sums) / n - (held_g * right - batch.sums) / m
        )
        rises, falls = start + held_f * m, start - held_g * n
        crossing = (rises > 0) & (falls < 0)
        most, at = least.copy(), np.flatnonzero(crossing)
        spread = sum(_spread(side, at, left, width) / side.present for side in (reference, batch))
        bound = np.maximum(rises[at], -falls[at]) / (n * m) * width[at]
        most[at] = np.maximum(least[at], np.minimum(least[at] + 2 * spread, bound))
        return cls(left, right, least, most, crossing)

    @property
    def bounds(self) -> tuple[float, float]:
        """Of the whole area."""
        return float(self.least.sum()), float(self.most.sum())

    def exact(self, reference: NumericCounts, batch: NumericCounts, ordered: Floats, values: Floats) -> float:
        """The whole area, by a look at the values of those cells only in which the functions may cross.

        Args:
            reference, batch: the counts.
            ordered, values: the finite values of both sides, sorted.
        """
        open_to_doubt = np.flatnonzero(self.most > self.least)
        n, m = reference.present, batch.present
        cells = 2 * open_to_doubt
        before = (reference.upto[cells] - reference.cells[cells]) * m - (batch.upto[cells] - batch.cells[cells]) * n
        mine, other = _values_in(reference, ordered, cells), _values_in(batch, values, cells)
        left, right = self.left[open_to_doubt], self.right[open_to_doubt]
        points = np.concatenate((left, mine, other))
        held_f, held_g = reference.cells[cells], batch.cells[cells]
        set_anew = before - np.concatenate(([0], (before + held_f * m - held_g * n)[:-1]))
        steps = np.concatenate((set_anew, np.full(len(mine), m), np.full(len(other), -n)))
        order = points.argsort(kind="stable")
        heights, places = np.abs(steps[order].cumsum()), points[order]
        last = (1 + held_f + held_g).cumsum() - 1
        following = np.append(places[1:], 0.0)
        following[last] = right
        area = float((heights * (following - places)).sum()) / (n * m)
        return float(self.least.sum() - self.least[open_to_doubt].sum()) + area


def _values_in(side: NumericCounts, ordered: Floats, cells: Ints) -> Floats:
    """The values of increasing `cells`, sorted."""
    held = side.cells[cells]
    starts = side.upto[cells] - held
    shifts = np.repeat(starts - (np.cumsum(held) - held), held)
    return np.asarray(ordered[np.arange(len(shifts)) + shifts])


def _spread(side: NumericCounts, at: Ints, left: Floats, width: Floats) -> Floats:
    """Largest area between a count that rises within cells `at` and the same risen at both ends with the same sum."""
    held, room = side.cells[2 * at], width[at]
    mean = np.divide(side.sums[at] - held * left[at], held * room, out=np.zeros(len(at)), where=(held > 0) & (room > 0))
    share = np.clip(mean, 0, 1)
    return np.asarray(held * room * share * (1 - share))
