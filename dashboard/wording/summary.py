"""The one-page summary of a check: its columns in the words of the page. Pure."""

from __future__ import annotations

from dashboard.wording.columns import ColumnRow, column_rows
from dashboard.wording.quantities import period
from dashboard.wording.verdicts import state_look, verdict_look
from monitoring.history.records import CheckResult
from monitoring.reports.summary_page import Line, Look, summary_page


def summary_of(result: CheckResult) -> str:
    """The page as HTML."""
    look = verdict_look(result.verdict.name)
    return summary_page(
        result,
        [_line(row) for row in column_rows(result)],
        look=Look(look.symbol, look.word),
        period=period(result.read.first_time, result.read.last_time),
    )


def _line(row: ColumnRow) -> Line:
    look = state_look(row.state)
    muted = " (muted)" if row.muted else ""
    return Line(
        column=row.column,
        name=row.name,
        look=Look(look.symbol, look.word + muted),
        effect=row.effect,
        tolerance=row.tolerance,
        tested=row.state != "not_applicable",
        moved=row.moved,
    )
