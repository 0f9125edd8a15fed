"""A decision about retraining: the answer to "why did it not retrain?", and every rule that led to it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, Final

import streamlit as st

from dashboard.pages import RETRAINING_PAGE
from dashboard.wording.escape import escape
from dashboard.wording.quantities import ago
from dashboard.wording.retraining import PARTS, RULES, brief, kept_look, outcome_alert, outcome_look, rule_look
from dashboard.wording.verdicts import Alert
from monitoring.history.retrain_records import DecisionLine, KeptDecision
from monitoring.policy.retrain_decision import Decision
from monitoring.policy.retrain_rules import Rule, say_moment

_ALERTS: Final[dict[Alert, Callable[..., Any]]] = {
    "error": st.error,
    "warning": st.warning,
    "success": st.success,
    "info": st.info,
}


def show_answer(kept: KeptDecision) -> None:
    """The decision in a word and a sentence, what became of its request, and when time alone may change it."""
    decision = kept.decision
    look = kept_look(decision.outcome, kept.request_state)
    lines = [escape(decision.sentence)]
    if decision.outcome == "approval" and kept.request_state not in (None, "waiting"):
        lines.append(f"**By now: {look.word.lower()}.** {look.meaning}")
    if decision.until is not None:
        lines.append(f"**It is decided anew with the next check, and on {say_moment(decision.until)}.**")
    _ALERTS[outcome_alert(decision.outcome)]("\n\n".join(lines), icon=look.material, title=look.word)


def show_why(kept: KeptDecision | None) -> None:
    """On the page of a check: what was decided about retraining, in a line, with a link to the reasons."""
    if kept is None:
        st.caption("Whether to retrain is decided within a moment: the page Retraining will say.")
        return
    look = kept_look(kept.decision.outcome, kept.request_state)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(f":{look.colour}-badge[{look.material} {look.word}]", width="content")
        st.page_link(
            RETRAINING_PAGE,
            label="Why did it retrain?" if kept.request_state == "sent" else "Why did it not retrain?",
            icon=":material/rule:",
            query_params={"decision": kept.decision.id},
        )


def show_rules(decision: Decision) -> None:
    """Every rule: what kind, whether it asks or holds, and its sentence with the numbers that it looked at."""
    for part, title in PARTS.items():
        rules = [rule for rule in decision.rules if rule.part == part]
        with st.container(gap="xxsmall"):
            st.markdown(f"**{title}**")
            for rule in rules:
                _show_rule(rule)


def _show_rule(rule: Rule) -> None:
    look = rule_look(rule)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(f":{look.colour}-badge[{look.material} {look.word}]", width=92, help=look.meaning)
        st.markdown(RULES[rule.code], width=150)
        st.caption(escape(rule.sentence), width="stretch")


def show_decisions(lines: Sequence[DecisionLine], now: datetime) -> None:
    """One line for each decision, with links to its reasons and to its check."""
    with st.container(border=True, gap="xxsmall"):
        for line in lines:
            look = outcome_look(line.outcome)
            with st.container(horizontal=True, vertical_alignment="center", gap="small"):
                st.markdown(f":{look.colour}-badge[{look.material} {look.word}]", width=140)
                with st.container(width=120):
                    st.page_link(
                        RETRAINING_PAGE,
                        label=ago(line.recorded_at, now),
                        icon=":material/rule:",
                        query_params={"decision": line.id},
                    )
                st.caption(escape(brief(line.sentence)), width="stretch")
