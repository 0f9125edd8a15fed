"""The verdict on a window, compared with the reference of its version or with another window, by the same policy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from monitoring.drift.catalogue import DEFAULT_PLAN
from monitoring.drift.compare import Comparison, compare
from monitoring.errors import NotFound
from monitoring.policy.judge import judge
from monitoring.policy.phrases import listed, period_name
from monitoring.policy.verdict import Finding, Verdict
from monitoring.profiles.day_cells import group_names, name_groups
from monitoring.profiles.standing_in import stand_in
from monitoring.workflows.parts import Driftline
from monitoring.workflows.windows import Window, cells_of, finest, kept, merged

AGAINST_REFERENCE_ONLY = ("out_of_range", "duplicates")
"""Detectors that speak of the training reference, or of rows that stored profiles do not have."""
MEANS_CHANGE_ONLY = "This tells what changed between the two. Whether the model still fits, the comparison with its "
MEANS_CHANGE_ONLY += "training reference tells."


CHECK_TOGETHER = "Check the rows of these days in one file: a check looks at the rows themselves."


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedWindow:
    """A window with its verdict.

    Attributes:
        verdict, findings: as of a check; intervals are wider.
        comparison: what was measured.
        on_days: whether it was counted on the cells of days.
    """

    verdict: Verdict
    findings: tuple[Finding, ...]
    comparison: Comparison
    on_days: bool


def judge_window(driftline: Driftline, window: Window, against: Window | None = None) -> JudgedWindow:
    """The verdict on a window, compared with the reference of its version or with another window of that version.

    Raises:
        NotFound: a window has no rows.
        ProfileMismatch: the other window was scored by another version, or a profile belongs to another reference.
        StoreFailed: the version is damaged.
    """
    if not window.parts or (against is not None and not against.parts):
        raise NotFound("There are no rows in this period.")
    return kept(driftline, _key(driftline, window, against), lambda: _judged(driftline, window, against))


def _key(driftline: Driftline, window: Window, against: Window | None) -> tuple[str, ...]:
    """All that a verdict follows from: the rows, the policy, and what the sentence calls them."""
    sides = [window] if against is None else [window, against]
    return "judged", driftline.policy.id, *(part for side in sides for part in (side.key, subject_of(side)))


def _judged(driftline: Driftline, window: Window, against: Window | None) -> JudgedWindow:
    cells, policy = cells_of(driftline, window.model, window.version), driftline.policy
    sides = [window] if against is None else [window, against]
    kind = finest(*sides)
    profile, reference = merged(driftline, window, kind), cells.on(kind)
    names = group_names((part.profile for side in sides for part in side.parts), reference.grids)
    if against is not None:
        reference = stand_in(name_groups(merged(driftline, against, kind), names), reference)
    comparison = compare(
        reference,
        name_groups(profile, names),
        level=policy.alpha,
        weights=policy.weights,
        detectors=[one for one in DEFAULT_PLAN if against is None or one.code not in AGAINST_REFERENCE_ONLY],
    )
    subject = subject_of(window) if against is None else f"{subject_of(window)}, compared with {subject_of(against)},"
    memory = cells.version.manifest.memory
    verdict, findings = judge(comparison, policy, cells.version.contract, subject, memory=memory)
    verdict, findings = _left_open(verdict, findings, comparison, subject)
    if against is not None:
        verdict, findings = _of_two(verdict, findings, subject_of(against))
    return JudgedWindow(verdict=verdict, findings=findings, comparison=comparison, on_days=any(s.cut for s in sides))


def _left_open(
    verdict: Verdict, findings: Sequence[Finding], comparison: Comparison, subject: str
) -> tuple[Verdict, tuple[Finding, ...]]:
    """The same, where it is said of columns that the stored counts leave open that no more rows would decide them."""
    measured = {(one.measurement.column, one.measurement.detector): one.measurement for one in comparison.measured}

    def noted(finding: Finding) -> Finding:
        found = measured[finding.column, finding.detector]
        chance = finding.effect_high - found.statistic_high
        counts_only = found.detector == "ks" and found.statistic_low + chance < finding.tolerance <= finding.effect_high
        if finding.state != "undecided" or not counts_only or found.statistic_low == found.statistic_high:
            return finding
        between = f"between {found.statistic_low:.2f} and {found.statistic_high:.2f}"
        return replace(finding, note=f"the stored counts leave it open: {between}")

    said = tuple(noted(finding) for finding in findings)
    open_columns = [new.column for new, old in zip(said, findings, strict=True) if new is not old]
    if verdict.name != "undecided" or not open_columns or not comparison.days_attainable:
        return verdict, said
    sentence = f"{subject} cannot be judged by stored counts: they leave open how far {listed(open_columns)} moved."
    return replace(verdict, sentence=sentence, advice=CHECK_TOGETHER), said


def _of_two(verdict: Verdict, findings: Sequence[Finding], other: str) -> tuple[Verdict, tuple[Finding, ...]]:
    """The same where another window took the place of the reference: called by its name, without advice to retrain."""

    def named(text: str) -> str:
        return text.replace("the reference", other).replace("The reference", other)

    retrain = verdict.action == "retrain"
    said = replace(
        verdict,
        sentence=named(verdict.sentence),
        caveat=named(verdict.caveat),
        action="none" if retrain else verdict.action,
        advice=MEANS_CHANGE_ONLY if retrain else verdict.advice,
        reasons=tuple(replace(reason, text=named(reason.text)) for reason in verdict.reasons),
    )
    return said, tuple(replace(finding, note=named(finding.note)) for finding in findings)


def subject_of(window: Window) -> str:
    """What a window is called in a sentence."""
    days = window.days
    first, last = window.period.first or (days[0] if days else None), window.period.last or (days[-1] if days else None)
    if first is None or last is None:
        return "All rows"
    return period_name(first.isoformat(), last.isoformat())
