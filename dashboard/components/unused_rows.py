"""What could not be used of a file, and why."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd
import streamlit as st

from dashboard.wording.escape import escape, name
from dashboard.wording.quantities import counted
from dashboard.wording.reading import consequence, examples, rule_words, unused_summary
from monitoring.tables.report import ReadReport

SHOWN_ROWS = 200


def show_unused(read: ReadReport, as_csv: Callable[[], str]) -> None:
    """Warnings, problems by column and rule, the rows set aside, and those rows as a file."""
    st.markdown(escape(unused_summary(read)))
    for warning in read.warnings:
        st.markdown(f":material/info: {escape(warning)}")
    if read.ignored_columns:
        names = ", ".join(name(column) for column in read.ignored_columns)
        st.caption(f"Columns the model does not know, left out: {names}")
    if read.problems:
        st.dataframe(
            _problems(read),
            hide_index=True,
            column_config={"Values": st.column_config.NumberColumn(format="localized")},
            alt=f"{counted(len(read.problems), 'problem')} of values, by column and rule.",
        )
    if read.refused_rows:
        _show_rows(read, as_csv)


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


def _rows(read: ReadReport) -> pd.DataFrame:
    """The rows set aside; a column of the file that is called like one of ours gives way."""
    rows = []
    for row in read.refused_rows[:SHOWN_ROWS]:
        own: dict[str, object] = {"Row": row.row, "Why": row.reason}
        rows.append(own | dict(row.cells) | own)
    return pd.DataFrame(rows)


def _show_rows(read: ReadReport, as_csv: Callable[[], str]) -> None:
    kept = len(read.refused_rows)
    with st.expander(f"Rows set aside: {counted(kept, 'row')}", icon=":material/table_rows:"):
        st.dataframe(_rows(read), hide_index=True, alt="The rows that were set aside, cell by cell as they came.")
        if kept < read.rows_refused:
            st.caption(f"The first {counted(kept, 'row')} of {counted(read.rows_refused, 'row')} are kept.")
    st.download_button(
        "Rows set aside (CSV)",
        as_csv,
        file_name="rows-set-aside.csv",
        mime="text/csv",
        icon=":material/download:",
        on_click="ignore",
    )
