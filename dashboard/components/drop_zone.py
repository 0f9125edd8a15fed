"""Where files are dropped. What was dropped is handed over at once and let go of: the page keeps no copy."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

import streamlit as st
from streamlit.runtime import get_instance
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.scriptrunner import get_script_run_ctx

_ROUND = "drop_zone.round"


@dataclass(frozen=True, slots=True)
class Dropped:
    """A file as it was dropped: its name, which is the person's text, and its bytes."""

    name: str
    content: bytes


def show_drop_zones(on_rows: Callable[[Dropped, Dropped | None], object], *, id_column: str, target: str) -> None:
    """A zone for rows, which starts a check, and one for outcomes, which waits for them."""
    left, right = st.columns(2)
    with right:
        labels_key = _key("labels")
        st.file_uploader(
            "Outcomes, if you know them",
            key=labels_key,
            help=f"A file with the columns {id_column} and {target} (0 or 1). Drop it before the rows, or later on the "
            "page of the check.",
        )
    with left:
        rows_key = _key("rows")
        st.file_uploader(
            "Production rows (CSV, Excel, Parquet, JSON …)",
            key=rows_key,
            on_change=_take_rows,
            args=(rows_key, labels_key, on_rows),
            help="The check starts as soon as the file is here. It needs the columns of the template.",
        )


def show_labels_zone(on_labels: Callable[[Dropped], object], *, label: str, help_text: str) -> None:
    """A zone for outcomes that came after the check."""
    key = _key("late-labels")
    st.file_uploader(label, key=key, on_change=_take_labels, args=(key, on_labels), help=help_text)


def _key(name: str) -> str:
    """A widget with a new key is an empty widget."""
    return f"{name}-{st.session_state.get(_ROUND, 0)}"


def _take_rows(rows_key: str, labels_key: str, on_rows: Callable[[Dropped, Dropped | None], object]) -> None:
    rows = _dropped(rows_key)
    if rows is None:
        return
    labels = _dropped(labels_key)
    _let_go(rows_key, labels_key)
    on_rows(rows, labels)


def _take_labels(key: str, on_labels: Callable[[Dropped], object]) -> None:
    labels = _dropped(key)
    if labels is not None:
        _let_go(key)
        on_labels(labels)


def _dropped(key: str) -> Dropped | None:
    file = st.session_state.get(key)
    return None if file is None else Dropped(file.name, file.getvalue())


def _let_go(*keys: str) -> None:
    """Have Streamlit forget the bytes now instead of at the end of the session, and empty the zones.

    The first is done through its internals: where they have changed, the memory is freed later, and nothing else.
    """
    context = get_script_run_ctx()
    for key in keys:
        file = st.session_state.get(key)
        if file is not None and context is not None:
            with suppress(AttributeError, KeyError, RuntimeError):
                manager = get_instance().uploaded_file_mgr
                if isinstance(manager, MemoryUploadedFileManager):
                    manager.remove_file(session_id=context.session_id, file_id=file.file_id)
    st.session_state[_ROUND] = st.session_state.get(_ROUND, 0) + 1
