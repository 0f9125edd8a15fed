"""The time line: verdicts and events, any days merged from stored profiles, compared with the reference or other days.

All of its state is in its address (see `timeline_address`), so that it opens on another machine as it stands here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import streamlit as st

from dashboard.charts.timeline import Highlight, columns_shown
from dashboard.components.column_link import link_column
from dashboard.components.notices import show_notices, told
from dashboard.components.over_time_charts import (
    HINT,
    Choose,
    OverTime,
    show_column_over_time,
    show_effects,
    show_outcomes,
    show_strip,
)
from dashboard.components.window_controls import show_against, show_days
from dashboard.components.window_panel import show_perhaps_twice
from dashboard.pages import CHECK_PAGE
from dashboard.parts import colours, driftline
from dashboard.timeline_address import Address, View, read_address, write_address
from dashboard.views.timeline_days import has_rows, show_chosen, units_of
from dashboard.views.timeline_list import show_list
from dashboard.views.timeline_shown import over_time, side_by_side
from dashboard.wording.escape import escape
from dashboard.wording.findings import shown_name
from dashboard.wording.quantities import counted
from dashboard.wording.windows import mark_line, strip_caption
from monitoring.history.records import CheckSummary
from monitoring.workflows.over_time import Mark, columns_of, marks, timeline_csv
from monitoring.workflows.parts import Driftline
from monitoring.workflows.periods import Period
from monitoring.workflows.samples import list_samples, start_sample
from monitoring.workflows.window_parts import first_day, last_day
from monitoring.workflows.windows import version_for

VIEWS: Final[dict[View, str]] = {"file": "Files", "day": "Days", "week": "Weeks", "month": "Months"}
DAYS_HINT: Final = "Days show how far columns moved; a verdict mostly needs several together, as weeks or months."
ORDERS: Final = {"data": "by the time of the data", "check": "by the time of the check"}


def show_page() -> None:
    """The time line of one model."""
    engine = driftline()
    address, wrong = read_address(st.query_params.to_dict())
    st.title("Time line", anchor=False)
    show_notices()
    for sentence in wrong:
        st.warning(escape(sentence), icon=":material/link_off:")
    models = engine.registry.models()
    model = _choose_model(address, models)
    checks = engine.history.checks(model) if model else ()
    if model is None or not checks:
        _show_nothing(engine, model)
        return
    version = _version(engine, model, address, checks)
    _show_time_line(engine, replace(address, version=address.version), model, version, checks)
    show_list(engine, checks)


def go(address: Address) -> None:
    """Show another state: one step in the browser's history."""
    st.query_params.from_dict(write_address(address))


def _choose_model(address: Address, models: Sequence[str]) -> str | None:
    if len(models) < 2:
        return models[0] if models else None
    current = address.model if address.model in models else models[0]
    st.session_state["timeline.model"] = current
    st.selectbox(
        "Model",
        models,
        key="timeline.model",
        on_change=lambda: go(Address(model=st.session_state["timeline.model"])),
    )
    return current


def _show_nothing(engine: Driftline, model: str | None) -> None:
    st.markdown(
        "Nothing checked yet. Every check appears here: its verdict, what moved, and how good the predictions turned "
        "out to be. Any days can then be looked at together, and compared with other days."
    )
    year = next((one for one in list_samples(engine, model) if one.kind == "year"), None) if model else None
    with st.container(horizontal=True, vertical_alignment="center"):
        if year is not None and model is not None:
            st.button(
                escape(year.title),
                key="fill",
                icon=":material/timeline:",
                type="primary",
                on_click=told(_fill),
                args=(engine, model, year.key),
                help=escape(f"{year.description}. It takes some seconds."),
            )
        st.page_link(CHECK_PAGE, label="Check some rows", icon=":material/fact_check:")
    if job := st.session_state.pop("timeline.job", None):
        st.switch_page(CHECK_PAGE, query_params={"job": job})


def _fill(engine: Driftline, model: str, sample: str) -> None:
    """Start the sample; the next run goes to its progress."""
    st.session_state["timeline.job"] = start_sample(engine, model, sample).id


def _version(engine: Driftline, model: str, address: Address, checks: Sequence[CheckSummary]) -> int:
    """The version whose scores are merged; a choice where several have scored."""
    scored = sorted({check.version for check in checks})
    wanted = address.version if address.version in scored else version_for(engine, model, checks)
    if len(scored) > 1:
        st.session_state["timeline.version"] = wanted
        st.segmented_control(
            "Days are merged from what this version scored",
            scored,
            key="timeline.version",
            required=True,
            format_func=lambda number: f"Version {number}",
            help="Profiles add up only where they were counted against the same reference, which is the version's own.",
            on_change=lambda: go(replace(address, version=st.session_state["timeline.version"])),
        )
    return wanted


def _show_time_line(
    engine: Driftline, address: Address, model: str, version: int, checks: Sequence[CheckSummary]
) -> None:
    days = [day for check in checks for day in (first_day(check), last_day(check)) if day]
    _show_view(address, timed=bool(days))
    side = side_by_side(engine, address, model, version, checks)
    batches = side.batches
    happened = marks(batches, engine.history.switches(model), engine.registry.versions(model))
    by_clock = address.view == "file" and address.order == "check"
    column, spreads, references = over_time(engine, address, model, version, checks, side)
    shown = OverTime(
        batches=batches,
        marks=happened if by_clock else (),
        highlight=Highlight(address.period, address.compared),
        column=column,
        unit=units_of(engine, model, version).get(column, ""),
        spreads=spreads,
        references=references,
    )

    def choose(period: Period, chosen: str | None) -> None:
        go(replace(address, period=period, column=chosen or address.column))

    if batches:
        show_strip(shown, colours(), choose)
    if caption := strip_caption(batches, happened, by_clock=by_clock):
        st.caption(caption)
    show_perhaps_twice([pair for window in side.windows or () for pair in window.perhaps_twice])
    if days:
        limits = {"earliest": min(days), "latest": max(days)}
        show_days(address, batches, go, **limits)
        if address.period.bounded:
            show_against(address, go, has_rows=lambda period: has_rows(checks, version, period), **limits)
    show_chosen(engine, address, model, version, checks, go)
    _show_marks(happened)
    if batches:
        _show_columns(engine, address, model, version, shown, choose)


def _show_columns(
    engine: Driftline, address: Address, model: str, version: int, shown: OverTime, choose: Choose
) -> None:
    """How far the columns moved, one of them over time, what was predicted and what happened; all of it as CSV."""
    batches = shown.batches
    st.header("How far each column moved", anchor="effects")
    show_effects(shown, columns_shown(batches), colours(), choose)
    st.caption("The stronger the colour, the further: from 0, as in the reference, to 1, nothing in common. ▲: drift.")
    st.header("A column over time", anchor="column")
    _choose_column(engine, address, model, version, shown.column)
    show_column_over_time(shown, colours(), choose)
    if last := next((batch.check for batch in reversed(batches) if batch.check), None):
        link_column(last, shown.column)
    st.header("Predicted and happened", anchor="outcomes")
    show_outcomes(shown, colours())
    if not any(batch.labelled_rows for batch in batches):
        st.caption("No outcome is known yet. On the page of a check they can be added later.")
    st.download_button(
        "Time line as CSV",
        lambda: timeline_csv(batches),
        file_name=f"{model}-time-line.csv",
        mime="text/csv",
        icon=":material/download:",
        on_click="ignore",
        help="A line for each batch shown: verdict, rows, outcomes, and how far each column moved.",
    )


def _show_view(address: Address, *, timed: bool) -> None:
    """What stands side by side, and in which order."""
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        st.session_state["timeline.view"] = address.view
        st.segmented_control(
            "Side by side",
            list(VIEWS) if timed else ["file"],
            key="timeline.view",
            required=True,
            format_func=lambda one: VIEWS[one],
            on_change=lambda: go(replace(address, view=st.session_state["timeline.view"])),
            help="Files as they were checked, or days, weeks or months merged from their stored profiles.",
        )
        if address.view == "file":
            st.session_state["timeline.order"] = address.order
            st.segmented_control(
                "Order",
                list(ORDERS),
                key="timeline.order",
                required=True,
                format_func=lambda one: ORDERS[one],
                on_change=lambda: go(replace(address, order=st.session_state["timeline.order"])),
            )
        st.caption(f"{HINT} {DAYS_HINT}" if timed else HINT, width="stretch")


def _show_marks(happened: Sequence[Mark]) -> None:
    """What happened, as text: the marks of the charts are small."""
    if happened:
        with st.expander(f"What happened: {counted(len(happened), 'event')}", icon=":material/flag:"):
            for mark in sorted(happened, key=lambda mark: mark.at, reverse=True):
                st.markdown(f"- {escape(mark_line(mark))}")


def _choose_column(engine: Driftline, address: Address, model: str, version: int, column: str) -> None:
    st.session_state["timeline.column"] = column
    st.selectbox(
        "Column",
        columns_of(engine, model, version),
        key="timeline.column",
        format_func=shown_name,
        label_visibility="collapsed",
        on_change=lambda: go(replace(address, column=st.session_state["timeline.column"])),
    )


if __name__ == "__main__":
    show_page()
