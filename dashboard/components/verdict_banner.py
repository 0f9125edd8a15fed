"""The verdict: word, icon and colour, one sentence, what to do, what the promise rests on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import streamlit as st

from dashboard.wording.escape import escape, sentence
from dashboard.wording.verdicts import Alert, alert, verdict_look
from monitoring.policy.verdict import Verdict

_ALERTS: Final[dict[Alert, Callable[..., Any]]] = {
    "error": st.error,
    "warning": st.warning,
    "success": st.success,
    "info": st.info,
}


def show_verdict(verdict: Verdict, advice: str | None = None) -> None:
    """The banner on top of a result; `advice` is what is to be done by now, where that is not what was kept."""
    look = verdict_look(verdict.name)
    advice = verdict.advice if advice is None else advice
    lines = [sentence(verdict.sentence), f"**{escape(advice)}**" if advice else ""]
    if verdict.caveat:
        lines.append(f":small[{escape(verdict.caveat)}]")
    _ALERTS[alert(verdict.name)]("\n\n".join(filter(None, lines)), icon=look.material, title=look.word)


def verdict_badge(name: str) -> str:
    """A verdict as Markdown: a coloured badge with icon and word."""
    look = verdict_look(name)
    return f":{look.colour}-badge[{look.material} {look.word}]"
