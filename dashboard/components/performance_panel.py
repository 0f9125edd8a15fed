"""How good the predictions turned out to be, where outcomes are known; a place to bring them where not."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from dashboard.wording.escape import escape
from dashboard.wording.performance import Measure, measures, realised_sentence
from dashboard.wording.quantities import counted
from dashboard.wording.terms import explain
from monitoring.history.records import CheckResult


def show_performance(result: CheckResult, positive: str = "") -> None:
    """Realised performance of the batch beside that of the reference."""
    if result.performance is None:
        return
    st.markdown(escape(realised_sentence(result.performance_reference, result.performance, positive)))
    show_measures(measures(result.performance_reference, result.performance), before="Reference", after="Production")
    unknown = result.read.rows - result.labelled_rows
    if unknown > 0:
        st.caption(f"{counted(unknown, 'row')} without an outcome {'does' if unknown == 1 else 'do'} not count here.")


def show_measures(rows: Sequence[Measure], *, before: str, after: str) -> None:
    """A small table of two sides; what each measure means is under the mouse."""
    st.table(
        {
            "Measure": [row.name for row in rows],
            before: [row.before for row in rows],
            after: [f"**{row.after}**" for row in rows],
        },
        border="horizontal",
        hide_index=True,
        alt=f"{before} and {after}: " + ", ".join(f"{row.name} {row.before} and {row.after}" for row in rows),
    )
    with st.popover("What these mean", icon=":material/help:", type="tertiary"):
        for row in rows:
            st.markdown(f"**{row.name}.** {explain(row.term)}")
