"""The retrain hooks: whether each is ready, a try that runs outside of the page, and what came of the last one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

import streamlit as st

from dashboard.components.job_progress import follow
from dashboard.components.notices import told
from dashboard.wording.escape import escape, name
from dashboard.wording.jobs import ended, job_look
from dashboard.wording.quantities import ago
from monitoring.history.records import Job


@dataclass(frozen=True, slots=True, kw_only=True)
class HookState:
    """A hook as the page shows it.

    Attributes:
        name: what it is called.
        problems: what keeps it from working, () when nothing does.
        tried: the last try, None before the first.
        try_out: begins a try; read: the try as it is now; cancel: stops it.
    """

    name: str
    problems: tuple[str, ...]
    tried: Job | None
    try_out: Callable[[], object]
    read: Callable[[], Job]
    cancel: Callable[[], object]


def show_hooks(hooks: Sequence[HookState], now: datetime) -> None:
    """A line for each hook with a button that tries it; below it the try under way, or what came of the last."""
    with st.container(border=True, gap="xsmall"):
        for hook in hooks:
            _show_line(hook)
            if hook.tried is not None and hook.tried.active:
                follow(hook.tried, hook.read, hook.cancel, key=f"follow-try-{hook.name}")
            elif hook.tried is not None:
                _show_end(hook.tried, now)


def _show_line(hook: HookState) -> None:
    ready = ":green-badge[:material/check: ready]" if not hook.problems else ":red-badge[:material/error: not ready]"
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(ready, width=110)
        st.markdown(f"**{name(hook.name)}**", width=130)
        st.caption(escape(" ".join(hook.problems)) or "Its settings are in order.", width="stretch")
        st.button(
            "Try it",
            key=f"try-{hook.name}",
            icon=":material/play_arrow:",
            type="tertiary",
            disabled=bool(hook.problems) or (hook.tried is not None and hook.tried.active),
            on_click=told(hook.try_out),
            help="Sends a request in which nothing is to be trained.",
        )


def _show_end(job: Job, now: datetime) -> None:
    """How a try ended, in its hook's words."""
    look = job_look(job.state)
    said = str((job.result or {}).get("message") or ended(job))
    when = ago(job.finished_at, now) if job.finished_at is not None else ""
    st.markdown(f":{look.colour}[{look.material}] Tried {when}: {escape(said)}")
