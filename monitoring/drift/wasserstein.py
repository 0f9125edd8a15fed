"""Wasserstein-1, the area between two distribution functions, in the column's unit. Pure.

W1 = ∫ |F(x) - G(x)| dx (Vallender 1974). Within an open cell the integral of F - G is known from counts and sums. Where
the functions do not cross in it, that is the area; where they may, the area lies between |∫ (F - G)| and that plus
twice what each function can move away from its own mean within the cell, and a look at the cell's values tells it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from monitoring.compiled import kernel
from monitoring.drift.measurement import Measurement
from monitoring.drift.pair import NumericPair
from monitoring.drift.shown import shown_number
from monitoring.profiles.counting import COMPILED_UP_TO
from monitoring.profiles.counts import NumericCounts
from monitoring.profiles.grid import Floats, Ints


def measure_wasserstein(pair: NumericPair) -> Measurement:
    """W1 between the finite values of both sides; `scaled` is per interquartile range of the reference."""
    interval = (0.0, 0.0)
    if pair.reference.present and pair.batch.present:
        if pair.values is None:
            interval = Areas.of(pair.reference, pair.batch, pair.grid.points).bounds
        else:
            exact = _exact(pair, pair.values)
            interval = (exact, exact)
    return shown_number(pair, "wasserstein", interval, scale=pair.spread)


def _exact(pair: NumericPair, values: Floats) -> float:
    """By cells where compiled code counted few values, else by windows."""
    reference, batch, points = pair.reference, pair.batch, pair.grid.points
    if len(values) > COMPILED_UP_TO or not kernel.fits(reference.present, batch.present):
        return wasserstein(pair.ordered, values)
    mine = kernel.Side(pair.ordered, reference.upto, reference.shortfalls(pair.ordered, points))
    return kernel.wasserstein(mine, kernel.Side(values, batch.cells, batch.shortfalls(values, points)), points)


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


def wasserstein(one: Floats, other: Floats) -> float:
    """W1 of the sorted values of two sides, none of them empty, as ∫ |F⁻¹ - G⁻¹| over shares.

    Each value of the smaller side stands for an equal share, in which the larger side has a window of values. Over a
    run of windows that lie to the same side of their values the sums of both tell the area; of the few windows that lie
    around theirs each value is looked at.

    >>> wasserstein(np.array([0.0, 1.0]), np.array([0.0, 1.0, 5.0]))
    1.5
    """
    few, many = (one, other) if len(one) <= len(other) else (other, one)
    first, last, split = _windows(len(few), len(many))
    ahead, behind = many.take(last, mode="clip") <= few, few <= many.take(first, mode="clip")
    sides = ahead.view(np.int8) - behind.view(np.int8)
    turns = np.concatenate(([0], (sides[1:] != sides[:-1]).nonzero()[0] + 1))
    sums = np.add.reduceat(many, first[turns])
    if len(split):
        shared = np.append(many[first[turns]] * split[turns], 0.0)
        sums += shared[1:] - shared[:-1]
    areas = np.add.reduceat(few, turns) * (len(many) / len(few)) - sums
    around = (~(ahead | behind)).nonzero()[0]
    return (float((areas * sides[turns]).sum()) + _apart(few, many, around)) / len(many)


def _apart(few: Floats, many: Floats, around: Ints) -> float:
    """Sum of the areas of values `around` (k,) that lie within their windows, by a look at each value of these."""
    if not len(around):
        return 0.0
    first, last, split = _windows(len(few), len(many))
    held = last[around] - first[around] + 1
    ends = held.cumsum()
    at = np.arange(ends[-1]) + (first[around] - ends + held).repeat(held)
    apart = np.abs(many[at] - few[around].repeat(held))
    if len(split):
        apart[ends - held] *= 1 - split[around]
        ending = split[around + 1]
        apart[ends - 1] *= np.where(ending > 0, ending, 1.0)
    return float(apart.sum())


@lru_cache(maxsize=2)
def _windows(few: int, many: int) -> tuple[Ints, Ints, Floats]:
    """Where `few` >= 1 equal windows of `many` sorted values begin and end.

    The first (few,) and the last (few,) value of each; and how much of that first value belongs to the window before
    (few + 1,), nothing where windows hold whole values.
    """
    cuts = np.arange(few + 1) * many
    starts = cuts // few
    if not many % few:
        return starts[:-1], starts[1:] - 1, np.zeros(0)
    split = (cuts - starts * few) / few
    return starts[:-1], starts[1:] - (split[1:] == 0), split


def _spread(side: NumericCounts, at: Ints, left: Floats, width: Floats) -> Floats:
    """Largest area between a count that rises within cells `at` and the same risen at both ends with the same sum."""
    held, room = side.cells[2 * at], width[at]
    mean = np.divide(side.sums[at] - held * left[at], held * room, out=np.zeros(len(at)), where=(held > 0) & (room > 0))
    share = np.clip(mean, 0, 1)
    return np.asarray(held * room * share * (1 - share))
