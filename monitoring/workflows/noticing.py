"""What is odd about the columns of a batch, whether or not it is drift: one value everywhere, none, or unknown ones."""

from __future__ import annotations

from monitoring.contract import Contract
from monitoring.profiles.counts import CategoryCounts, Counts, NumericCounts
from monitoring.profiles.grid import CategoryGrid, Grid
from monitoring.profiles.profile import Profile
from monitoring.profiles.reference import Reference
from monitoring.tables.quoting import counted, listed, shown

CONSTANT_ROWS = 30
"""One value in fewer rows than this is no news: a day has one day of the week."""


def notice_columns(batch: Profile, reference: Reference, contract: Contract) -> tuple[str, ...]:
    """Sentences on inputs without a single value, on those with one value only, and on categories that the reference
    does not know; none on what the reference shows as well."""
    empty, constant, unseen = [], [], []
    for name in contract.feature_names:
        grid, counts, usual = reference.grids.columns[name], batch.columns[name], reference.profile.columns[name]
        value = _only_value(counts, grid)
        if not counts.present and usual.present:
            empty.append(name)
        elif value is not None and counts.present >= CONSTANT_ROWS and _only_value(usual, grid) is None:
            constant.append(f"{shown(name)} ({shown(value)})")
        if isinstance(counts, CategoryCounts) and counts.unseen_rows:
            unseen.append(_unseen_sentence(name, counts, batch.rows))
    sentences = []
    if empty:
        sentences.append(f"Not one of {counted(batch.rows, 'row')} has a value in {listed(empty, most=10)}.")
    if constant:
        sentences.append(f"One and the same value wherever there is one: {', '.join(constant[:10])}.")
    return (*sentences, *unseen)


def _only_value(counts: Counts, grid: Grid) -> str | None:
    """The value that all rows with a value share, None when there are several or none."""
    if isinstance(counts, NumericCounts):
        same = counts.present > 0 and not counts.infinite and counts.lowest == counts.highest
        return f"{counts.lowest:g}" if same else None
    known = [place for place, count in enumerate(counts.cells.tolist()) if count]
    if len(known) + len(counts.unseen) != 1:
        return None
    if known and isinstance(grid, CategoryGrid):
        return str(grid.categories[known[0]])
    return next(iter(counts.unseen), None)


def _unseen_sentence(name: str, counts: CategoryCounts, rows: int) -> str:
    by_count = sorted(counts.unseen, key=lambda level: (-counts.unseen[level], level))
    many = "" if not counts.capped else "at least "
    return (
        f"{shown(name)}: {counts.unseen_rows:,} of {counted(rows, 'row has', 'rows have')} "
        f"{many}{counted(len(by_count), 'category', 'categories')} that the training data does not know: "
        f"{listed(by_count)}."
    )
