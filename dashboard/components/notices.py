"""What went wrong or well in a click, kept until the next run shows it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import streamlit as st

from dashboard.wording.escape import escape
from monitoring.errors import DriftlineError

_PROBLEM, _NEWS, _NOTE = "notices.problem", "notices.news", "notices.note"
_CLICKED = "notices.clicked"


@contextmanager
def telling() -> Iterator[None]:
    """Keep the sentence of an error that we raise on purpose, to be shown at the top of the page."""
    try:
        yield
    except DriftlineError as error:
        keep_problem(str(error))


def keep_problem(sentence: str) -> None:
    """Show a sentence as a problem in the next run."""
    st.session_state[_PROBLEM] = sentence


def keep_news(sentence: str) -> None:
    """Show a sentence for a moment in the next run."""
    st.session_state[_NEWS] = sentence


def keep_note(sentence: str) -> None:
    """Show a sentence at the top of the page in the next run, for as long as that is on the screen."""
    st.session_state[_NOTE] = sentence


def show_notices() -> None:
    """Show what was kept, once; again where the run was broken off before it was sure to be sent."""
    if note := st.session_state.get(_NOTE):
        st.info(escape(note), icon=":material/info:")
    if problem := st.session_state.get(_PROBLEM):
        st.error(escape(problem), icon=":material/error:")
    if news := st.session_state.get(_NEWS):
        st.toast(escape(news), icon=":material/check:")
    for kept in (_NOTE, _PROBLEM, _NEWS, _CLICKED):
        st.session_state.pop(kept, None)


def told(action: Callable[..., object]) -> Callable[..., None]:
    """A callback for a widget that tells instead of failing."""

    def call(*arguments: object) -> None:
        st.session_state[_CLICKED] = True
        with telling():
            action(*arguments)

    return call


def answer_click() -> None:
    """In a fragment, after a click of its own: have the page run once, which says what came of it at its top.

    To be called when the store is known to answer: the page needs it.
    """
    if st.session_state.pop(_CLICKED, False):  # a run of the page that shows notices has taken it already
        st.rerun()
