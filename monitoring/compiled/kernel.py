"""What `loops.c` computes, with arrays in and out; checked here, since C checks nothing."""

from __future__ import annotations

import ctypes
from ctypes import c_double, c_int64
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from monitoring.compiled.library import load

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

MOST_ROWS = 1_000_000_000
"""Rows of a side up to which no product of counts overflows."""
LIBRARY = load()
"""The compiled code; None where it was not compiled: then nothing below may be called."""


def compiled() -> bool:
    """Whether there is compiled code to call."""
    return LIBRARY is not None


def fits(reference: int, batch: int) -> bool:
    """Whether there is compiled code for sides of so many values."""
    return LIBRARY is not None and 0 < reference <= MOST_ROWS and 0 < batch <= MOST_ROWS


def fits_cramer_von_mises(reference: int, batch: int) -> bool:
    """Whether the sums of Cramér-von Mises, up to 4 n m (n + m), fit what they are added up in."""
    return fits(reference, batch) and 4 * reference * batch * (reference + batch) < 2**63


class Sides:
    """Counts of both sides on the same cells, and where they lie in memory.

    Attributes:
        n, m: values of the reference and of the batch, at least one.
        mine, other: what every function is given of the reference and of the batch.
    """

    __slots__ = ("cells", "held", "m", "mine", "n", "other")

    def __init__(self, n: int, reference: Ints, m: int, filled: Ints, held: Ints, upto: Ints) -> None:
        """Check and hold them.

        Args:
            n, m: values of the reference and of the batch.
            reference: (2p + 1,) the reference's values in each cell or one before it.
            filled: (u,) cells in which the batch has values, increasing.
            held, upto: (u,) its values in each, and in it or one before it.
        """
        u = len(filled)
        _expect(0 < u == len(held) == len(upto) and filled.item(0) >= 0 and filled.item(-1) < len(reference))
        _expect(0 < n == reference.item(-1) and 0 < m == upto.item(-1))
        self.n, self.m, self.cells = n, m, len(reference)
        self.mine = (n, _ints(reference))
        self.other = (m, _ints(filled), _ints(held), _ints(upto), u)
        self.held = (reference, filled, held, upto)  # as long as their addresses are known


@dataclass(frozen=True, slots=True)
class Counted:
    """Values in the cells of m points.

    Attributes:
        cells: (2m + 1,) values in each.
        sums: (m + 1,) sums of those in the open cells.
        filled: (u,) cells that hold any, increasing.
        held, upto: (u,) values in each of these, and in it or one before it.
    """

    cells: Ints
    sums: Floats
    filled: Ints
    held: Ints
    upto: Ints


def count(ordered: Floats, points: Floats) -> Counted:
    """Increasing, finite `ordered` (n,) in the cells of increasing `points` (m,)."""
    n, m = len(ordered), len(points)
    cells, sums = np.zeros(2 * m + 1, dtype=np.int64), np.zeros(m + 1)
    filled, held, upto = np.empty((3, min(n, len(cells))), dtype=np.int64)
    u = _library().driftline_count(
        *(_floats(ordered), n, _floats(points), m),
        *(_ints(cells), _floats(sums), *map(_ints, (filled, held, upto))),
    )
    return Counted(cells, sums, filled[:u], held[:u], upto[:u])


def widest_gap(sides: Sides, ordered: Floats, values: Floats | None) -> tuple[float, float, int, float | None]:
    """Bounds of sup |F - G|, at which cell's end it is widest, and the smallest value where it is wider than there.

    With the increasing values of both sides, `ordered` (n,) and `values` (m,), the bounds are one; without the latter
    the former are not looked at.
    """
    looked: tuple[int | None, int | None] = (None, None)
    if values is not None:
        _expect(len(ordered) == sides.n and len(values) == sides.m)
        looked = (_floats(ordered), _floats(values))
    gaps, cell, value = (c_int64 * 2)(), c_int64(), c_double()
    found = _library().driftline_gap(
        *sides.mine, sides.cells, *sides.other, *looked, gaps, ctypes.byref(cell), ctypes.byref(value)
    )
    size = sides.n * sides.m
    return gaps[0] / size, gaps[1] / size, cell.value, value.value if found else None


def cramer_von_mises_bounds(sides: Sides, ties: tuple[float, float]) -> tuple[float, float]:
    """Bounds of T; `ties` are the reference's sums of (t³ - t) / 12, on points and at most in open cells."""
    bounds = (c_double * 2)()
    _library().driftline_cvm(*sides.mine, *sides.other, *ties, bounds)
    return bounds[0], bounds[1]


def place_of(sides: Sides, rank: int) -> int:
    """The place among the batch's filled cells from which on `rank` values of both sides lie up to a cell's end."""
    _, filled, _, upto, u = sides.other
    place: int = _library().driftline_place(sides.mine[1], filled, upto, u, rank)
    return place


def wasserstein(few: Floats, many: Floats) -> float:
    """W1 of two sides' increasing values, the smaller one first, neither empty."""
    _expect(0 < len(few) <= len(many) <= MOST_ROWS)
    return float(_library().driftline_wasserstein(_floats(few), len(few), _floats(many), len(many)))


def _floats(values: Floats) -> int:
    return _at(values, np.float64)


def _ints(values: Ints) -> int:
    return _at(values, np.int64)


def _at(values: NDArray[np.generic], kind: type[np.generic]) -> int:
    """Where the values begin; the caller holds them."""
    _expect(values.dtype == kind and values.flags.c_contiguous)
    return values.ctypes.data


def _expect(so: bool | np.bool_) -> None:
    if not so:
        raise ValueError("These counts and values do not belong together.")


def _library() -> ctypes.CDLL:
    if LIBRARY is None:
        raise RuntimeError("The compiled loops are not there: run `make setup` where there is a C compiler.")
    return LIBRARY
