"""What is odd about the columns of a batch, whether or not it is drift: one value everywhere, none, or unknown ones."""

from __future__ import annotations

from dataclasses import replace
from math import inf, isclose

from monitoring.contract import Contract
from monitoring.drift.measurement import ShareShift
from monitoring.history.records import CheckResult, CheckSummary, tested_effects
from monitoring.profiles.counts import CategoryCounts, Counts, NumericCounts
from monitoring.profiles.grid import CategoryGrid, Grid
from monitoring.profiles.profile import Profile
from monitoring.profiles.reference import Reference
from monitoring.tables.quoting import counted, listed, shown
from monitoring.workflows.parts import Driftline

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


def same_rows_notes(driftline: Driftline, result: CheckResult) -> tuple[str, ...]:
    """That an earlier check, of another file or the same one read otherwise, was of the very same rows.

    Rows are not kept to be compared: the same version found as many of them, of the same time, with the same mean
    prediction and the same distance from the reference in every column, to the last digits.
    """
    effects = tested_effects(result.findings)
    for before in driftline.history.checks(result.model):
        if before.id == result.id or before.version != result.version or _only_labels_differ(driftline, before, result):
            continue
        counts = (before.rows, before.first_time, before.last_time)
        if counts != (result.read.rows, result.read.first_time, result.read.last_time):
            continue
        pairs = [(before.mean_prediction, result.mean_prediction_batch)]
        pairs += [(value, effects.get(column, inf)) for column, value in before.effects.items()]
        if all(isclose(one, two, rel_tol=1e-9, abs_tol=1e-12) for one, two in pairs):
            return (
                f"{shown(result.read.file_name, 120)} holds the very same rows as {shown(before.file_name, 120)}, "
                f"checked on {before.created_at:%Y-%m-%d %H:%M} UTC: it tells nothing new. Was it sent twice?",
            )
    return ()


def repeated_rows_notes(result: CheckResult) -> list[str]:
    """How many rows of the file repeat an earlier one of it in every input, beyond what the reference does."""
    shares = [
        finding.evidence
        for finding in result.findings
        if finding.detector == "duplicates" and finding.effect_low > finding.tolerance
    ]
    return [
        f"{100 * share.share_batch:.2g} % of the rows repeat an earlier row in every input and the time "
        f"(training data: {100 * share.share_reference:.2g} %); was a part of the file written twice?"
        for share in shares
        if isinstance(share, ShareShift)
    ]


def with_repeats(driftline: Driftline, result: CheckResult) -> CheckResult:
    """The result, and that its rows were seen before if they were."""
    repeats, read = same_rows_notes(driftline, result), result.read
    return replace(result, read=replace(read, repeats=repeats)) if repeats else result


def _only_labels_differ(driftline: Driftline, before: CheckSummary, result: CheckResult) -> bool:
    """Whether the same file was checked again on purpose, because its outcomes are known now."""
    return before.upload == result.upload and driftline.history.check(before.id).labels != result.labels


def repeated_notes(driftline: Driftline, check_id: str, file_name: str) -> list[str]:
    """That the very same file was checked before, read in the same way by the same version; nothing when it was not."""
    if not driftline.history.has_check(check_id):
        return []
    before = driftline.history.check(check_id)
    called = "" if before.read.file_name == file_name else f" as {shown(before.read.file_name, 120)}"
    when = f"{before.created_at:%Y-%m-%d %H:%M} UTC"
    return [
        f"{shown(file_name, 120)} was checked before{called}, on {when}: the very same rows, so this is that check."
    ]
