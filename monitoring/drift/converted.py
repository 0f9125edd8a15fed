"""A number that moved, converted from other usual units: which one brings it nearest to the reference. Pure.

Two things tell a unit from a changed world. Converted, the column is spread as the reference is and lies where that
lies. And numbers that a device or a form rounds are a grid: numbers of another unit lie beside the reference's values,
and converted they fall on them, however far the season has moved them.
"""

from __future__ import annotations

from dataclasses import astuple, dataclass
from math import isfinite, log

import numpy as np
from scipy.special import bdtrc

from monitoring.drift.quantiles import quantile_of
from monitoring.drift.units import conversions
from monitoring.profiles.grid import Floats, Ints

LOOKED_AT = 1_001
"""Values of a column that are looked at, at equal steps of its ranks."""
DECIMALS = 6
"""Most decimals of a number that was rounded."""
OUTER = 0.1
"""Share of the values at either end that its spread leaves out."""
LEAST_GAP = 0.1
"""KS D from which a column is looked at: any conversion of these moves more."""
SPREAD_COUNTS = 0.2
"""How much another spread counts beside the gap, per natural logarithm, where conversions are chosen between."""
NO_SPREAD = 0.01
"""The spread that a column without one has there."""
OFTEN = 10
"""How often a value of rounded numbers occurs on average."""
ROUNDING = 1e-6
"""What a conversion may be off by, as a part of the largest value: some leave out digits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Converted:
    """What the conversion that brings a column nearest to the reference does to it.

    Attributes:
        unit: in which the values then are, '' where only a factor is known; usual: the declared one.
        factor, offset: of the conversion.
        median: the batch's, as it is; median_converted: converted.
        gap: KS D to the reference, converted.
        apart: how many spreads of the reference the medians lie apart, unconverted.
        spread: of the batch's middle values per spread of the reference's; spread_converted: converted.
        on_grid: of the values within the reference's range the share that are values of the reference, unconverted;
            on_grid_converted: converted.
        chance: that as many different values, converted, fall on the reference's by chance; 1 where these are too dense
            to tell; chance_usual: unconverted.
        rounded: whether the reference's values are few and rounded: new numbers of its unit are among them.
        different: different values of the side that has fewer.
        heaviest: largest share of one value on either side.
        block: the largest KS D of one block of the reference to its others; 0 without blocks.
    """

    unit: str
    usual: str
    factor: float
    offset: float
    median: float
    median_converted: float
    gap: float
    apart: float
    spread: float
    spread_converted: float
    on_grid: float
    on_grid_converted: float
    chance: float
    chance_usual: float
    rounded: bool
    different: int
    heaviest: float
    block: float


@dataclass(frozen=True, slots=True)
class Known:
    """The reference's side: its finite values (n,), sorted; the different ones, none where they are too many to be a
    grid; its coarse counts (b, cells + 1) per block, missing last; and the declared unit, '' without one."""

    ordered: Floats
    points: Floats
    blocks: Ints
    unit: str


@dataclass(frozen=True, slots=True)
class _OnGrid:
    """Values, those beside a point of the reference moved onto it; of those within its range the share that are, how
    many different ones there are, how many of these are, and the part of the room between points, where they lie, that
    is beside one."""

    values: Floats
    share: float
    different: int
    hits: int
    covered: float

    @property
    def chance(self) -> float:
        """That as many hit by chance."""
        return float(bdtrc(self.hits - 1, self.different, self.covered)) if self.hits and self.covered < 1 else 1.0


def convert(known: Known, values: Floats, gap: float) -> Converted | None:
    """The conversion with which a column fits the reference best.

    None where the column hardly moved, a side has no spread, or numbers are too far apart to be divided.

    Args:
        known: the reference's side.
        values: (m,) finite values of the batch, or of a sample of it, sorted.
        gap: KS D of both sides as they are.
    """
    if gap < LEAST_GAP:
        return None
    looked, usual = _evenly(values), _spread(known.ordered)
    if not usual or looked[0] == looked[-1]:
        return None
    decimals = _decimals(looked), _decimals(known.points)
    tried = []
    for one in conversions(known.unit):
        found = _on_grid(looked * one.factor + one.offset, known.points, _half(decimals, one.factor))
        tried.append((one, found, _gap(found.values, known.ordered)))
    spread = _spread(looked) / usual
    one, found, nearest = min(tried, key=lambda item: _misfit(item[2], spread * item[0].factor))
    median = quantile_of(values, 0.5)
    as_it_is = _on_grid(looked, known.points, _half(decimals, 1.0))
    sides = [np.unique(side, return_counts=True)[1] for side in (looked, _evenly(known.ordered))]
    converted = Converted(
        unit=one.unit,
        usual=known.unit,
        factor=one.factor,
        offset=one.offset,
        median=median,
        median_converted=median * one.factor + one.offset,
        gap=nearest,
        apart=abs(median - quantile_of(known.ordered, 0.5)) / usual,
        spread=spread,
        spread_converted=spread * one.factor,
        on_grid=as_it_is.share,
        on_grid_converted=found.share,
        chance=found.chance,
        chance_usual=as_it_is.chance,
        rounded=decimals[1] is not None and len(known.points) * OFTEN <= len(known.ordered) and found.covered <= 0.5,
        different=min(len(counts) for counts in sides),
        heaviest=max(float(counts.max() / counts.sum()) for counts in sides),
        block=_furthest_block(known.blocks),
    )
    return converted if all(isfinite(part) for part in astuple(converted) if isinstance(part, float)) else None


def _evenly(values: Floats) -> Floats:
    """At most `LOOKED_AT` of the sorted values, at equal steps."""
    if len(values) <= LOOKED_AT:
        return values
    return values[np.linspace(0, len(values) - 1, LOOKED_AT).astype(np.int64)]


def _spread(ordered: Floats) -> float:
    """Of the middle values of sorted ones."""
    low, high = np.quantile(ordered, (OUTER, 1 - OUTER))
    return float(high - low)


def _misfit(gap: float, spread: float) -> float:
    """How badly a converted column fits."""
    return gap + SPREAD_COUNTS * abs(log(max(spread, NO_SPREAD)))


def _decimals(values: Floats) -> int | None:
    """Fewest decimals with which all values are written; None where they were not rounded."""
    size = np.abs(values).max(initial=1.0)
    for decimals in range(DECIMALS + 1):
        if np.abs(values - np.round(values, decimals)).max(initial=0.0) <= 1e-9 * size:
            return decimals
    return None


def _half(decimals: tuple[int | None, int | None], factor: float) -> float:
    """How far a converted value may lie beside the reference's: half a last decimal of both."""
    batch, reference = (0.0 if places is None else 0.5 * 10.0**-places for places in decimals)
    return batch * factor + reference


def _on_grid(values: Floats, points: Floats, half: float) -> _OnGrid:
    """Which values lie no further than `half` beside a point. Zero says nothing: it is zero in most units."""
    if len(points) < 2:
        return _OnGrid(values, 0.0, 0, 0, 1.0)
    slack = half + ROUNDING * float(np.abs(points).max())
    after = np.minimum(np.searchsorted(points, values), len(points) - 1)
    before = np.maximum(after - 1, 0)
    nearest = np.where(np.abs(values - points[before]) <= np.abs(points[after] - values), points[before], points[after])
    hit = np.abs(values - nearest) <= slack
    within = (values >= points[0] - slack) & (values <= points[-1] + slack) & (values != 0)
    different, first = np.unique(values[within], return_index=True)
    room = (points[after] - points[before])[within][first]
    beside = np.minimum(1.0, np.divide(2 * slack, room, out=np.ones(len(room)), where=room > 2 * slack))
    hits = int(hit[within][first].sum())
    share = float(hit[within].mean()) if within.any() else 0.0
    covered = float(beside.mean()) if len(different) else 1.0
    return _OnGrid(np.where(hit, nearest, values), share, len(different), hits, covered)


def _gap(values: Floats, ordered: Floats) -> float:
    """KS D of sorted values (k,) and the reference's."""
    n, k = len(ordered), len(values)
    left, right = (
        np.abs(ordered.searchsorted(values, side) / n - values.searchsorted(values, side) / k).max()
        for side in ("left", "right")
    )
    return float(max(left, right))


def _furthest_block(blocks: Ints) -> float:
    """Largest KS D of one block to the others, on the coarse cells."""
    if len(blocks) < 2:
        return 0.0
    mine = np.cumsum(blocks[:, :-1], axis=1)
    others = mine.sum(axis=0) - mine
    shares = [side / np.maximum(side[:, -1:], 1) for side in (mine, others)]
    return float(np.abs(shares[0] - shares[1]).max())
