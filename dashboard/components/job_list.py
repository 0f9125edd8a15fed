"""Jobs as lines: what, in which state, since when; started again or stopped from here."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime

import streamlit as st

from dashboard.components.notices import told
from dashboard.wording.escape import escape, name, shorten
from dashboard.wording.jobs import job_look, kind_word, startable, took
from dashboard.wording.quantities import NBSP, ago
from monitoring.history.records import Job


def show_jobs(jobs: Sequence[Job], *, again: Callable[[Job], object], cancel: Callable[[Job], object]) -> None:
    """One line for each job; a sentence when there are none."""
    if not jobs:
        st.markdown("No jobs yet. Checks, reports and retrainings appear here.")
        return
    with st.container(border=True, gap="xxsmall"):
        for job in jobs:
            _show(job, again, cancel)


def _show(job: Job, again: Callable[[Job], object], cancel: Callable[[Job], object]) -> None:
    look = job_look(job.state)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(f":{look.colour}-badge[{look.material} {look.word}]", width=112)
        st.markdown(_title(job), width=190)
        st.caption(_about(job), width="stretch")
        if job.active:
            st.button(
                "Cancel",
                key=f"cancel-{job.id}",
                icon=":material/cancel:",
                type="tertiary",
                disabled=job.cancel_asked,
                on_click=told(cancel),
                args=(job,),
            )
        elif startable(job):
            st.button(
                "Start again",
                key=f"again-{job.id}",
                icon=":material/refresh:",
                type="tertiary",
                on_click=told(again),
                args=(job,),
            )


def _title(job: Job) -> str:
    file_name = job.payload.get("file_name")
    what = name(shorten(str(file_name), 26)) if file_name else name(str(job.payload.get("model") or ""))
    return f"**{kind_word(job.kind)}** {'' if what == '(empty)' else what}"


def _about(job: Job) -> str:
    now = datetime.now(UTC)
    share = f"{100 * job.share:.0f}{NBSP}%" if job.state == "running" else ""
    attempts = f"attempt {job.attempts}" if job.attempts > 1 else ""
    message = "" if job.state in ("done", "queued") else escape(job.message)
    spent = f"took {took(job, now)}" if job.finished_at and job.started_at else ""
    return " · ".join(filter(None, (share, message, spent, attempts, ago(job.created_at, now))))
