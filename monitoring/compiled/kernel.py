"""What `loops.c` computes, with arrays in and values out; checked here, since C checks nothing."""

from __future__ import annotations

import ctypes
from dataclasses import dataclass
from math import inf

import numpy as np
from numpy.typing import NDArray

from monitoring.compiled.library import Found, load

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

LARGEST_SUM = 2**63
"""What sums are added up in; those of Cramér-von Mises are up to 4 n m (n + m)."""
LIBRARY = load()
"""The compiled code; None where it was not compiled: then nothing below may be called."""


def compiled() -> bool:
    """Whether there is compiled code to call."""
    return LIBRARY is not None


def fits(n: int, m: int) -> bool:
    """Whether there is compiled code to compare sides of so many values."""
    return LIBRARY is not None and 0 < 4 * n * m * (n + m) < LARGEST_SUM


@dataclass(frozen=True, slots=True)
class Strips:
    """Strips of equal width over increasing points, `scale` of them a unit, from `low` up to `high`, one of the points.

    `before` (s,) tells how many points lie before each strip.
    """

    before: NDArray[np.uint16]
    low: float
    high: float
    scale: float

    def __post_init__(self) -> None:
        _expect(self.low < self.high and (self.high - self.low) * self.scale < len(self.before) - 1)


@dataclass(frozen=True, slots=True)
class Counted:
    """Values in the cells of m points.

    Attributes:
        cells: (2m + 1,) values in each.
        sums: (m + 1,) sums of those in the open cells.
        filled: (u,) cells that hold any, increasing.
        held, upto: (u,) values in each of these, and in it or one before it.
        shortfalls: (m + 1,) how far those in the open cells fall short of the cell's right end, summed, 0 in the last
            one, which has no end; None where that was not found on the way.
    """

    cells: Ints
    sums: Floats
    filled: Ints
    held: Ints
    upto: Ints
    shortfalls: Floats | None = None


def count(ordered: Floats, points: Floats, strips: Strips | None = None) -> Counted:
    """Increasing, finite `ordered` (n,) in the cells of increasing `points` (m,), looked up in their `strips`."""
    n, m = len(ordered), len(points)
    cells, sums, shortfalls = np.zeros(2 * m + 1, dtype=np.int64), np.zeros(m + 1), np.zeros(m + 1)
    room = min(n, len(cells))
    scratch = np.empty(n + 3 * room, dtype=np.int64)
    starts = (0, n, n + room, n + 2 * room)
    table: tuple[int | None, float, float, float] = (None, inf, inf, 0.0)
    if strips:
        table = (_at(strips.before, np.uint16), strips.low, strips.high, strips.scale)
    own, begin = (array.ctypes.data for array in (cells, sums, shortfalls)), scratch.ctypes.data
    places = (begin + scratch.itemsize * start for start in starts)
    u = _library().driftline_count(_floats(ordered), n, _floats(points), m, *table, *own, *places)
    filled, held, upto = (scratch[start : start + u] for start in starts[1:])
    return Counted(cells, sums, filled, held, upto, shortfalls)


@dataclass(frozen=True, slots=True)
class Compared:
    """What counts, and values, of both sides say.

    Attributes:
        gap_low, gap_high: bounds of sup |F - G|, one where values were looked at.
        cell: at whose right end it is widest, of all cells' ends.
        value: the smallest value at which it is wider than there; None where it is not.
        places: places among the batch's filled cells up to whose end the first n, and the first m, of all values lie.
        cramer_von_mises: bounds of T.
    """

    gap_low: float
    gap_high: float
    cell: int
    value: float | None
    places: tuple[int, int]
    cramer_von_mises: tuple[float, float]


def compare(
    reference: Ints, ties: tuple[float, float], batch: tuple[Ints, Ints, Ints], looked: tuple[Floats, Floats] | None
) -> Compared:
    """Compare both sides' counts on the same 2p + 1 cells.

    Args:
        reference: (2p + 1,) the reference's values, n >= 1 of them, in each cell or one before it.
        ties: its sums of (t³ - t) / 12 over ties, on points and at most in open cells.
        batch: (u,) each, of the batch's m >= 1 values the cells that hold any, increasing, the values in each of them,
            and in it or one before it.
        looked: (n,) and (m,) both sides' values, increasing; None where they are not at hand.
    """
    filled, held, upto = batch
    u, cells = len(filled), len(reference)
    _expect(0 < u == len(held) == len(upto) and filled.item(0) >= 0 and filled.item(-1) < cells)
    n, m = reference.item(-1), upto.item(-1)
    _expect(fits(n, m) and (looked is None or (len(looked[0]), len(looked[1])) == (n, m)))
    values = (_floats(looked[0]), _floats(looked[1])) if looked else (None, None)
    found = Found()
    _library().driftline_compare(
        *(n, _ints(reference), cells, *ties),
        *(m, _ints(filled), _ints(held), _ints(upto), u),
        *(*values, ctypes.byref(found)),
    )
    size = n * m
    return Compared(
        gap_low=found.gap / size,
        gap_high=found.gap_bound / size,
        cell=found.cell,
        value=found.value if found.within else None,
        places=tuple(found.places),
        cramer_von_mises=tuple(found.bounds),
    )


@dataclass(frozen=True, slots=True)
class Side:
    """The values of one side.

    Attributes:
        ordered: (n,) increasing.
        counts: (2p + 1,) how many lie in each cell or, of the reference, in it or one before it.
        shortfalls: (p + 1,) how far those in each open cell fall short of its right end, summed.
    """

    ordered: Floats
    counts: Ints
    shortfalls: Floats


def wasserstein(reference: Side, batch: Side, points: Floats) -> float:
    """W1 of both sides, neither empty, on the cells of increasing `points` (p,)."""
    n, m, p = len(reference.ordered), len(batch.ordered), len(points)
    _expect(fits(n, m) and reference.counts.item(-1) == n)
    for side in (reference, batch):
        _expect(len(side.counts) == 2 * p + 1 and len(side.shortfalls) == p + 1)
    mine, other = ((_floats(s.ordered), _ints(s.counts), _floats(s.shortfalls)) for s in (reference, batch))
    area = _library().driftline_wasserstein(
        *(n, mine[1], mine[0], mine[2]), *(m, other[1], other[0], other[2]), *(_floats(points), p)
    )
    _expect(area != -1)  # else the batch's counts are not of its values
    return float(area)


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
