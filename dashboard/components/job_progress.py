"""Work that is under way: how far it is, what it does, a way to stop it. It goes on whether or not anybody looks."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import streamlit as st

from dashboard.components.notices import told
from dashboard.wording.escape import escape
from dashboard.wording.jobs import ended, job_look, startable, took
from monitoring.history.records import Job

CLOSELY, SLOWLY, SELDOM = 0.15, 0.6, 2.0
"""Seconds between two looks: at work of a second or two, at work of minutes, at one of many."""
SHORT_SECONDS = 3.0
FEW, MANY = 2, 5
"""Jobs at once up to which each may be looked at closely, and from which on each is looked at seldom: every look costs
as much as a small part of a check."""


def follow(
    read: Callable[[], Job],
    cancel: Callable[[], object],
    *,
    key: str,
    active: Callable[[], int] | None = None,
) -> None:
    """Draw a running job again and again; when it has ended, run the whole page once.

    Args:
        read: the job as it is now.
        cancel: stops it.
        key: prefix of the widgets' keys.
        active: how many jobs are under way, for work that may be done in a moment; None for work of minutes.
    """
    pace = pace_of(read(), active, datetime.now(UTC))
    _FOLLOW[pace](read, cancel, key, active, pace)


def pace_of(job: Job, active: Callable[[], int] | None, now: datetime) -> float:
    """Seconds until a job is looked at again."""
    if active is None:
        return SLOWLY
    jobs = active()
    if jobs >= MANY:
        return SELDOM
    running = (now - job.started_at).total_seconds() if job.started_at else 0.0
    return CLOSELY if jobs <= FEW and running < SHORT_SECONDS else SLOWLY


def _look(
    read: Callable[[], Job], cancel: Callable[[], object], key: str, active: Callable[[], int] | None, pace: float
) -> None:
    job = read()
    if not job.active or pace_of(job, active, datetime.now(UTC)) != pace:
        st.rerun()
    show_running(job, cancel, key=key)


_FOLLOW = {pace: st.fragment(_look, run_every=pace) for pace in (CLOSELY, SLOWLY, SELDOM)}


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
