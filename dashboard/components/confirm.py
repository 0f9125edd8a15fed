"""A question before something is done: what will happen, one button that does it, nothing done by closing it.

The question is kept in the session, so that it stays open over reruns and every run knows of it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import streamlit as st

from dashboard.wording.escape import name

_ASKED = "confirm.asked"


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is asked.

    Attributes:
        title: the question; body: what will happen, as Markdown (escape what came from a file).
        action: word on the button; icon: a Material symbol for both.
        reason: a first draft of why, to be kept with what is done; None when no reason is kept.
    """

    title: str
    body: str
    action: str
    icon: str
    reason: str | None = None


def delete_question(file_name: str) -> Question:
    """The question before a check is removed."""
    return Question(
        title="Delete this check?",
        body=f"The result of {name(file_name)}, its report and the uploaded file are removed for good. Versions that "
        "were trained with its rows stay.",
        action="Delete",
        icon=":material/delete:",
    )


def ask(key: str) -> None:
    """Open the question called `key` in the next run. A callback for buttons."""
    st.session_state[_ASKED] = key


def asked(key: str) -> bool:
    """Whether the question called `key` is open."""
    return st.session_state.get(_ASKED) == key


def dismiss() -> None:
    """Close whatever is asked."""
    st.session_state.pop(_ASKED, None)


def confirm(question: Question, on_yes: Callable[[str], object], choose: Callable[[], object] = lambda: None) -> None:
    """Show the dialog. `on_yes` gets the reason, '' when none is asked for; `choose` draws what can be chosen."""

    @st.dialog(question.title, icon=question.icon, on_dismiss=dismiss)
    def dialog() -> None:
        if question.body:
            st.markdown(question.body)
        choose()
        reason = ""
        if question.reason is not None:
            reason = st.text_input("Why (kept in the history)", value=question.reason, max_chars=300)
        with st.container(horizontal=True, horizontal_alignment="right"):
            if st.button("Not now"):
                dismiss()
                st.rerun()
            if st.button(question.action, type="primary", icon=question.icon):
                dismiss()
                on_yes(reason)
                st.rerun()

    dialog()
