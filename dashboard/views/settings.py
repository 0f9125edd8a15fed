"""Settings: policies, storage, how long files are kept, deleting, the environment, about."""

from __future__ import annotations

import os

import streamlit as st

from dashboard.components.about_panel import show_about, show_variables
from dashboard.components.drift_policy_panel import show_policy
from dashboard.components.notices import show_notices
from dashboard.components.storage_panel import show_deleting, show_retention, show_storage
from dashboard.parts import driftline
from dashboard.wording.escape import escape
from dashboard.wording.settings import variables
from monitoring.errors import StoreFailed
from monitoring.history.retention import Retention
from monitoring.workflows.parts import Driftline
from monitoring.workflows.retention import delete_files, due, plan_deletion, storage


def show_page() -> None:
    """One part below the other; each is small."""
    engine = driftline()
    st.title("Settings")
    show_notices()
    st.header("Drift policy", anchor="policy")
    show_policy(engine.policy, engine.settings.policy_file.name if engine.settings.policy_file else None)
    st.header("Storage", anchor="storage")
    show_storage(storage(engine), str(engine.settings.data))
    st.header("How long files are kept", anchor="retention")
    _show_retention(engine)
    st.header("Delete uploads", anchor="delete")
    show_deleting(
        engine.history.checks(),
        lambda older_than, check: plan_deletion(engine, older_than=older_than, check=check),
        lambda deletion: delete_files(engine, deletion.files),
    )
    st.header("Environment", anchor="environment")
    st.markdown("Set outside of Driftline, read when it starts. Everything else is the default.")
    show_variables(variables(os.environ))
    st.header("About", anchor="about")
    show_about()


def _show_retention(engine: Driftline) -> None:
    try:
        in_force: Retention = engine.retention.in_force()
    except StoreFailed as error:
        st.error(escape(str(error)), icon=":material/error:", title="Nothing is deleted")
        return
    show_retention(
        in_force, tuple(engine.settings.keep), lambda kind, days: due(engine, kind, days), engine.retention.keep
    )


if __name__ == "__main__":
    show_page()
