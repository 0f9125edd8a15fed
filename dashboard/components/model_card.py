"""The model in use, in a few lines."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd
import streamlit as st

from dashboard.components.grid import show_grid
from dashboard.wording.escape import name
from dashboard.wording.versions import column_list, facts
from monitoring.registry.version import Version


def show_model_card(version: Version, *, template: str, workbook: Callable[[], bytes]) -> None:
    """What is in use, what it was trained on, and what a file for it looks like.

    `workbook` makes the template as an Excel file; it is called when somebody wants it.
    """
    with st.container(border=True, height="stretch"):
        st.markdown(f"**Model in use: {name(version.model)}** :gray-badge[version {version.number}]")
        st.table(
            facts(version.contract, version.manifest),
            border="horizontal",
            hide_header=True,
            alt="Facts about the model in use",
        )
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
