"""Checks as rows of text with a link each: readable by everybody, reachable by keyboard."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime

import streamlit as st

from dashboard.components.verdict_banner import verdict_badge
from dashboard.pages import CHECK_PAGE
from dashboard.wording.escape import name, shorten
from dashboard.wording.findings import shown_name
from dashboard.wording.quantities import ago, counted, short_period
from monitoring.history.records import CheckSummary

NAMED = 4


def show_checks(checks: Sequence[CheckSummary], actions: Callable[[CheckSummary], object] = lambda check: None) -> None:
    """One line for each check, with what `actions` adds to it; a sentence when there are none."""
    if not checks:
        st.markdown("Nothing checked yet. Start with a sample above: **The year so far** fills the time line.")
        return
    now = datetime.now(UTC)
    with st.container(border=True, gap="xxsmall"):
        for check in checks:
            with st.container(horizontal=True, vertical_alignment="center", gap="small"):
                st.markdown(verdict_badge(check.verdict), width=112)
                with st.container(width=250):
                    st.page_link(CHECK_PAGE, label=name(shorten(check.file_name, 34)), query_params={"check": check.id})
                st.caption(facts_of(check, now), width="stretch")
                actions(check)


def show_last(check: CheckSummary) -> None:
    """How the last check went: the first answer of the page, above all that can be done."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        file = name(shorten(check.file_name, 34))
        st.markdown(f"Last check: {verdict_badge(check.verdict)} **{file}**", width="content")
        st.caption(facts_of(check, datetime.now(UTC)), width="content")
        with st.container(width="content"):
            st.page_link(CHECK_PAGE, label="See why", query_params={"check": check.id})


def facts_of(check: CheckSummary, now: datetime) -> str:
    """Rows, period, version, outcomes and age of a check, as Markdown."""
    parts = (
        counted(check.rows, "row"),
        short_period(check.first_time, check.last_time),
        f"version {check.version}",
        counted(check.labelled_rows, "outcome") if check.labelled_rows else "",
        f"moved: {_moved(check)}" if check.drifted else "",
        ago(check.created_at, now),
    )
    return " · ".join(filter(None, parts))


def _moved(check: CheckSummary) -> str:
    names = ", ".join(name(shown_name(column)) for column in check.drifted[:NAMED])
    return f"{names} and {len(check.drifted) - NAMED} more" if len(check.drifted) > NAMED else names
