"""How the version in use does since it was promoted, beside the one before."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from dashboard.wording.escape import name, sentence
from dashboard.wording.gate_table import WATCHES
from dashboard.wording.quantities import count, counted
from monitoring.workflows.watch import WatchedVersion


def show_watch(watched: WatchedVersion, *, compare: Callable[[], object], roll_back: Callable[[], None]) -> None:
    """The state in a word and a sentence, the batches seen, and what can be done.

    Args:
        watched: the version and its watch.
        compare: compares the batches that wait; may take seconds.
        roll_back: asks about the roll back.
    """
    verdict, watch = watched.verdict, watched.watch
    look = WATCHES[verdict.state]
    with st.container(border=True):
        st.markdown(
            f":{look.colour}-badge[{look.material} {look.word}] **Version {watch.version}** "
            f"beside version {watch.previous}: {sentence(verdict.sentence)}"
        )
        if verdict.planned and verdict.state == "watching":
            st.progress(
                verdict.seen / verdict.planned, text=f"{verdict.seen} of {verdict.planned} batches with outcomes"
            )
        if watch.batches:
            _show_batches(watched)
        elif not watched.waiting:
            st.caption("Check the next rows with their outcomes: they are scored by both versions and compared here.")
        with st.container(horizontal=True):
            if watched.waiting and st.button(
                f"Compare {counted(watched.waiting, 'batch', 'batches')} now",
                key="watch-compare",
                icon=":material/compare:",
            ):
                with st.spinner("Both versions score the batches …"):
                    compare()
                st.rerun()
            if verdict.state == "worse":
                st.button(
                    "Roll back …", key="watch-roll-back", icon=":material/undo:", type="primary", on_click=roll_back
                )


def _show_batches(watched: WatchedVersion) -> None:
    watch = watched.watch
    st.table(
        [
            {
                "Batch": name(batch.file_name),
                "Rows": count(batch.rows),
                f"Version {watch.previous}": f"{batch.before:.4f}",
                f"Version {watch.version}": f"**{batch.after:.4f}**",
            }
            for batch in watch.batches
        ],
        border="horizontal",
        hide_index=True,
        alt="Brier scores of both versions since the promotion",
    )
    st.caption("Brier scores of both versions on the same rows, which neither was trained on. Lower is better.")
