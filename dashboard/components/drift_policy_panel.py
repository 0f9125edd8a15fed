"""The drift policy in force: every value, what it means, where it is set."""

from __future__ import annotations

import streamlit as st

from dashboard.components.explained_values import Explained, show_explained
from dashboard.wording.escape import escape, name
from dashboard.wording.policies import policy_lines, policy_source, policy_toml
from monitoring.policy.drift_policy import DriftPolicy


def show_policy(policy: DriftPolicy, file_name: str | None) -> None:
    """The values with what they mean, and the policy as a file to start from."""
    source = policy_source(file_name)
    st.markdown(
        f"In force is **{name(policy.name)}** ({escape(source)}), id `{policy.id}`. The id is part of every check: the "
        "same rows judged by another policy are another check, so that old verdicts stay as they were."
    )
    lines = policy_lines(policy, source=source)
    show_explained(
        [
            Explained(f"**{line.name}** `{line.key}`", f"{escape(line.value)}, {escape(line.where)}", line.meaning)
            for line in lines
        ]
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
