"""What a retraining learns from: each file with outcomes can be left out, one of a broken feed can be taken in."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import streamlit as st

from dashboard.components.verdict_banner import verdict_badge
from dashboard.wording.escape import name, shorten
from dashboard.wording.quantities import period
from monitoring.retraining.request import RetrainRequest, Source

ROOM = 6
"""Files from which on the list scrolls."""
HEIGHT = 240


def choose_files(request: RetrainRequest, broken: Sequence[Source], learnt: Collection[str]) -> set[str]:
    """The list; returns the checks of the files that are taken. Nothing is drawn where there is no choice.

    Args:
        request: what is asked for when nothing is changed; its last file is always taken.
        broken: files that are left out of it, for their feed looks broken.
        learnt: uploads that the version in use has learnt from. Its rows are trained on again, whatever is chosen.
    """
    *others, newest = request.sources
    if not others and not broken:
        return set()
    newest_name = name(shorten(newest.file_name, 40))
    st.markdown(f"**Files to learn from**, beside {newest_name}, on whose days the versions are compared:")
    if broken:
        st.caption(
            "A file whose feed looks broken is left out: a model trained on it would learn the fault. Take it in only "
            "if you know that its rows are right."
        )
    taken = set()
    with st.container(height=HEIGHT if len(others) + len(broken) > ROOM else "content", gap="xxsmall"):
        for source in (*others, *broken):
            known, fault = source.upload in learnt, source in broken
            note = f" · {verdict_badge('broken')}" if fault else ""
            note += " · the version in use has learnt from it" if known else ""
            when = period(source.first_time, source.last_time)
            label = f"{name(shorten(source.file_name, 40))}{f' · {when}' if when else ''}{note}"
            if st.checkbox(label, value=known or not fault, key=f"take-{source.check}", disabled=known):
                taken.add(source.check)
    return taken
