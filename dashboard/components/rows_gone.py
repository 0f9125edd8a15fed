"""That the uploaded file of a check is no longer kept, and what is then not possible."""

from __future__ import annotations

import streamlit as st

from dashboard.wording.escape import name
from dashboard.wording.settings import KEPT_WORDS
from monitoring.history.records import CheckResult


def show_rows_gone(result: CheckResult) -> None:
    """A note where the file is told about; everything that the check itself keeps stays on the page."""
    st.info(
        f"The file {name(result.read.file_name)} was deleted, by hand or because files are kept for so long only (see "
        f"Settings). {KEPT_WORDS['uploads'][1]} Upload it again to have all of that back.",
        icon=":material/delete_sweep:",
        title="The rows are gone",
    )
