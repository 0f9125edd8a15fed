"""What lies in the data folder, how long it is kept, and deleting of it with a preview and a question."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Final, Literal

import pandas as pd
import streamlit as st

from dashboard.components.confirm import Question, ask, asked, confirm
from dashboard.components.grid import show_grid
from dashboard.components.notices import keep_news, telling, told
from dashboard.wording.escape import escape, name, shorten
from dashboard.wording.quantities import counted
from dashboard.wording.settings import (
    CHOICES,
    KEPT_WORDS,
    deletion_sentence,
    due_sentence,
    kept_for,
    size,
    storage_rows,
)
from monitoring.history.records import CheckSummary
from monitoring.history.retention import KINDS, VARIABLES, Kind, Retention
from monitoring.workflows.retention import Deletion, StorageLine

DELETE: Final = "delete-uploads"
LISTED: Final = 200
What = Literal["age", "check", "all"]
WHATS: Final[dict[What, str]] = {"age": "by age", "check": "of one check", "all": "all uploads"}


def show_storage(lines: Sequence[StorageLine], folder: str) -> None:
    """The content of the data folder by kind."""
    total = sum(line.size for line in lines)
    st.markdown(f"Everything that is kept lies in `{folder.replace('`', '')}`: {size(total)}.")
    show_grid(
        pd.DataFrame(storage_rows(lines)),
        column_order=["What", "Files", "Size", "Bytes", "What it is"],
        column_config={
            "Files": st.column_config.NumberColumn(format="localized", width=70),
            "Size": st.column_config.TextColumn(width=90),
            "Bytes": st.column_config.NumberColumn(format="localized", width=110, help="To sort by."),
            "What it is": st.column_config.TextColumn(width=520),
        },
        alt="Content of the data folder: "
        + ", ".join(f"{row['What']} {row['Size']}" for row in storage_rows(lines))
        + ".",
    )


def show_retention(
    in_force: Retention,
    said: Sequence[Kind],
    due: Callable[[Kind, int | None], tuple[int, int]],
    keep: Callable[[Kind, int | None], object],
) -> None:
    """How long each kind is kept, to be changed unless the environment decides it.

    Args:
        in_force: what holds now.
        said: kinds that the environment decides.
        due: what the next sweep would take.
        keep: sets it.
    """
    with st.grid(2, min_column_width=320, gap="small"):
        for kind in KINDS:
            with st.container(border=True, height="stretch"):
                _show_kind(kind, in_force.days(kind), kind in said, due, keep)
    st.caption("Old files are deleted when Driftline starts and once a day. A file that a running job reads is left.")


def _show_kind(
    kind: Kind,
    now: int | None,
    decided: bool,
    due: Callable[[Kind, int | None], tuple[int, int]],
    keep: Callable[[Kind, int | None], object],
) -> None:
    title, meaning = KEPT_WORDS[kind]
    options = sorted({*CHOICES, now}, key=lambda days: (days is not None, days or 0))
    chosen = st.selectbox(
        f"{title}: keep",
        options,
        index=options.index(now),
        format_func=kept_for,
        disabled=decided,
        key=f"keep-{kind}-{now}",
    )
    if decided:
        st.markdown(f":gray-badge[:material/terminal: set by {VARIABLES[kind]}]")
        st.caption(f"{meaning} Change it in the environment, then start Driftline again.")
        return
    where = "set here" if now is not None else "the default; nothing is deleted by itself"
    st.markdown(f":gray-badge[:material/tune: {where}]")
    st.caption(meaning)
    if chosen != now:
        if chosen is not None:
            st.markdown(due_sentence(kind, *due(kind, chosen)))
        st.button(
            f"Keep {kept_for(chosen)} from now on",
            key=f"keep-{kind}",
            type="primary",
            icon=":material/save:",
            on_click=told(lambda: _keep(kind, chosen, keep)),
        )


def _keep(kind: Kind, days: int | None, keep: Callable[[Kind, int | None], object]) -> None:
    keep(kind, days)
    keep_news(f"{KEPT_WORDS[kind][0]} are kept {kept_for(days)} from now on.")


def show_deleting(
    checks: Sequence[CheckSummary],
    plan: Callable[[timedelta | None, str | None], Deletion],
    delete: Callable[[Deletion], int],
) -> None:
    """Choose what goes, see it, answer one question.

    Args:
        checks: to choose from.
        plan: what would go, by age or by check.
        delete: does it, returns how many files went.
    """
    what = st.segmented_control(
        "Delete uploads",
        list(WHATS),
        default="age",
        required=True,
        format_func=lambda one: WHATS[one],
        key="delete-what",
    )
    deletion = _planned(what or "age", checks, plan)
    if deletion is None:
        st.markdown("Nothing checked yet, so that there is no check to choose.")
        return
    st.markdown(escape(deletion_sentence(deletion)))
    if not deletion.files:
        return
    _show_files(deletion)
    st.button(
        f"Delete {counted(len(deletion.files), 'file')} …",
        key="delete-files",
        icon=":material/delete:",
        on_click=ask,
        args=(DELETE,),
    )
    if asked(DELETE):
        confirm(_question(deletion), lambda _: _delete(deletion, delete))


def _planned(
    what: What, checks: Sequence[CheckSummary], plan: Callable[[timedelta | None, str | None], Deletion]
) -> Deletion | None:
    if what == "all":
        return plan(None, None)
    if what == "age":
        days = st.number_input("Older than (days)", min_value=0, max_value=36_500, value=90, step=1, key="delete-days")
        return plan(timedelta(days=int(days)), None)
    if not checks:
        return None
    names = {check.id: f"{shorten(check.file_name, 40)} ({check.created_at:%d %b %Y %H:%M})" for check in checks}
    check = st.selectbox("Check", list(names), format_func=lambda one: names[one], key="delete-check")
    return plan(None, check)


def _show_files(deletion: Deletion) -> None:
    shown = deletion.files[:LISTED]
    show_grid(
        pd.DataFrame(
            {
                "File": [", ".join(file.names) or "(belongs to no check)" for file in shown],
                "Came": [file.came for file in shown],
                "Bytes": [file.size for file in shown],
                "Checks": [len(file.checks) for file in shown],
                "SHA-256": [file.sha[:16] for file in shown],
            }
        ),
        column_config={
            "Came": st.column_config.DatetimeColumn(format="YYYY-MM-DD HH:mm"),
            "Bytes": st.column_config.NumberColumn(format="localized"),
        },
        alt=f"{counted(len(deletion.files), 'file')} that would be deleted.",
    )
    if len(deletion.files) > len(shown):
        st.caption(f"The oldest {len(shown)} of {counted(len(deletion.files), 'file')}.")


def _question(deletion: Deletion) -> Question:
    first = ", ".join(name(file.names[0]) for file in deletion.files[:3] if file.names)
    more = " and others" if len(deletion.files) > 3 else ""
    named = f" ({first}{more})" if first else ""
    checks = f"{counted(deletion.checks, 'check')} {'loses its' if deletion.checks == 1 else 'lose their'} rows."
    return Question(
        title="Delete these files?",
        body=f"{counted(len(deletion.files), 'file')}{named}, {size(deletion.size)}, are removed for good, with the "
        f"example rows and Evidently pages made of them. {checks} {KEPT_WORDS['uploads'][1]}",
        action="Delete them",
        icon=":material/delete:",
    )


def _delete(deletion: Deletion, delete: Callable[[Deletion], int]) -> None:
    with telling():
        keep_news(f"{counted(delete(deletion), 'file')} deleted.")
