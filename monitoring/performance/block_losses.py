"""How much a mean loss varies from one block of time (a day) to the next. Pure.

Rows of one day share its weather: a mean over few days varies more than rows by themselves would make it. With b_d the
mean of block d and w_d its share of the rows, the mean b = Σ w_d b_d of so many exchangeable blocks has a variance of
about s² Σ w_d², s² the variance of one block's mean: as that of 1 / Σ w_d² equal blocks (Kish 1965).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

NO_BLOCK = np.iinfo(np.int64).min
"""The block of rows without a time: they are left out here."""
MOST = 100_000
"""Blocks that are told apart; rows of later ones are left out here."""


@dataclass(frozen=True, slots=True)
class Spread:
    """Of a mean loss over blocks.

    Attributes:
        blocks: how many blocks of equal size they are worth, 0 without any.
        deviation: standard deviation of one block's mean; None for fewer than two blocks.
    """

    blocks: float
    deviation: float | None


class BlockLosses:
    """Takes in losses; keeps rows and sum of each block."""

    def __init__(self) -> None:
        self._known: dict[int, tuple[int, float]] = {}

    def add(self, blocks: Ints, losses: Floats) -> None:
        """Take in `losses` (n,) of rows in `blocks` (n,), `NO_BLOCK` without a time."""
        ids, place = np.unique(blocks, return_inverse=True)
        rows, sums = np.bincount(place, minlength=len(ids)), np.bincount(place, weights=losses, minlength=len(ids))
        for block, n, total in zip(ids.tolist(), rows.tolist(), sums.tolist(), strict=True):
            if block != NO_BLOCK and (block in self._known or len(self._known) < MOST):
                before, held = self._known.get(block, (0, 0.0))
                self._known[block] = (before + n, held + total)

    @property
    def spread(self) -> Spread:
        """What the blocks so far say.

        >>> losses = BlockLosses()
        >>> losses.add(np.array([1, 1, 2, 2]), np.array([0.0, 0.2, 0.2, 0.4]))
        >>> losses.spread.blocks, round(losses.spread.deviation, 6)
        (2.0, 0.141421)
        """
        if not self._known:
            return Spread(0.0, None)
        rows, sums = np.array(list(self._known.values()), dtype=np.float64).T
        shares, means = rows / rows.sum(), sums / rows
        worth = float(1 / (shares**2).sum())
        if len(rows) < 2:
            return Spread(worth, None)
        variance = float((shares * (means - sums.sum() / rows.sum()) ** 2).sum())
        return Spread(worth, (variance * worth / (worth - 1)) ** 0.5)
