"""Where sorted values lie among the points of a grid, by a table in the place of a search. Pure.

The central range of the points is cut into strips of equal width, and the table says how many points lie before each
strip. A value's strip takes one multiplication; only the few points of the same strip are compared with it. The same
operations find the strips of points and values, so that rounding never puts a value before a strip that it is beyond.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

STRIPS = 8
"""Strips for each point: as many points as values fall into one with another at most one time in eight."""
OUTER = 0.01
"""Share of the points at either end that have no strips: few values lie there, far apart."""
ROUNDS = 3
"""Points of a strip that values are compared with before what is left is searched for."""
FEWEST = 64
"""Points from which a table is made."""


@dataclass(frozen=True, slots=True)
class PointTable:
    """Strips of a grid's points.

    Attributes:
        points: (m,) increasing.
        low, high: the range that has strips.
        scale: strips per unit.
        before: (s,) points before each strip; empty where points are too few or too far apart for strips.
    """

    points: Floats
    low: float
    high: float
    scale: float
    before: NDArray[np.integer]

    @classmethod
    def of(cls, points: Floats) -> PointTable:
        """The table of increasing, finite `points` (m,)."""
        nothing = cls(points, 0.0, 0.0, 0.0, np.zeros(0, dtype=np.uint8))
        if len(points) < FEWEST:
            return nothing
        outer = int(OUTER * len(points))
        low, high = float(points[outer]), float(points[-1 - outer])
        with np.errstate(over="ignore", divide="ignore"):
            scale = float(STRIPS * len(points) / np.float64(high - low))
        if not 0 < scale < np.inf:
            return nothing
        inner = points[outer : len(points) - outer]
        held = np.bincount(_strips(inner, low, scale), minlength=STRIPS * len(points) + 2)
        before = outer + held.cumsum() - held
        return cls(points, low, high, scale, before.astype(np.uint16 if len(points) < 2**16 else np.int64))

    def below(self, ordered: Floats) -> Ints:
        """Number (n,) of points below each of the increasing, finite `ordered` (n,).

        >>> PointTable.of(np.arange(100.0)).below(np.array([-1.0, 0.0, 49.0, 49.5, 200.0])).tolist()
        [0, 0, 49, 50, 100]
        """
        if not len(self.before):
            return self.points.searchsorted(ordered)
        first, last = ordered.searchsorted((self.low, self.high)).tolist()
        found = np.empty(len(ordered), dtype=np.int64)
        found[:first] = self.points.searchsorted(ordered[:first])
        found[last:] = self.points.searchsorted(ordered[last:])
        inner, places = ordered[first:last], found[first:last]
        places[:] = self.before.take(_strips(inner, self.low, self.scale), mode="clip")
        beyond = self.points.take(places, mode="clip") < inner
        places += beyond
        left = beyond.nonzero()[0]
        for _ in range(ROUNDS):
            if not len(left):
                return found
            left = left[self.points.take(places[left]) < inner[left]]
            places[left] += 1
        places[left] = self.points.searchsorted(inner[left])
        return found


def _strips(values: Floats, low: float, scale: float) -> Ints:
    return ((values - low) * scale).astype(np.int64)
