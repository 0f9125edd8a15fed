"""Everything that the gate found about a challenger: what was demanded, both windows, categories, choices, cost."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from dashboard.wording import gate_table as words
from dashboard.wording.escape import sentence
from dashboard.wording.gate_table import Line
from monitoring.performance.gate import Gate
from monitoring.policy.promotion_decision import PromotionDecision


def show_gate_table(gate: Gate, decision: PromotionDecision | None, *, champion: int, challenger: int) -> None:
    """The table in parts, the ones that decide first."""
    if decision is not None:
        _show_requirements(decision)
    before, after = f"Version {champion}", f"Version {challenger}"
    for title, window in (("Newest days", gate.newest), ("Frozen hold-out", gate.hold_out)):
        if window is not None:
            st.markdown(f"**{title}**")
            show_lines(words.window_lines(window), before, after, alt=title)
            st.caption(f"{words.window_basis(window)} Intervals: {100 * gate.confidence:.3g} %, whole days vary.")
    if gate.candidates:
        st.markdown("**Choices of training rows**")
        st.table(words.candidate_lines(gate), border="horizontal", hide_index=True, alt="Choices of training rows")
        st.caption("The intervals are widened for the number of choices: the best of several has no easier time.")
    if gate.segments:
        st.markdown("**Categories**")
        st.table(words.segment_lines(gate.segments), border="horizontal", hide_index=True, alt="Categories")
        st.caption(words.segments_basis(gate))
    if gate.cost is not None:
        st.markdown("**Cost**")
        show_lines(words.cost_lines(gate.cost), before, after, alt="Cost")


def show_lines(lines: Sequence[Line], before: str, after: str, *, alt: str) -> None:
    """Measures of both versions, side by side."""
    st.table(
        {
            "Measure": [line.measure for line in lines],
            before: [line.champion for line in lines],
            after: [f"**{line.challenger}**" for line in lines],
            "Difference": [line.difference for line in lines],
        },
        border="horizontal",
        hide_index=True,
        alt=f"{alt}: {before} and {after}",
    )


def _show_requirements(decision: PromotionDecision) -> None:
    lines = []
    for one in decision.requirements:
        mark = ":green[:material/check:]" if one.met else ":red[:material/close:]"
        said = sentence(one.sentence[:1].upper() + one.sentence[1:])
        lines.append(f"{mark} **{words.REQUIREMENTS[one.code]}** {said}")
    st.markdown("  \n".join(lines))
    st.caption(f"Demanded by the promotion policy {sentence(decision.policy)}.")
