"""One column from check to check: how far it moved, against its tolerance in each. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

import plotly.graph_objects as go

from dashboard.charts.frame import frame, inert
from dashboard.charts.palette import Palette
from dashboard.charts.slots import axis_of, told_apart
from dashboard.wording.findings import shown_name
from dashboard.wording.quantities import count, short_period
from dashboard.wording.verdicts import STATES, state_look
from monitoring.history.course import CoursePoint
from monitoring.policy.verdict import State

SYMBOLS: dict[State, str] = {
    "drift": "triangle-up",
    "small": "diamond",
    "stable": "circle",
    "undecided": "circle-open",
    "not_applicable": "circle-open-dot",
}


def course(points: Sequence[CoursePoint], colours: Palette, *, here: str) -> go.Figure:
    """The effect of each check as a mark of its state, the tolerance as a stepped line; `here` is the check shown."""
    places = list(range(len(points)))
    line = go.Scatter(
        x=places,
        y=[point.effect for point in points],
        mode="lines",
        line={"color": colours.muted, "width": 1.5},
        hoverinfo="skip",
        showlegend=False,
    )
    tolerance = go.Scatter(
        x=[place + side for place in places for side in (-0.5, 0.5)],
        y=[point.tolerance for point in points for _ in range(2)],
        mode="lines",
        name="Tolerance",
        line={"color": colours.gap, "width": 2, "dash": "dash"},
        hoverinfo="skip",
    )
    marks = [_marks(points, state, colours) for state in STATES if any(point.state == state for point in points)]
    shown = [place for place in places if points[place].check == here]
    return frame(
        colours,
        [line, tolerance, *marks],
        x=axis_of([_label(point) for point in points], [_last_day(point) for point in points]),
        y={"title": {"text": "share of rows that moved"}, "tickformat": ".0%", "rangemode": "tozero"},
        hovermode="closest",
        margin={"t": 44},
        shapes=[
            {
                "type": "rect",
                "x0": place - 0.45,
                "x1": place + 0.45,
                "y0": 0,
                "y1": 1,
                "yref": "paper",
                "line": {"width": 0},
                "fillcolor": colours.grid,
                "layer": "below",
            }
            for place in shown
        ],
    )


def say_course(points: Sequence[CoursePoint], *, name: str) -> str:
    """The course in words."""
    names = told_apart([_label(point) for point in points], [_last_day(point) for point in points])
    told = [
        f"{label}: {state_look(point.state).word.lower()}, moved {point.effect:.2f}, tolerance {point.tolerance:.2f}"
        for label, point in list(zip(names, points, strict=True))[-4:]
    ]
    return f"How far {name} moved in {len(points)} checks. Last ones: " + "; ".join(told) + "."


def _marks(points: Sequence[CoursePoint], state: State, colours: Palette) -> go.Scatter:
    chosen = [(place, point) for place, point in enumerate(points) if point.state == state]
    return go.Scatter(
        x=[place for place, _ in chosen],
        y=[point.effect for _, point in chosen],
        mode="markers",
        name=state_look(state).word,
        marker=_mark(state, colours),
        customdata=[_hover(point) for _, point in chosen],
        hovertemplate="%{customdata}<extra></extra>",
    )


def _mark(state: State, colours: Palette) -> dict[str, Any]:
    colour = colours.verdicts.get({"small": "watch"}.get(state, state), colours.muted)
    return {"symbol": SYMBOLS[state], "size": 12, "color": colour, "line": {"width": 2, "color": colour}}


def _hover(point: CoursePoint) -> str:
    return (
        f"{inert(point.file_name)}<br>moved {point.effect:.3f}, tolerance {point.tolerance:.3f}<br>"
        f"{state_look(point.state).word}, n = {count(point.rows)}, version {point.version}"
    )


def _label(point: CoursePoint) -> str:
    return short_period(point.first_time, point.last_time) or shown_name(point.file_name)


def _last_day(point: CoursePoint) -> date | None:
    return datetime.fromisoformat(point.last_time).date() if point.last_time else None
