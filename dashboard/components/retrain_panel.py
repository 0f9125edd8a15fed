"""From a verdict to a better model: what Retrain will do, its progress, the comparison, Promote, Roll back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import streamlit as st

from dashboard.components.comparison import show_comparison
from dashboard.components.confirm import Question, ask, asked, confirm
from dashboard.components.job_progress import follow, show_ended, show_log
from dashboard.components.retrain_choice import choose_files
from dashboard.wording.escape import escape, name, sentence
from dashboard.wording.jobs import job_look
from dashboard.wording.performance import gate_look
from dashboard.wording.quantities import NBSP
from dashboard.wording.retraining import made_by_now
from monitoring.history.records import Job
from monitoring.performance.gate import Gate
from monitoring.policy.verdict import Verdict
from monitoring.retraining.request import RetrainRequest, Source, choose_sources

ANCHOR = "retrain"
"""Where the panel stands on its page."""
RETRAIN, PROMOTE, ROLL_BACK = "retrain", "promote", "roll_back"


@dataclass(frozen=True, slots=True, kw_only=True)
class Challenger:
    """The version that a retraining brought.

    Attributes:
        number: of the version; parent: of the one that it was compared with.
        gate: how it compares with that, None where it is not known.
        refused: whether the promotion policy refused it when it was made.
        served: whether it was ever put into use.
    """

    number: int
    parent: int
    gate: Gate | None
    refused: bool = False
    served: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Retraining:
    """Where retraining from one check stands.

    Attributes:
        model: the model.
        champion: number of the version in use.
        request: what Retrain would ask for now, None when it is not possible.
        refusal: why it is not possible, '' when it is.
        describes: what will happen, in the words of the hook that would act.
        job: the last retraining asked for from this check, None before.
        challenger: what that brought, None before it is done.
        learnt: whether the version in use has learnt from the rows of the check.
        broken: gives the files with outcomes that the request leaves out, for their feed looks broken; asked for by
            the question alone.
        known: uploads that the version in use has learnt from.
    """

    model: str
    champion: int
    request: RetrainRequest | None
    refusal: str
    describes: str
    job: Job | None
    challenger: Challenger | None
    learnt: bool = False
    broken: Callable[[], tuple[Source, ...]] = tuple
    known: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RetrainActions:
    """What the buttons do. `start` gets the request as a person wants it, `describe` tells what it will do; `promote`
    and `roll_back` get the reason that a person gives."""

    start: Callable[[RetrainRequest], object]
    describe: Callable[[RetrainRequest], str]
    again: Callable[[], object]
    cancel: Callable[[], object]
    read: Callable[[], Job]
    promote: Callable[[str], object]
    roll_back: Callable[[str], object]


def show_retraining(state: Retraining, actions: RetrainActions, beside: Callable[[], object] = lambda: None) -> None:
    """The panel in whatever state; `beside` adds buttons to its own. `ask_about_retraining` opens the dialogs."""
    job = state.job
    if job is None:
        st.markdown(escape(state.describes if state.request else state.refusal))
        with st.container(horizontal=True):
            _offer_button(state)
            beside()
    elif job.active:
        st.markdown(f"Version {state.champion} stays in use meanwhile. You may close this page: the work goes on.")
        follow(job, actions.read, actions.cancel, key="retrain")
    elif job.state == "done":
        _show_outcome(state, job, beside)
    else:
        show_ended(job, actions.again, key="retrain")
        _offer_another(state)


def standing(state: Retraining) -> str:
    """Where a retraining from this check stands, as a Markdown link to the panel; '' before there is one."""
    job, challenger = state.job, state.challenger
    if job is None:
        return ""
    if job.active:
        words = f"Retraining: {100 * job.share:.0f}{NBSP}%"
    elif challenger is None:
        words = f"Retraining: {job_look(job.state).word.lower()}"
    elif state.champion == challenger.number:
        words = f"Version {challenger.number} is in use"
    else:
        gate = f": {gate_look(challenger.gate).word.lower()}" if challenger.gate else ""
        words = f"Version {challenger.number} is ready{gate}"
    return f"[:material/model_training: {words}](#{ANCHOR})"


def advice_by_now(verdict: Verdict, state: Retraining) -> str:
    """What is to be done by now: advice to retrain is over once that is under way or done."""
    job, made = state.job, state.challenger
    if verdict.action != "retrain":
        return verdict.advice
    if made is not None:
        return made_by_now(made.number, state.champion, refused=made.refused, served=made.served)
    if state.learnt:
        return f"Version {state.champion}, which is in use, has learnt from this data already."
    if job is not None and job.active:
        return "Retraining on this data is under way."
    if job is not None and job.state == "done":
        return "Retraining on this data was asked for. What came of it stands at the end of the page."
    return verdict.advice


def ask_about_retraining(state: Retraining, actions: RetrainActions) -> None:
    """Show the dialog that a button asked for. Call it from the page itself, once in a run."""
    if asked(RETRAIN) and state.request is not None:
        _ask_to_retrain(state, state.request, actions)
    elif asked(PROMOTE) and state.challenger is not None:
        confirm(promote_question(state.model, state.challenger.number, state.champion), actions.promote)
    elif asked(ROLL_BACK):
        confirm(roll_back_question(state.model, state.champion), actions.roll_back)


def promote_question(model: str, number: int, champion: int) -> Question:
    """The question before a version is put into use."""
    return Question(
        title=f"Promote version {number}?",
        body=f"From the next check on, version **{number}** of {name(model)} scores the rows, and its "
        f"reference is what they are compared with. Version {champion} is kept: Roll back brings it back at once.",
        action=f"Promote version {number}",
        icon=":material/rocket_launch:",
        reason="Compared on held-out rows",
    )


def roll_back_question(model: str, champion: int) -> Question:
    """The question before the earlier champion comes back."""
    return Question(
        title="Roll back?",
        body=f"The version of {name(model)} that was in use before version {champion} comes back at once. "
        f"Version {champion} is kept and can be promoted again.",
        action="Roll back",
        icon=":material/undo:",
        reason="",
    )


def _ask_to_retrain(state: Retraining, request: RetrainRequest, actions: RetrainActions) -> None:
    """The question, with the files to learn from; what will happen follows the choice."""
    wanted, broken = [request], state.broken()

    def choose() -> None:
        says = st.container()
        taken = choose_files(request, broken, state.known)
        wanted[0] = choose_sources(request, broken, lambda source: source.check in taken)
        says.markdown(escape(actions.describe(wanted[0])))

    question = Question(
        title=f"Retrain {name(state.model)}?", body="", action="Start retraining", icon=":material/model_training:"
    )
    confirm(question, lambda _: actions.start(wanted[0]), choose)


def _offer_button(state: Retraining) -> None:
    st.button(
        "Retrain …",
        key="retrain-open",
        icon=":material/model_training:",
        type="primary",
        disabled=state.request is None,
        help=escape(state.refusal) if state.request is None else None,
        on_click=ask,
        args=(RETRAIN,),
    )


def _offer_another(state: Retraining) -> None:
    """A second retraining, when what it would be made of has changed since the last."""
    if state.request is not None and state.job is not None and state.request.id != state.job.id:
        st.button(
            "Retrain again …", key="retrain-open", icon=":material/model_training:", on_click=ask, args=(RETRAIN,)
        )


def _show_outcome(state: Retraining, job: Job, beside: Callable[[], object]) -> None:
    challenger = state.challenger
    if challenger is None:
        st.success(escape(str((job.result or {}).get("message") or job.message)), icon=":material/outbox:")
    else:
        if challenger.gate is not None:
            show_comparison(
                challenger.gate, champion=challenger.parent, challenger=challenger.number, in_use=state.champion
            )
        if state.champion == challenger.number:
            st.success(f"Version {challenger.number} is in use.", icon=":material/check_circle:")
        else:
            settled = str((job.result or {}).get("promotion_sentence") or "")
            told_then = f"Version {challenger.number}: {sentence(settled)} " if settled else ""
            st.caption(f"{told_then}Version {state.champion} is in use now.")
    with st.container(horizontal=True):
        if challenger is not None:
            _switch_button(state, challenger)
        beside()
        _offer_another(state)
    show_log(job)


def _switch_button(state: Retraining, challenger: Challenger) -> None:
    if state.champion == challenger.number:
        st.button("Roll back …", key="roll-back", icon=":material/undo:", on_click=ask, args=(ROLL_BACK,))
        return
    good = challenger.gate is not None and challenger.gate.result in ("better", "no_worse")
    st.button(
        f"Promote version {challenger.number} …",
        key="promote",
        icon=":material/rocket_launch:",
        type="primary" if good else "secondary",
        on_click=ask,
        args=(PROMOTE,),
    )
