"""The verdict in one plain sentence with numbers. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from monitoring.contract import Contract
from monitoring.drift.compare import Comparison
from monitoring.drift.measurement import CategoryShift, NumericShift, ShareShift
from monitoring.drift.memory import Memory
from monitoring.policy.phrases import counted, listed, percent, quoted
from monitoring.policy.verdict import Action, Finding, Reason, State, VerdictName

NEVER_SEEN = 0.10
"""Share of a column's values outside anything seen in the reference from which the sentence names it."""

ADVICE: dict[VerdictName, tuple[Action, str]] = {
    "stable": ("none", "Nothing to do."),
    "watch": ("watch", "Keep an eye on the columns named; check again with the next batch."),
    "drift": ("retrain", "Retraining on this data is worth a try; the challenger must beat the champion first."),
    "broken": ("repair_feed", "Repair the feed and upload the rows again; do not retrain on them."),
    "undecided": ("collect_more", "Collect more data and check again; nothing here says that the model is wrong."),
}


def drift_sentence(subject: str, findings: Sequence[Finding], inputs: int, contract: Contract) -> str:
    """'July 2013 looks different: 3 of 13 inputs moved beyond their usual range (…) and predictions fell from …'"""
    moved = drifted_inputs(findings)
    names = f" ({listed(moved)})" if moved else ""
    verb = "moved beyond its usual range" if len(moved) == 1 else "moved beyond their usual range"
    names = names or _still_open(findings)
    head = f"{len(moved) or 'none'} of {inputs} inputs {verb}{names}"
    prediction = _main(findings, "prediction")
    drifted = prediction is not None and prediction.state == "drift"
    never_seen = _never_seen(findings, contract)
    joint = " and " if drifted == bool(moved) else ", but "
    return f"{subject} looks different: {head}{joint}{prediction_phrase(findings, contract)}.{never_seen}"


def stable_sentence(subject: str, findings: Sequence[Finding], inputs: int, contract: Contract) -> str:
    """'… looks as usual: none of 13 inputs moved beyond its usual range and predictions stayed at 24 % late.'"""
    phrase = prediction_phrase(findings, contract)
    moved = f"none of {inputs} inputs moved beyond its usual range{_still_open(findings)}"
    return f"{subject} looks as usual: {moved} and {phrase}."


def watch_sentence(subject: str, reasons: Sequence[Reason], findings: Sequence[Finding], contract: Contract) -> str:
    """'… is within its usual range, but temp is close to its limit; predictions stayed at 24 % late.'"""
    columns = list(dict.fromkeys(reason.column for reason in reasons))
    is_or_are, phrase = "is" if len(columns) == 1 else "are", prediction_phrase(findings, contract)
    if any(reason.code == "outside_every_block" for reason in reasons):
        further = f"{listed(columns)} {is_or_are} further off than any single day of the reference"
        return f"{subject} needs watching: {further}, but there are too few days to call it drift; {phrase}."
    close = f"{listed(columns)} {is_or_are} close to the limit{_still_open(findings)}"
    return f"{subject} shows no drift, but {close}; {phrase}."


def broken_sentence(subject: str, reasons: Sequence[Reason]) -> str:
    """'… looks broken, not drifted: carrier: 'ua' is not known, 'UA' is; pressure: 44 % missing, usually 9 %.'"""
    shown = "; ".join(reason.text for reason in reasons[:3])
    more = f"; and {len(reasons) - 3} more" if len(reasons) > 3 else ""
    return f"{subject} looks broken, not drifted: {shown}{more}."


def undecided_sentence(subject: str, comparison: Comparison, findings: Sequence[Finding]) -> str:
    """'… cannot be judged yet: 1 day of data, 3 days are needed to tell drift from day-to-day change.'"""
    if comparison.dated and not comparison.days_attainable and comparison.blocks_batch:
        days = comparison.blocks_batch * comparison.block_days
        if comparison.days_needed is None:
            return f"{subject} cannot be judged: the reference has too few days to tell drift from day-to-day change."
        needed = counted(comparison.days_needed * comparison.block_days, "day")
        why = "needed to tell drift from day-to-day change"
        if not comparison.batch_dated:
            return f"{subject} cannot be judged: its rows have no timestamps, and those of {needed} are {why}."
        verb = "is" if comparison.days_needed * comparison.block_days == 1 else "are"
        return f"{subject} cannot be judged yet: {counted(days, 'day')} of data, {needed} {verb} {why}."
    rows = max((finding.n_batch for finding in findings), default=0)
    few = f"{counted(rows, 'row')} {'is' if rows == 1 else 'are'} too few to rule drift in or out"
    return f"{subject} cannot be judged yet: {few}.{_example(findings)}"


def prediction_phrase(findings: Sequence[Finding], contract: Contract) -> str:
    """'predictions fell from 24 % to 8.3 % late', that they stayed, or that neither could be decided."""
    finding = _main(findings, "prediction")
    evidence = finding.evidence if finding is not None and finding.state != "not_applicable" else None
    if finding is not None and isinstance(evidence, CategoryShift):
        return _class_phrase(evidence, finding.state)
    if finding is not None and isinstance(evidence, NumericShift):
        return _mean_phrase(evidence, finding.state, contract.target.positive)
    return "predictions could not be compared"


def _mean_phrase(shift: NumericShift, state: State, name: str) -> str:
    """The same of a probability, by its means."""
    before, after = percent(shift.mean_reference), percent(shift.mean_batch)
    if state == "undecided":
        return f"whether predictions moved could not be decided ({before} → {after} {name})"
    if state != "drift":
        stayed = f"at {after} {name}" if before == after else f"within their usual range ({before} → {after} {name})"
        return f"predictions stayed {stayed}"
    if before == after:
        return f"predictions are spread differently around {after} {name}"
    verb = "fell" if shift.mean_batch < shift.mean_reference else "rose"
    return f"predictions {verb} from {before} to {after} {name}"


def _class_phrase(shift: CategoryShift, state: State) -> str:
    """'predictions moved from 'no' (62 % → 41 %) to 'yes' (38 % → 59 %)', where a model predicts classes."""
    if state == "undecided":
        return "whether predicted classes moved could not be decided"
    if state != "drift":
        return "predicted classes stayed within their usual range"
    if not shift.grew or not shift.shrank:
        return "predicted classes moved"
    fewer, more = shift.shrank[0], shift.grew[0]
    changes = (
        f"{quoted(change.category)} ({percent(change.share_reference)} → {percent(change.share_batch)})"
        for change in (fewer, more)
    )
    return "predictions moved from {} to {}".format(*changes)


def alike_sentence(memory: Memory) -> str:
    """That days are not exchangeable, where the blocks are too short for it; '' where they are not."""
    column = memory.strongest
    if column is None or column.correlation is None:
        return ""
    days = "Neighbouring days" if memory.block_days == 1 else f"Days {memory.block_days} apart"
    alike = f"{days} are alike ({column.column} correlates {column.correlation:.2f})"
    return f"{alike}: the false-alarm rate of comparing days is not guaranteed."


def drifted_inputs(findings: Sequence[Finding]) -> list[str]:
    """Inputs in state `drift` by any detector, largest effect first, each once; muted ones left out."""
    moved = [f for f in findings if f.role == "input" and f.state == "drift" and not f.muted]
    return list(dict.fromkeys(f.column for f in sorted(moved, key=lambda f: -f.effect)))


def open_inputs(findings: Sequence[Finding]) -> list[str]:
    """Inputs of which it is not known whether they moved: undecided, or with nothing to compare; without muted ones."""
    drifted = {f.column for f in findings if f.state == "drift"}
    inputs = [f for f in findings if f.role == "input" and not f.muted and f.column not in drifted]
    return list(dict.fromkeys(f.column for f in inputs if f.state == "undecided" or _not_compared(f)))


def _not_compared(finding: Finding) -> bool:
    return finding.state == "not_applicable" and finding.detector in ("ks", "chi2")


def _still_open(findings: Sequence[Finding]) -> str:
    """' (temp cannot be judged yet)', or nothing."""
    columns = open_inputs(findings)
    return f" ({listed(columns)} cannot be judged yet)" if columns else ""


def _main(findings: Sequence[Finding], role: str) -> Finding | None:
    return next((f for f in findings if f.role == role and f.detector in ("ks", "chi2")), None)


def _never_seen(findings: Sequence[Finding], contract: Contract) -> str:
    """A second sentence that names values outside anything the reference has."""
    parts = []
    for finding in findings:
        shift = finding.evidence
        if finding.detector != "out_of_range" or not isinstance(shift, ShareShift) or shift.share_batch < NEVER_SEEN:
            continue
        end = f"below {shift.low:g}" if shift.below >= shift.above else f"above {shift.high:g}"
        side = f"{end} {contract.unit(finding.column)}".rstrip()
        parts.append((-shift.share_batch, f"{percent(shift.share_batch)} of {finding.column} ({side})"))
    if not parts:
        return ""
    return f" Never seen before: {listed([text for _, text in sorted(parts)])}."


def _example(findings: Sequence[Finding]) -> str:
    open_ones = [f for f in findings if f.state == "undecided" and f.note.startswith("needs ")]
    if not open_ones:
        return ""
    first = max(open_ones, key=lambda f: (f.role == "prediction", f.effect))
    return f" For instance {first.column} {first.note}."
