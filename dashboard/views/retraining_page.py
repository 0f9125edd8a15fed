"""Retraining by policy: why it did or did not retrain, what waits for a person, what is under way, the policy."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import streamlit as st

from dashboard.components.comparison import show_comparison
from dashboard.components.confirm import asked, confirm
from dashboard.components.decision_panel import show_answer, show_decisions, show_rules
from dashboard.components.hook_list import HookState, show_hooks
from dashboard.components.job_progress import follow, show_log
from dashboard.components.notices import keep_news, keep_note, show_notices, telling, told
from dashboard.components.policy_panel import (
    PUT,
    SWITCH,
    PolicyInForce,
    put_question,
    show_policy,
    switch_question,
    written_policy,
)
from dashboard.components.request_card import approve_question, refuse_question, show_requests, show_waiting
from dashboard.pages import CHECK_PAGE, MODELS_PAGE
from dashboard.parts import driftline, now
from dashboard.views.starting import start_again
from dashboard.wording.escape import escape, name, sentence
from dashboard.wording.quantities import ago, counted
from dashboard.wording.retraining import OUTCOMES, outcome_look, requests_words
from monitoring.errors import NotFound
from monitoring.history.records import Job
from monitoring.history.retrain_records import KeptDecision, KeptRequest
from monitoring.policy.retrain_policy import RetrainPolicy
from monitoring.retraining.request import RetrainRequest
from monitoring.workflows.decide import answer_request, put_in_force
from monitoring.workflows.jobs import cancel_job
from monitoring.workflows.parts import Driftline
from monitoring.workflows.promote import decide_version
from monitoring.workflows.replay import replay
from monitoring.workflows.retrain import last_try, request_try

DECISION = "decision"
REQUESTS_SHOWN, DECISIONS_SHOWN = 10, 15


def show_page() -> None:
    """One decision when the address names one, else where retraining stands."""
    engine = driftline()
    if decision_id := st.query_params.get(DECISION):
        _show_one(engine, decision_id)
        return
    st.title("Retraining")
    show_notices()
    models = engine.registry.models()
    model = models[0] if len(models) == 1 else st.selectbox("Model", models, key="model", persist_state="session")
    requests = engine.requests.requests(model, limit=REQUESTS_SHOWN)
    waiting = [request for request in requests if request.state == "waiting"]
    _show_why(engine, model)
    for request in waiting:
        _show_waiting(engine, request)
    _show_incidents(engine, model)
    _show_under_way(engine, model)
    _show_requests(engine, requests)
    _show_challenger(engine, model)
    st.header("The policy in force", anchor="policy")
    state = _policy_state(engine, model)
    with st.container(border=True):
        show_policy(state, now())
    _show_decisions(engine, model)
    st.header("Hooks", anchor="hooks")
    st.markdown(
        "What acts on a request. Trying one sends a request through it that trains nothing; it goes on "
        "while you do other things."
    )
    show_hooks([_hook_state(engine, model, hook) for hook in engine.hooks], now())
    _ask(engine, state, waiting)


def _show_why(engine: Driftline, model: str) -> None:
    """The last decision: the answer to "why did it not retrain?"."""
    st.header("Why did it, or did it not, retrain?", anchor="why")
    kept = engine.decisions.latest(model)
    if kept is None:
        st.info(
            "Nothing was checked yet. After each check the policy below decides whether the model is to be retrained, "
            "and says here why, or why not. A new policy only tries out what it would do, until you let it act.",
            icon=":material/rule:",
            title="No decision yet",
        )
        st.page_link(CHECK_PAGE, label="Check some rows", icon=":material/fact_check:")
        return
    show_answer(kept)
    _show_what_about(engine, kept)
    with st.expander("Every rule, and what it looked at", icon=":material/rule:"):
        show_rules(kept.decision)


def _show_what_about(engine: Driftline, kept: KeptDecision) -> None:
    decision = kept.decision
    kinds = {"check": "after a check", "clock": "because time passed, or the policy changed", "hand": "by hand"}
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(
            f"Decided {kinds[decision.kind]}, {ago(kept.recorded_at, now())}, by the policy {name(decision.policy)} "
            f"({decision.policy_id}).",
            width="content",
        )
        if decision.check and engine.history.has_check(decision.check):
            st.page_link(
                CHECK_PAGE, label="The check", icon=":material/fact_check:", query_params={"check": decision.check}
            )


def _show_waiting(engine: Driftline, request: KeptRequest) -> None:
    why = engine.decisions.decision(request.decision).decision.sentence if request.decision else ""
    show_waiting(request, why=why, describes=_describes(engine, request))


def _describes(engine: Driftline, request: KeptRequest) -> str:
    """What will happen, in the words of the hook that would act."""
    try:
        asked_for = RetrainRequest.model_validate(request.payload)
        return engine.hooks[asked_for.hook].describe(asked_for)
    except (KeyError, ValueError, NotFound):
        return "The hook that was to act is not set up any more, or what was to be retrained is gone."


def _show_incidents(engine: Driftline, model: str) -> None:
    last = engine.decisions.latest(model)
    told_above = last.decision.check if last and last.decision.outcome == "incident" else None
    for incident in engine.decisions.incidents(model, limit=5):
        if incident.closed_at is None:
            since = f"Open since {ago(incident.opened_at, now())}; the next whole batch ends it."
            if incident.id == told_above:
                st.caption(since)
            else:
                title = "Incident: the feed is broken"
                st.error(f"{escape(incident.sentence)} {since}", icon=":material/build:", title=title)
            with st.container(horizontal=True, vertical_alignment="center"):
                st.page_link(
                    CHECK_PAGE, label="The check", icon=":material/fact_check:", query_params={"check": incident.id}
                )
                st.button(
                    "It is repaired",
                    key=f"close-{incident.id}",
                    icon=":material/task_alt:",
                    type="tertiary",
                    on_click=told(engine.decisions.close_incident),
                    args=(incident.id, "a person"),
                )


def _show_under_way(engine: Driftline, model: str) -> None:
    for job in engine.jobs.jobs("retrain"):
        if job.active and job.payload.get("model") == model:
            st.header("Under way", anchor="under-way")
            st.markdown("The version in use stays in use meanwhile. You may close this page: the work goes on.")
            follow(
                job, partial(engine.jobs.job, job.id), partial(cancel_job, engine.jobs, job.id), key=f"follow-{job.id}"
            )
            show_log(job)


def _show_requests(engine: Driftline, requests: tuple[KeptRequest, ...]) -> None:
    st.header("Requests and jobs", anchor="requests")
    others = [(request, _job(engine, request.id)) for request in requests if request.state != "waiting"]
    if not others:
        st.markdown(
            "Nothing was asked for yet. A request comes from the policy, once it acts, or from **Retrain …** on the "
            "page of a check; each becomes one job, which is followed here."
        )
        return
    show_requests(others, now(), again=lambda job: start_again(engine, job))


def _job(engine: Driftline, request_id: str) -> Job | None:
    try:
        return engine.jobs.job(request_id)
    except NotFound:
        return None


def _show_challenger(engine: Driftline, model: str) -> None:
    """The newest version that is not in use, against the one it challenged."""
    champion = engine.registry.champion(model)
    newest = max(engine.registry.versions(model), key=lambda version: version.number)
    st.header("Challenger against champion", anchor="challenger")
    gate, parent = newest.manifest.gate, newest.manifest.parent
    if newest.number <= champion.number or gate is None or parent is None:
        st.markdown(f"No challenger: version {champion.number} is in use, and no newer one was trained.")
        return
    show_comparison(gate, champion=parent, challenger=newest.number, in_use=champion.number)
    decision = decide_version(engine, newest)
    refused = decision is not None and decision.outcome == "refuse"
    if decision is not None:
        st.caption(f"By the promotion policy as it is now: {sentence(decision.sentence)}")
    label = "See every requirement on the page Models" if refused else "Promote it on the page Models"
    st.page_link(MODELS_PAGE, label=label, icon=":material/fact_check:" if refused else ":material/rocket_launch:")


def _policy_state(engine: Driftline, model: str) -> PolicyInForce:
    return PolicyInForce(
        model=model,
        policy=engine.decisions.policy(model),
        earlier=engine.decisions.policies(model),
        hooks=tuple(engine.hooks),
        alpha=engine.policy.alpha,
    )


def _show_decisions(engine: Driftline, model: str) -> None:
    st.header("Decisions", anchor="decisions")
    shown = st.pills(
        "Only these",
        list(OUTCOMES),
        selection_mode="multi",
        format_func=lambda outcome: f"{outcome_look(outcome).material} {outcome_look(outcome).word}",
        key="outcomes",
        label_visibility="collapsed",
    )
    lines = engine.decisions.decisions(model, outcomes=tuple(shown or ()), limit=DECISIONS_SHOWN + 1)
    if not lines:
        st.markdown("None yet." if not shown else "None of these.")
        return
    show_decisions(lines[:DECISIONS_SHOWN], now())
    if len(lines) > DECISIONS_SHOWN:
        st.caption(
            f"The last {DECISIONS_SHOWN}. `python -m monitoring decisions list --all` prints all, "
            "`decisions replay` decides them again from what was kept."
        )


def _show_one(engine: Driftline, decision_id: str) -> None:
    """One decision with all that it rests on; the address is its permanent link."""
    try:
        kept = engine.decisions.decision(decision_id)
    except NotFound as error:
        st.warning(escape(str(error)), icon=":material/search_off:", title="Not found")
        st.button("All decisions", icon=":material/arrow_back:", on_click=_leave)
        return
    st.title("A decision about retraining", anchor=False)
    show_notices()
    show_answer(kept)
    _show_what_about(engine, kept)
    show_rules(kept.decision)
    st.header("What it rests on", anchor="evidence")
    st.markdown(
        f"{counted(len(kept.evidence.batches), 'batch', 'batches')} of version {kept.evidence.champion.version}, "
        f"{requests_words(kept.evidence.asked)}, and the policy as it was. "
        "They are kept with the decision: anybody can decide again from them."
    )
    with st.container(horizontal=True):
        st.button("Decide again", icon=":material/replay:", on_click=told(_replay), args=(engine, decision_id))
        st.download_button(
            "Download what it rests on",
            data=kept.evidence.model_dump_json(indent=2),
            file_name=f"{decision_id}.json",
            mime="application/json",
            icon=":material/download:",
            on_click="ignore",
        )
        st.button("All decisions", icon=":material/arrow_back:", type="tertiary", on_click=_leave)


def _replay(engine: Driftline, decision_id: str) -> None:
    keep_note(replay(engine.decisions.decision(decision_id)).sentence)


def _leave() -> None:
    st.query_params.clear()


def _hook_state(engine: Driftline, model: str, hook: str) -> HookState:
    tried = last_try(engine, model, hook)
    job_id = tried.id if tried else ""
    return HookState(
        name=hook,
        problems=engine.hooks[hook].validate(),
        tried=tried,
        try_out=partial(request_try, engine, model, hook),
        read=partial(engine.jobs.job, job_id),
        cancel=partial(cancel_job, engine.jobs, job_id),
    )


def _ask(engine: Driftline, state: PolicyInForce, waiting: list[KeptRequest]) -> None:
    """The dialog that a button asked for."""
    if asked(SWITCH):
        confirm(switch_question(state.policy), lambda reason: _switch(engine, state, reason))
    elif asked(PUT) and (policy := written_policy()) is not None:
        confirm(put_question(policy), lambda reason: _put(engine, state.model, policy, reason))
    for request in waiting:
        if asked(f"approve-{request.id}"):
            confirm(approve_question(request), _answering(engine, request, approve=True))
        elif asked(f"refuse-{request.id}"):
            confirm(refuse_question(request), _answering(engine, request, approve=False))


def _switch(engine: Driftline, state: PolicyInForce, reason: str) -> None:
    changed = state.policy.model_copy(update={"dry_run": not state.policy.dry_run})
    _put(engine, state.model, changed, reason)


def _put(engine: Driftline, model: str, policy: RetrainPolicy, reason: str) -> None:
    with telling():
        put_in_force(engine, model, policy, reason=reason)
        keep_news(f"{policy.name} decides from now on.")


def _answering(engine: Driftline, request: KeptRequest, *, approve: bool) -> Callable[[str], None]:
    def answer(reason: str) -> None:
        with telling():
            answer_request(engine, request.id, approve=approve, reason=reason)
            keep_news("Approved: the retraining starts." if approve else "Refused. Nothing is trained.")

    return answer


if __name__ == "__main__":
    show_page()
