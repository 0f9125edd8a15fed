"""The retrain policy in force: in plain words, with what it promises, a switch for dry run, and its file to change."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import streamlit as st

from dashboard.components.confirm import Question, ask
from dashboard.components.notices import telling
from dashboard.wording.escape import escape, name
from dashboard.wording.quantities import ago
from dashboard.wording.retraining import policy_words, promise_words
from monitoring.history.retrain_records import KeptPolicy
from monitoring.policy.retrain_policy import RetrainPolicy
from monitoring.policy.retrain_promise import promise
from monitoring.policy.retrain_toml import to_toml

SWITCH = "dry-run"
PUT = "put-policy"
_TEXT = "policy-text"


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyInForce:
    """What the panel shows: the policy, the ones before, the hooks that are set up, the drift policy's alpha."""

    model: str
    policy: RetrainPolicy
    earlier: tuple[KeptPolicy, ...]
    hooks: tuple[str, ...]
    alpha: float


def show_policy(state: PolicyInForce, now: datetime) -> None:
    """The policy in words, its promise, and the button that lets it act or try out."""
    policy = state.policy
    badge = ":blue-badge[:material/science: dry run]" if policy.dry_run else ":green-badge[:material/bolt: acts]"
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"**{name(policy.name)}** {badge}", width="stretch")
        st.button(
            "Let it act …" if policy.dry_run else "Only try out …",
            key=SWITCH,
            icon=":material/bolt:" if policy.dry_run else ":material/science:",
            on_click=ask,
            args=(SWITCH,),
        )
    words = policy_words(policy, state.hooks)
    st.table(
        {title: escape(text) for title, text in words.items()},
        border="horizontal",
        hide_header=True,
        alt="The policy in words",
    )
    st.markdown(promise_words(promise(policy, alpha=state.alpha), per_day=1))
    st.caption(
        f"Computed from this policy and from the drift policy's false-alarm rate of {100 * state.alpha:g} % a check; "
        "what that rests on is in the documentation. Retrainings by hand come on top of these numbers."
    )
    with st.expander("Change the policy", icon=":material/edit:"):
        _show_file(state)
    if state.earlier:
        with st.expander("Policies so far", icon=":material/history:"):
            for kept in state.earlier:
                mode = "dry run" if kept.policy.dry_run else "acts"
                why = f" — {escape(kept.reason)}" if kept.reason else ""
                st.markdown(f"**{name(kept.policy.name)}** ({mode}), {ago(kept.at, now)}{why} `{kept.policy.id}`")


def _show_file(state: PolicyInForce) -> None:
    text = st.text_area(
        "The policy as a file (TOML)", value=to_toml(state.policy), height=420, key=f"{_TEXT}-{state.policy.id}"
    )
    written: RetrainPolicy | None = None
    problem = ""
    try:
        written = RetrainPolicy.from_toml(text)
    except Exception as error:  # whatever a person writes is told, never raised
        problem = str(error)
    if problem:
        st.error(escape(problem), icon=":material/error:")
    elif written == state.policy:
        st.caption("This is the policy in force. Change a value: what it would promise is shown here at once.")
    elif written is not None:
        st.markdown(promise_words(promise(written, alpha=state.alpha), per_day=1))
    with st.container(horizontal=True):
        st.button(
            "Put in force …",
            key=PUT,
            icon=":material/gavel:",
            disabled=written is None or written == state.policy,
            on_click=_keep,
            args=(text,),
        )
        st.download_button(
            "Download",
            data=text,
            file_name=f"{state.policy.name[:40]}.toml",
            mime="application/toml",
            icon=":material/download:",
            on_click="ignore",
        )


def _keep(text: str) -> None:
    st.session_state["policy.asked"] = text
    ask(PUT)


def written_policy() -> RetrainPolicy | None:
    """The policy that a person asked to put in force."""
    with telling():
        return RetrainPolicy.from_toml(str(st.session_state.get("policy.asked", "")))
    return None


def put_question(policy: RetrainPolicy) -> Question:
    """The question before another policy decides."""
    acts = (
        "It only tries out what it would do." if policy.dry_run else "It **acts**: it asks for retrainings by itself."
    )
    return Question(
        title="Put this policy in force?",
        body=f"{name(policy.name)} decides from now on, first of all about what is there now. {acts} Decisions that "
        "were made keep the policy that made them.",
        action="Put in force",
        icon=":material/gavel:",
        reason="",
    )


def switch_question(policy: RetrainPolicy) -> Question:
    """The question before a policy acts, or only tries out again."""
    if policy.dry_run:
        return Question(
            title="Let the policy act?",
            body="From now on it asks for retrainings by itself, within its rules; it decides at once about what is "
            "there now. No version is put into use by this.",
            action="Let it act",
            icon=":material/bolt:",
            reason="",
        )
    return Question(
        title="Only try out?",
        body="From now on it says what it would do and asks for nothing. What is under way goes on.",
        action="Only try out",
        icon=":material/science:",
        reason="",
    )
