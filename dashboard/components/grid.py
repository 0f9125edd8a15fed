"""Tables that can be sorted, searched and exported. What the browser writes as CSV is what stands in the cells."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import pandas as pd
import streamlit as st
from streamlit.elements.lib.column_types import ColumnConfig

from monitoring.tables.formulas import escape_formula

NONE: Final = "–"
"""What stands in a cell without a value; numbers stay numbers, by which a column is sorted."""


def show_grid(
    frame: pd.DataFrame, *, alt: str, column_config: Mapping[str, ColumnConfig] | None = None, **options: Any
) -> Any:
    """A table without its index; returns what `st.dataframe` does.

    Streamlit's own button writes the cells as they are, so text from a file that a spreadsheet would take for a formula
    has its apostrophe on the page already, as in everything else that leaves.

    Args:
        frame: what is shown; headers and text cells may come from files.
        alt: the table in words.
        column_config: looks of columns, by their name in `frame`.
        options: what else `st.dataframe` takes.
    """
    names = {name: escape_formula(str(name)) for name in frame.columns}
    config = {names[name]: looks for name, looks in (column_config or {}).items() if name in names}
    inert = frame.apply(_inert).rename(columns=names)
    return st.dataframe(inert, hide_index=True, alt=alt, column_config=config or None, placeholder=NONE, **options)


def _inert(column: pd.Series) -> pd.Series:
    if not pd.api.types.is_string_dtype(column) and not pd.api.types.is_object_dtype(column):
        return column
    return column.map(lambda cell: escape_formula(cell) if isinstance(cell, str) else cell)
