"""Where files are dropped. What was dropped is handed over at once and let go of: the page keeps no copy."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import streamlit as st
from streamlit.runtime.uploaded_file_manager import DeletedFile, UploadedFile

from dashboard.arrivals import ARRIVALS, TICKET, Arrival
from monitoring.history.uploads import Uploads

_ROUND = "drop_zone.round"


@dataclass(frozen=True, slots=True)
class Dropped:
    """A file as it was dropped: its name, which is the person's text, and where its content is."""

    name: str
    content: bytes | Arrival

    def keep(self, uploads: Uploads) -> str:
        """Put it among the uploads. Returns its SHA-256. Raises StoreFailed when there is no room for it."""
        return uploads.save(self.content) if isinstance(self.content, bytes) else self.content.keep()

    def discard(self) -> None:
        """Remove it, unless it is kept."""
        if isinstance(self.content, Arrival):
            self.content.discard()


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
    labels = _dropped(labels_key) or _lost(labels_key)
    _empty_zones()
    try:
        on_rows(rows, labels)
    finally:
        rows.discard()
        if labels is not None:
            labels.discard()


def _take_labels(key: str, on_labels: Callable[[Dropped], object]) -> None:
    labels = _dropped(key)
    if labels is None:
        return
    _empty_zones()
    try:
        on_labels(labels)
    finally:
        labels.discard()


def _dropped(key: str) -> Dropped | None:
    """What lies in a zone: the file that its ticket stands for. None when it is empty, or was just emptied."""
    file = st.session_state.get(key)
    if not isinstance(file, UploadedFile):
        return None
    content = file.getvalue()
    if not content.startswith(TICKET):
        return Dropped(file.name, content)  # it did not come over HTTP: a test of the page alone
    gone = Arrival("", "", None, f"{file.name} is no longer here: drop it again.")
    return Dropped(file.name, ARRIVALS.take(content) or gone)


def _lost(key: str) -> Dropped | None:
    """A file that a zone still shows and that is no longer here, because the server was started anew meanwhile."""
    if not isinstance(st.session_state.get(key), DeletedFile):
        return None
    return Dropped("", Arrival("", "", None, "The outcomes are no longer here: drop them again, then the rows."))


def _empty_zones() -> None:
    st.session_state[_ROUND] = st.session_state.get(_ROUND, 0) + 1
