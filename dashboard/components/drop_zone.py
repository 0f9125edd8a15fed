"""Where files are dropped, and what was dropped. The page keeps no copy: see `dashboard/drops.py`."""

from __future__ import annotations

from typing import Final

import streamlit as st

from dashboard.drops import Drop, DropBox

_LOOK_FIRST: Final = "look-first"
_BOX: Final = "drop_zone.box"


def show_drop_zones(model: str, *, id_column: str, target: str) -> None:
    """Zones for rows and for outcomes, which wait for the rows, and whether to look at them first."""
    place = _box().place(model=model, check=st.query_params.get("check"))
    left, right = st.columns(2)
    with right:
        st.file_uploader(
            "Outcomes, if you know them",
            key=place.labels,
            help=f"A file with the columns {id_column} and {target} (0 or 1). Drop it before the rows, or later on the "
            "page of the check.",
        )
    with left:
        st.file_uploader(
            "Production rows (CSV, Excel, Parquet, JSON …)",
            key=place.rows,
            help="The check starts as soon as the file is here. It needs the columns of the template.",
        )
    st.toggle(
        "Look at the file before it is checked",
        key=_LOOK_FIRST,
        help="Shows how the file is read and its first rows, and lets you say it otherwise, before anything is "
        "scored. A file that was checked already can be read differently from its page.",
    )


def show_labels_zone(check: str, *, label: str, help_text: str) -> None:
    """A zone for outcomes that came after the check."""
    st.file_uploader(label, key=_box().place(check=check).labels, help=help_text)


def take_drops() -> None:
    """Take what lies in the zones: a run begins with it, since a page that is left loses the files in its zones."""
    _box().collect(st.session_state.get, look=bool(st.session_state.get(_LOOK_FIRST)))


def waiting_drops() -> tuple[Drop, ...]:
    """What was taken and is not done with, the first one first."""
    return _box().waiting()


def done_with(drop: Drop) -> None:
    """It waits no longer."""
    _box().done_with(drop)


def _box() -> DropBox:
    box: DropBox = st.session_state.setdefault(_BOX, DropBox())
    return box
