"""What a check leaves as: one page to print, everything as JSON, the findings as CSV."""

from __future__ import annotations

import streamlit as st

from dashboard.wording.summary import summary_of
from monitoring.history.records import CheckResult
from monitoring.reports.check_json import check_json, findings_csv


def show_downloads(result: CheckResult) -> None:
    """Three files, each made when it is asked for."""
    name = f"driftline-{result.id}"
    with st.container(horizontal=True):
        st.download_button(
            "One-page summary",
            lambda: summary_of(result),
            file_name=f"{name}.html",
            mime="text/html",
            icon=":material/description:",
            on_click="ignore",
            help="A page with charts that holds everything it needs and runs nothing. Open it and print it: it fits "
            "one A4 sheet, on paper or as PDF.",
        )
        st.download_button(
            "All findings (JSON)",
            lambda: check_json(result),
            file_name=f"{name}.json",
            mime="application/json",
            icon=":material/data_object:",
            on_click="ignore",
            help="Verdict, reasons, thresholds and every finding with its evidence, for scripts.",
        )
        st.download_button(
            "Findings (CSV)",
            lambda: findings_csv(result.findings),
            file_name=f"{name}.csv",
            mime="text/csv",
            icon=":material/table:",
            on_click="ignore",
            help="One line a finding, for a spreadsheet. What it would take for a formula gets an apostrophe.",
        )
