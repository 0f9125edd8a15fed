"""Rows behind a column's move: examples from the cells that grew most, and values that were never seen."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

import pandas as pd
import streamlit as st

from dashboard.components.grid import show_grid
from dashboard.wording.column_depth import cell_words
from dashboard.wording.escape import escape
from dashboard.wording.quantities import change_of_share, count, counted
from dashboard.wording.reading import cell_text
from monitoring.workflows.column import CellRows, RowsFound

PAGE_ROWS: Final = 20


def cell_labels(found: RowsFound, unit: str) -> dict[int, str]:
    """What each cell is called, by its place."""
    return {place: cell_words(one.cell, found.column, unit) for place, one in enumerate(found.cells)}


def show_rows(found: RowsFound, labels: Mapping[int, str], as_csv: Callable[[], str], *, key: str) -> None:
    """The cells to choose from, the rows of the chosen one page by page, all of them as a file."""
    if not found.cells:
        st.markdown("No range or category of this column grew by more than 0.2 % of the rows: nothing stands out.")
        return
    place = st.selectbox(
        "Rows where …",
        list(labels),
        format_func=lambda place: f"{labels[place]} ({counted(found.cells[place].count, 'row')})",
        key=f"{key}-cell",
    )
    _show_cell(found, found.cells[place or 0], key=f"{key}-{place}")
    if found.unseen:
        _show_unseen(found)
    st.download_button(
        "Example rows (CSV)",
        as_csv,
        file_name="example-rows.csv",
        mime="text/csv",
        icon=":material/download:",
        on_click="ignore",
        key=f"{key}-csv",
        help="The rows of all cells above. A value that a spreadsheet would take for a formula gets an apostrophe.",
    )


def _show_cell(found: RowsFound, one: CellRows, *, key: str) -> None:
    kept = len(one.rows)
    growth = change_of_share(one.cell.share_reference, one.cell.share_batch)
    first = f"; the first {count(kept)} are kept here" if kept < one.count else ""
    st.caption(escape(f"{growth} of the rows with a value. {count(one.count)} of {count(found.rows)} rows{first}."))
    if not kept:
        return
    pages = -(-kept // PAGE_ROWS)
    page = st.pagination(pages, key=f"{key}-page") if pages > 1 else 1
    shown = one.rows[(page - 1) * PAGE_ROWS : page * PAGE_ROWS]
    show_grid(
        pd.DataFrame(
            [[cell_text(value) for value in row] for row in shown],
            columns=[cell_text(name, 60) for name in found.header],
        ),
        alt=f"{counted(len(shown), 'row')} of {count(kept)}, page {page} of {pages}, as they were scored.",
    )


def _show_unseen(found: RowsFound) -> None:
    with st.expander(f"Values never seen: {counted(found.unseen_values, 'value')}", icon=":material/fiber_new:"):
        show_grid(
            pd.DataFrame(
                {
                    "Value": [cell_text(value) for value, _ in found.unseen],
                    "Rows": [rows for _, rows in found.unseen],
                }
            ),
            column_config={"Rows": st.column_config.NumberColumn(format="localized")},
            alt="Values that the reference does not have, with how many rows have each.",
        )
        if found.unseen_values > len(found.unseen):
            st.caption(f"The {len(found.unseen)} most frequent of {count(found.unseen_values)}.")
