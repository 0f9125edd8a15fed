"""A numeric column on both sides, from values."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from monitoring.drift.pair import NumericPair
from monitoring.profiles.counts import NumericCounts
from monitoring.profiles.grid import NumericGrid


def paired(a: Sequence[float], b: Sequence[float], points: int, *, looked: bool) -> NumericPair:
    """Both sides counted on a grid of so many points, with the batch's values or with its counts alone."""
    reference, batch = np.sort(np.array(a, dtype=float)), np.sort(np.array(b, dtype=float))
    grid = NumericGrid.of(reference, max_points=points)
    return NumericPair(
        column="x",
        role="input",
        grid=grid,
        reference=NumericCounts.of(reference, grid),
        batch=NumericCounts.of(batch, grid),
        reference_blocks=np.zeros((0, 2 * len(grid.coarse) + 2), dtype=np.int64),
        ordered=reference,
        values=batch if looked else None,
        every_row=False,
    )
