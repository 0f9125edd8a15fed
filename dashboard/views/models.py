"""The versions of a model: which is in use, what each was trained on, how they compare; promote, roll back; jobs."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from dashboard.components.comparison import show_comparison
from dashboard.components.confirm import ask, asked, confirm
from dashboard.components.job_list import show_jobs
from dashboard.components.notices import show_notices, told
from dashboard.components.retrain_panel import ROLL_BACK, promote_question, roll_back_question
from dashboard.parts import driftline, now
from dashboard.views.retraining import bring_back, put_into_use
from dashboard.views.starting import start_again
from dashboard.wording.escape import escape, name
from dashboard.wording.quantities import ago
from dashboard.wording.versions import column_list, details, gate_line, trained_on
from monitoring.registry.version import Version
from monitoring.switch import Switch
from monitoring.workflows.jobs import cancel_job
from monitoring.workflows.parts import Driftline

JOBS_SHOWN = 20


def show_page() -> None:
    """Versions, switches and jobs."""
    engine = driftline()
    st.title("Models")
    show_notices()
    models = engine.registry.models()
    model = models[0] if len(models) == 1 else st.selectbox("Model", models, key="model", persist_state="session")
    versions, champion = engine.registry.versions(model), engine.registry.champion(model)
    _show_versions(model, versions, champion, can_roll_back=_can_roll_back(engine, model))
    for number, sentence in engine.registry.damaged(model).items():
        st.error(escape(sentence), icon=":material/broken_image:", title=f"Version {number}")
    _show_switches(engine.history.switches(model))
    st.header("Jobs")
    show_jobs(
        engine.jobs.jobs(limit=JOBS_SHOWN),
        again=lambda job: start_again(engine, job),
        cancel=lambda job: cancel_job(engine.jobs, job.id),
    )
    _ask(engine, model, versions, champion)


def _show_versions(model: str, versions: Sequence[Version], champion: Version, *, can_roll_back: bool) -> None:
    st.header(f"Versions of {name(model)}")
    for version in reversed(versions):
        in_use = version.number == champion.number
        with st.container(border=True):
            with st.container(horizontal=True, vertical_alignment="center"):
                st.markdown(f"**Version {version.number}** {_badge(in_use=in_use)}", width=230)
                st.caption(f"{trained_on(version.manifest)} · {gate_line(version.manifest.gate)}", width="stretch")
                if in_use and can_roll_back:
                    st.button("Roll back …", key="roll-back", icon=":material/undo:", on_click=ask, args=(ROLL_BACK,))
                elif not in_use:
                    st.button(
                        "Promote …",
                        key=f"promote-{version.number}",
                        icon=":material/rocket_launch:",
                        on_click=ask,
                        args=(f"promote-{version.number}",),
                    )
            with st.expander(f"About version {version.number}", icon=":material/description:"):
                _show_details(version)


def _show_details(version: Version) -> None:
    manifest = version.manifest
    if manifest.gate is not None and manifest.parent is not None:
        show_comparison(manifest.gate, champion=manifest.parent, challenger=version.number)
    st.table(
        details(version.contract, manifest),
        border="horizontal",
        hide_header=True,
        alt=f"Facts: version {version.number}",
    )
    st.dataframe(column_list(version.contract), hide_index=True, alt="Columns of a file for this version")


def _badge(*, in_use: bool) -> str:
    return ":green-badge[:material/check_circle: in use]" if in_use else ":gray-badge[kept]"


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
