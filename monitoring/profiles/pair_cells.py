"""The cells on which two batches are compared with each other. Pure.

The cells of a reference are fine where the reference has values. Two batches may both lie beside it, two summers beside
a winter; there the cells of blocks go on beyond its range. Where both kinds of cells count the same rows, a batch is
known on the points of both.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from monitoring.profiles.counts import Counts, NumericCounts
from monitoring.profiles.day_cells import DayCells, refined
from monitoring.profiles.grid import Grid, NumericGrid
from monitoring.profiles.mismatch import ProfileMismatch
from monitoring.profiles.profile import Profile
from monitoring.profiles.reference import Reference


@dataclass(frozen=True, slots=True)
class PairCells:
    """Cells for two batches.

    Attributes:
        stored: the reference on the cells that whole profiles are stored with.
        days: on the cells of days, beyond the range of the reference too.
        both: `stored`, with the points of both kinds of cells.
    """

    stored: Reference
    days: DayCells
    both: Reference

    @classmethod
    def build(cls, reference: Reference, stored: Reference) -> PairCells:
        """The cells of a reference, and the same as `coarse_reference` has it."""
        days = DayCells.build(reference, beyond=True)
        columns = {name: _joined(grid, days.grids.columns[name]) for name, grid in stored.grids.columns.items()}
        return cls(stored, days, replace(stored, grids=replace(stored.grids, columns=columns)))

    def whole(self, profile: Profile) -> Profile:
        """A whole profile on the points of both kinds of cells.

        Raises:
            ProfileMismatch: the profile belongs to another reference, is on other cells, or has rows of more days than
                are counted singly.
        """
        grids = self.stored.grids.columns
        if any(len(counts.cells) != grids[name].cells for name, counts in profile.columns.items()):
            raise ProfileMismatch("This profile is on other cells than the reference that was given.")
        on_days = self.days.of(profile, np.ones(len(profile.blocks.ids), dtype=bool))
        columns: dict[str, Counts] = {}
        for name, counts in profile.columns.items():
            grid, other, day_grid = grids[name], on_days.columns[name], self.days.grids.columns[name]
            if isinstance(counts, NumericCounts) and isinstance(other, NumericCounts):
                if isinstance(grid, NumericGrid) and isinstance(day_grid, NumericGrid):
                    columns[name] = refined(counts, other, grid.points, day_grid.points)
            else:
                columns[name] = counts
        return replace(profile, columns=columns, points=None)

    def part(self, profile: Profile, chosen: NDArray[np.bool_]) -> Profile:
        """The rows of the `chosen` (b,) blocks of a profile, on the cells of days. Raises as `DayCells.of`."""
        return self.days.of(profile, chosen)


def _joined(grid: Grid, days: Grid) -> Grid:
    """A grid with the points of both."""
    if isinstance(grid, NumericGrid) and isinstance(days, NumericGrid):
        return replace(grid, points=np.union1d(grid.points, days.points), exact=False)
    return grid
