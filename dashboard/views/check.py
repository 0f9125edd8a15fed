"""The first page: drop rows, get a verdict. With `?check=…` in the address it is the page of that check."""

from __future__ import annotations

import streamlit as st

from dashboard.components.job_progress import follow, give_a_moment, show_ended
from dashboard.components.notices import show_notices, told
from dashboard.parts import driftline
from dashboard.views.check_home import show_home
from dashboard.views.check_result import show_result
from dashboard.views.reading import LOOK, show_look, show_refused
from dashboard.views.starting import forget_address, start_again
from dashboard.wording.escape import escape, name
from dashboard.wording.jobs import kind_word
from monitoring.errors import NotFound
from monitoring.history.records import Job
from monitoring.workflows.jobs import cancel_job
from monitoring.workflows.parts import Driftline


def show_page() -> None:
    """Home, progress or result: the address alone decides, so that a closed page loses nothing."""
    engine = driftline()
    check_id, job_id = st.query_params.get("check"), st.query_params.get("job")
    if LOOK in st.query_params:
        show_look(engine)
    elif check_id and (job := give_a_moment(lambda: engine.jobs.job(check_id), engine.now)) and job.active:
        _show_progress(engine, job)  # a result that is there already has no decision yet
    elif check_id and engine.history.has_check(check_id):
        show_result(engine, engine.history.check(check_id))
    elif check_id or job_id:
        _show_job(engine, check_id or job_id or "")
    else:
        show_home(engine)


def _show_job(engine: Driftline, job_id: str) -> None:
    try:
        job = engine.jobs.job(job_id)
    except NotFound:
        show_home(engine, _tell_not_found)
        return
    if job.active:
        _show_progress(engine, job)
    elif job.kind == "year" and job.state == "done":
        st.switch_page("views/timeline.py")
    elif job.state == "done":
        show_home(engine, _tell_not_found)
    else:
        show_home(engine, lambda: _tell_ended(engine, job))


def _tell_ended(engine: Driftline, job: Job) -> None:
    show_ended(job, lambda: start_again(engine, job), key="check")
    if job.state == "refused" and job.kind == "check":
        show_refused(engine, job)


def _tell_not_found() -> None:
    st.warning(
        "There is nothing at this address: the check may have been deleted, or the address is not whole.",
        icon=":material/search_off:",
        title="Not found",
    )


def _show_progress(engine: Driftline, job: Job) -> None:
    what = str(job.payload.get("file_name") or "") or kind_word(job.kind)
    st.title(f"Checking {name(what)}" if job.kind == "check" else escape(kind_word(job.kind)), anchor=False)
    show_notices()
    follow(
        lambda: engine.jobs.job(job.id),
        lambda: cancel_job(engine.jobs, job.id),
        key="check",
        active=engine.jobs.active if job.kind == "check" else None,
    )
    st.button("Back to the start", icon=":material/arrow_back:", type="tertiary", on_click=told(forget_address))


if __name__ == "__main__":
    show_page()
