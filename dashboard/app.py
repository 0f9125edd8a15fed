"""The frame of the page: its name, its navigation, and a plain word when the data folder cannot be used."""

from __future__ import annotations

import streamlit as st

from dashboard.components.drop_zone import take_drops, waiting_drops
from dashboard.pages import CHECK_PAGE, COLUMN_PAGE, MODELS_PAGE, RETRAINING_PAGE, SETTINGS_PAGE, TIMELINE_PAGE
from dashboard.parts import ASSETS, driftline
from dashboard.views.dropping import begin_unseen
from dashboard.wording.escape import escape
from monitoring.errors import DriftlineError


def show_app() -> None:
    """Choose the page by the address and run it."""
    take_drops()
    st.set_page_config(page_title="Driftline", page_icon=str(ASSETS / "icon.png"), layout="wide")
    st.logo(str(ASSETS / "logo.svg"), size="large")
    page = st.navigation(
        [
            st.Page(
                CHECK_PAGE,
                title="Check",
                icon=":material/fact_check:",
                default=True,
                help="Drop production rows and get a verdict.",
            ),
            st.Page(
                TIMELINE_PAGE,
                title="Time line",
                icon=":material/timeline:",
                url_path="timeline",
                help="All checks, how the data moved over time, any days together and against each other.",
            ),
            st.Page("views/history_moved.py", title="History", url_path="history", visibility="hidden"),
            st.Page(
                COLUMN_PAGE,
                title="Column",
                icon=":material/bar_chart:",
                url_path="column",
                visibility="hidden",
            ),
            st.Page(
                MODELS_PAGE,
                title="Models",
                icon=":material/deployed_code:",
                url_path="models",
                help="Versions, which one is in use, retrainings and jobs.",
            ),
            st.Page(
                RETRAINING_PAGE,
                title="Retraining",
                icon=":material/model_training:",
                url_path="retraining",
                help="Why it did, or did not, retrain; what waits for you; the policy.",
            ),
            st.Page(
                SETTINGS_PAGE,
                title="Settings",
                icon=":material/settings:",
                url_path="settings",
                help="Policies, storage, how long files are kept, versions.",
            ),
        ],
        position="top",
    )
    try:
        engine = driftline()
        for drop in waiting_drops() if page.url_path else ():  # the start page goes where they lead
            begin_unseen(engine, drop)
        page.run()
    except DriftlineError as error:
        st.error(escape(str(error)), icon=":material/error:", title="This cannot be shown")
        st.button("Try again", key="app-again", icon=":material/refresh:")  # a click runs the page


if __name__ == "__main__":
    show_app()
