"""The first page: drop rows, get a verdict. With `?check=…` in the address it is the page of that check."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import streamlit as st

from dashboard.components.drop_zone import waiting_drops
from dashboard.components.job_progress import follow, give_a_moment, show_ended
from dashboard.components.notices import show_notices, told
from dashboard.components.stage import Stage
from dashboard.pages import TIMELINE_PAGE
from dashboard.parts import driftline
from dashboard.views.check_home import show_home
from dashboard.views.check_result import show_result
from dashboard.views.dropping import DROPPED, go_where_it_leads
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
    drops = waiting_drops()
    stage = Stage("check", DROPPED if drops else _address())
    for drop in drops:
        go_where_it_leads(engine, drop, stage)
    stage.go_on(_address())
    what, draw = _choose(engine, st.query_params.to_dict(), stage)
    with stage.show(what):
        draw()


def _address() -> str:
    return str(st.query_params.to_dict())


def _choose(engine: Driftline, address: Mapping[str, str], stage: Stage) -> tuple[str, Callable[[], None]]:
    """What an address stands for, and what draws it. A check that has just begun is waited for."""
    check_id, job_id = address.get("check"), address.get("job")
    if LOOK in address:
        return LOOK, lambda: show_look(engine)
    if check_id:
        job = give_a_moment(
            lambda: engine.jobs.job(check_id),
            engine.now,
            lambda job: stage.announce(_title(job)),
            active=engine.jobs.active,
        )
        if job and job.active:  # a result that is there already has no decision yet
            return "progress", lambda: _show_progress(engine, job)
    if check_id and engine.history.has_check(check_id):
        return "result", lambda: show_result(engine, engine.history.check(check_id))
    if check_id or job_id:
        return _choose_for_job(engine, check_id or job_id or "")
    return "home", lambda: show_home(engine)


def _choose_for_job(engine: Driftline, job_id: str) -> tuple[str, Callable[[], None]]:
    try:
        job = engine.jobs.job(job_id)
    except NotFound:
        return "home", lambda: show_home(engine, _tell_not_found)
    if job.active:
        return "progress", lambda: _show_progress(engine, job)
    if job.kind == "year" and job.state == "done":
        return "year", lambda: st.switch_page(TIMELINE_PAGE)
    if job.state == "done":
        return "home", lambda: show_home(engine, _tell_not_found)
    return "home", lambda: show_home(engine, lambda: _tell_ended(engine, job))


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


def _title(job: Job) -> str:
    what = str(job.payload.get("file_name") or "") or kind_word(job.kind)
    return f"Checking {name(what)}" if job.kind == "check" else escape(kind_word(job.kind))


def _show_progress(engine: Driftline, job: Job) -> None:
    st.title(_title(job), anchor=False)
    show_notices()
    follow(
        job,
        lambda: engine.jobs.job(job.id),
        lambda: cancel_job(engine.jobs, job.id),
        key="check",
        active=engine.jobs.active if job.kind == "check" else None,
    )
    st.button("Back to the start", icon=":material/arrow_back:", type="tertiary", on_click=told(forget_address))


if __name__ == "__main__":
    show_page()
