"""The drift policy in force: every value, what it means, where it is set."""

from __future__ import annotations

import streamlit as st

from dashboard.wording.escape import escape, name
from dashboard.wording.policies import policy_lines, policy_source, policy_toml
from monitoring.policy.drift_policy import DriftPolicy


def show_policy(policy: DriftPolicy, file_name: str | None) -> None:
    """The values in a table, and the policy as a file to start from."""
    source = policy_source(file_name)
    st.markdown(
        f"In force is **{name(policy.name)}** ({escape(source)}), id `{policy.id}`. The id is part of every check: the "
        "same rows judged by another policy are another check, so that old verdicts stay as they were."
    )
    lines = policy_lines(policy, source=source)
    st.table(
        {
            "Value": [f"{line.name} (`{line.key}`)" for line in lines],
            "Set to": [escape(line.value) for line in lines],
            "Where": [escape(line.where) for line in lines],
            "Meaning": [line.meaning for line in lines],
        },
        border="horizontal",
        hide_index=True,
        alt="Values of the drift policy in force",
    )
    st.download_button(
        "This policy as a file",
        policy_toml(policy),
        file_name="policy.toml",
        mime="application/toml",
        icon=":material/download:",
        on_click="ignore",
        help="Change it, name it in DRIFTLINE_POLICY, start Driftline again.",
    )
