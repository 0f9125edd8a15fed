"""A finding as a line of plain words: what moved, on what evidence. Text, not markup: escape it where it is shown."""

from __future__ import annotations

from dataclasses import dataclass

from dashboard.wording.escape import shorten
from dashboard.wording.quantities import NBSP, change, change_of_share, count, number, p_value, percent
from monitoring.contract import PREDICTION
from monitoring.drift.measurement import CategoryChange, CategoryShift, NumericShift, ShareShift
from monitoring.policy.phrases import respelled
from monitoring.policy.verdict import Finding

PREDICTIONS = "Predictions"
WHOLE_ROWS = "Whole rows"
LISTED = 3
CLEAR = 0.1
"""Part of a move up to which its median may be open and still be told."""
LONGEST_VALUE = 24


@dataclass(frozen=True, slots=True)
class FindingText:
    """A finding in words.

    Attributes:
        column: the column's name as shown.
        what: what moved ("median 39 → 77 °F").
        evidence: statistic, p-value, tolerance and the numbers of values.
        note: what the state rests on, '' when nothing is to be said.
    """

    column: str
    what: str
    evidence: str
    note: str

    def __str__(self) -> str:
        return " ".join(filter(None, (f"{self.column}: {self.what}.", f"{self.evidence}.", self.note)))


def describe(finding: Finding, unit: str = "") -> FindingText:
    """`finding` in words; `unit` is the column's."""
    return FindingText(
        column=shown_name(finding.column),
        what=moved(finding, unit),
        evidence=f"{_statistic(finding)}; {_sizes(finding)}",
        note=finding.note,
    )


def nothing_to_note(finding: Finding) -> bool:
    """Whether a finding that was not tested says no more than that there is nothing: no row is concerned."""
    shift = finding.evidence
    return finding.state == "not_applicable" and isinstance(shift, ShareShift) and not shift.share_batch


def shown_name(column: str) -> str:
    """A column's name as shown: the column that scoring added is called what it is, and so are whole rows."""
    if not column:
        return WHOLE_ROWS
    return PREDICTIONS if column == PREDICTION else column


def moved(finding: Finding, unit: str = "") -> str:
    """What moved, from where to where."""
    evidence = finding.evidence
    if isinstance(evidence, NumericShift):
        return _number_moved(evidence, unit, as_share=finding.column == PREDICTION)
    if isinstance(evidence, CategoryShift):
        return _categories_moved(evidence)
    return _share_moved(finding, evidence, unit)


def _number_moved(shift: NumericShift, unit: str, *, as_share: bool) -> str:
    say = change_of_share if as_share else lambda before, after: change(before, after, unit)
    open_by = 2 * shift.median_error  # beyond the reference's values its counts tell means, but hardly medians
    if shift.median_reference == shift.median_batch or open_by > CLEAR * abs(shift.mean_batch - shift.mean_reference):
        return f"mean {say(shift.mean_reference, shift.mean_batch)}"
    return f"median {say(shift.median_reference, shift.median_batch)}"


def _categories_moved(shift: CategoryShift) -> str:
    largest = sorted(
        (*shift.grew[:LISTED], *shift.shrank[:LISTED]),
        key=lambda one: -abs(one.share_batch - one.share_reference),
    )
    return ", ".join(_category(one) for one in largest[:LISTED]) or "no category changed"


def _category(one: CategoryChange) -> str:
    return f"{_quoted(one.category)} {change_of_share(one.share_reference, one.share_batch)}"


def _share_moved(finding: Finding, shift: ShareShift, unit: str) -> str:
    share = percent(shift.share_batch)
    if finding.detector == "missing":
        return f"{share} missing, usually {percent(shift.share_reference)}"
    if finding.detector == "unseen":
        return f"{share} never seen before{_values(shift)}"
    if finding.detector == "out_of_range":
        limits = f"{number(shift.low)} to {number(shift.high)}{NBSP + unit if unit else ''}"
        return f"{share} outside the reference's range {limits} ({_sides(shift)})"
    if finding.detector == "duplicates":
        return f"{share} repeat an earlier one, usually {percent(shift.share_reference)}"
    if finding.detector == "constant":
        return f"always the same value{_values(shift)}"
    return change_of_share(shift.share_reference, shift.share_batch)


def _values(shift: ShareShift) -> str:
    if shift.respelled:
        return ": " + "; ".join(respelled(new, known, _quoted) for new, known in shift.respelled[:LISTED])
    if not shift.examples:
        return ""
    more = ", …" if len(shift.examples) > LISTED else ""
    return ": " + ", ".join(_quoted(value) for value, _ in shift.examples[:LISTED]) + more


def _quoted(value: str) -> str:
    return f"“{shorten(' '.join(value.split()), LONGEST_VALUE)}”"


def _sides(shift: ShareShift) -> str:
    sides = [f"{percent(share)} {word}" for share, word in ((shift.below, "below"), (shift.above, "above")) if share]
    return ", ".join(sides) or "none"


def _statistic(finding: Finding) -> str:
    if finding.p_value is None:
        return "The same on both sides" if finding.state == "stable" else "Not tested"
    p = _p_values(finding, finding.p_value)
    weight = "" if finding.weight == 1 else f", weight {number(finding.weight)}"
    if finding.detector == "ks":
        return f"KS {finding.statistic:.2f} ({p}), tolerance {finding.tolerance:.2f}{weight}"
    chi2 = f"χ² = {number(finding.statistic)}, " if finding.detector == "chi2" else ""
    return f"{percent(finding.effect)} of the rows moved ({chi2}{p}), tolerance {percent(finding.tolerance)}{weight}"


def _p_values(finding: Finding, larger: float) -> str:
    """The p-value; both of them where exchanging rows and exchanging days say different things."""
    if finding.p_rows is None or finding.p_days is None or p_value(finding.p_rows) == p_value(finding.p_days):
        return p_value(larger)
    return f"{p_value(finding.p_rows)} by rows, {p_value(finding.p_days)} by days"


def _sizes(finding: Finding) -> str:
    return f"{count(finding.n_reference)} reference and {count(finding.n_batch)} production values"
