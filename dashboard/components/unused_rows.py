"""How a file was read, what could not be used of it, and why."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pandas as pd
import streamlit as st

from dashboard.components.grid import show_grid
from dashboard.wording.escape import escape, name
from dashboard.wording.quantities import counted
from dashboard.wording.reading import (
    cell_text,
    consequence,
    examples,
    misfits_title,
    rule_words,
    unused_summary,
)
from monitoring.tables.report import FLAWED_ROWS_KEPT, ReadReport, RefusedRow

SHOWN_ROWS = 200
_TYPES = {"csv": "text/csv", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}


def show_repeats(read: ReadReport) -> None:
    """Up on the page: that these rows were seen before."""
    for sentence in read.repeats:
        st.warning(escape(sentence), icon=":material/content_copy:")


def show_unused(read: ReadReport, as_csv: Callable[[], str], as_xlsx: Callable[[], bytes]) -> None:
    """Warnings, problems by column and rule, the rows set aside, and those rows as a file."""
    st.markdown(escape(unused_summary(read)))
    for warning in read.warnings:
        st.markdown(f":material/info: {escape(warning)}")
    for fact in read.facts:
        st.caption(escape(fact))
    if read.ignored_columns:
        names = ", ".join(name(column) for column in read.ignored_columns)
        st.caption(f"Columns the model does not know, left out: {names}")
    if read.problems:
        show_grid(
            _problems(read),
            column_config={"Values": st.column_config.NumberColumn(format="localized")},
            alt=f"{counted(len(read.problems), 'problem')} of values, by column and rule.",
        )
    if read.refused_rows or read.flawed_rows:
        _show_rows(read, as_csv, as_xlsx)


def _problems(read: ReadReport) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "Column": [problem.column for problem in read.problems],
            "Value": [rule_words(problem.rule) for problem in read.problems],
            "Values": [problem.count for problem in read.problems],
            "So": [consequence(problem) for problem in read.problems],
            "Examples": [examples(problem) for problem in read.problems],
        }
    )


def _rows(rows: Sequence[RefusedRow]) -> pd.DataFrame:
    """The rows as they came; a column of the file that is called like one of ours gives way."""
    drawn = []
    for row in rows[:SHOWN_ROWS]:
        own: dict[str, object] = {"Row": row.row, "Line": row.line, "Why": cell_text(row.reason, 300)}
        drawn.append(own | {cell_text(column, 60): cell_text(cell) for column, cell in row.cells} | own)
    frame = pd.DataFrame(drawn)
    return frame.drop(columns="Line") if frame["Line"].isna().all() else frame.astype({"Line": "Int64"})


def _show_rows(read: ReadReport, as_csv: Callable[[], str], as_xlsx: Callable[[], bytes]) -> None:
    kept = len(read.refused_rows)
    if read.refused_rows:
        with st.expander(misfits_title(read.refused_rows, "Rows set aside"), icon=":material/table_rows:"):
            alt = "The rows that were set aside, cell by cell as they came."
            show_grid(_rows(read.refused_rows), alt=alt)
            if kept < read.rows_refused:
                st.caption(f"The first {counted(kept, 'row')} of {counted(read.rows_refused, 'row')} are kept.")
    if read.flawed_rows:
        title = misfits_title(read.flawed_rows, "Rows scored although a value did not fit")
        with st.expander(title, icon=":material/rule:"):
            alt = "Rows that were scored although a value did not fit, cell by cell as they came."
            show_grid(_rows(read.flawed_rows), alt=alt)
            if len(read.flawed_rows) >= FLAWED_ROWS_KEPT:
                st.caption(f"The first {counted(FLAWED_ROWS_KEPT, 'row')} are kept.")
    with st.container(horizontal=True):
        for kind, suffix, make in (("CSV", "csv", as_csv), ("Excel", "xlsx", as_xlsx)):
            st.download_button(
                f"Rows that did not fit ({kind})",
                make,
                file_name=f"rows-that-did-not-fit.{suffix}",
                mime=_TYPES[suffix],
                icon=":material/download:",
                on_click="ignore",
            )
