"""A broken feed told apart from a changed world: something to repair, not a reason to retrain. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial

from monitoring.drift.measurement import NumericShift, ShareShift
from monitoring.policy.drift_policy import DriftPolicy
from monitoring.policy.other_unit import in_another_unit, unit_sentence
from monitoring.policy.phrases import percent, quoted, respelled
from monitoring.policy.verdict import Finding, Reason


def find_broken(
    findings: Sequence[Finding], policy: DriftPolicy, *, dated: bool, many_days: bool = True
) -> tuple[Reason, ...]:
    """Why the feed is broken, worst first; empty when it is not.

    Args:
        findings: of all columns.
        policy: thresholds.
        dated: whether the reference knows days.
        many_days: whether the batch has about as many days as the reference.
    """
    units = partial(in_another_unit, policy=policy, dated=dated, many_days=many_days)
    columns = len({finding.column for finding in findings if finding.role != "rows"})
    found = [
        reason for finding in findings if not finding.muted for reason in _of(finding, policy, dated, columns, units)
    ]
    return tuple(reason for _, reason in sorted(found, key=lambda item: -item[0]))


def _of(
    finding: Finding, policy: DriftPolicy, dated: bool, columns: int, units: Callable[[Finding, NumericShift], bool]
) -> Iterator[tuple[float, Reason]]:
    shift = finding.evidence
    if isinstance(shift, NumericShift) and units(finding, shift):
        yield finding.effect, Reason("another_unit", finding.column, unit_sentence(finding.column, shift))
    if not isinstance(shift, ShareShift):
        return
    if finding.detector == "unseen":
        yield from _unseen(finding, shift, policy)
    elif finding.detector == "missing" and _missing_jumped(finding, shift, policy, dated):
        text = f"{finding.column}: {percent(shift.share_batch)} missing, usually {percent(shift.share_reference)}"
        yield finding.effect, Reason("missing_jump", finding.column, text)
    elif finding.detector == "constant" and _stuck(finding, shift, policy, columns):
        value = quoted(shift.examples[0][0])
        text = f"{finding.column}: every value is {value}, usually {percent(shift.share_reference)} are"
        yield 1 - shift.share_reference, Reason("constant_feed", finding.column, text)


def _unseen(finding: Finding, shift: ShareShift, policy: DriftPolicy) -> Iterator[tuple[float, Reason]]:
    if shift.respelled_share >= policy.broken_respelled and shift.respelled:
        found, known = shift.respelled[0]
        text = f"{finding.column}: {respelled(found, known)}"
        yield 1 + shift.respelled_share, Reason("respelled", finding.column, text)
    elif shift.share_batch >= policy.broken_unseen:
        examples = ", ".join(quoted(value) for value, _ in shift.examples[:3])
        text = f"{finding.column}: {percent(shift.share_batch)} of the values were never seen before ({examples})"
        yield shift.share_batch, Reason("unknown_categories", finding.column, text)


def _missing_jumped(finding: Finding, shift: ShareShift, policy: DriftPolicy, dated: bool) -> bool:
    """More missing than before, by much, beyond chance, and beyond what days of the reference have seen.

    Where too few days are there to be exchanged, single days must do: the column has to be missing far more often than
    on the worst day of the reference, half-way from there to wholly missing.
    """
    if finding.p_adjusted is None or finding.p_adjusted > policy.alpha:
        return False
    if shift.share_batch - shift.share_reference < policy.broken_missing:
        return False
    return not dated or finding.p_days is not None or shift.share_batch >= (1 + shift.highest_reference_block) / 2


def _stuck(finding: Finding, shift: ShareShift, policy: DriftPolicy, columns: int) -> bool:
    """One value throughout, though no block of the reference was like that and chance does not make it so."""
    if finding.n_batch < policy.broken_constant_rows or shift.highest_reference_block >= 1:
        return False
    return shift.share_reference**finding.n_batch <= policy.alpha / columns
