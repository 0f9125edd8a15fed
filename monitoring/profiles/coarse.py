"""Profiles on fewer cells, to store and to send. Pure.

What is computed from one carries the wider interval that its cells leave; its counts are exact.
"""

from __future__ import annotations

from dataclasses import replace

from monitoring.profiles.counts import CategoryCounts, Counts, NumericCounts
from monitoring.profiles.grid import Grid, NumericGrid
from monitoring.profiles.mismatch import ProfileMismatch
from monitoring.profiles.profile import Grids, Profile
from monitoring.profiles.reference import Reference

POINTS = 127
"""Points of a numeric grid to keep: 255 cells."""
FEWEST = 16
"""Points that must remain: the cuts of the reference's tenths, both ends, and some between."""
UNSEEN = 128
"""Unseen categories of a column that keep a count of their own; the total of all of them is always kept."""


def coarsen(profile: Profile, reference: Reference, points: int = POINTS) -> Profile:
    """The profile with at most `points` points in each numeric grid, spread over the reference's ranks.

    A categorical column keeps `UNSEEN` unseen categories; where a batch has more, the test of categories joins those
    that cannot be told apart any more. Blocks and the row sample stay as they are.

    Coarse profiles of the same reference and number of points add and subtract like fine ones, and coarsening commutes
    with both. `compare` takes them as they are.

    Raises:
        ProfileMismatch: the profile belongs to another reference, or is coarse already, with other points.
        ValueError: fewer points than `FEWEST`.
    """
    if profile.reference != reference.grids.reference:
        raise ProfileMismatch("This profile was made against another reference and cannot be coarsened by this one.")
    if profile.points == points:
        return profile
    if profile.points is not None:
        raise ProfileMismatch(f"This profile is coarse already, with {profile.points} points a column.")
    fine, coarse = reference.grids.columns, coarse_grids(reference, points).columns
    columns = {name: _coarsened(counts, fine[name], coarse[name]) for name, counts in profile.columns.items()}
    return replace(profile, columns=columns, points=points)


def coarse_reference(reference: Reference, points: int) -> Reference:
    """The reference as a coarse profile sees it."""
    return replace(
        reference, grids=coarse_grids(reference, points), profile=coarsen(reference.profile, reference, points)
    )


def coarse_grids(reference: Reference, points: int) -> Grids:
    """The grids of a reference with at most `points` points in each numeric one."""
    if points < FEWEST:
        raise ValueError(f"points={points}: at least {FEWEST} are needed")
    grids = reference.grids
    columns = {
        name: _coarse_grid(grid, reference.profile.columns[name], points) for name, grid in grids.columns.items()
    }
    return replace(grids, columns=columns)


def _coarse_grid(grid: Grid, counts: Counts, points: int) -> Grid:
    if isinstance(grid, NumericGrid) and isinstance(counts, NumericCounts):
        return grid.coarsened(counts.cells, counts.tenths, points)
    return grid


def _coarsened(counts: Counts, fine: Grid, coarse: Grid) -> Counts:
    if isinstance(counts, NumericCounts) and isinstance(fine, NumericGrid) and isinstance(coarse, NumericGrid):
        return counts.coarsened(fine, coarse)
    return counts.coarsened(UNSEEN) if isinstance(counts, CategoryCounts) else counts
