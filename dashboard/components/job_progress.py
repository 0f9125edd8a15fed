"""Work that is under way: how far it is, what it does, a way to stop it. It goes on whether or not anybody looks."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import streamlit as st

from dashboard.components.notices import told
from dashboard.wording.escape import escape
from dashboard.wording.jobs import ended, job_look, startable, took
from monitoring.history.records import Job

CLOSELY_SECONDS, SECONDS = 0.15, 0.6
"""How often work is looked at: that of a second or two, and that of minutes."""


def follow(read: Callable[[], Job], cancel: Callable[[], object], *, key: str, closely: bool = False) -> None:
    """Draw a running job again and again; when it has ended, run the whole page once."""
    (_follow_closely if closely else _follow)(read, cancel, key)


def _look(read: Callable[[], Job], cancel: Callable[[], object], key: str) -> None:
    job = read()
    if not job.active:
        st.rerun()
    show_running(job, cancel, key=key)


_follow = st.fragment(_look, run_every=SECONDS)
_follow_closely = st.fragment(_look, run_every=CLOSELY_SECONDS)


def show_running(job: Job, cancel: Callable[[], object], *, key: str) -> None:
    """Progress bar with words, how long it has taken, and Cancel."""
    st.progress(min(max(job.share, 0.0), 1.0), text=escape(job.message) or job_look(job.state).word)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            "Stopping …" if job.cancel_asked else "Cancel",
            key=f"{key}-cancel",
            icon=":material/cancel:",
            disabled=job.cancel_asked,
            on_click=told(cancel),
        )
        spent = took(job, datetime.now(UTC))
        st.caption(f"{spent + '. ' if spent else ''}{job_look(job.state).meaning}")


def show_ended(job: Job, again: Callable[[], object], *, key: str) -> None:
    """How a job ended that has no result, and a button to start it again where that makes sense."""
    look = job_look(job.state)
    show = st.error if job.state in ("failed", "refused") else st.warning
    show(escape(ended(job)), icon=look.material, title=look.word)
    if startable(job):
        st.button("Start again", key=f"{key}-again", icon=":material/refresh:", on_click=told(again))
        show_log(job)


def show_log(job: Job) -> None:
    """What a job said, line by line, as text."""
    if not job.log:
        return
    with st.expander("What it did", icon=":material/list:"):
        st.text("\n".join(f"{at[11:19]}  {line}" for at, line in job.log))
