"""All checks below the time line: filtered, sorted, in pages, each with a way to delete it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import streamlit as st

from dashboard.components.check_list import show_checks
from dashboard.components.confirm import ask, asked, confirm, delete_question
from dashboard.components.notices import keep_news, telling
from dashboard.wording.quantities import counted
from dashboard.wording.verdicts import VERDICTS, verdict_look
from monitoring.history.records import CheckSummary
from monitoring.workflows.delete import delete_check
from monitoring.workflows.parts import Driftline

LISTED: Final = 30
SORTS: Final = {
    "newest": "newest check first",
    "oldest": "oldest check first",
    "data": "latest data first",
    "rows": "most rows first",
    "moved": "moved most first",
}


def show_list(engine: Driftline, checks: Sequence[CheckSummary]) -> None:
    """The checks that the person's choices leave, page by page."""
    st.header("All checks", anchor="checks")
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        shown = st.pills(
            "Only these verdicts",
            [verdict for verdict in VERDICTS if any(check.verdict == verdict for check in checks)],
            selection_mode="multi",
            format_func=lambda verdict: f"{verdict_look(verdict).material} {verdict_look(verdict).word}",
            key="only",
        )
        part = st.text_input("File name holds", key="holds", width=180)
        order = st.selectbox("Order", list(SORTS), format_func=lambda one: SORTS[one], key="sort", width=200)
    kept = [
        check
        for check in _sorted(checks, order)
        if (not shown or check.verdict in shown) and part.strip().casefold() in check.file_name.casefold()
    ]
    pages = max(1, -(-len(kept) // LISTED))
    page = st.pagination(pages, key="page") if pages > 1 else 1
    if kept:
        show_checks(kept[(page - 1) * LISTED : page * LISTED], actions=_delete_button)
    else:
        st.markdown("No check has these verdicts and this name.")
    if pages > 1:
        st.caption(f"{counted(len(kept), 'check')} in all, {SORTS[order]}.")
    _ask_to_delete(engine, checks)


def _sorted(checks: Sequence[CheckSummary], order: str) -> list[CheckSummary]:
    newest = sorted(checks, key=lambda check: (check.created_at, check.id), reverse=True)
    if order == "oldest":
        return newest[::-1]
    if order == "data":
        return sorted(newest, key=lambda check: check.last_time or "", reverse=True)
    if order == "rows":
        return sorted(newest, key=lambda check: -check.rows)
    return sorted(newest, key=lambda check: -max(check.effects.values(), default=0.0)) if order == "moved" else newest


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
        confirm(delete_question(check.file_name), lambda _: _delete(engine, check))


def _delete(engine: Driftline, check: CheckSummary) -> None:
    """Delete a check and stay here."""
    with telling():
        delete_check(engine, check.id)
        keep_news(f"{check.file_name} is deleted, with its upload and its report.")
