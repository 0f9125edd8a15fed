"""One window: its verdict, what became of its rows, how far each column moved, what is not counted and why."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import pandas as pd
import streamlit as st
from streamlit.elements.lib.column_types import ColumnConfig

from dashboard.components.grid import show_grid
from dashboard.components.verdict_banner import show_verdict, verdict_badge
from dashboard.pages import CHECK_PAGE
from dashboard.wording.escape import escape, name
from dashboard.wording.findings import moved, shown_name
from dashboard.wording.quantities import count, counted, percent
from dashboard.wording.terms import DETECTORS, explain
from dashboard.wording.verdicts import STATES, state_look
from dashboard.wording.windows import left_out_lines, perhaps_twice_line
from monitoring.drift.measurement import NumericShift
from monitoring.history.records import CheckSummary
from monitoring.policy.verdict import Finding
from monitoring.workflows.judged_windows import JudgedWindow
from monitoring.workflows.window_parts import LeftOut
from monitoring.workflows.windows import Outcomes, Window

ROW_HEIGHT: Final = 36
SHOWN_ROWS: Final = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowPart:
    """What the panel shows.

    Attributes:
        window, judged, known: the days looked at, their verdict, their outcomes.
        other, other_known: the window compared with and its outcomes; None for the training reference.
        other_name: what that is called.
        units: unit of each column that has one.
        advice: what is to be done by now.
    """

    window: Window
    judged: JudgedWindow
    known: Outcomes
    other: Window | None
    other_known: Outcomes | None
    other_name: str
    units: dict[str, str]
    advice: str


def show_window(part: WindowPart, *, key: str, choose: Callable[[str], None]) -> None:
    """The panel. `choose` is given the column whose row is chosen."""
    show_verdict(part.judged.verdict, part.advice)
    _show_made_of(part)
    _show_cards(part)
    _show_table(part, key=key, choose=choose)
    windows = [part.window, *([part.other] if part.other else [])]
    show_perhaps_twice([pair for window in windows for pair in window.perhaps_twice])
    show_left_out([one for window in windows for one in window.left_out])


def show_perhaps_twice(pairs: Sequence[tuple[CheckSummary, CheckSummary]]) -> None:
    """The files of which it is not known whether they hold the same rows."""
    if line := perhaps_twice_line(pairs):
        st.caption(f":material/content_copy: {escape(line)}")


def show_left_out(left_out: Sequence[LeftOut]) -> None:
    """Rows of these days that are not counted, and what to do about it."""
    lines = left_out_lines(left_out)
    if lines:
        with st.expander(f"Not counted: {counted(len(lines), 'reason')}", icon=":material/rule:"):
            for line in lines:
                st.markdown(escape(line))


def columns_of_window(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """The leading finding of each column, in the order of the findings."""
    first: dict[str, Finding] = {}
    for finding in findings:
        if finding.role != "rows":
            first.setdefault(finding.column, finding)
    return tuple(first.values())


def _show_made_of(part: WindowPart) -> None:
    """What the window was merged from, and that a single file has a check of its own, which is exact."""
    window = part.window
    files = counted(len(window.parts), "stored profile")
    rows = f"{counted(window.rows, 'row')} from {files}, scored by version {window.version}"
    coarse = "Files are cut at days, whose counts are coarser: the intervals are wider." if part.judged.on_days else ""
    st.caption(f"{rows}; no row was read again. {coarse}".strip())
    if part.other is None and len(window.parts) == 1 and not window.cut:
        check = window.parts[0].check
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            said = f"These days are one file. Its check looked at the rows: {verdict_badge(check.verdict)}"
            st.markdown(said, width="content")
            st.page_link(CHECK_PAGE, label=f"Open {name(check.file_name)}", query_params={"check": check.id})


def _show_cards(part: WindowPart) -> None:
    known, other = part.known, part.other_known
    with st.grid(4, min_column_width=160, gap="small"):
        _card(
            "Rows",
            count(known.rows),
            f"{part.other_name}: {count(other.rows if other else part.judged.comparison.rows_reference)}",
            "Rows scored in these days, each counted once as far as stored counts tell.",
        )
        before, after = _means(part)
        estimated = " (estimate)" if part.window.cut else ""
        _card(
            "Mean prediction",
            "–" if after is None else percent(after),
            "" if before is None else f"{part.other_name}: {percent(before)}",
            explain("mean_prediction") + (" A file is cut, so it is an estimate from the cells." if estimated else ""),
        )
        happened = "" if other is None or other.rate is None else f"{part.other_name}: {percent(other.rate)}"
        _card(
            "Really happened",
            "not known yet" if known.rate is None else percent(known.rate),
            happened or (f"Brier score {known.brier:.3f}" if known.brier is not None else ""),
            explain("rate"),
        )
        coverage = known.labelled / known.rows if known.rows else 0.0
        _card(
            "Outcome known", percent(coverage), f"{count(known.labelled)} of {count(known.rows)}", explain("labelled")
        )


def _means(part: WindowPart) -> tuple[float | None, float | None]:
    """Mean prediction of what is compared with, and of the window."""
    finding = next((one for one in part.judged.findings if one.role == "prediction"), None)
    if finding is None or not isinstance(finding.evidence, NumericShift):
        return None, part.known.mean_prediction
    return finding.evidence.mean_reference, finding.evidence.mean_batch


def _card(label: str, value: str, below: str, help_text: str) -> None:
    st.metric(
        label,
        value,
        escape(below) or None,
        delta_color="off",
        delta_arrow="off",
        border=True,
        height="stretch",
        help=help_text,
    )


def _show_table(part: WindowPart, *, key: str, choose: Callable[[str], None]) -> None:
    rows = columns_of_window(part.judged.findings)

    def chosen() -> None:
        places = st.session_state[key].selection.rows
        if places and places[0] < len(rows):
            choose(rows[places[0]].column)

    show_grid(
        pd.DataFrame([_cells(finding, part.units.get(finding.column, "")) for finding in rows]),
        key=key,
        height=ROW_HEIGHT * (min(len(rows), SHOWN_ROWS) + 1) + 3,
        row_height=ROW_HEIGHT,
        on_select=chosen,
        selection_mode="single-row",
        column_config=_config(part),
        alt=_say_table(rows, part),
    )
    st.caption("Choose a row to see that column over time below.")


def _cells(finding: Finding, unit: str) -> dict[str, object]:
    return {
        "Column": shown_name(finding.column) + (" (outcome)" if finding.role == "target" else ""),
        "State": [f"{state_look(finding.state).label}{' (muted)' if finding.muted else ''}"],
        "Moved": finding.effect,
        "At least": finding.effect_low,
        "At most": finding.effect_high,
        "Tolerance": finding.tolerance,
        "What moved": moved(finding, unit),
        "Note": finding.note,
        "Test": DETECTORS[finding.detector],
    }


def _config(part: WindowPart) -> dict[str, ColumnConfig]:
    config = st.column_config
    looks = list(STATES.values())
    interval = "End of the 95 % interval, with what the stored counts leave open."
    return {
        "Column": config.TextColumn(pinned=True, width=115),
        "State": config.MultiselectColumn(
            options=[look.label for look in looks], color=[look.colour for look in looks], width=115
        ),
        "Moved": config.ProgressColumn(
            min_value=0.0, max_value=1.0, format="%.2f", width=115, color="primary", help=explain("effect")
        ),
        "At least": config.NumberColumn(format="%.2f", width=80, help=interval),
        "At most": config.NumberColumn(format="%.2f", width=80, help=interval),
        "Tolerance": config.NumberColumn(format="%.2f", width=80, help=explain("tolerance")),
        "What moved": config.TextColumn(width=260, help=f"From {part.other_name} to these days."),
        "Note": config.TextColumn(width=260),
        "Test": config.TextColumn(width=150, help="The method behind “moved”."),
    }


def _say_table(rows: Sequence[Finding], part: WindowPart) -> str:
    """The table's finding in words: it is drawn on a canvas."""
    drifted = sum(finding.state == "drift" for finding in rows)
    still_open = sum(finding.state == "undecided" for finding in rows)
    left = f", {still_open} undecided" if still_open else ""
    top = ", ".join(
        f"{shown_name(one.column)} {one.effect:.2f} ({one.effect_low:.2f} to {one.effect_high:.2f})" for one in rows[:3]
    )
    return (
        f"{counted(len(rows), 'column')} compared with {part.other_name}, {drifted} in drift{left}. Moved most: {top}."
    )
