"""Where files are dropped. What was dropped is handed over at once and let go of: the page keeps no copy."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import streamlit as st
from streamlit.runtime.uploaded_file_manager import DeletedFile, UploadedFile

from dashboard.arrivals import ARRIVALS, TICKET, Arrival
from monitoring.history.uploads import Uploads

_ROUND = "drop_zone.round"
_DROP = "drop_zone.drop"


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


@dataclass(frozen=True, slots=True)
class Drop:
    """What was dropped on the start page, to be taken by the run that follows.

    Attributes:
        rows: the rows.
        labels: outcomes that lay there when they came, None without any.
        model: whose rows they are.
    """

    rows: Dropped
    labels: Dropped | None
    model: str

    def discard(self) -> None:
        """Remove what is not kept."""
        self.rows.discard()
        if self.labels is not None:
            self.labels.discard()


def show_drop_zones(model: str, *, id_column: str, target: str) -> None:
    """A zone for rows, which the next run finds by `find_drop`, and one for outcomes, which waits for them."""
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
            args=(rows_key, labels_key, model),
            help="The check starts as soon as the file is here. It needs the columns of the template.",
        )


def find_drop() -> Drop | None:
    """What was dropped and is not done with yet, None where nothing was."""
    drop: Drop | None = st.session_state.get(_DROP)
    return drop


def done_with(drop: Drop) -> None:
    """Remove what of it is not kept. Until this is said every run finds it: one may be broken off by the next."""
    st.session_state.pop(_DROP, None)
    drop.discard()


def show_labels_zone(on_labels: Callable[[Dropped], object], *, label: str, help_text: str) -> None:
    """A zone for outcomes that came after the check."""
    key = _key("late-labels")
    st.file_uploader(label, key=key, on_change=_take_labels, args=(key, on_labels), help=help_text)


def _key(name: str) -> str:
    """A widget with a new key is an empty widget."""
    return f"{name}-{st.session_state.get(_ROUND, 0)}"


def _take_rows(rows_key: str, labels_key: str, model: str) -> None:
    rows = _dropped(rows_key)
    if rows is None:
        return
    labels = _dropped(labels_key) or _lost(labels_key)
    _empty_zones()
    if (before := find_drop()) is not None:
        done_with(before)
    st.session_state[_DROP] = Drop(rows, labels, model)


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
