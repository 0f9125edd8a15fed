"""The rows of some blocks of a profile, on the cells that blocks are counted in. Pure.

A profile counts all its rows on fine cells, and the rows of each block of time on a few coarse ones. So any of its days
can be taken out, on the coarse cells: to the last count, in wider intervals. These cells go on beyond the range of the
reference, so that batches that lie there are told apart.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from monitoring.profiles.blocks import Blocks, coarse_cells
from monitoring.profiles.counts import CategoryCounts, Counts, NumericCounts
from monitoring.profiles.grid import HASHED_CELLS, CategoryGrid, Floats, Grid, Ints, NumericGrid
from monitoring.profiles.mismatch import ProfileMismatch
from monitoring.profiles.profile import Grids, Profile
from monitoring.profiles.reference import Reference


@dataclass(frozen=True, slots=True)
class DayCells:
    """A reference seen on the cells of blocks.

    Attributes:
        reference: the same rows on day cells; profiles from `of` are compared with it.
        means: for each numeric column (m + 1,) what a value in an open cell is taken for: the mean of the reference's
            values there, the middle of the cell where it has none.
    """

    reference: Reference
    means: Mapping[str, Floats]

    @classmethod
    def build(cls, reference: Reference) -> DayCells:
        """The day cells of a reference."""
        grids: dict[str, Grid] = {}
        counts: dict[str, Counts] = {}
        means: dict[str, Floats] = {}
        for name, grid in reference.grids.columns.items():
            own = reference.profile.columns[name]
            if isinstance(grid, NumericGrid) and isinstance(own, NumericCounts):
                day_grid = NumericGrid(grid.coarse, exact=False, coarse=grid.coarse)
                counted = NumericCounts.of(reference.ordered[name], day_grid)
                grids[name], counts[name] = day_grid, _with_infinite(counted, own)
                means[name] = _typical(counted, day_grid.points)
            elif isinstance(grid, CategoryGrid) and isinstance(own, CategoryCounts):
                grids[name], counts[name] = _day_categories(grid), _regrouped(own, grid)
        profile = replace(reference.profile, columns=counts, sample=None)
        seen = replace(reference, grids=replace(reference.grids, columns=grids), profile=profile)
        return cls(seen, means)

    @property
    def grids(self) -> Grids:
        """The cells."""
        return self.reference.grids

    def of(self, profile: Profile, chosen: NDArray[np.bool_]) -> Profile:
        """The rows of the `chosen` (b,) blocks of a profile.

        Missing values and categories are counted exactly; infinite values count at the ends of the range; sums and
        means are estimates; the extremes are bounds. Categories that the model never saw are counted in groups by
        their hash, named by `unseen_group`. Raises as `column`.
        """
        blocks = profile.blocks
        columns = {name: self.column(profile, name, chosen) for name in profile.columns}
        kept = Blocks(
            blocks.ids[chosen], blocks.rows[chosen], {name: own[chosen] for name, own in blocks.columns.items()}
        )
        return Profile(profile.reference, int(kept.rows.sum()), columns, kept)

    def column(self, profile: Profile, name: str, chosen: NDArray[np.bool_]) -> Counts:
        """One column of these rows.

        Raises:
            ProfileMismatch: the profile belongs to another reference, or has rows of more days than are counted singly.
        """
        if profile.reference != self.grids.reference:
            raise ProfileMismatch("This profile was made against another reference: its days are counted otherwise.")
        if profile.blocks.left_out:
            raise ProfileMismatch("A file has more days than are counted one by one, and cannot be cut.")
        grid, whole, cells = (
            self.grids.columns[name],
            profile.columns[name],
            profile.blocks.columns[name][chosen].sum(0),
        )
        if isinstance(grid, NumericGrid) and isinstance(whole, NumericCounts):
            return self._numbers(name, grid, whole, cells)
        if isinstance(grid, CategoryGrid) and isinstance(whole, CategoryCounts):
            return _categories(grid, whole, cells)
        raise ProfileMismatch(f"Column {name} is counted differently in the profile and in the reference.")

    def _numbers(self, name: str, grid: NumericGrid, whole: NumericCounts, stored: Ints) -> NumericCounts:
        cells = stored[:-1].copy()
        low, high = _extremes(cells, grid.points, whole)
        typical = self.means[name].copy()
        if len(grid.points):
            typical[0] = (min(whole.lowest, grid.points[0]) + grid.points[0]) / 2
            typical[-1] = (grid.points[-1] + max(whole.highest, grid.points[-1])) / 2
        sums = np.where(cells[0::2] > 0, cells[0::2] * typical, 0.0)
        return NumericCounts(
            cells=cells,
            sums=sums,
            missing=int(stored[-1]),
            above_all=0,
            below_all=0,
            not_numbers=0,
            total=float(sums.sum() + (cells[1::2] * grid.points).sum()),
            lowest=low,
            highest=high,
        )


def refined(fine: NumericCounts, on_days: NumericCounts, points: Floats, day_points: Floats) -> NumericCounts:
    """Counts of the same rows on all points of two grids: how many lie below a point is known from either.

    Sums are those of the finer grid where it has the cell, else estimates; the total is exact.

    Args:
        fine: counts on `points` (m,).
        on_days: counts of all blocks on `day_points` (k,), infinite values at the ends.
        points, day_points: the points of both grids.
    """
    union = np.union1d(points, day_points)
    below, upto = np.zeros(len(union), dtype=np.int64), np.zeros(len(union), dtype=np.int64)
    for own, at, infinite in ((on_days, day_points, fine.below_all), (fine, points, 0)):
        place = np.searchsorted(union, at)
        below[place], upto[place] = own.upto[0:-1:2] - infinite, own.upto[1::2] - infinite
    cells = np.zeros(2 * len(union) + 1, dtype=np.int64)
    cells[1::2] = upto - below
    cells[0::2] = np.diff(np.concatenate(([0], np.stack((below, upto), axis=1).ravel(), [fine.present])))[0::2]
    ends = np.concatenate(([-np.inf], union, [np.inf]))
    home, day_home = np.searchsorted(points, ends[1:]), np.searchsorted(day_points, ends[1:])
    held = cells[0::2]
    typical = np.divide(on_days.sums, on_days.cells[0::2], out=np.zeros(len(day_points) + 1), where=on_days.sums != 0)
    whole = held == fine.cells[0::2][home]
    return replace(fine, cells=cells, sums=np.where(whole, fine.sums[home], held * typical[day_home]))


def unseen_group(cell: int) -> str:
    """What the unseen categories of one hashed cell are called together, until `name_groups` finds a name."""
    return f"(unseen, group {cell + 1})"


def group_names(profiles: Iterable[Profile], grids: Grids) -> dict[str, dict[str, str]]:
    """For each categorical column the name of each group of unseen categories: the most frequent one known of it.

    Args:
        profiles: whole ones, whose unseen categories have names.
        grids: of the reference, not its day cells.
    """
    seen: dict[str, Counter[str]] = {
        name: Counter() for name, g in grids.columns.items() if isinstance(g, CategoryGrid)
    }
    for profile in profiles:
        for name, counts in profile.columns.items():
            if isinstance(counts, CategoryCounts):
                seen[name].update(counts.unseen)
    names: dict[str, dict[str, str]] = {}
    for column, levels in seen.items():
        grid = grids.columns[column]
        if not isinstance(grid, CategoryGrid):
            continue
        for level, _ in sorted(levels.items(), key=lambda item: (-item[1], item[0])):
            cell = grid.coarse_cell(level, None) - grid.singly
            names.setdefault(column, {}).setdefault(unseen_group(cell), level)
    return names


def name_groups(profile: Profile, names: Mapping[str, Mapping[str, str]]) -> Profile:
    """The profile with its groups of unseen categories called as `group_names` says; both sides of a comparison need
    the same names."""

    def named(counts: Counts, known: Mapping[str, str]) -> Counts:
        if isinstance(counts, NumericCounts) or not known:
            return counts
        return replace(counts, unseen={known.get(group, group): n for group, n in counts.unseen.items()})

    return replace(profile, columns={name: named(own, names.get(name, {})) for name, own in profile.columns.items()})


def _with_infinite(counts: NumericCounts, own: NumericCounts) -> NumericCounts:
    """Counts with the infinite values of a reference at the ends, as blocks count them, and its missing ones."""
    cells = counts.cells.copy()
    cells[0] += own.below_all
    cells[-1] += own.above_all
    return replace(counts, cells=cells, missing=own.missing)


def _typical(counts: NumericCounts, points: Floats) -> Floats:
    """What a value in each open cell (m + 1,) is taken for."""
    if not len(points):
        return np.zeros(1)
    edges = np.concatenate((points[:1], points, points[-1:]))
    middle = edges[:-1] + (edges[1:] - edges[:-1]) / 2
    held = counts.cells[0::2]
    return np.asarray(np.divide(counts.sums, held, out=middle, where=held > 0))


def _extremes(cells: Ints, points: Floats, whole: NumericCounts) -> tuple[float, float]:
    """Bounds of the smallest and largest value: those of all rows, or the ends of the cells that are not empty."""
    held = np.flatnonzero(cells)
    if not len(held):
        return np.inf, -np.inf
    first, last = int(held[0]), int(held[-1])
    left = points[(first - 1) // 2] if first else -np.inf
    right = points[last // 2] if last // 2 < len(points) else np.inf
    return max(whole.lowest, float(left)), min(whole.highest, float(right))


def _day_categories(grid: CategoryGrid) -> CategoryGrid:
    """The grid itself where blocks count every category singly; else those that they do, and groups of the others."""
    if len(grid.categories) == grid.singly:
        return grid
    groups = tuple(f"(others, group {i + 1})" for i in range(HASHED_CELLS))
    return CategoryGrid((*grid.categories[: grid.singly], *groups), trained=grid.singly)


def _regrouped(own: CategoryCounts, grid: CategoryGrid) -> CategoryCounts:
    """The reference's counts on the day cells."""
    if len(grid.categories) == grid.singly:
        return own
    cells = [grid.coarse_cell(level, i) for i, level in enumerate(grid.categories)]
    joined = np.bincount(cells, weights=own.cells, minlength=coarse_cells(grid)).astype(np.int64)
    return replace(own, cells=joined)


def _categories(grid: Grid, whole: CategoryCounts, stored: Ints) -> CategoryCounts:
    """Counts of a category from its coarse cells: known ones singly, then the hashed cells, missing last."""
    hashed = stored[-1 - HASHED_CELLS : -1]
    if grid.cells + HASHED_CELLS + 1 > len(stored):
        return CategoryCounts(cells=stored[:-1].copy(), missing=int(stored[-1]), most=whole.most)
    unseen = {unseen_group(cell): int(hashed[cell]) for cell in np.flatnonzero(hashed).tolist()}
    return CategoryCounts(
        cells=stored[: -1 - HASHED_CELLS].copy(),
        missing=int(stored[-1]),
        unseen=unseen,
        unseen_rows=int(hashed.sum()),
        most=whole.most,
    )
