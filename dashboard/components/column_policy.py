"""What the policy says about one column, where that is set, and how to set it otherwise."""

from __future__ import annotations

import streamlit as st

from dashboard.wording.column_depth import tolerance_sentence
from dashboard.wording.escape import escape, name
from dashboard.wording.findings import shown_name
from dashboard.wording.policies import column_toml, policy_source
from dashboard.wording.quantities import number, percent
from monitoring.policy.drift_policy import DriftPolicy
from monitoring.policy.verdict import Finding


def show_tolerance(finding: Finding | None, policy: DriftPolicy) -> None:
    """Where the tolerance of the column's test comes from, with the numbers."""
    if finding is None:
        st.markdown("Nothing about this column was tested, so that it has no tolerance.")
        return
    st.markdown(escape(tolerance_sentence(finding, policy.floor, policy=policy.name)))


def show_column_policy(column: str, policy: DriftPolicy, *, in_use: DriftPolicy, file_name: str | None) -> None:
    """Muted, weight and floor; whether the policy has changed since; what to write to change it.

    Args:
        column: the column.
        policy: that the check was judged by.
        in_use: that the next check will be judged by; file_name: what `DRIFTLINE_POLICY` names.
    """
    same = policy.id == in_use.id
    source = policy_source(file_name) if same else "as it was when this was checked"
    weight = policy.weights.get(column)
    st.table(
        {
            "Setting": ["Muted", "Weight", "Floor"],
            "Value": ["yes" if column in policy.muted else "no", number(weight or 1), percent(policy.floor)],
            "Set where": [
                escape(source if column in policy.muted else "not set: no column is muted unless a policy names it"),
                escape(source if weight is not None else "not set: a column weighs 1 unless a policy says otherwise"),
                escape(source if policy.floor != DriftPolicy().floor else "built in"),
            ],
        },
        border="horizontal",
        hide_index=True,
        alt=f"What the policy says about {shown_name(column)}",
    )
    if not same:
        st.info(
            f"This check was judged by the policy **{name(policy.name)}** ({policy.id}). In use now is "
            f"**{name(in_use.name)}** ({in_use.id}): check the file again to have it judged by that one.",
            icon=":material/history:",
        )
    with st.expander("How to set it", icon=":material/edit:"):
        st.markdown(
            "Write a policy file, name it in the environment variable `DRIFTLINE_POLICY` and start Driftline again. "
            "The content of the policy is part of every check's identity, so that a verdict can always be traced to "
            "the thresholds it was judged by: it is changed in one place, for all checks that follow, and never by a "
            "click that other people do not see. Give a weight before you look at the data it is for."
        )
        st.code(column_toml(column), language="toml")
