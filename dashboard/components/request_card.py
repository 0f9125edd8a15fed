"""Requests to retrain: those that wait for a person, and what became of the others."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import streamlit as st

from dashboard.components.confirm import Question, ask
from dashboard.components.notices import told
from dashboard.wording.escape import escape, name
from dashboard.wording.jobs import job_look
from dashboard.wording.quantities import ago
from dashboard.wording.retraining import request_look, said_of_start
from monitoring.history.records import Job
from monitoring.history.retrain_records import KeptRequest
from monitoring.policy.retrain_rules import say_moment


def show_waiting(request: KeptRequest, *, why: str, describes: str) -> None:
    """A request that a person has to answer: why it is asked, what will happen, until when, Approve and Refuse."""
    with st.container(border=True):
        st.markdown(f":orange-badge[:material/how_to_reg: Waits for you] **Retrain {name(request.model)}?**")
        st.markdown(escape(why))
        if describes:
            st.markdown(escape(describes))
        if request.expires_at is not None:
            st.caption(
                f"Void after {say_moment(request.expires_at)}, when nobody answers: the next check decides anew."
            )
        with st.container(horizontal=True):
            st.button(
                "Approve …",
                key=f"approve-{request.id}",
                icon=":material/check:",
                type="primary",
                on_click=ask,
                args=(f"approve-{request.id}",),
            )
            st.button(
                "Refuse …",
                key=f"refuse-{request.id}",
                icon=":material/block:",
                on_click=ask,
                args=(f"refuse-{request.id}",),
            )


def approve_question(request: KeptRequest) -> Question:
    """The question before a request is sent."""
    return Question(
        title="Approve this retraining?",
        body=f"{name(request.model)} is retrained now. The version in use stays in use: a new one is compared with it "
        "first, and nothing is switched by this.",
        action="Approve",
        icon=":material/check:",
        reason="",
    )


def refuse_question(request: KeptRequest) -> Question:
    """The question before a request is refused."""
    return Question(
        title="Refuse this retraining?",
        body="Nothing is trained. The cool-down begins as if it had been, and the same is not asked for again until "
        "something new has come in.",
        action="Refuse",
        icon=":material/block:",
        reason="",
    )


def show_requests(
    requests: list[tuple[KeptRequest, Job | None]],
    now: datetime,
    *,
    again: Callable[[Job], object],
) -> None:
    """One line for each request: by whom, what became of it, the answer and its reason."""
    with st.container(border=True, gap="xxsmall"):
        for request, job in requests:
            look = job_look(job.state) if request.state == "sent" and job else request_look(request.state)
            with st.container(horizontal=True, vertical_alignment="center", gap="small"):
                st.markdown(f":{look.colour}-badge[{look.material} {look.word}]", width=140)
                st.markdown("By hand" if request.by_hand else "By policy", width=90)
                st.caption(_about(request, job, now), width="stretch")
                if job is not None and job.state in ("failed", "interrupted", "cancelled"):
                    st.button(
                        "Start again",
                        key=f"request-again-{job.id}",
                        icon=":material/refresh:",
                        type="tertiary",
                        on_click=told(again),
                        args=(job,),
                    )


def _about(request: KeptRequest, job: Job | None, now: datetime) -> str:
    said = ""
    if request.answer is not None and request.answered_at is not None:
        why = f": {request.reason}" if request.reason else ""
        said = f"{request.answer} {ago(request.answered_at, now)}{why}"
    result = (job.result or {}) if job is not None else {}
    told = str(result.get("message") or job.message) if job is not None else ""
    settled = str(result.get("promotion_sentence") or "")
    parts = (
        escape(told),
        escape(settled),
        said_of_start(job, by_hand=request.by_hand) if job is not None else "",
        escape(said),
        f"asked {ago(request.created_at, now)}",
        f"`{request.id[-8:]}`",
    )
    return " · ".join(filter(None, parts))
