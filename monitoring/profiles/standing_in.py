"""A batch in the place of a reference, so that two batches can be compared with each other. Pure."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from monitoring.profiles.blocks import coarse_cells
from monitoring.profiles.counts import UNSEEN_KEPT, CategoryCounts, NumericCounts
from monitoring.profiles.grid import CategoryGrid
from monitoring.profiles.mismatch import ProfileMismatch
from monitoring.profiles.profile import Grids, Profile
from monitoring.profiles.reference import Reference


def stand_in(profile: Profile, reference: Reference) -> Reference:
    """A batch as what another is compared with: both were counted on the cells of the same `reference`.

    It has counts only, so that statistics that need sorted values are intervals; exchanging days exchanges the days of
    both batches. It says nothing of repeated rows and performance.

    Args:
        profile: the batch that takes the reference's place, with a column for each of the reference's.
        reference: on the same cells as `profile`: see `coarse_reference` and `DayCells`.

    Raises:
        ProfileMismatch: they were not counted on the same cells.
    """
    grids = reference.grids
    if profile.reference != grids.reference or profile.columns.keys() != grids.columns.keys():
        raise ProfileMismatch("This profile was made against another reference and cannot take its place.")
    if any(len(counts.cells) != grids.columns[name].cells for name, counts in profile.columns.items()):
        raise ProfileMismatch("This profile is coarser or finer than the cells given with it.")
    nothing = {name: np.zeros(0) for name in reference.ordered}
    return replace(reference, profile=profile, ordered=nothing, performance=None, sampled_from=None, repeats={})


def with_all_columns(profile: Profile, grids: Grids) -> Profile:
    """The profile with every column of its reference: one that the batch does not have is missing in each row.

    So outcomes that are known for some files only add up: where they are not known they are missing.

    Args:
        profile: of a batch.
        grids: on the cells of the profile.
    """
    if profile.columns.keys() == grids.columns.keys():
        return profile
    columns, blocks = dict(profile.columns), dict(profile.blocks.columns)
    most = next((own.most for own in columns.values() if isinstance(own, CategoryCounts)), UNSEEN_KEPT)
    for name, grid in grids.columns.items():
        if name in columns:
            continue
        none, missing = np.zeros(grid.cells, dtype=np.int64), profile.rows
        if isinstance(grid, CategoryGrid):
            columns[name] = CategoryCounts(cells=none, missing=missing, most=most)
        else:
            sums = np.zeros(len(grid.points) + 1)
            columns[name] = NumericCounts(none, sums, missing, 0, 0, 0, 0.0, np.inf, -np.inf)
        stored = np.zeros((len(profile.blocks.ids), coarse_cells(grid) + 1), dtype=np.int64)
        stored[:, -1] = profile.blocks.rows
        blocks[name] = stored
    ordered = {name: columns[name] for name in grids.columns}
    return replace(profile, columns=ordered, blocks=replace(profile.blocks, columns=blocks))
