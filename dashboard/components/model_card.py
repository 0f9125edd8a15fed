"""The model in use, in a few lines."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pandas as pd
import streamlit as st

from dashboard.components.grid import show_grid
from dashboard.components.verdict_banner import verdict_badge
from dashboard.wording.escape import name
from dashboard.wording.quantities import NBSP, ago
from dashboard.wording.versions import column_list, facts
from monitoring.history.records import CheckSummary
from monitoring.registry.version import Version


def show_model_card(
    version: Version, last: CheckSummary | None, *, template: str, workbook: Callable[[], bytes]
) -> None:
    """What is in use, what it was trained on, how its last check went, and what a file for it looks like.

    `workbook` makes the template as an Excel file; it is called when somebody wants it.
    """
    with st.container(border=True, height="stretch"):
        st.markdown(f"**Model in use: {name(version.model)}** :gray-badge[version {version.number}]")
        lines = facts(version.contract, version.manifest)
        if last is not None:
            lines[f"Last{NBSP}check"] = f"{verdict_badge(last.verdict)} {ago(last.created_at, datetime.now(UTC))}"
        st.table(lines, border="horizontal", hide_header=True, alt="Facts about the model in use")
        with st.container(horizontal=True):
            st.download_button(
                "Column template",
                template,
                file_name=f"{version.model}-template.csv",
                mime="text/csv",
                icon=":material/download:",
                on_click="ignore",
                help="An empty CSV file with the header that the model expects.",
            )
            st.download_button(
                "Excel",
                workbook,
                file_name=f"{version.model}-template.xlsx",
                icon=":material/download:",
                on_click="ignore",
                help="The same as an Excel workbook.",
            )
            with st.popover("What a file needs", icon=":material/view_column:"):
                show_grid(
                    pd.DataFrame(column_list(version.contract)),
                    width=660,
                    height=590,
                    alt="Columns of a file and what they are",
                )
