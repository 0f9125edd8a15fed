"""The day test: rows of one day share their weather, so whole days are exchanged, not rows. Pure.

Blocks of the reference and of the batch, thinned to equal rows, are re-assigned to the two sides; the p-value is the
share of assignments whose distance is at least the observed one, itself included (a permutation test, Fisher 1935;
Monte Carlo p-value of Davison & Hinkley 1997). It is exact for exchangeable blocks whatever happens within them, and
coarse cells keep it so: both sides are measured with the same statistic.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations
from math import ceil, comb

import numpy as np
from numpy.typing import NDArray

from monitoring.profiles.blocks import Blocks
from monitoring.profiles.grid import Ints

Counts32 = NDArray[np.float32]

FEWEST_ROWS = 20
"""Rows below which a block is too thin to speak for its day; it is left out of the exchange."""
AT_ONCE = 4_096
"""Assignments worked on at once, so that the sums stay in the cache."""
MOST_DRAWS = 500_000
DRAWS_A_TEST = 20
"""Draws per test and level where not all assignments are tried: the smallest p-value is a 20th of what is needed."""
ROUNDING = 1e-9
"""What products and quotients of levels may be off by."""


@dataclass(frozen=True, slots=True)
class Distance:
    """A distance between two groups of days, computed for many ways to group them at once.

    Attributes:
        prepare: (days, cells + 1) coarse counts, missing last → (days, k) counts that add up over days, and the rows
            (days,) that they are shares of.
        summarise: differences of the shares (k, a) for each of a groupings → distances (a,).
    """

    prepare: Callable[[Counts32], tuple[Counts32, Counts32]]
    summarise: Callable[[Counts32], Counts32]


@dataclass(frozen=True, slots=True)
class Exchange:
    """Which days may change places.

    Attributes:
        blocks_reference: which of the reference's `speaking_days`: all of them.
        blocks_batch: which of the batch's blocks have.
        rows_per_block: rows that each is thinned to.
        assignments: (R + L, a) 1 where a block is on the batch's side; the observed one first; (…, 0) when too few
            assignments exist for any p-value to be small enough.
    """

    blocks_reference: Ints
    blocks_batch: Ints
    rows_per_block: int
    assignments: Counts32

    @property
    def attainable(self) -> bool:
        return self.tried > 0

    @property
    def tried(self) -> int:
        """Assignments."""
        return int(self.assignments.shape[1])

    def reaches(self, level: float) -> bool:
        """Whether a p-value can be as small as `level`."""
        return _reaches(self.tried, level)


@dataclass(frozen=True, slots=True)
class DayTest:
    """What exchanging days says about one measurement.

    Attributes:
        p_value: share of the assignments with at least the observed distance.
        natural_variation: the distance that exchanging unchanged days exceeds with the probability with which the test
            may ring: alpha / H, or its weighted part of alpha.
    """

    p_value: float
    natural_variation: float


def plan_exchange(reference: Blocks, batch: Blocks, *, levels: Sequence[float], seed: int) -> Exchange:
    """The exchange for tests of which each may ring with its one of `levels` on unchanged days."""
    rows_of_days = reference.rows[speaking_days(reference)]
    old = np.arange(len(rows_of_days))
    new = _usable(batch)
    nothing = Exchange(old, new, 0, np.zeros((len(old) + len(new), 0), np.float32))
    if not len(old) or not len(new) or not levels:
        return nothing
    wanted = max(DRAWS_A_TEST * len(levels) / sum(levels), 1 / min(levels))
    draws = min(MOST_DRAWS, ceil(wanted * (1 - ROUNDING)))
    if not _reaches(min(comb(len(old) + len(new), len(new)), draws), max(levels)):
        return nothing
    rows = int(min(rows_of_days.min(), batch.rows[new].min()))
    complete = comb(len(old) + len(new), len(new)) <= draws
    rng = np.random.default_rng(seed)
    assignments = _all(len(old), len(new)) if complete else _drawn(len(old), len(new), draws, rng)
    return Exchange(old, new, rows, assignments)


def _reaches(assignments: int, level: float) -> bool:
    return assignments * level >= 1 - ROUNDING


def speaking_days(blocks: Blocks) -> NDArray[np.bool_]:
    """(b,) which blocks are spans of time with enough rows to speak for themselves."""
    return blocks.dated & (blocks.rows >= FEWEST_ROWS)


def _usable(batch: Blocks) -> Ints:
    """Blocks of a batch to exchange: those of enough rows; rows without a time are one block if there is no other."""
    enough = batch.rows >= FEWEST_ROWS
    return np.flatnonzero(enough & batch.dated if batch.dated.any() else enough)


@lru_cache(maxsize=256)
def days_needed(reference: int, *, level: float) -> int | None:
    """Fewest batch blocks with which a day test against `reference` blocks can ring; None when none are enough.

    `level` is the probability with which it may: of alpha what is left to one test.
    """
    if reference < 2:
        return None
    return next((days for days in range(1, 400) if _reaches(comb(reference + days, days), level)), None)


def exchange_days(
    reference: Ints, batch: Ints, exchange: Exchange, distance: Distance, *, level: float, seed: int
) -> DayTest:
    """Day test of one column from its coarse counts per block, (R, cells + 1) and (L, cells + 1).

    `level` is the probability with which this test may ring.
    """
    rng = np.random.default_rng(seed)
    counts = np.concatenate((reference[exchange.blocks_reference], batch[exchange.blocks_batch]))
    days, sizes = distance.prepare(_thinned(counts, exchange.rows_per_block, rng).astype(np.float32))
    parts = range(0, exchange.tried, AT_ONCE)
    found = np.concatenate(
        [_distances(exchange.assignments[:, i : i + AT_ONCE], days, sizes, distance) for i in parts]
    ).astype(np.float64)
    slack = 1e-6
    return DayTest(
        p_value=float(np.mean(found >= found[0] - slack)),
        natural_variation=float(np.quantile(found, 1 - level)),
    )


def _distances(groups: Counts32, days: Counts32, sizes: Counts32, distance: Distance) -> Counts32:
    """Distance between the days that each of `groups` (days, a) marks and the others; 0 where a side has no rows.

    The share of a cell on one side less that on the other, S/n - (T - S)/m = S (1/n + 1/m) - T/m, is one product of
    matrices for all groups and cells. A cell's differences lie side by side, so that cells are looked at for many
    groups at once. Where days are of one size all groups are, and the product needs no weights of theirs.
    """
    total, all_days = sizes.sum(), days.sum(axis=0)[:, None]
    here = sizes @ groups
    n, m = np.maximum(here, 1), np.maximum(total - here, 1)
    if (n == n[:1]).all():
        gaps = np.ascontiguousarray(days.T * (1 / n[:1] + 1 / m[:1])) @ groups
    else:
        gaps = np.ascontiguousarray(days.T) @ (groups * (1 / n + 1 / m))
    gaps -= all_days / m
    return np.asarray(np.where((here > 0) & (here < total), distance.summarise(gaps), np.float32(0)))


def _cumulative(days: Counts32) -> tuple[Counts32, Counts32]:
    """Running counts over the cells without the missing one, equal neighbours once."""
    running = np.cumsum(days[:, :-1], axis=1)
    keep = np.ones(running.shape[1], dtype=bool)
    keep[:-1] = (running[:, 1:] != running[:, :-1]).any(axis=0)
    return running[:, keep], running[:, -1]


def _largest(gaps: Counts32) -> Counts32:
    return np.asarray(np.maximum(gaps.max(axis=0), -gaps.min(axis=0)))


def _present(days: Counts32) -> tuple[Counts32, Counts32]:
    """Counts of the cells that occur, without the missing one."""
    cells = days[:, :-1]
    return cells[:, cells.any(axis=0)], cells.sum(axis=1)


def _half_sum(gaps: Counts32) -> Counts32:
    return np.asarray(np.abs(gaps, out=gaps).sum(axis=0) / 2)


def _missing(days: Counts32) -> tuple[Counts32, Counts32]:
    return days[:, -1:], days.sum(axis=1)


KS_DISTANCE = Distance(_cumulative, _largest)
VARIATION_DISTANCE = Distance(_present, _half_sum)
MISSING_DISTANCE = Distance(_missing, _largest)


def outside_every_block(reference: Ints, batch: Ints, distance: Distance) -> bool:
    """Whether the batch lies further from the reference than any single block of the reference from its others."""
    if len(reference) < 2:
        return False
    days, sizes = distance.prepare(np.concatenate((reference, batch)).astype(np.float32))
    old = len(reference)
    each = _distances(np.eye(old, dtype=np.float32), days[:old], sizes[:old], distance)
    mine = np.zeros((len(days), 1), np.float32)
    mine[old:] = 1
    return bool(_distances(mine, days, sizes, distance)[0] > each.max())


def _thinned(counts: Ints, rows: int, rng: np.random.Generator) -> Ints:
    """Each block's counts as if `rows` of its rows had been drawn without replacement."""
    return np.stack([rng.multivariate_hypergeometric(block, rows, method="marginals") for block in counts])


def _all(reference: int, batch: int) -> Counts32:
    """Every way to choose the batch's blocks, the observed one first."""
    chosen = list(combinations(range(reference + batch - 1, -1, -1), batch))
    assignments = np.zeros((reference + batch, len(chosen)), np.float32)
    np.put_along_axis(assignments, np.array(chosen).T, 1, axis=0)
    return assignments


def _drawn(reference: int, batch: int, draws: int, rng: np.random.Generator) -> Counts32:
    """The observed assignment and `draws` random ones."""
    keys = rng.random((draws + 1, reference + batch), dtype=np.float32)
    keys[0, reference:] -= 1
    chosen = keys <= np.partition(keys, batch - 1, axis=1)[:, batch - 1 : batch]
    tied = np.flatnonzero(chosen.sum(axis=1) != batch)  # equal keys at the edge: more blocks than the batch has
    chosen[tied] = False
    chosen[tied[:, np.newaxis], np.argpartition(keys[tied], batch - 1, axis=1)[:, :batch]] = True
    return np.ascontiguousarray(chosen.T).astype(np.float32)
