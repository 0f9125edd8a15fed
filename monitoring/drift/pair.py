"""One column on both sides: what a detector is given. Plain values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise

import numpy as np

from monitoring.compiled import kernel
from monitoring.drift.converted import Converted, Known, convert
from monitoring.drift.gap import Gap, Steps, bound_gap, exact_gap
from monitoring.drift.intervals import effect_interval
from monitoring.drift.levels import changes, group_levels, level_counts, total_variation
from monitoring.drift.measurement import CategoryShift, NumericShift, Role
from monitoring.drift.quantiles import quantile_bounds, quantile_of
from monitoring.profiles.counts import CategoryCounts, NumericCounts
from monitoring.profiles.grid import CategoryGrid, Floats, Ints, NumericGrid
from monitoring.profiles.merged_sample import Repeats


@dataclass(kw_only=True)
class NumericPair:
    """A numeric column. Nothing changes one; frozen, it would take four times as long to make.

    Attributes:
        column: its name; role: what it is to the model; grid: its cells.
        reference, batch: counts of both sides.
        reference_blocks: (b, cells + 1) coarse counts of the reference per block, missing last; (0, …) without blocks.
        ordered: the reference's finite values, sorted, for an exact look.
        values: the batch's finite values, sorted, or None when only counts are at hand.
        every_row: whether to look at every value where a statistic needs it, not only at those in a few cells.
        drawn: where `values` is None, those of a sample of the batch, sorted, or None.
        unit: declared for the column, '' without one.
    """

    column: str
    role: Role
    grid: NumericGrid
    reference: NumericCounts
    batch: NumericCounts
    reference_blocks: Ints
    ordered: Floats
    values: Floats | None
    every_row: bool = True
    drawn: Floats | None = None
    unit: str = ""

    @cached_property
    def steps(self) -> Steps:
        """How many values of both sides lie before and in the cells in which the batch has any."""
        return Steps.of(self.reference, self.batch)

    @cached_property
    def compiled(self) -> kernel.Compared | None:
        """What the compiled code makes of both sides; None where it is not there or a side is empty or too large."""
        reference, filled = self.reference, self.batch.filled
        if not kernel.fits(reference.present, self.batch.present):
            return None
        upto, cells, reached = map(np.ascontiguousarray, (reference.upto, *filled))
        ties = (reference.ties.of_points, reference.ties.in_open_cells)
        looked = None if self.values is None else (self.ordered, self.values)
        return kernel.compare(upto, ties, (cells, reached), looked)

    @cached_property
    def gap(self) -> Gap:
        """The widest gap between both sides' distribution functions, exact where the values are at hand."""
        if not self.reference.present or not self.batch.present:
            return Gap(0.0, 0.0, 0)
        if self.compiled:
            return Gap(self.compiled.gap_low, self.compiled.gap_high, self.compiled.cell, self.compiled.value)
        bounds = bound_gap(self.steps, self.reference)
        if bounds[0].low == bounds[0].high or self.values is None:
            return bounds[0]
        return exact_gap(bounds, self.reference, self.batch, self.ordered, self.values)

    @cached_property
    def effect_ends(self) -> tuple[float, float]:
        """Ends of the 95 % interval of the effect, the widest gap."""
        return effect_interval(self.gap.high, self.gap.low, self.reference.present, self.batch.present)

    @cached_property
    def bins(self) -> tuple[list[int], list[int]]:
        """Counts (k,) of both sides in bins of about a tenth of the reference each, for binned distances.

        They are cut at values of the reference, so that the counts are exact whatever the grid. Bins without a value on
        either side are left out.
        """
        batch = [0, *self.batch.upto_cells(self.reference.tenths).tolist(), self.batch.present]
        return without_empty(self.reference.in_tenths, [end - begin for begin, end in pairwise(batch)])

    @cached_property
    def shift(self) -> NumericShift:
        """Medians and means of both sides, and where the gap is widest; of counts alone the middle of the bounds."""
        gap, points = self.gap, self.grid.points
        location = gap.value
        if location is None:
            location = float(points[min(gap.cell // 2, len(points) - 1)]) if len(points) else 0.0
        lowest, highest = self._median_bounds(self.ordered, self.reference)  # a stored profile knows counts alone
        low, high = self.median_bounds
        return NumericShift(
            median_reference=(lowest + highest) / 2,
            median_batch=(low + high) / 2,
            median_error=max(high - low, highest - lowest) / 2,
            mean_reference=self.reference.mean,
            mean_batch=self.batch.mean,
            location=location,
        )

    @property
    def converted(self) -> Converted | None:
        """What the best conversion from another unit does to the batch; None of counts alone, see also `convert`."""
        values = self.drawn if self.values is None else self.values
        if self.role != "input" or values is None or not len(values) or not self.reference.present:
            return None
        points = self.grid.points if self.grid.exact else self.grid.points[:0]
        return convert(Known(self.ordered, points, self.reference_blocks, self.unit), values, self.gap.low)

    @property
    def shift_in_units(self) -> NumericShift:
        """The shift, with what converting from another unit does to it."""
        converted = self.converted
        return self.shift if converted is None else replace(self.shift, converted=converted)

    @cached_property
    def median_bounds(self) -> tuple[float, float]:
        """Bounds of the batch's median, one where its values are at hand; (0, 0) without values."""
        return self._median_bounds(self.values, self.batch)

    def _median_bounds(self, values: Floats | None, counts: NumericCounts) -> tuple[float, float]:
        if values is None or not len(values):
            return quantile_bounds(counts, self.grid, 0.5)
        median = quantile_of(values, 0.5)
        return median, median

    @cached_property
    def spread(self) -> float:
        """Interquartile range of the reference; where that is 0 its range, and 1 where that is 0 too."""
        if not len(self.ordered):
            return 1.0
        middle = quantile_of(self.ordered, 0.75) - quantile_of(self.ordered, 0.25)
        return middle or float(self.ordered[-1] - self.ordered[0]) or 1.0


@dataclass(kw_only=True)
class CategoryPair:
    """A categorical column; attributes as in `NumericPair`."""

    column: str
    role: Role
    grid: CategoryGrid
    reference: CategoryCounts
    batch: CategoryCounts
    reference_blocks: Ints

    @cached_property
    def levels(self) -> tuple[tuple[str, ...], Ints, Ints]:
        """Every level of either side with its counts, as by `level_counts`."""
        return level_counts(self.grid, self.reference, self.batch)

    @cached_property
    def bins(self) -> tuple[list[int], list[int]]:
        """Counts (k,) of both sides on the levels that either has, for binned distances."""
        return without_empty(*(side.tolist() for side in self.levels[1:]))

    @cached_property
    def groups(self) -> Floats:
        """Counts (2, g) of both sides in the groups of levels that are tested."""
        return group_levels(*self.levels[1:])

    @cached_property
    def variation(self) -> tuple[float, float]:
        """Total variation, raw and less its noise: the effect."""
        return total_variation(*self.levels[1:])

    @cached_property
    def effect_ends(self) -> tuple[float, float]:
        """Ends of the 95 % interval of the effect."""
        return effect_interval(*self.variation, self.reference.present, self.batch.present)

    @cached_property
    def shift(self) -> CategoryShift:
        """Which levels grew and shrank most."""
        return changes(*self.levels, self.groups.shape[1])


Pair = NumericPair | CategoryPair


@dataclass(frozen=True, kw_only=True)
class RowPair:
    """Whole rows, how often they repeat on both sides; `column` is one that no file has."""

    column: str = ""
    role: Role = "rows"
    reference: Repeats
    batch: Repeats


def without_empty(reference: Sequence[int], batch: Sequence[int]) -> tuple[list[int], list[int]]:
    """Counts (k,) of both sides without the places where neither has any."""
    if all(reference):
        return list(reference), list(batch)
    filled = [(f, g) for f, g in zip(reference, batch, strict=True) if f or g]
    return [f for f, _ in filled], [g for _, g in filled]


def highest_share(blocks: Ints, cell: int, overall: float) -> float:
    """Largest share of coarse `cell` in any block; `overall` when there are no blocks."""
    if not len(blocks):
        return overall
    return float(np.max(blocks[:, cell] / np.maximum(blocks.sum(axis=1), 1)))
