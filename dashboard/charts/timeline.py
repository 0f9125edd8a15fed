"""Charts of many checks: what moved when, the verdicts, predicted against realised. Pure.

The checks stand side by side in the order given, one slot each, whatever the time between them: two checks of the same
month by two versions are neighbours, not on top of each other.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import plotly.graph_objects as go

from dashboard.charts.frame import frame, inert
from dashboard.charts.palette import Palette
from dashboard.wording.findings import shown_name
from dashboard.wording.quantities import percent, short_period
from dashboard.wording.verdicts import VERDICTS, verdict_look
from monitoring.contract import PREDICTION
from monitoring.history.records import CheckSummary

SYMBOLS = {
    "stable": "circle",
    "watch": "diamond",
    "drift": "triangle-up",
    "broken": "x",
    "undecided": "circle-open",
}
COLUMNS_SHOWN = 14
VERSIONS_NAMED = 4
"""Changes of version up to which each is named in the figure; more would be written over each other."""
LEFT = 104
"""Width left of the plots: the same in all of them, so that a check stands in one line from chart to chart."""


@dataclass(frozen=True, slots=True)
class Slot:
    """One check's place on the time line: its label, and whether a version came into use just before it."""

    label: str
    new_version: int | None


def slots(checks: Sequence[CheckSummary]) -> tuple[Slot, ...]:
    """A label for each check, and where the version changes."""
    before = (None, *(check.version for check in checks))
    return tuple(
        Slot(_label(check), check.version if earlier is not None and earlier != check.version else None)
        for check, earlier in zip(checks, before, strict=False)
    )


def effects(checks: Sequence[CheckSummary], colours: Palette) -> go.Figure:
    """A field for each column and check, the stronger the further it moved; a mark in it where it is in drift."""
    columns = _columns(checks)
    field = go.Heatmap(
        z=[[check.effects.get(column) for check in checks] for column in columns],
        x=list(range(len(checks))),
        y=list(range(len(columns))),
        zmin=0,
        zmax=1,
        colorscale=[[step / (len(colours.scale) - 1), colour] for step, colour in enumerate(colours.scale)],
        text=[["▲" if column in check.drifted else "" for check in checks] for column in columns],
        texttemplate="%{text}",
        textfont={"size": 11},
        customdata=[
            [f"{inert(check.file_name)}<br>{inert(shown_name(column))}" for check in checks] for column in columns
        ],
        hovertemplate="%{customdata}<br>moved %{z:.2f}<extra></extra>",
        hoverongaps=False,
        xgap=2,
        ygap=2,
        showscale=False,
    )
    names = {
        "tickmode": "array",
        "tickvals": list(range(len(columns))),
        "ticktext": [inert(shown_name(column), 14) for column in columns],
        "autorange": "reversed",
        "showgrid": False,
        "automargin": False,
    }
    return frame(
        colours,
        [field],
        x=_slot_axis(checks),
        y=names,
        height=112 + 26 * max(len(columns), 2),
        margin={"l": LEFT, "t": 28},
        hovermode="closest",
        **_version_marks(checks, colours),
    )


def verdicts(checks: Sequence[CheckSummary], colours: Palette) -> go.Figure:
    """One mark a check: the verdict by shape and colour, and in words under the mouse."""
    traces = []
    for name in VERDICTS:
        places = [place for place, check in enumerate(checks) if check.verdict == name]
        if places:
            traces.append(
                go.Scatter(
                    x=places,
                    y=[0] * len(places),
                    mode="markers",
                    name=verdict_look(name).word,
                    marker=_mark(name, colours),
                    customdata=[inert(checks[place].sentence, 90) for place in places],
                    hovertemplate="%{customdata}<extra></extra>",
                )
            )
    return frame(
        colours,
        traces,
        x=_slot_axis(checks),
        y={"visible": False, "range": [-1, 1]},
        height=160,
        margin={"l": LEFT},
        hovermode="closest",
        showlegend=True,
    )


def rates(checks: Sequence[CheckSummary], colours: Palette) -> go.Figure:
    """Mean prediction of each check, and the share that really happened where outcomes are known."""
    traces = [
        go.Scatter(
            x=list(range(len(checks))),
            y=values,
            name=name,
            mode="lines+markers",
            line={"color": colour, "width": 2.2, "dash": dash},
            marker={"symbol": symbol, "size": 8, "color": colour},
            customdata=[f"{inert(check.file_name)}, version {check.version}" for check in checks],
            hovertemplate="%{y:.1%} (%{customdata})",
        )
        for name, values, colour, symbol, dash in (
            ("Predicted", [check.mean_prediction for check in checks], colours.production, "circle", "solid"),
            ("Happened", [check.rate for check in checks], colours.outcome, "square", "dot"),
        )
    ]
    return frame(
        colours,
        traces,
        x=_slot_axis(checks),
        y={"title": {"text": "share of rows"}, "tickformat": ".0%", "rangemode": "tozero", "automargin": False},
        margin={"l": LEFT, "t": 56},
        legend={"y": 1.1},
        **_version_marks(checks, colours),
    )


def say_effects(checks: Sequence[CheckSummary]) -> str:
    """The field of effects in words."""
    told = []
    for column in _columns(checks)[:3]:
        top = max((check for check in checks if column in check.effects), key=lambda check: check.effects[column])
        told.append(f"{shown_name(column)} up to {top.effects[column]:.2f} ({_label(top)})")
    return f"How far each column moved in {len(checks)} checks. " + "; ".join(told) + "."


def say_verdicts(checks: Sequence[CheckSummary]) -> str:
    """The verdicts in words, one after the other."""
    return "Verdicts in this order: " + ", ".join(verdict_look(check.verdict).word.lower() for check in checks) + "."


def say_rates(checks: Sequence[CheckSummary]) -> str:
    """Predicted against realised in words."""
    told = [
        f"{_label(check)}: predicted {percent(check.mean_prediction)}"
        + (f", happened {percent(check.rate)}" if check.rate is not None else "")
        for check in checks[-3:]
    ]
    return "Mean prediction against the share that happened. Last checks: " + "; ".join(told) + "."


def _mark(verdict: str, colours: Palette) -> dict[str, object]:
    colour = colours.verdicts[verdict]
    return {"symbol": SYMBOLS[verdict], "size": 15, "color": colour, "line": {"width": 2, "color": colour}}


def _columns(checks: Sequence[CheckSummary]) -> list[str]:
    """The predictions, then the columns that moved furthest in any check."""
    furthest: dict[str, float] = {}
    for check in checks:
        for column, effect in check.effects.items():
            furthest[column] = max(effect, furthest.get(column, 0.0))
    return sorted(furthest, key=lambda column: (column != PREDICTION, -furthest[column], column))[:COLUMNS_SHOWN]


def _label(check: CheckSummary) -> str:
    return short_period(check.first_time, check.last_time) or check.file_name


def _slot_axis(checks: Sequence[CheckSummary]) -> dict[str, Any]:
    return {
        "tickmode": "array",
        "tickvals": list(range(len(checks))),
        "ticktext": _tick_texts(checks),
        "range": [-0.5, len(checks) - 0.5],
        "automargin": "height",
    }


def _tick_texts(checks: Sequence[CheckSummary]) -> list[str]:
    """The labels of the slots, numbered where several would be the same; which is which is said under the mouse."""
    labels = [slot.label for slot in slots(checks)]
    return [
        inert(label, 22) + (f" ({labels[: place + 1].count(label)})" if labels.count(label) > 1 else "")
        for place, label in enumerate(labels)
    ]


def _version_marks(checks: Sequence[CheckSummary], colours: Palette) -> dict[str, Any]:
    """A dotted line with the version's number where another version scores from."""
    changes = [(place - 0.5, slot.new_version) for place, slot in enumerate(slots(checks)) if slot.new_version]
    line = {"color": colours.text, "width": 1.5, "dash": "dot"}
    top = {
        "y": 1,
        "yref": "paper",
        "yanchor": "bottom",
        "showarrow": False,
        "font": {"color": colours.text, "size": 12},
    }
    named = changes if len(changes) <= VERSIONS_NAMED else []
    across = {"type": "line", "y0": 0, "y1": 1, "yref": "paper", "line": line}
    return {
        "shapes": [across | {"x0": x, "x1": x} for x, _ in changes],
        "annotations": [top | {"x": x, "text": f"version {version}"} for x, version in named],
    }
