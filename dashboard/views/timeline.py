"""The history: every check, how the columns moved from check to check, predicted against realised."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final, Literal

import streamlit as st

from dashboard.charts.frame import CONFIG
from dashboard.charts.timeline import effects, rates, say_effects, say_rates, say_verdicts, slots, verdicts
from dashboard.components.check_list import CHECK_PAGE, show_checks
from dashboard.components.confirm import ask, asked, confirm, delete_question
from dashboard.components.notices import show_notices
from dashboard.parts import colours, driftline
from dashboard.views.starting import forget_check
from dashboard.wording.quantities import counted
from dashboard.wording.verdicts import VERDICTS, verdict_look
from monitoring.history.records import CheckSummary
from monitoring.workflows.parts import Driftline

SLOTS_SHOWN: Final = 36
LISTED: Final = 30
Order = Literal["data", "check"]
ORDERS: Final[dict[Order, str]] = {"data": "by the time of the data", "check": "by the time of the check"}


def show_page() -> None:
    """All checks of one model, as charts and as a list."""
    engine = driftline()
    st.title("History")
    show_notices()
    models = engine.registry.models()
    model = models[0] if len(models) == 1 else st.selectbox("Model", models, key="model", persist_state="session")
    checks = engine.history.checks(model)
    if not checks:
        _show_nothing()
        return
    order = st.segmented_control(
        "Order", list(ORDERS), default="data", required=True, format_func=lambda one: ORDERS[one], key="order"
    )
    _show_charts(in_order(checks, order or "data")[-SLOTS_SHOWN:])
    _show_list(engine, checks)


def in_order(checks: Sequence[CheckSummary], order: Order) -> list[CheckSummary]:
    """Oldest first: by the last day of the rows, those without one at the end; or by when they were checked.

    Checks of the same days stand together, one version after the other.
    """
    if order == "check":
        return sorted(checks, key=lambda check: check.created_at)
    return sorted(checks, key=_by_data)


def _by_data(check: CheckSummary) -> tuple[bool, str, int, datetime]:
    return check.last_time is None, (check.last_time or "")[:10], check.version, check.created_at


def _show_nothing() -> None:
    st.markdown(
        "Nothing checked yet. Every check appears here: its verdict, what moved, and how good the predictions turned "
        "out to be. The sample **The year so far** fills this page within a minute."
    )
    st.page_link(CHECK_PAGE, label="Check some rows", icon=":material/fact_check:")


def _show_charts(checks: Sequence[CheckSummary]) -> None:
    st.header("Verdicts")
    st.plotly_chart(verdicts(checks, colours()), key="verdicts", config=CONFIG, alt=say_verdicts(checks))
    st.header("How far each column moved")
    st.plotly_chart(effects(checks, colours()), key="effects", config=CONFIG, alt=say_effects(checks))
    st.caption("The stronger the colour, the further: from 0, as in the reference, to 1, nothing in common. ▲: drift.")
    st.header("Predicted and happened")
    st.plotly_chart(rates(checks, colours()), key="rates", config=CONFIG, alt=say_rates(checks))
    if any(slot.new_version for slot in slots(checks)):
        st.caption("A dotted line across a chart: from there on another version scores.")


def _show_list(engine: Driftline, checks: Sequence[CheckSummary]) -> None:
    st.header("All checks")
    shown = st.pills(
        "Only these verdicts",
        [verdict for verdict in VERDICTS if any(check.verdict == verdict for check in checks)],
        selection_mode="multi",
        format_func=lambda verdict: f"{verdict_look(verdict).material} {verdict_look(verdict).word}",
        key="only",
    )
    kept = [check for check in checks if not shown or check.verdict in shown]
    pages = max(1, -(-len(kept) // LISTED))
    page = st.pagination(pages, key="page") if pages > 1 else 1
    show_checks(kept[(page - 1) * LISTED : page * LISTED], actions=_delete_button)
    if pages > 1:
        st.caption(f"{counted(len(kept), 'check')} in all, newest first.")
    _ask_to_delete(engine, checks)


def _delete_button(check: CheckSummary) -> None:
    st.button(
        "Delete",
        key=f"delete-{check.id}",
        icon=":material/delete:",
        type="tertiary",
        on_click=ask,
        args=(f"delete-{check.id}",),
        help="Delete this check, its report and its upload",
    )


def _ask_to_delete(engine: Driftline, checks: Sequence[CheckSummary]) -> None:
    check = next((check for check in checks if asked(f"delete-{check.id}")), None)
    if check is not None:
        confirm(delete_question(check.file_name), lambda _: forget_check(engine, check.id, check.file_name))


if __name__ == "__main__":
    show_page()
