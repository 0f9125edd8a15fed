"""Challenger against champion on the same held-out rows."""

from __future__ import annotations

import streamlit as st

from dashboard.components.performance_panel import show_measures
from dashboard.wording.escape import escape, sentence
from dashboard.wording.performance import gate_basis, gate_look, gate_measures, sides
from monitoring.performance.gate import Gate


def show_comparison(gate: Gate, *, champion: int, challenger: int, in_use: int) -> None:
    """The result in a word and a sentence, the measures side by side, and what they rest on.

    `in_use` is the version in use today, which need not be the champion that was challenged.
    """
    look = gate_look(gate)
    st.markdown(f":{look.colour}-badge[{look.material} {look.word}] {sentence(gate.sentence)}")
    before, after = sides(champion, challenger, in_use)
    show_measures(gate_measures(gate), before=before, after=after)
    st.caption(escape(gate_basis(gate)))
