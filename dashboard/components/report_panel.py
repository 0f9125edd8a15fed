"""The Evidently page of a check: made when it is asked for, shown in a frame that cannot reach this page."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import streamlit as st

from dashboard.components.job_progress import follow, show_ended
from dashboard.components.notices import told
from monitoring.history.records import Job

WIDTH: Final = 1080
"""Below about 1,000 pixels Evidently's page is clipped: on a narrow screen the frame is scrolled sideways instead."""
HEIGHT: Final = 900


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportPart:
    """What the panel needs of one check's report.

    Attributes:
        check: id of the check.
        job: the job that writes it, None when it was never asked for.
        ready: whether the page lies there.
        address, download: where it is served, to be shown and to be kept.
        start: has it written; cancel: stops that; read: the job as it is now.
    """

    check: str
    job: Job | None
    ready: bool
    address: str
    download: str
    start: Callable[[], object]
    cancel: Callable[[], object]
    read: Callable[[], Job]


def show_report(part: ReportPart) -> None:
    """Button, progress, or the page, whichever it is time for."""
    opened = f"report.{part.check}"
    st.markdown(
        "Evidently's own page: every column drawn from a sample of the rows, and its tests set to the same statistics "
        "and tolerances as the verdict above."
    )
    if part.ready:
        _show_ready(part, opened)
    elif part.job is not None and part.job.active:
        follow(part.job, part.read, part.cancel, key="report")
    elif part.job is not None and part.job.state != "done":
        show_ended(part.job, lambda: _open(part, opened), key="report")
    else:
        st.button(
            "Open the Evidently report", icon=":material/lab_profile:", on_click=told(lambda: _open(part, opened))
        )
        st.caption("The first time it takes a moment: a worker draws it from a sample of the rows.")


def _open(part: ReportPart, opened: str) -> None:
    st.session_state[opened] = True
    part.start()


def _show_ready(part: ReportPart, opened: str) -> None:
    shown = bool(st.session_state.get(opened))
    with st.container(horizontal=True):
        if st.button(
            "Close the report" if shown else "Open the Evidently report",
            icon=":material/close:" if shown else ":material/lab_profile:",
            key="report-toggle",
        ):
            st.session_state[opened] = not shown
            st.rerun()
        st.link_button("Full page", part.address, icon=":material/open_in_new:")
        st.link_button("Download", part.download, icon=":material/download:")
    if shown:
        with st.grid(1, min_column_width=WIDTH, wrap=False):
            st.iframe(part.address, height=HEIGHT, alt="Evidently report of this check")
