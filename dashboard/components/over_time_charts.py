"""One column over many batches, and predictions against what happened; dragging over them chooses days."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import streamlit as st

from dashboard.charts.axis import Axis
from dashboard.charts.frame import CONFIG, HEIGHT
from dashboard.charts.over_time import band, outcome_rates, say_band, say_shares, shares
from dashboard.charts.palette import Palette
from dashboard.charts.timeline import Highlight, effects, say_effects, strip
from dashboard.components.in_view import in_view, show_chart
from dashboard.wording.findings import shown_name
from dashboard.wording.windows import say_outcomes, say_verdicts
from monitoring.contract import PREDICTION
from monitoring.workflows.over_time import Batch, Mark, Spread, shown_categories
from monitoring.workflows.periods import Period

Choose = Callable[[Period, str | None], None]
"""What a click or a drag chose: the days, and the column if it was in one's row."""

_DRAGGED: Final = "over-time.dragged"
HINT: Final = "Click a mark to look at its days. Drag across the chart of a column for a range."


@dataclass(frozen=True, slots=True, kw_only=True)
class OverTime:
    """What the charts show.

    Attributes:
        batches, marks: side by side, and what happened.
        highlight: the days looked at.
        column: shown over time; unit: of it.
        spreads, references: of the column in each batch, and in what each was counted against.
    """

    batches: Sequence[Batch]
    marks: Sequence[Mark]
    highlight: Highlight
    column: str
    unit: str
    spreads: Sequence[Spread | None]
    references: Sequence[Spread | None]


def show_strip(shown: OverTime, colours: Palette, choose: Choose) -> None:
    """Verdicts and events; a click on a mark chooses its days."""
    key = _key("strip", shown)
    st.plotly_chart(
        strip(shown.batches, shown.marks, colours, shown.highlight),
        key=key,
        config=CONFIG,
        alt=say_verdicts(shown.batches, shown.marks),
        on_select=lambda: _clicked(key, shown.batches, None, choose),
        selection_mode="points",
    )


def show_effects(shown: OverTime, columns: Sequence[str], colours: Palette, choose: Choose) -> None:
    """How far each column moved; a click on a field chooses its days and its column."""
    key = _key("effects", shown)
    st.plotly_chart(
        effects(shown.batches, colours, shown.highlight),
        key=key,
        config=CONFIG,
        alt=say_effects(shown.batches),
        on_select=lambda: _clicked(key, shown.batches, columns, choose),
        selection_mode="points",
    )


@st.fragment
def show_column_over_time(shown: OverTime, colours: Palette, choose: Choose) -> None:
    """The chosen column; dragging across it chooses the days from the first to the last batch touched."""
    if st.session_state.pop(_DRAGGED, False):
        st.rerun()  # the address has changed, and with it the whole page
    axis = Axis(shown_name(shown.column), shown.unit, share=shown.column == PREDICTION)
    if not any(shown.spreads):
        st.caption("No profile of these batches can be read: check the files again to have this column over time.")
        return
    if any(one and one.quantiles for one in shown.spreads):
        numbers = [one if one and one.quantiles else None for one in shown.spreads]
        usual = [one if one and one.quantiles else None for one in shown.references]
        figure = band(shown.batches, numbers, usual, colours, axis, shown.highlight)
        alt = say_band(shown.batches, numbers, usual, axis)
    else:
        categories = shown_categories([*shown.spreads, *shown.references])
        figure = shares(shown.batches, shown.spreads, categories, colours, shown.highlight)
        alt = say_shares(shown.batches, shown.spreads, categories, shown_name(shown.column))
    if not in_view("over-time", height=HEIGHT, says=alt):
        return
    key = _key(f"column-{shown.column}", shown)
    st.plotly_chart(
        figure,
        key=key,
        config=CONFIG,
        alt=alt,
        on_select=lambda: _dragged(key, shown.batches, choose),
        selection_mode="box",
    )


def show_outcomes(shown: OverTime, colours: Palette) -> None:
    """Predicted against realised, and for how many rows that is known."""
    show_chart(
        lambda: outcome_rates(shown.batches, colours, shown.highlight),
        key="outcomes",
        alt=say_outcomes(shown.batches),
    )


def days_of_places(batches: Sequence[Batch], first: float, last: float) -> Period | None:
    """The days of the batches from one place of a chart to another; None where none has days there."""
    low, high = sorted((first, last))
    days = [batch.period for place, batch in enumerate(batches) if low - 0.5 <= place <= high + 0.5]
    starts = [period.first for period in days if period.first is not None]
    ends = [period.last for period in days if period.last is not None]
    return Period(min(starts), max(ends)) if starts and ends else None


def _clicked(key: str, batches: Sequence[Batch], columns: Sequence[str] | None, choose: Choose) -> None:
    points = st.session_state[key].selection.points
    if not points:
        return
    days = days_of_places(batches, round(float(points[0]["x"])), round(float(points[0]["x"])))
    place = round(float(points[0]["y"]))
    column = columns[place] if columns and 0 <= place < len(columns) else None
    if days is not None:
        choose(days, column)


def _dragged(key: str, batches: Sequence[Batch], choose: Choose) -> None:
    boxes: list[Any] = st.session_state[key].selection.box
    if boxes and (ends := [float(end) for end in boxes[0]["x"]]):
        days = days_of_places(batches, min(ends) + 0.5, max(ends) - 0.5)
        if days is not None:
            st.session_state[_DRAGGED] = True
            choose(days, None)


def _key(name: str, shown: OverTime) -> str:
    """Another chart for other days, so that a mark can be clicked again after the days were changed elsewhere."""
    return f"{name}-{shown.highlight.period}-{shown.highlight.other}"
