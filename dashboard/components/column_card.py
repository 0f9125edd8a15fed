"""One column closely: the charts of its reference and its production values, and every finding about it in words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import streamlit as st

from dashboard.charts.axis import Axis
from dashboard.charts.categories import bars, say_bars
from dashboard.charts.frame import CONFIG, HEIGHT
from dashboard.charts.numeric import curves, histogram, say_curves, say_histogram
from dashboard.charts.palette import Palette
from dashboard.components.headline_cards import state_badge
from dashboard.components.in_view import GAP, in_view, show_chart
from dashboard.wording.columns import ColumnRow
from dashboard.wording.escape import escape
from dashboard.wording.findings import describe, nothing_to_note, shown_name
from dashboard.wording.quantities import percent
from dashboard.wording.verdicts import state_look
from monitoring.contract import PREDICTION
from monitoring.history.records import CheckResult
from monitoring.policy.verdict import Finding
from monitoring.profiles.picture import CategoryPicture, NumericPicture

LINE: Final = 20
"""Pixels of a line of small text."""


def choose_column(rows: Sequence[ColumnRow], *, key: str, chosen: str | None) -> str:
    """A list of the columns; `chosen`, a row picked in the table, takes it over when it is new."""
    columns = [row.column for row in rows]
    looks = {row.column: f"{row.name} · {state_look(row.state).word.lower()}" for row in rows}
    picked = f"{key}.picked"
    if chosen is not None and chosen != st.session_state.get(picked):
        st.session_state[picked] = st.session_state[key] = chosen
    if st.session_state.get(key) not in columns:
        st.session_state[key] = columns[0]
    return str(
        st.selectbox("Column", columns, key=key, format_func=lambda column: looks[column], label_visibility="collapsed")
    )


def show_column(result: CheckResult, column: str, colours: Palette, *, key: str) -> None:
    """Charts and findings of one column."""
    show_pictures(result, column, colours, key=key)
    for finding in result.findings:
        if finding.column == column and not nothing_to_note(finding):
            show_line(finding, result)


def show_pictures(result: CheckResult, column: str, colours: Palette, *, key: str) -> None:
    """Charts of one column: histogram and cumulative curves with the gap marked, or paired bars."""
    findings = [finding for finding in result.findings if finding.column == column]
    picture = result.pictures.get(column)
    if isinstance(picture, NumericPicture):
        _show_numbers(picture, result, column, findings, colours, key)
    elif isinstance(picture, CategoryPicture):
        show_chart(lambda: bars(picture, colours), key=f"{key}-bars", alt=say_bars(picture, name=shown_name(column)))
    else:
        st.caption("There is no picture of this column.")


def show_line(finding: Finding, result: CheckResult) -> None:
    """A finding as a line of text: state, what moved, on what evidence."""
    words = describe(finding, result.units.get(finding.column, ""))
    note = f" {escape(words.note)}" if words.note else ""
    muted = " :gray-badge[muted by the policy]" if finding.muted else ""
    st.markdown(f"{state_badge(finding)}{muted} {escape(words.what)}. :small[{escape(words.evidence)}.{note}]")


@st.fragment
def _show_numbers(
    picture: NumericPicture,
    result: CheckResult,
    column: str,
    findings: Sequence[Finding],
    colours: Palette,
    key: str,
) -> None:
    axis = Axis(shown_name(column), result.units.get(column, ""), share=column == PREDICTION)
    statistic = next((finding.statistic for finding in findings if finding.detector == "ks"), None)
    spread, gap = say_histogram(picture, axis), say_curves(picture, axis, statistic=statistic)
    below = LINE + GAP if picture.beyond else 0
    if not in_view(key, height=HEIGHT + below, narrow=2 * HEIGHT + GAP + below, says=f"{spread} {gap}"):
        return
    left, right = st.columns(2)
    left.plotly_chart(histogram(picture, colours, axis), key=f"{key}-histogram", config=CONFIG, alt=spread)
    right.plotly_chart(curves(picture, colours, axis, statistic=statistic), key=f"{key}-curves", config=CONFIG, alt=gap)
    if picture.beyond:
        st.caption(f"{percent(picture.beyond)} of the production values lie outside the drawn range.")
