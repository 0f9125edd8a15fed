"""One row for each column: its leading finding, and what else was noticed about it. Grouping, no statistics."""

from __future__ import annotations

from dataclasses import dataclass

from dashboard.wording.escape import name
from dashboard.wording.findings import describe, moved, shown_name
from dashboard.wording.quantities import percent
from dashboard.wording.terms import DETECTORS
from monitoring.drift.measurement import Role, ShareShift
from monitoring.history.records import CheckResult
from monitoring.policy.phrases import listed
from monitoring.policy.sentences import open_inputs
from monitoring.policy.verdict import Finding, State
from monitoring.profiles.picture import CategoryPicture, NumericPicture, Picture

MINIATURE_BARS = 16
NOTEWORTHY = 0.005
"""Share of rows from which something that was not tested is mentioned beside the leading finding."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnRow:
    """What the table shows of one column.

    Attributes:
        column: its name in the file; name: its name as shown.
        role: what it is to the model.
        state: of the leading finding; muted: whether the policy keeps it out of the verdict.
        effect, tolerance, detector: of the leading finding, in words for the last.
        moved: what moved in the leading finding.
        missing: missing share, reference and batch.
        also: what other findings say that are not stable, '' when there are none.
        bars_reference, bars_batch: a miniature of the picture.
    """

    column: str
    name: str
    role: Role
    state: State
    muted: bool
    effect: float
    tolerance: float
    detector: str
    moved: str
    missing: str
    also: str
    bars_reference: tuple[float, ...]
    bars_batch: tuple[float, ...]


def column_rows(result: CheckResult) -> tuple[ColumnRow, ...]:
    """One row a column, in the order of the findings: what matters most comes first."""
    return tuple(
        _row(column, [f for f in result.findings if f.column == column], result) for column in _columns(result)
    )


def _columns(result: CheckResult) -> tuple[str, ...]:
    return tuple(dict.fromkeys(finding.column for finding in result.findings))


def _row(column: str, findings: list[Finding], result: CheckResult) -> ColumnRow:
    first, unit = findings[0], result.units.get(column, "")
    picture = result.pictures.get(column)
    bars = miniature(picture) if picture else ((), ())
    return ColumnRow(
        column=column,
        name=shown_name(column) + (" (outcome)" if first.role == "target" else ""),
        role=first.role,
        state=first.state,
        muted=first.muted,
        effect=first.effect,
        tolerance=first.tolerance,
        detector=DETECTORS[first.detector],
        moved=moved(first, unit),
        missing=_missing(findings, picture),
        also="; ".join(moved(finding, unit) for finding in findings[1:] if _is_news(finding)),
        bars_reference=bars[0],
        bars_batch=bars[1],
    )


def _is_news(finding: Finding) -> bool:
    """Whether a further finding is worth a cell: missing values have a column of their own."""
    if finding.state in ("stable", "undecided") or finding.detector == "missing":
        return False
    return not isinstance(finding.evidence, ShareShift) or finding.evidence.share_batch >= NOTEWORTHY


def _missing(findings: list[Finding], picture: Picture | None) -> str:
    shares = (picture.missing_reference, picture.missing_batch) if picture else (0.0, 0.0)
    for finding in findings:
        if finding.detector == "missing" and isinstance(finding.evidence, ShareShift):
            shares = (finding.evidence.share_reference, finding.evidence.share_batch)
    before, after = (percent(share) for share in shares)
    return before if before == after else f"{before} → {after}"


def miniature(picture: Picture) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """A few bars of both sides for a table cell: neighbouring bins joined, categories as they stand."""
    if isinstance(picture, CategoryPicture):
        return picture.share_reference[:MINIATURE_BARS], picture.share_batch[:MINIATURE_BARS]
    return _join(picture.bins_reference, picture), _join(picture.bins_batch, picture)


def _join(bins: tuple[float, ...], picture: NumericPicture) -> tuple[float, ...]:
    step = max(1, -(-len(picture.bins_reference) // MINIATURE_BARS))
    return tuple(sum(bins[start : start + step]) for start in range(0, len(bins), step))


def headline(result: CheckResult, limit: int = 3) -> tuple[Finding, ...]:
    """The inputs that stand as text above the table: one finding each, most important first, nothing that is stable.

    The predictions have a part of the page of their own.
    """
    first = {finding.column: finding for finding in reversed(result.findings)}
    leading = [first[column] for column in _columns(result) if first[column].role == "input"]
    return tuple(f for f in leading if f.state in ("drift", "small") or _is_noted(f))[:limit]


def _is_noted(finding: Finding) -> bool:
    return finding.state == "not_applicable" and _is_news(finding)


def moved_inputs(result: CheckResult) -> tuple[int, int]:
    """How many inputs are in `drift`, and how many there are."""
    inputs = {f.column for f in result.findings if f.role == "input"}
    return len({f.column for f in result.findings if f.role == "input" and f.state == "drift"}), len(inputs)


def left_open(result: CheckResult, *, beside: bool = False) -> str:
    """Which inputs could not be judged, for a card, as Markdown; shorter `beside` the names of others; '' for none."""
    still_open = [name(column) for column in open_inputs(result.findings)]
    return f"{listed(still_open, most=1)} {'not judged' if beside else 'could not be judged'}" if still_open else ""


def nothing_moved(result: CheckResult) -> str:
    """What stands in the place of the inputs that moved when there are none: that is no finding where some are open."""
    still_open, (_, inputs) = len(open_inputs(result.findings)), moved_inputs(result)
    if not still_open:
        return "No input moved beyond its usual range. The table shows how far each of them is from it."
    found = "No input was found to have moved" if still_open < inputs else "No input could be judged"
    count = f", but {still_open} of {inputs} could not be judged" if still_open < inputs else ""
    return f"{found}{count}. Choose a column of the table to see what would decide it."


def sentence_of(result: CheckResult, finding: Finding) -> str:
    """The whole line of a finding."""
    return str(describe(finding, result.units.get(finding.column, "")))
