"""The start: what this is, where to drop rows, samples to try, the model in use, the last checks."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st

from dashboard.components.ahead import load_ahead
from dashboard.components.check_list import show_checks, show_last
from dashboard.components.drop_zone import show_drop_zones
from dashboard.components.model_card import show_model_card
from dashboard.components.notices import show_notices, told
from dashboard.views.reading import show_remembered
from dashboard.views.starting import check_sample
from dashboard.wording.escape import escape, name
from monitoring.registry.version import Version
from monitoring.tables.export import template_xlsx, write_template
from monitoring.workflows.parts import Driftline
from monitoring.workflows.samples import Sample, list_samples

RECENT = 6


def show_home(engine: Driftline, tell: Callable[[], None] = lambda: None) -> None:
    """The page without a result in its address. `tell` says, below the title, what became of what was in it."""
    st.title("Does your production data still look like the training data?")
    show_notices()
    tell()
    model = _choose_model(engine.registry.models())
    if model is None:
        return
    champion = engine.registry.champion(model)
    checks = engine.history.checks(model, limit=RECENT)
    if checks:
        show_last(checks[0])
    left, right = st.columns([5, 3], gap="medium")
    with left:
        _show_start(engine, champion)
    with right:
        contract = champion.contract
        show_model_card(
            champion,
            template=write_template(contract),
            workbook=lambda: template_xlsx(contract),
        )
    st.header("Recent checks")
    show_checks(checks)
    load_ahead()


def _choose_model(models: Sequence[str]) -> str | None:
    if not models:
        st.info("There is no model yet. Driftline comes with one in the folder models; it is not there.")
        return None
    if len(models) == 1:
        return models[0]
    return st.selectbox("Model", models, key="model", persist_state="session")


def _show_start(engine: Driftline, champion: Version) -> None:
    contract = champion.contract
    st.markdown(
        f"Drop recent rows. **{name(champion.model)}** scores them, every input and the predictions are compared with "
        "the data it was trained on, and you get one verdict, the columns that moved, and a Retrain button."
    )
    with st.container(border=True):
        show_drop_zones(
            champion.model,
            id_column=escape(contract.id or "id"),
            target=escape(contract.target.name),
        )
        show_remembered(engine, champion.model)
        samples = list_samples(engine, champion.model)
        if samples:
            st.caption("No file at hand? Try one of ours:")
            _show_samples(engine, champion.model, samples)


def _show_samples(engine: Driftline, model: str, samples: Sequence[Sample]) -> None:
    with st.container(horizontal=True, gap="xsmall"):
        for sample in samples:
            st.button(
                escape(sample.title),
                key=f"sample-{sample.key}",
                icon=":material/timeline:" if sample.kind == "year" else ":material/play_arrow:",
                help=escape(f"{sample.description}. {sample.expected_story}"),
                on_click=told(check_sample),
                args=(engine, model, sample.key),
            )
        with st.popover("What are they?", icon=":material/help:", type="tertiary"):
            for sample in samples:
                story = f" :small[{escape(sample.expected_story)}]" if sample.expected_story else ""
                st.markdown(f"**{escape(sample.title)}.** {escape(sample.description)}.{story}")
