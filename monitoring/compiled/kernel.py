"""What `loops.c` computes, with arrays in and values out; checked here, since C checks nothing."""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from dataclasses import dataclass
from math import inf
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from monitoring.compiled.library import Found, load

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

LARGEST_SUM = 2**63
"""What sums are added up in; those of Cramér-von Mises are up to 4 n m (n + m)."""
APART = "These counts and values do not belong together."
FLOAT, INT, CODE, SHORT, BYTE, HASH = map(np.dtype, ("f8", "i8", "i4", "u2", "u1", "u8"))
SLOTS = 8
"""Places for each known text in the table that finds it: few share one."""
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


class Counted(NamedTuple):
    """Values in the cells of m points.

    Attributes:
        cells: (2m + 1,) values in each.
        sums: (m + 1,) sums of those in the open cells.
        filled: (u,) cells that hold any, increasing.
        upto: (u,) values in each of these or one before it.
        shortfalls: (m + 1,) how far those in the open cells fall short of the cell's right end, summed, 0 in the last
            one, which has no end; None where that was not found on the way.
    """

    cells: Ints
    sums: Floats
    filled: Ints
    upto: Ints
    shortfalls: Floats | None = None


def count(ordered: Floats, points: Floats, strips: Strips | None = None) -> Counted:
    """Increasing, finite `ordered` (n,) in the cells of increasing `points` (m,), looked up in their `strips`."""
    n, m = len(ordered), len(points)
    cells, sums, shortfalls = np.zeros(2 * m + 1, dtype=np.int64), np.zeros(m + 1), np.zeros(m + 1)
    room = min(n, len(cells))
    below, filled, upto = np.empty(n, dtype=np.int64), np.empty(room, dtype=np.int64), np.empty(room, dtype=np.int64)
    table: tuple[int | None, float, float, float] = (None, inf, inf, 0.0)
    if strips:
        table = (_at(strips.before, SHORT), strips.low, strips.high, strips.scale)
    u = _library().driftline_count(
        *(_at(ordered, FLOAT), n, _at(points, FLOAT), m, *table),
        *(_at(cells, INT), _at(sums, FLOAT), _at(shortfalls, FLOAT), _at(below, INT), _at(filled, INT), _at(upto, INT)),
    )
    return Counted(cells, sums, filled[:u], upto[:u], shortfalls)


class Compared(NamedTuple):
    """What counts, and values, of both sides say.

    Attributes:
        gap_low, gap_high: bounds of sup |F - G|, one where values were looked at.
        cell: at whose right end it is widest, of all cells' ends.
        value: the smallest value at which it is wider than there; None where it is not.
        places: of the n-th and of the m-th of all values the cell, how many lie before that, and up to its end.
        cramer_von_mises: bounds of T.
    """

    gap_low: float
    gap_high: float
    cell: int
    value: float | None
    places: tuple[tuple[int, ...], tuple[int, ...]]
    cramer_von_mises: tuple[float, float]


def compare(
    reference: Ints, ties: tuple[float, float], batch: tuple[Ints, Ints], looked: tuple[Floats, Floats] | None
) -> Compared:
    """Compare both sides' counts on the same 2p + 1 cells.

    Args:
        reference: (2p + 1,) the reference's values, n >= 1 of them, in each cell or one before it.
        ties: its sums of (t³ - t) / 12 over ties, on points and at most in open cells.
        batch: (u,) each, of the batch's m >= 1 values the cells that hold any, increasing, and the values in each of
            them or one before it.
        looked: (n,) and (m,) both sides' values, increasing; None where they are not at hand.
    """
    filled, upto = batch
    u, cells = len(filled), len(reference)
    _expect(0 < u == len(upto) and filled.item(0) >= 0 and filled.item(-1) < cells)
    n, m = reference.item(-1), upto.item(-1)
    _expect(fits(n, m) and (looked is None or (len(looked[0]), len(looked[1])) == (n, m)))
    values = (_at(looked[0], FLOAT), _at(looked[1], FLOAT)) if looked else (None, None)
    found = Found()
    _library().driftline_compare(
        *(n, _at(reference, INT), cells, *ties),
        *(m, _at(filled, INT), _at(upto, INT), u),
        *(*values, ctypes.byref(found)),
    )
    size, places = n * m, found.places[:]
    return Compared(
        gap_low=found.gap / size,
        gap_high=found.gap_bound / size,
        cell=found.cell,
        value=found.value if found.within else None,
        places=(tuple(places[:3]), tuple(places[3:])),
        cramer_von_mises=tuple(found.bounds),
    )


class Side(NamedTuple):
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
    area = _library().driftline_wasserstein(
        *(n, _at(reference.counts, INT), _at(reference.ordered, FLOAT), _at(reference.shortfalls, FLOAT)),
        *(m, _at(batch.counts, INT), _at(batch.ordered, FLOAT), _at(batch.shortfalls, FLOAT)),
        *(_at(points, FLOAT), p),
    )
    _expect(area != -1)  # else the batch's counts are not of its values
    return float(area)


def inside(n: int, m: int, down: int, across: int, h: int) -> float:
    """Share of the lattice paths from (0, 0) to (n, m), 0 < n <= m, on which |i down - j across| stays below h > 0."""
    _expect(0 < n <= m and down > 0 and across > 0 and h > 0 and n * down + m * across + h < LARGEST_SUM)
    row = np.empty(m + 1)
    return float(_library().driftline_inside(n, m, down, across, h, _at(row, FLOAT)))


@dataclass(frozen=True, slots=True)
class Texts:
    """Different texts, one after the other.

    Attributes:
        text: (s,) their bytes.
        ends: (k + 1,) where they begin and end.
    """

    text: NDArray[np.uint8]
    ends: NDArray[np.int32]

    @classmethod
    def of(cls, texts: Sequence[str]) -> Texts:
        """As UTF-8; what no UTF-8 can say equals no text that was read."""
        each = [text.encode(errors="surrogatepass") for text in texts]
        ends = np.cumsum([0, *map(len, each)])
        _expect(ends[-1] < 2**31)
        return cls(np.frombuffer(b"".join(each), dtype=np.uint8), ends.astype(np.int32))


class Known(NamedTuple):
    """Which of k known texts a column holds.

    Attributes:
        codes: (n,) their number, k where a text is missing, k + 1 where it is another one.
        counts: (k + 2,) how many there are of each.
    """

    codes: NDArray[np.int32]
    counts: Ints


def count_texts(texts: pa.StringArray, known: Texts) -> Known:
    """Which of `known` each of n `texts` is, an array that Arrow finds whole: readers validate what a file claims."""
    n, k = len(texts), len(known.ends) - 1
    codes, counts = np.empty(n, dtype=np.int32), np.zeros(k + 2, dtype=np.int64)
    if not n:
        return Known(codes, counts)
    present, ends, text = texts.buffers()
    slots, hashes = np.zeros(1 << (SLOTS * k).bit_length(), dtype=np.int32), np.empty(k, dtype=np.uint64)
    _expect(pa.types.is_string(texts.type) and ends.size >= (texts.offset + n + 1) * codes.itemsize)
    found = _library().driftline_texts(
        *(_at(known.text, BYTE), _at(known.ends, CODE), k),
        *(text.address if text else None, text.size if text else 0, ends.address + texts.offset * codes.itemsize, n),
        *(present.address if present else None, texts.offset),
        *(_at(hashes, HASH), _at(slots, CODE), len(slots) - 1, _at(codes, CODE), _at(counts, INT)),
    )
    _expect(found == 0)
    return Known(codes, counts)


def _at(values: NDArray[np.generic], kind: np.dtype[np.generic]) -> int:
    """Where the values begin; the caller holds them."""
    if values.dtype == kind:
        memory: Any = values
        try:
            return ctypes.addressof(ctypes.c_char.from_buffer(memory))  # a third of the time, of what may be written
        except (TypeError, ValueError):
            if values.flags.c_contiguous:
                return values.ctypes.data
    raise ValueError(APART)


def _expect(so: bool | np.bool_) -> None:
    if not so:
        raise ValueError(APART)


def _library() -> ctypes.CDLL:
    if LIBRARY is None:
        raise RuntimeError("The compiled loops are not there: run `make setup` where there is a C compiler.")
    return LIBRARY
