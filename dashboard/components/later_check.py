"""That the rows of a check were checked again with their outcomes, with a link there."""

from __future__ import annotations

from datetime import datetime

import streamlit as st

from dashboard.components.verdict_banner import verdict_badge
from dashboard.pages import CHECK_PAGE
from dashboard.wording.escape import name, shorten
from dashboard.wording.quantities import ago, counted
from monitoring.history.records import CheckSummary


def show_later_check(later: CheckSummary | None, now: datetime) -> None:
    """The line; nothing where there is no such check."""
    if later is None:
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(f"Checked again with outcomes: {verdict_badge(later.verdict)}", width="content")
        with st.container(width="content"):
            st.page_link(
                CHECK_PAGE,
                label=name(shorten(later.file_name, 34)),
                icon=":material/fact_check:",
                query_params={"check": later.id},
            )
        st.caption(f"{counted(later.labelled_rows, 'outcome')} · {ago(later.created_at, now)}", width="content")
