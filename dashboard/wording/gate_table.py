"""The gate's table as rows of words: both windows, categories, choices of training rows, cost, demands. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from dashboard.wording.escape import escape, name
from dashboard.wording.quantities import NBSP, count, counted, p_value, percent, period
from dashboard.wording.verdicts import Look
from monitoring.performance.calibration import Calibration
from monitoring.performance.estimate import Estimate
from monitoring.performance.gate import Cost, Gate, SegmentComparison, WindowComparison
from monitoring.policy.promotion_decision import PromotionOutcome, RequirementCode
from monitoring.policy.promotion_watch import WatchState

OUTCOMES: Final[dict[PromotionOutcome, Look]] = {
    "promote": Look("Passed", "verified", "green", "✓", "It meets all that the promotion policy demands."),
    "ask": Look("Waits for you", "front_hand", "orange", "✋", "It meets all that is demanded; a person decides."),
    "refuse": Look("Refused", "block", "gray", "✗", "It does not meet all that the promotion policy demands."),
}
WATCHES: Final[dict[WatchState, Look]] = {
    "watching": Look("Watched", "visibility", "blue", "◉", "Its first batches are compared with the version before."),
    "kept": Look("Proved", "verified", "green", "✓", "Its first batches did not speak against it."),
    "worse": Look("Worse than before", "undo", "red", "▼", "The version before would have predicted better."),
}
REQUIREMENTS: Final[dict[RequirementCode, str]] = {
    "result": "Result",
    "gain": "Gain",
    "hold_out": "Frozen hold-out",
    "segments": "Categories",
    "calibration": "Calibration",
    "churn": "Changed classes",
    "latency": "Time",
    "size": "Size",
    "parity": "Export",
}
DATA_WORDS: Final = {"all": "all rows so far", "since-drift": "rows since drift began"}
SEGMENTS_SHOWN = 12


@dataclass(frozen=True, slots=True)
class Line:
    """One measure of both versions, ready to be shown."""

    measure: str
    champion: str
    challenger: str
    difference: str


def window_lines(window: WindowComparison) -> tuple[Line, ...]:
    """Every measure of one window."""
    accuracy = window.champion_accuracy
    auc = (window.champion.auc, window.challenger.auc)
    lines = [
        Line("Error (Brier)", f"{window.champion.brier:.4f}", f"{window.challenger.brier:.4f}", interval(window.brier))
    ]
    if window.auc is not None and auc[0] is not None and auc[1] is not None:
        lines.append(Line("Ranking (AUC)", f"{auc[0]:.3f}", f"{auc[1]:.3f}", interval(window.auc, 3)))
    changed = window.labels.accuracy
    before, after = window.champion_calibration, window.challenger_calibration
    lines += [
        Line("Right classes", percent(accuracy), percent(accuracy + changed.value), f"McNemar, {p_value(changed.p)}"),
        Line(
            "Classes that change",
            "",
            percent(window.labels.churn),
            f"{count(window.labels.mended)} mended, {count(window.labels.spoiled)} spoiled",
        ),
        Line("Happened − predicted", _gap(before), _gap(after), "0 is right"),
        Line("Calibration slope", _slope(before), _slope(after), "1 is right"),
    ]
    return tuple(lines)


def window_basis(window: WindowComparison) -> str:
    """What a window rests on, as Markdown."""
    days = f" of {counted(window.days, 'whole day')}" if window.days else ""
    when = f", {period(window.first, window.last)}" if window.first else ""
    return f"{counted(window.rows, 'row')}{days}{when}; neither version was trained on any of them."


def cost_lines(cost: Cost) -> tuple[Line, ...]:
    """Time and size of both."""
    times, size = cost.challenger_ms / cost.champion_ms, cost.challenger_bytes / cost.champion_bytes
    return (
        Line(
            "1,000 rows",
            f"{cost.champion_ms:.1f}{NBSP}ms",
            f"{cost.challenger_ms:.1f}{NBSP}ms",
            f"{times:.2f} times",
        ),
        Line("File", _bytes(cost.champion_bytes), _bytes(cost.challenger_bytes), f"{size:.2f} times"),
    )


def segment_lines(segments: tuple[SegmentComparison, ...]) -> list[dict[str, str]]:
    """The categories that lost most, as Markdown."""
    return [
        {
            "Category": f"{name(one.column)} {name(one.value)}",
            "Rows": count(one.rows),
            "Brier score": f"{one.champion:.3f} → {one.challenger:.3f}",
            "Difference": f"{interval(one.brier, 3)}{' **fell**' if one.fell else ''}",
        }
        for one in segments[:SEGMENTS_SHOWN]
    ]


def segments_basis(gate: Gate) -> str:
    """How the categories were compared."""
    more = len(gate.segments) - SEGMENTS_SHOWN
    left = f"; {more} more lost less or gained" if more > 0 else ""
    return (
        f"{counted(len(gate.segments), 'category', 'categories')} with {count(gate.terms.segment_rows)} rows or more "
        f"on the newest days, those that lost most first{left}. The intervals hold for all of them at once."
    )


def candidate_lines(gate: Gate) -> list[dict[str, str]]:
    """The choices of training rows that were tried, as Markdown."""
    return [
        {
            "Trained on": f"**{data_words(one.data)}**" if one.chosen else data_words(one.data),
            "Rows": count(one.training_rows),
            "Brier score": f"{one.challenger.brier:.4f}",
            "Difference": interval(one.difference),
        }
        for one in gate.candidates
    ]


def data_words(code: str) -> str:
    """Which rows a version was trained on.

    >>> data_words("last-60-days"), data_words("all")
    ('rows of the last 60 days', 'all rows so far')
    """
    if code.startswith("last-"):
        return f"rows of the last {escape(code.split('-')[1])} days"
    return DATA_WORDS.get(code, escape(code))


def interval(told: Estimate, decimals: int = 4) -> str:
    """A difference with its interval.

    >>> interval(Estimate(value=-0.012, low=-0.02, high=-0.004, p=0.01), 3)
    '−0.012 (−0.020 to −0.004)'
    """
    value, low, high = (f"{each:+.{decimals}f}" for each in (told.value, told.low, told.high))
    return f"{value} ({low} to {high})".replace("-", "−")


def _gap(calibration: Calibration) -> str:
    return f"{calibration.gap.value:+.3f}".replace("-", "−")


def _slope(calibration: Calibration) -> str:
    slope = calibration.slope
    return "–" if slope is None else f"{slope.value:.2f} ({slope.low:.2f} to {slope.high:.2f})".replace("-", "−")


def _bytes(size: int) -> str:
    return f"{size / 1e6:,.1f}{NBSP}MB" if size >= 1e6 else f"{size / 1e3:,.1f}{NBSP}kB"
