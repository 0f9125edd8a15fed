"""Challenger against champion on the same held-out rows."""

from __future__ import annotations

import streamlit as st

from dashboard.components.performance_panel import show_measures
from dashboard.wording.escape import escape, sentence
from dashboard.wording.performance import gate_basis, gate_look, gate_measures
from monitoring.performance.gate import Gate


def show_comparison(gate: Gate, *, champion: int, challenger: int) -> None:
    """The result in a word and a sentence, the measures side by side, and what they rest on."""
    look = gate_look(gate)
    st.markdown(f":{look.colour}-badge[{look.material} {look.word}] {sentence(gate.sentence)}")
    show_measures(
        gate_measures(gate), before=f"Version {champion} (champion)", after=f"Version {challenger} (challenger)"
    )
    st.caption(escape(gate_basis(gate)))
