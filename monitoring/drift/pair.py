"""One column on both sides: what a detector is given. Plain values."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from monitoring.drift.measurement import Role
from monitoring.profiles.counts import CategoryCounts, NumericCounts
from monitoring.profiles.grid import CategoryGrid, Floats, Ints, NumericGrid


@dataclass(frozen=True, slots=True, kw_only=True)
class NumericPair:
    """A numeric column.

    Attributes:
        column: its name; role: what it is to the model; grid: its cells.
        reference, batch: counts of both sides.
        reference_blocks: (b, cells + 1) coarse counts of the reference per block, missing last; (0, …) without blocks.
        ordered: the reference's finite values, sorted, for an exact look.
        values: the batch's finite values, any order, or None when only counts are at hand.
    """

    column: str
    role: Role
    grid: NumericGrid
    reference: NumericCounts
    batch: NumericCounts
    reference_blocks: Ints
    ordered: Floats
    values: Floats | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CategoryPair:
    """A categorical column; attributes as in `NumericPair`."""

    column: str
    role: Role
    grid: CategoryGrid
    reference: CategoryCounts
    batch: CategoryCounts
    reference_blocks: Ints


Pair = NumericPair | CategoryPair


def highest_share(blocks: Ints, cell: int, overall: float) -> float:
    """Largest share of coarse `cell` in any block; `overall` when there are no blocks."""
    if not len(blocks):
        return overall
    return float(np.max(blocks[:, cell] / np.maximum(blocks.sum(axis=1), 1)))
