"""How a file is read: what was found out, the first rows, which column is which, and everything said otherwise."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

import pandas as pd
import streamlit as st

from dashboard.components.grid import show_grid
from dashboard.components.notices import told
from dashboard.wording.escape import escape, name
from dashboard.wording.quantities import counted
from dashboard.wording.reading import (
    AS_FOUND_WORD,
    DATES,
    DECIMALS,
    DELIMITERS,
    ENCODINGS,
    QUOTES,
    THOUSANDS,
    cell_text,
    column_labels,
    columns_summary,
    found_words,
)
from monitoring.tables.matching import ColumnMatch
from monitoring.tables.quoting import listed
from monitoring.tables.reading import Reading
from monitoring.tables.reading_options import SPREADSHEETS, Preview, ReadOptions, Sniffed
from monitoring.workflows.looking import FileLook

COLUMNS_SHOWN: Final = 60
WITH_TEXT: Final = (*SPREADSHEETS, "json")
"""Formats in which numbers often are text; of the others those files that have a decimal mark, which is found then."""
CHOOSE_FIRST: Final = "Choose a file …"
CHOOSE_MEMBER: Final = "The archive holds several tables: choose one above."


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadingActions:
    """What the panel can do.

    Attributes:
        look: what there is to see of the file when it is read like this.
        check: check the file read like this; the flag says whether names are remembered.
        forget: let go of the file.
        outcomes: whether the file holds outcomes: ids and outcomes alone are read from it, no numbers and no dates.
        other: what the button to the other of two files says, and what it does with all that is said so far.
    """

    look: Callable[[Reading], FileLook]
    check: Callable[[Reading, bool], object]
    forget: Callable[[], object]
    outcomes: bool = False
    other: tuple[str, Callable[[Reading], object]] | None = None


def show_reading(reading: Reading, actions: ReadingActions, *, model: str, key: str) -> None:
    """Draw the panel. What is chosen in it lives in its widgets until the file is checked."""
    look, options = actions.look(reading), reading.options
    if not look.hopeless:
        options = _choose_options(options, look, key, outcomes=actions.outcomes)
        if options != reading.options:
            look = actions.look(reading.model_copy(update={"options": options}))
    if look.members:
        st.info(escape(f"{CHOOSE_MEMBER} It holds {listed(look.members)}."), icon=":material/folder_zip:")
    elif look.preview is None:
        title = "This is no table" if look.hopeless else "Cannot be read like this"
        st.error(escape(look.refusal), icon=":material/block:", title=title)
    else:
        _show_preview(look.preview)
    names, remember = _choose_names(look, model, key) if look.preview else ({}, False)
    chosen = reading.model_copy(update={"names": {**reading.names, **names}, "options": options})
    still = [column.name for column in look.missing if column.name not in names.values()]
    with st.container(horizontal=True, vertical_alignment="center"):
        if not look.hopeless:
            _check_button(chosen, remember, actions, key, disabled=look.preview is None or bool(still))
        st.button(
            "Forget this file" if actions.other is None else "Forget both files",
            key=f"{key}-forget",
            icon=":material/delete:",
            type="tertiary",
            on_click=told(actions.forget),
            help="Removes it from the data folder at once, unless a check needs it.",
        )
        if actions.other is not None:
            label, go = actions.other
            st.button(
                label,
                key=f"{key}-other",
                icon=":material/swap_horiz:",
                type="tertiary",
                on_click=told(go),
                args=(chosen,),
            )
        if still:
            st.caption(f"Not found yet: {', '.join(map(name, still[:20]))}")


def _check_button(chosen: Reading, remember: bool, actions: ReadingActions, key: str, *, disabled: bool) -> None:
    st.button(
        "Check it read this way",
        key=f"{key}-check",
        type="primary",
        icon=":material/play_arrow:",
        disabled=disabled,
        on_click=told(actions.check),
        args=(chosen, remember),
    )


def show_names(names: Mapping[str, str], forget: Callable[[str], object], *, model: str) -> None:
    """The names that are remembered for a model, each with a button that forgets it."""
    if not names:
        return
    with st.expander(f"Names of columns remembered for {name(model)}: {len(names)}", icon=":material/label:"):
        for place, (column, meaning) in enumerate(names.items()):
            with st.container(horizontal=True, vertical_alignment="center"):
                st.markdown(f"**{name(column)}** is read as **{name(meaning)}**", width="content")
                st.button(
                    "Forget",
                    key=f"forget-name-{place}",
                    icon=":material/delete:",
                    type="tertiary",
                    on_click=told(forget),
                    args=(column,),
                )


def _choose_options(said: ReadOptions, look: FileLook, key: str, *, outcomes: bool) -> ReadOptions:
    """A choice for everything that can be said; the first one is what was found.

    What of an archive or a workbook is read comes first: where it is open, nothing else can be found. Outcomes are
    words or whole numbers: no spelling of numbers and dates can be said of them.
    """
    found = look.preview.sniffed if look.preview else Sniffed(format="excel" if look.sheets else "csv")
    members, sheets = look.members, look.sheets or found.sheets
    chosen: dict[str, Any] = {}
    parts = (("member", "File in the archive", members or found.members), ("sheet", "Sheet", sheets))
    for what, label, many in parts:
        if len(many) > 1:
            words = {one: cell_text(one, 60) for one in many}
            nothing = CHOOSE_FIRST if what == "member" and members else ""
            chosen[what] = _choose(
                label, words, getattr(said, what), getattr(found, what), f"{key}-{what}", width=420, nothing=nothing
            )
        elif getattr(said, what) is not None:
            chosen[what] = getattr(said, what)
    if members and chosen["member"] is None:
        return said
    kind = found.format
    with st.grid(6, min_column_width=150, vertical_alignment="bottom"):
        if kind == "csv":
            chosen["delimiter"] = _choose("Delimiter", DELIMITERS, said.delimiter, found.delimiter, f"{key}-delimiter")
            chosen["quote"] = _choose("Quotation marks", QUOTES, said.quote, found.quote, f"{key}-quote")
        if (kind in WITH_TEXT or found.decimal) and not outcomes:
            chosen["decimal"] = _choose("Decimal mark", DECIMALS, said.decimal, found.decimal, f"{key}-decimal")
            thousands = found.thousands if found.decimal else None
            chosen["thousands"] = _choose("Thousands", THOUSANDS, said.thousands, thousands, f"{key}-thousands")
        if kind in ("csv", "json"):
            chosen["encoding"] = _choose("Encoding", ENCODINGS, said.encoding, found.encoding, f"{key}-encoding")
        if not outcomes:
            chosen["dates"] = _choose("Dates", DATES, said.dates, found.dates, f"{key}-dates")
        if kind in SPREADSHEETS:
            chosen["header_line"] = st.number_input(
                "Header in line",
                min_value=1,
                max_value=1_000,
                value=said.header_line,
                placeholder=f"{AS_FOUND_WORD}{'' if found.header_line is None else f': {found.header_line}'}",
                key=f"{key}-header",
            )
    return ReadOptions.model_validate({what: value for what, value in chosen.items() if value is not None})


def _choose(
    label: str,
    words: Mapping[str, str],
    said: str | None,
    found: str | None,
    key: str,
    *,
    width: int | Literal["stretch"] = "stretch",
    nothing: str = "",
) -> str | None:
    """One of `words`, None for what was found, or for `nothing`, which then says so."""
    options: list[str | None] = [None, *words]
    if said is not None and said not in words:
        options.append(said)
    as_found = AS_FOUND_WORD if found is None or (not found and found not in words) else found_words(words, found)
    if nothing:
        as_found = nothing
    return st.selectbox(
        label,
        options,
        index=options.index(said),
        format_func=lambda value: as_found if value is None else words.get(value, value),
        key=key,
        width=width,
    )


def _show_preview(preview: Preview) -> None:
    part = preview.sniffed.sheet or preview.sniffed.member
    where = f" ({cell_text(part, 120)})" if part else ""
    st.caption(escape(f"Read as {preview.sniffed.words()}{where}; {counted(preview.columns, 'column')}."))
    for note in preview.notes:
        st.markdown(f":material/info: {escape(note)}")
    header = column_labels(preview.header[:COLUMNS_SHOWN])
    rows = [list(map(cell_text, row[:COLUMNS_SHOWN])) for row in preview.rows]
    show_grid(
        pd.DataFrame(rows, columns=header, dtype=str),
        height=260,
        alt=f"The first {counted(len(rows), 'row')} of the file: {', '.join(header[:20])}",
    )


def _choose_names(look: FileLook, model: str, key: str) -> tuple[dict[str, str], bool]:
    """For each needed column that is missing a column of the file, and whether that is remembered."""
    st.markdown(escape(columns_summary(look.columns, look.header)))
    if not look.missing or not look.others:
        return {}, False
    names: dict[str, str] = {}
    with st.container(horizontal=True, vertical_alignment="bottom"):
        for column in look.missing:
            chosen = _choose_column(column, look.others, key)
            if chosen is not None:
                names[chosen] = column.name
    remember = st.checkbox(f"Remember these names for {name(model)}", value=True, key=f"{key}-remember")
    return names, remember


def _choose_column(column: ColumnMatch, others: Sequence[str], key: str) -> str | None:
    options = list(dict.fromkeys(others))
    return st.selectbox(
        f"{name(column.name)} is the column",
        options,
        index=options.index(column.suggestion) if column.suggestion in options else None,
        format_func=lambda other: cell_text(other, 60) or "(no name)",
        placeholder="Choose a column",
        key=f"{key}-name-{column.name}",
        width=260,
    )
