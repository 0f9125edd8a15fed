"""The versions of a model: which is in use, how it does, where each comes from; promote, roll back, jobs."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from dashboard.components.comparison import show_comparison
from dashboard.components.confirm import ask, asked, confirm
from dashboard.components.gate_table import show_gate_table
from dashboard.components.grid import show_grid
from dashboard.components.job_list import show_jobs
from dashboard.components.notices import keep_note, show_notices, telling, told
from dashboard.components.retrain_panel import ROLL_BACK, promote_question, roll_back_question
from dashboard.components.watch_panel import show_watch
from dashboard.pages import CHECK_PAGE, COLUMN_PAGE, RETRAINING_PAGE, TIMELINE_PAGE
from dashboard.parts import driftline, now
from dashboard.views.retraining import bring_back, put_into_use
from dashboard.views.starting import start_again
from dashboard.wording.escape import escape, name, sentence
from dashboard.wording.gate_table import OUTCOMES, data_words
from dashboard.wording.quantities import ago
from dashboard.wording.versions import column_list, details, gate_line, trained_on
from monitoring.history.records import Job
from monitoring.policy.promotion_decision import PromotionDecision
from monitoring.registry.lineage import list_lineage
from monitoring.registry.version import Version
from monitoring.switch import Switch
from monitoring.workflows.jobs import cancel_job
from monitoring.workflows.parts import Driftline
from monitoring.workflows.promote import decide_version
from monitoring.workflows.watch import keep_watch, watched_version

JOBS_SHOWN = 20


def show_page() -> None:
    """Versions, switches and jobs."""
    engine = driftline()
    st.title("Models")
    show_notices()
    models = engine.registry.models()
    model = models[0] if len(models) == 1 else st.selectbox("Model", models, key="model", persist_state="session")
    versions, champion = engine.registry.versions(model), engine.registry.champion(model)
    _show_watch(engine, model)
    _show_versions(engine, model, versions, champion)
    for number, problem in engine.registry.damaged(model).items():
        st.error(escape(problem), icon=":material/broken_image:", title=f"Version {number}")
    _show_switches(engine.history.switches(model))
    st.header("Jobs")
    show_jobs(
        engine.jobs.jobs(limit=JOBS_SHOWN),
        lambda: engine.jobs.jobs(limit=JOBS_SHOWN),
        again=lambda job: _start_again(engine, job),
        cancel=lambda job: cancel_job(engine.jobs, job.id),
        show_title=_link,
    )
    _ask(engine, model, versions, champion)


def _start_again(engine: Driftline, job: Job) -> None:
    start_again(engine, job)
    st.query_params.clear()  # it names a check for the page of checks


def _link(job: Job, title: str) -> None:
    """What a job is, as the way to where it is seen at work, and to what it made."""
    page, address = _place(job)
    st.page_link(page, label=title, query_params=address)


def _place(job: Job) -> tuple[str, dict[str, str]]:
    asked = job.payload
    if job.kind == "check":
        return CHECK_PAGE, {"check": job.id}
    if job.kind == "report":
        return CHECK_PAGE, {"check": str(asked["check"])}
    if job.kind == "column":
        return COLUMN_PAGE, {"check": str(asked["check"]), "column": str(asked["column"])}
    if job.kind == "windows":
        return TIMELINE_PAGE, {
            "model": str(asked["model"]),
            "view": str(asked["step"]),
            "version": str(asked["version"]),
        }
    if job.kind == "year":
        return CHECK_PAGE, {"job": job.id}  # its progress; the time line once it is done
    return RETRAINING_PAGE, {}


def _show_watch(engine: Driftline, model: str) -> None:
    """How the version in use does since it was put into use instead of another."""
    watched = watched_version(engine, model)
    if watched is not None and (watched.verdict.planned or watched.watch.batches):
        show_watch(watched, compare=lambda: _compare(engine, model), roll_back=lambda: ask(ROLL_BACK))


def _compare(engine: Driftline, model: str) -> None:
    with telling():
        before = engine.registry.champion(model).number
        keep_watch(engine, model)
        if (after := engine.registry.champion(model).number) != before:
            keep_note(f"Version {before} was worse than version {after}, which is back in use by the promotion policy.")


def _show_versions(engine: Driftline, model: str, versions: Sequence[Version], champion: Version) -> None:
    st.header(f"Versions of {name(model)}")
    if len(versions) == 1:
        st.caption(
            "One version so far. Retrain from a check, or let a policy do it on the page Retraining: each new version "
            "is registered here with its comparison."
        )
    switched = {switch.version for switch in engine.registry.switches(model)}
    for version in reversed(versions):
        in_use = version.number == champion.number
        decision = decide_version(engine, version)
        with st.container(border=True):
            with st.container(horizontal=True, vertical_alignment="center"):
                was = version.number in switched
                st.markdown(f"**Version {version.number}** {_badge(version, champion, decision, was=was)}", width=230)
                st.caption(f"{trained_on(version.manifest)} · {gate_line(version.manifest.gate)}", width="stretch")
                if in_use and _can_roll_back(engine, model):
                    st.button("Roll back …", key="roll-back", icon=":material/undo:", on_click=ask, args=(ROLL_BACK,))
                elif not in_use:
                    _show_promote_button(version, champion, decision)
            if decision is not None and not in_use and version.manifest.parent == champion.number:
                st.caption(sentence(decision.sentence))
            with st.expander(f"About version {version.number}", icon=":material/description:"):
                _show_details(engine, version, decision, in_use=champion.number)


def _show_promote_button(version: Version, champion: Version, decision: PromotionDecision | None) -> None:
    """Promote is always possible: the person may know more. It stands out where the policy waits for a person."""
    waits = decision is not None and decision.outcome != "refuse" and version.manifest.parent == champion.number
    st.button(
        "Promote …",
        key=f"promote-{version.number}",
        icon=":material/rocket_launch:",
        type="primary" if waits else "secondary",
        on_click=ask,
        args=(f"promote-{version.number}",),
    )


def _show_details(engine: Driftline, version: Version, decision: PromotionDecision | None, *, in_use: int) -> None:
    manifest = version.manifest
    if manifest.gate is not None and manifest.parent is not None:
        show_comparison(manifest.gate, champion=manifest.parent, challenger=version.number, in_use=in_use)
        show_gate_table(manifest.gate, decision, champion=manifest.parent, challenger=version.number)
    line = " ← ".join(str(one.number) for one in list_lineage(engine.registry, version))
    st.table(
        {**details(version.contract, manifest), "Lineage": line, "Trained with": data_words(manifest.data)},
        border="horizontal",
        hide_header=True,
        alt=f"Facts: version {version.number}",
    )
    show_grid(pd.DataFrame(column_list(version.contract)), alt="Columns of a file for this version")


def _badge(version: Version, champion: Version, decision: PromotionDecision | None, *, was: bool) -> str:
    if version.number == champion.number:
        return ":green-badge[:material/check_circle: in use]"
    if decision is None or was or version.manifest.parent != champion.number:
        return ":gray-badge[kept]"
    look = OUTCOMES[decision.outcome]
    return f":{look.colour}-badge[{look.material} {look.word.lower()}]"


def _can_roll_back(engine: Driftline, model: str) -> bool:
    """Whether more promotions than roll-backs have been made: each roll-back takes one back."""
    kinds = [switch.kind for switch in engine.registry.switches(model)]
    return kinds.count("promote") > kinds.count("roll_back")


def _show_switches(switches: Sequence[Switch]) -> None:
    st.header("Changes of the version in use")
    if not switches:
        st.markdown("The packaged version has been in use from the start.")
        return
    for switch in switches:
        verb = "promoted" if switch.kind == "promote" else "brought back"
        before = f" instead of version {switch.previous}" if switch.previous else ""
        reason = f" — {escape(switch.reason)}" if switch.reason else ""
        st.markdown(f"**Version {switch.version}** {verb}{before}, {ago(switch.at, now())}{reason}")


def _ask(engine: Driftline, model: str, versions: Sequence[Version], champion: Version) -> None:
    if asked(ROLL_BACK):
        confirm(roll_back_question(model, champion.number), lambda reason: bring_back(engine, model, reason))
    for version in versions:
        if asked(f"promote-{version.number}"):
            question = promote_question(model, version.number, champion.number)
            confirm(question, told(lambda reason, number=version.number: put_into_use(engine, model, number, reason)))


if __name__ == "__main__":
    show_page()
