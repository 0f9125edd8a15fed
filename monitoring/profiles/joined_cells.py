"""The finest cells on which a stored profile is known: those of its columns and those of its blocks, joined. Pure.

The cells that profiles are stored with are fine where the reference has values, and one beyond. Batches may lie beyond,
a summer beside a winter; there the cells of blocks go on. Where both kinds of cells count the same rows, the rows are
known on the points of both.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from monitoring.profiles.counts import Counts, NumericCounts
from monitoring.profiles.day_cells import DayCells, refined
from monitoring.profiles.grid import Grid, NumericGrid
from monitoring.profiles.mismatch import ProfileMismatch
from monitoring.profiles.profile import Profile
from monitoring.profiles.reference import Reference


@dataclass(frozen=True, slots=True)
class JoinedCells:
    """The cells of one reference.

    Attributes:
        stored: the reference on the cells that profiles are stored with.
        days: on the cells of days.
        reference: on the points of both; profiles from `of` are compared with it.
    """

    stored: Reference
    days: DayCells
    reference: Reference

    @classmethod
    def build(cls, reference: Reference, stored: Reference) -> JoinedCells:
        """The cells of a reference, and the same as `coarse_reference` has it."""
        days = DayCells.build(reference)
        grids, counts = dict(stored.grids.columns), dict(stored.profile.columns)
        for name, grid in stored.grids.columns.items():
            own, joined = reference.profile.columns[name], _joined(grid, days.grids.columns[name])
            if isinstance(joined, NumericGrid) and isinstance(own, NumericCounts):
                found = NumericCounts.of(reference.ordered[name], joined)
                grids[name] = joined
                counts[name] = replace(own, cells=found.cells, sums=found.sums)
        profile = replace(stored.profile, columns=counts, points=None, sample=None)
        return cls(stored, days, replace(stored, grids=replace(stored.grids, columns=grids), profile=profile))

    def of(self, profile: Profile) -> Profile:
        """A whole stored profile on the points of both kinds of cells. Raises as `column`."""
        return replace(profile, columns={name: self.column(profile, name) for name in profile.columns}, points=None)

    def column(self, profile: Profile, name: str) -> Counts:
        """One column of it.

        Raises:
            ProfileMismatch: the profile belongs to another reference, is on other cells, or has rows of more days than
                are counted singly.
        """
        counts, grid, day_grid = profile.columns[name], self.stored.grids.columns[name], self.days.grids.columns[name]
        if len(counts.cells) != grid.cells:
            raise ProfileMismatch("This profile is on other cells than the reference that was given.")
        on_days = self.days.column(profile, name, np.ones(len(profile.blocks.ids), dtype=bool))
        match counts, on_days, grid, day_grid:
            case NumericCounts(), NumericCounts(), NumericGrid(), NumericGrid():
                return refined(counts, on_days, grid.points, day_grid.points)
            case _:
                return counts


def _joined(grid: Grid, days: Grid) -> Grid:
    """A grid with the points of both."""
    if isinstance(grid, NumericGrid) and isinstance(days, NumericGrid):
        return replace(grid, points=np.union1d(grid.points, days.points), exact=False)
    return grid
