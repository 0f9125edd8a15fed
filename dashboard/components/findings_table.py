"""All columns in a table, what matters most first. Choosing a row shows the column below."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import pandas as pd
import streamlit as st
from streamlit.elements.lib.column_types import ColumnConfig

from dashboard.charts.palette import Palette
from dashboard.components.grid import show_grid
from dashboard.wording.columns import ColumnRow
from dashboard.wording.quantities import counted
from dashboard.wording.terms import explain
from dashboard.wording.verdicts import STATES, state_look
from monitoring.policy.verdict import State

ROW_HEIGHT: Final = 36
SHOWN_ROWS: Final = 20


def choose_rows(rows: Sequence[ColumnRow], *, key: str) -> list[ColumnRow]:
    """The rows left after a choice of states, by words with icons; all when none is chosen, or there is one state."""
    states = [state for state in STATES if any(row.state == state for row in rows)]
    if len(states) < 2:
        return list(rows)
    chosen = st.pills(
        "Only these states",
        states,
        selection_mode="multi",
        format_func=lambda state: _counted_state(state, rows),
        key=key,
        help="A click on a column's head sorts the table; the magnifying glass at its corner searches it.",
    )
    return [row for row in rows if not chosen or row.state in chosen]


def _counted_state(state: State, rows: Sequence[ColumnRow]) -> str:
    look = state_look(state)
    return f"{look.material} {look.word} ({sum(row.state == state for row in rows)})"


def show_table(rows: Sequence[ColumnRow], colours: Palette, *, key: str) -> str | None:
    """Draw the table. Returns the column whose row is chosen, None when none is."""
    frame = pd.DataFrame([_cells(row) for row in rows])
    event = show_grid(
        frame,
        key=key,
        height=table_height(len(rows)),
        row_height=ROW_HEIGHT,
        on_select="rerun",
        selection_mode="single-row",
        column_config=_columns(colours),
        alt=say_table(len(rows)),
    )
    chosen = event.selection.rows if event else []
    return rows[chosen[0]].column if chosen and chosen[0] < len(rows) else None


def table_height(rows: int) -> int:
    """How high the table of so many rows is, in pixels."""
    return ROW_HEIGHT * (min(rows, SHOWN_ROWS) + 1) + 3


def say_table(rows: int) -> str:
    """What the table shows, in words."""
    return f"{counted(rows, 'column')} and how far each moved, what matters most first."


def _cells(row: ColumnRow) -> dict[str, object]:
    return {
        "Column": row.name,
        "State": [f"{state_look(row.state).label}{' (muted)' if row.muted else ''}"],
        "Moved": row.effect,
        "Tolerance": row.tolerance,
        "What moved": row.moved,
        "Reference": list(row.bars_reference),
        "Production": list(row.bars_batch),
        "Missing": row.missing,
        "Also": row.also,
        "Test": row.detector,
    }


def _columns(colours: Palette) -> dict[str, ColumnConfig]:
    config = st.column_config
    labels = [look.label for look in STATES.values()]
    return {
        "Column": config.TextColumn(pinned=True, width=115),
        "State": config.MultiselectColumn(options=labels, color=[look.colour for look in STATES.values()], width=115),
        "Moved": config.ProgressColumn(
            min_value=0.0, max_value=1.0, format="%.2f", width=115, color="primary", help=explain("effect")
        ),
        "Tolerance": config.NumberColumn(format="%.2f", width=80, help=explain("tolerance")),
        "What moved": config.TextColumn(width=220),
        "Reference": config.BarChartColumn(y_min=0, width=95, color=colours.reference, help=explain("reference")),
        "Production": config.BarChartColumn(y_min=0, width=95, color=colours.production, help=explain("production")),
        "Missing": config.TextColumn(width=95, help="Share of rows without a value."),
        "Also": config.TextColumn(width=185, help="What else was noticed about this column."),
        "Test": config.TextColumn(width=120, help="The method behind “moved”."),
    }
