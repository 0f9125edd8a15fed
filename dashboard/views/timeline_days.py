"""The days chosen on the time line: their verdict, what they are compared with, or what to do to have one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date

import streamlit as st

from dashboard.components.waiting import wait_for
from dashboard.components.window_panel import WindowPart, show_left_out, show_window
from dashboard.timeline_address import Address
from dashboard.views.window_advice import window_advice
from dashboard.wording.escape import escape
from dashboard.wording.quantities import counted
from dashboard.wording.windows import days_words
from monitoring.errors import StoreFailed
from monitoring.history.records import CheckSummary
from monitoring.workflows.judged_windows import judge_window
from monitoring.workflows.parts import Driftline
from monitoring.workflows.periods import Period
from monitoring.workflows.window_parts import first_day, last_day
from monitoring.workflows.windows import Window, open_window, outcomes


def show_chosen(
    engine: Driftline,
    address: Address,
    model: str,
    version: int,
    checks: Sequence[CheckSummary],
    go: Callable[[Address], None],
) -> None:
    """The days chosen: their verdict, or what to do to have one. `go` shows another state."""
    if not address.period.bounded:
        return
    window = wait_for(
        lambda report: open_window(engine, model, address.period, version=version, checks=checks), "Reading profiles"
    )
    st.header(f"{days_words(address.period)[:1].upper()}{days_words(address.period)[1:]}", anchor="days")
    if not window.parts:
        _show_no_rows(window, "these days")
        return
    other = None
    if address.against != "reference":
        compared = address.compared
        if compared is None:
            st.info("Choose the days to compare with.", icon=":material/date_range:")
            return
        other = open_window(engine, model, compared, version=version, checks=checks)
        if not other.parts:
            _show_no_rows(other, f"the days to compare with, {days_words(compared)}")
            return
    judged = wait_for(
        lambda report: judge_window(engine, window, other), f"Comparing {counted(window.rows, 'row')} by days"
    )
    part = WindowPart(
        window=window,
        judged=judged,
        known=outcomes(engine, window),
        other=other,
        other_known=outcomes(engine, other) if other else None,
        other_name=days_words(address.compared) if other and address.compared else "training reference",
        units=units_of(engine, model, version),
        advice=window_advice(engine, window, judged.verdict),
    )
    show_window(
        part,
        key=f"window-{window.key[:12]}-{other.key[:12] if other else ''}",
        choose=lambda column: go(replace(address, column=column)),
    )


def units_of(engine: Driftline, model: str, version: int) -> dict[str, str]:
    """The unit of each column that has one; none where the version is damaged."""
    try:
        contract = engine.registry.version(model, version).contract
    except StoreFailed:
        return {}
    return {feature.name: feature.unit for feature in contract.features if feature.unit}


def has_rows(checks: Sequence[CheckSummary], version: int, period: Period) -> bool:
    """Whether a version scored rows of a period, as far as first and last rows tell."""
    spans: list[tuple[date | None, date | None]] = [
        (first_day(check), last_day(check)) for check in checks if check.version == version
    ]
    return any(first and last and period.meets(first, last) for first, last in spans)


def _show_no_rows(window: Window, which: str) -> None:
    st.info(
        f"No rows in {escape(which)} that version {window.version} scored. Choose other days, or check a file of them.",
        icon=":material/event_busy:",
        title="Nothing to merge",
    )
    show_left_out(window.left_out)
