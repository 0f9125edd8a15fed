"""The way to the page about one column of a check."""

from __future__ import annotations

import streamlit as st

from dashboard.pages import COLUMN_PAGE
from dashboard.wording.escape import name
from dashboard.wording.findings import shown_name


def link_column(check_id: str, column: str) -> None:
    """A link to the column in depth."""
    st.page_link(
        COLUMN_PAGE,
        label=f"{name(shown_name(column))} in depth",
        icon=":material/bar_chart:",
        query_params={"check": check_id, "column": column},
        help="Over time, by segment, the rows behind it, where its tolerance comes from.",
    )
