"""Windows, batches and what happened between them, in words. Text, not markup: escape it where it is shown. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Final

from dashboard.wording.escape import shorten
from dashboard.wording.quantities import count, counted, percent, period, short_period
from dashboard.wording.verdicts import verdict_look
from monitoring.history.records import CheckSummary
from monitoring.workflows.over_time import Batch, Mark, MarkKind
from monitoring.workflows.periods import Period, Step
from monitoring.workflows.window_parts import LeftOut, Why

MARKS: Final[dict[MarkKind, tuple[str, str]]] = {
    "trained": ("New version", "a retraining made it"),
    "promote": ("Promoted", "it scores from then on"),
    "roll_back": ("Rolled back", "it scores again from then on"),
    "incident": ("Broken feed", "the data feed was damaged, not the world"),
}
"""Word and meaning of each mark."""

_WHY: Final[dict[Why, str]] = {
    "other_version": "{files} {was} scored by another version: {rows} left out, since profiles add up only where they "
    "were counted against the same reference. Choose that version above, or check {them} again by the version in use.",
    "no_time": "{files} {has} no times: {rows} left out, since nothing says on which days they were. All days together "
    "hold them.",
    "rows_without_time": "{rows} of {files} {have} no time: left out, since only a part of the file's days is in here.",
    "too_many_days": "{files} {has} more days than are counted one by one (1,024) and cannot be cut: {rows} left out. "
    "Choose days that hold all of {them}, or check {them} in smaller files.",
    "block_edges": "{rows} of {files} left out at the edges: this model counts several days as one block, and the days "
    "chosen begin or end inside one.",
    "same_upload": "{files} {was} checked more than once: the latest check that knows outcomes counts, once.",
    "same_rows": "{rows} of {files} {are} in another file too, as far as counts tell: counted once.",
    "repaired": "{rows} of {files}, a broken feed, left out: another file has the same days and is not broken.",
    "unreadable": "{files} {was} kept by an earlier Driftline, or counted against a reference that is gone: {rows} "
    "left out. Check {them} again to have {them} counted.",
}
NAMED: Final = 3


def batch_label(batch: Batch) -> str:
    """What a batch is called on an axis: its days, or the name of its file."""
    return days_label(batch.period) or batch.name


def days_label(days: Period) -> str:
    """A period for an axis or a button; '' without both ends."""
    if days.first is None or days.last is None:
        return ""
    return short_period(days.first.isoformat(), days.last.isoformat())


def days_words(days: Period) -> str:
    """A period in a sentence."""
    if days.first is None and days.last is None:
        return "all days"
    if days.first is None or days.last is None:
        end = days.first or days.last
        assert end is not None
        return f"{'from' if days.first else 'up to'} {period(end.isoformat(), end.isoformat())}"
    return period(days.first.isoformat(), days.last.isoformat())


def left_out_lines(left_out: Sequence[LeftOut]) -> list[str]:
    """A sentence for each reason why rows are not counted, with the files and how to have them counted."""
    lines = []
    for why, words in _WHY.items():
        those = [one for one in left_out if one.why == why and one.rows]
        if those:
            several, rows = len({one.check.file_name for one in those}) > 1, sum(one.rows for one in those)
            lines.append(
                words.format(
                    files=_names(one.check for one in those),
                    rows=counted(rows, "row"),
                    them="them" if several else "it",
                    was="were" if several else "was",
                    has="have" if several else "has",
                    have="has" if rows == 1 else "have",
                    are="is" if rows == 1 else "are",
                )
            )
    return lines


def perhaps_twice_line(pairs: Sequence[tuple[CheckSummary, CheckSummary]]) -> str:
    """A sentence that names the files of which it is not known whether they hold the same rows; '' without any."""
    if not pairs:
        return ""
    checks = [check for pair in pairs for check in pair]
    several = "" if len({check.file_name for check in checks}) > 1 else "Several files called "
    files = f"{several}{_names(checks)}"
    return f"{files} share days and all count: stored counts cannot tell whether they hold the same rows."


def cut_short_line(number: int, most: int) -> str:
    """That only the last of more are shown; '' where all are."""
    return f"The last {most} are shown. Weeks or months show a longer time." if number >= most else ""


def not_all_line(shown: int, wanted: int, step: Step) -> str:
    """How many of the days, weeks or months are there while the rest is missing."""
    if not shown:
        return f"None of {counted(wanted, step)} is judged yet."
    return f"{count(shown)} of {counted(wanted, step)} are shown, the newest. What is judged stays as it is."


def mark_line(mark: Mark) -> str:
    """A mark in a line: what happened, when, what it means, the reason given."""
    word, meaning = MARKS[mark.kind]
    version = {"trained": f": version {mark.version}", "promote": f": version {mark.version}"}.get(mark.kind, "")
    version = f" to version {mark.version}" if mark.kind == "roll_back" else version
    why = f" — {shorten(mark.text, 160)}" if mark.text else ""
    return f"{word}{version}, {mark.at:%-d %b %Y}: {meaning}{why}"


def usual_version(batches: Sequence[Batch]) -> int | None:
    """The version that scored most batches, the first of several; None without any."""
    often = Counter(batch.version for batch in batches)
    return min(often, key=lambda version: (-often[version], version)) if often else None


def strip_caption(batches: Sequence[Batch], marks: Sequence[Mark], *, by_clock: bool) -> str:
    """What “v2” below a verdict means, and where it is drawn what happened; '' where there is nothing to say.

    Args:
        batches: side by side.
        marks: all that happened.
        by_clock: whether the batches stand in the order in which they were checked, so that it is drawn.
    """
    told = []
    usual = usual_version(batches)
    if others := sorted({batch.version for batch in batches} - {usual}):
        signs = ", ".join(f"v{version}" for version in others)
        told.append(f"{signs}: the version that scored the batch, where it was not version {usual}.")
    if not by_clock and any(mark.kind != "incident" for mark in marks):
        told.append("When versions came and went is drawn where files stand by the time of the check.")
    return " ".join(told)


def say_verdicts(batches: Sequence[Batch], marks: Sequence[Mark]) -> str:
    """The verdicts and the marks for who cannot see them: how many of each, the last few, what happened."""
    if not batches:
        return "No batch."
    counts: dict[str, int] = {}
    for batch in batches:
        word = verdict_look(batch.verdict).word.lower()
        counts[word] = counts.get(word, 0) + 1
    summary = ", ".join(f"{n} {word}" for word, n in sorted(counts.items(), key=lambda item: -item[1]))
    last = "; ".join(f"{batch_label(one)} {verdict_look(one.verdict).word.lower()}" for one in batches[-3:])
    happened = f" Marks: {'; '.join(mark_line(mark) for mark in marks[-5:])}." if marks else ""
    return f"Verdicts of {len(batches)} batches: {summary}. The last ones: {last}.{happened}"


def say_outcomes(batches: Sequence[Batch]) -> str:
    """Predicted against realised for who cannot see it: where they lie furthest apart, and how much is known."""
    known = [batch for batch in batches if batch.rate is not None and batch.mean_prediction is not None]
    if not known:
        return "Mean prediction of each batch. No outcome is known yet."
    worst = max(known, key=lambda batch: abs((batch.rate or 0) - (batch.mean_prediction or 0)))
    coverage = sum(batch.labelled_rows for batch in batches) / max(1, sum(batch.rows for batch in batches))
    return (
        f"Mean prediction against the share that happened. Furthest apart: {batch_label(worst)}, predicted "
        f"{percent(worst.mean_prediction or 0)}, happened {percent(worst.rate or 0)}. "
        f"Outcomes are known for {percent(coverage)} of the rows."
    )


def _names(checks: Iterable[CheckSummary]) -> str:
    names = list(dict.fromkeys(f"“{shorten(check.file_name, 40)}”" for check in checks))
    more = f" and {len(names) - NAMED} more files" if len(names) > NAMED else ""
    return ", ".join(names[:NAMED]) + more
