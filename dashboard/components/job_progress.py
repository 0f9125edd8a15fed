"""Work that is under way: how far it is, what it does, a way to stop it. It goes on whether or not anybody looks."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from time import monotonic, sleep
from typing import Final
from uuid import uuid4

import streamlit as st

from dashboard.components.browser_side import browser_side
from dashboard.components.notices import answer_click, told
from dashboard.routes.addresses import job_address
from dashboard.wording.escape import escape
from dashboard.wording.jobs import ended, job_look, startable, took, under_way
from monitoring.errors import NotFound, StoreFailed
from monitoring.history.records import Job

PACE, REDRAW = 300, 1_000
"""Least milliseconds between two drawings of work that goes on, and most, for the time that it has taken."""
FEW: Final = 3
"""Jobs at once up to which that is so; with more it is drawn less often, for each drawing holds up all of them."""
PACE_OF_MANY, REDRAW_OF_MANY = 2_000, 10_000
MOMENT: Final = 0.6
"""Seconds that work which has just begun is waited for: a check of some thousand rows takes less, and its progress
would be drawn only to be replaced."""
PAUSE: Final = 0.03


def give_a_moment(
    read: Callable[[], Job],
    now: Callable[[], datetime],
    announce: Callable[[Job], object] = lambda job: None,
    *,
    active: Callable[[], int] = lambda: 1,
) -> Job | None:
    """Wait until a job that has just begun is done, if that is soon; returns it as it is then, None where none is.

    Args:
        read: the job as it is now.
        now: the clock by which it began.
        announce: told of the job when it has to be waited for.
        active: how many jobs are under way. Among many it is not done in a moment, and is not waited for.
    """
    end = monotonic() + MOMENT  # whatever the clock says meanwhile

    def soon(job: Job) -> bool:
        return job.active and not job.cancel_asked and _age(job, now) < MOMENT and monotonic() < end

    try:
        if soon(job := read()):
            if active() > FEW:
                return job
            announce(job)
        while soon(job):
            sleep(PAUSE)
            job = read()
    except NotFound:
        return None
    return job


def _age(job: Job, now: Callable[[], datetime]) -> float:
    """Seconds since a job was asked for."""
    return (now() - job.created_at).total_seconds()


@st.fragment
def follow(
    known: Job,
    read: Callable[[], Job],
    cancel: Callable[[], object],
    *,
    key: str,
    active: Callable[[], int] | None = None,
    grown: Callable[[Job], bool] = lambda job: False,
) -> None:
    """Draw a running job, and again whenever it changes; when it has ended, or has `grown`, run the whole page once.

    The browser asks for changes by itself (`assets/browser/watch.js`): a run of this part for each question would hold
    up the work that is asked about, and Streamlit's own timers are lost now and then when a run of the whole page
    comes between. What the browser tells runs this part alone: a run of the whole page would break off, and lose, the
    click on Cancel that came just before. While the store cannot be read the browser goes on asking.

    Args:
        known: the job as the page found it.
        read: the job as it is now.
        cancel: stops it.
        key: prefix of the widgets' keys.
        active: how many jobs are under way, for work that may be done in a moment; None for work of minutes.
        grown: whether so much more is done by now that the page is worth drawing again; must be False then.
    """
    try:
        job = read()
        over = not job.active or grown(job)
        jobs = active() if active else 1
    except NotFound:  # it was deleted meanwhile: what is left to say says the page
        st.rerun()
    except StoreFailed as error:
        show_unknown(error)
        watch_job(known, key, mark="", many=True)  # whatever mark it has then, it is another
        return
    answer_click()
    if over:
        st.rerun()
    show_running(job, cancel, key=key, others=jobs - 1)
    watch_job(job, key, mark=job.mark, many=jobs > FEW)


def watch_job(job: Job, key: str, *, mark: str, many: bool) -> None:
    """Have the browser ask about a job, and run the fragment around this when there is something to tell.

    Args:
        job: what it asks about.
        key: prefix of the widget's key.
        mark: what is shown of the job.
        many: whether it is one of many, of which each is drawn less often.
    """
    browser_side("watch")(
        key=f"{key}-watch",
        data={
            "address": job_address(job.id),
            "mark": mark,
            "drawing": uuid4().hex,
            "pace": PACE_OF_MANY if many else PACE,
            "redraw": REDRAW_OF_MANY if many else REDRAW,
            "until": "end" if many else "change",
        },
        on_news_change=lambda: None,
    )


def show_unknown(error: StoreFailed) -> None:
    """In the place of progress that cannot be read; whoever draws it has the browser go on asking."""
    st.warning(
        f"{escape(str(error))} What is under way goes on if it can. This page looks again by itself.",
        icon=":material/sync_problem:",
        title="How far it is cannot be read now",
    )


def show_running(job: Job, cancel: Callable[[], object], *, key: str, others: int = 0) -> None:
    """Progress bar with words, how long it has taken, and Cancel; `others` are under way beside it."""
    st.progress(min(max(job.share, 0.0), 1.0), text=escape(under_way(job, others)))
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
    said = look.meaning if job.state == "cancelled" else ended(job)  # its message is the word of the title
    show(escape(said), icon=look.material, title=look.word)
    if startable(job):
        st.button("Start again", key=f"{key}-again", icon=":material/refresh:", on_click=told(again))
        show_log(job)


def show_log(job: Job) -> None:
    """What a job said, line by line, as text."""
    if not job.log:
        return
    with st.expander("What it did", icon=":material/list:"):
        st.text("\n".join(f"{at[11:19]}  {line}" for at, line in job.log))
