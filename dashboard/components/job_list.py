"""Jobs as lines: what, in which state, since when; followed, started again or stopped from here."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime

import streamlit as st

from dashboard.components.job_progress import FEW, show_unknown, watch_job
from dashboard.components.notices import answer_click, told
from dashboard.wording.escape import escape, name, shorten
from dashboard.wording.jobs import job_look, kind_word, startable, took
from dashboard.wording.quantities import NBSP, ago
from monitoring.errors import StoreFailed
from monitoring.history.records import Job


@st.fragment
def show_jobs(
    known: Sequence[Job],
    read: Callable[[], Sequence[Job]],
    *,
    again: Callable[[Job], object],
    cancel: Callable[[Job], object],
    show_title: Callable[[Job, str], object] = lambda job, title: st.markdown(title),
) -> None:
    """One line for each job, drawn again as they go on; a sentence when there are none.

    When a job has ended that was under way as the page was drawn, the whole page is run once: it may show what came of
    it.

    Args:
        known: the jobs as the page found them.
        read: the jobs as they are now.
        again: starts one again; cancel: stops one.
        show_title: draws what a job is, given as Markdown.
    """
    under_way = [job for job in known if job.active]
    try:
        jobs = read()
    except StoreFailed as error:
        if not under_way:  # nothing goes on by itself: the page says so, and how to try again
            st.rerun()
        show_unknown(error)
        watch_job(under_way[-1], "jobs", mark="", many=True)
        return
    answer_click()
    active = [job for job in jobs if job.active]
    if not {job.id for job in under_way} <= {job.id for job in active}:
        st.rerun()
    if not jobs:
        st.markdown("No jobs yet. Checks, reports and retrainings appear here.")
        return
    with st.container(border=True, gap="xxsmall"):
        for job in jobs:
            _show(job, again, cancel, show_title)
    if active:  # how the others are is seen whenever the oldest, which runs if any does, is drawn again
        watch_job(active[-1], "jobs", mark=active[-1].mark, many=len(active) > FEW)


def _show(
    job: Job,
    again: Callable[[Job], object],
    cancel: Callable[[Job], object],
    show_title: Callable[[Job, str], object],
) -> None:
    look = job_look(job.state)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(f":{look.colour}-badge[{look.material} {look.word}]", width=112)
        with st.container(width=300):
            show_title(job, _title(job))
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
    what = name(shorten(str(file_name), 34)) if file_name else name(str(job.payload.get("model") or ""))
    return f"**{kind_word(job.kind)}** {'' if what == '(empty)' else what}"


def _about(job: Job) -> str:
    now = datetime.now(UTC)
    share = f"{100 * job.share:.0f}{NBSP}%" if job.state == "running" else ""
    attempts = f"attempt {job.attempts}" if job.attempts > 1 else ""
    message = "" if job.state in ("done", "queued", "cancelled") else escape(job.message)
    spent = f"took {took(job, now)}" if job.finished_at and job.started_at else ""
    return " · ".join(filter(None, (share, message, spent, attempts, ago(job.created_at, now))))
