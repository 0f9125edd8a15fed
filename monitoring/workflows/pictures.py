"""Pictures of the columns of a batch, which its check keeps."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing

from monitoring.profiles.counts import CategoryCounts, NumericCounts
from monitoring.profiles.drawing import draw_categories, draw_numbers
from monitoring.profiles.grid import CategoryGrid, Floats, NumericGrid
from monitoring.profiles.picture import Picture
from monitoring.profiles.profile import Profile
from monitoring.profiles.reference import Reference
from monitoring.tables.in_order import in_order

THREADED_FROM = 20_000
"""Values of a column, of all rows or a sample, from which more threads are sooner done; for fewer they only take more
work."""


def draw_columns(
    reference: Reference, profile: Profile, values: Mapping[str, Floats], *, threads: int = 1
) -> dict[str, Picture]:
    """A picture of each column of the batch, drawn by so many threads where that is sooner.

    Args:
        reference: what the batch is drawn beside.
        profile: counts of the batch.
        values: of its numeric columns, from all rows or a sample of them.
        threads: how many draw, at most.
    """
    rows = max((len(one) for one in values.values()), default=0)

    def drawn(name: str) -> Picture | None:
        grid, counts = reference.grids.columns[name], reference.profile.columns[name]
        match grid, counts, profile.columns[name]:
            case NumericGrid(), NumericCounts(), NumericCounts() as batch:
                return draw_numbers(reference.ordered[name], values[name], counts, batch)
            case CategoryGrid(), CategoryCounts(), CategoryCounts() as batch:
                return draw_categories(grid, counts, batch)
        return None

    if threads == 1 or rows < THREADED_FROM:
        found = {name: drawn(name) for name in profile.columns}
    else:
        with closing(in_order(drawn, profile.columns, threads=threads)) as pictures:
            found = dict(zip(profile.columns, pictures, strict=True))
    return {name: picture for name, picture in found.items() if picture is not None}
