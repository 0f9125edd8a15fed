"""Charts of many checks: what moved when, the verdicts, predicted against realised. Pure.

The checks stand side by side in the order given, one slot each, whatever the time between them: two checks of the same
month by two versions are neighbours, not on top of each other.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

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
    """A field for each column and check, the darker the further it moved; a mark in it where it is in drift."""
    columns = _columns(checks)
    figure = frame(colours, height=96 + 26 * max(len(columns), 2), legend=False)
    values = [[check.effects.get(column) for check in checks] for column in columns]
    figure.add_trace(
        go.Heatmap(
            z=values,
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
    )
    _slot_axis(figure, checks)
    _mark_versions(figure, checks, colours)
    figure.update_layout(hovermode="closest", margin={"t": 28})
    figure.update_yaxes(
        tickmode="array",
        tickvals=list(range(len(columns))),
        ticktext=[inert(shown_name(column), 14) for column in columns],
        autorange="reversed",
        showgrid=False,
        automargin=False,
    )
    return figure


def verdicts(checks: Sequence[CheckSummary], colours: Palette) -> go.Figure:
    """One mark a check: the verdict by shape and colour, and in words under the mouse."""
    figure = frame(colours, height=128)
    for name in VERDICTS:
        places = [place for place, check in enumerate(checks) if check.verdict == name]
        if places:
            figure.add_trace(
                go.Scatter(
                    x=places,
                    y=[0] * len(places),
                    mode="markers",
                    name=verdict_look(name).word,
                    marker={
                        "symbol": SYMBOLS[name],
                        "size": 15,
                        "color": colours.verdicts[name],
                        "line": {"width": 2, "color": colours.verdicts[name]},
                    },
                    customdata=[inert(checks[place].sentence, 90) for place in places],
                    hovertemplate="%{customdata}<extra></extra>",
                )
            )
    _slot_axis(figure, checks)
    figure.update_layout(hovermode="closest")
    figure.update_yaxes(visible=False, range=[-1, 1])
    return figure


def rates(checks: Sequence[CheckSummary], colours: Palette) -> go.Figure:
    """Mean prediction of each check, and the share that really happened where outcomes are known."""
    figure = frame(colours)
    places = list(range(len(checks)))
    for name, values, colour, symbol in (
        ("Predicted", [check.mean_prediction for check in checks], colours.production, "circle"),
        ("Happened", [check.rate for check in checks], colours.outcome, "square"),
    ):
        figure.add_trace(
            go.Scatter(
                x=places,
                y=values,
                name=name,
                mode="lines+markers",
                line={"color": colour, "width": 2.2, "dash": "solid" if name == "Predicted" else "dot"},
                marker={"symbol": symbol, "size": 8, "color": colour},
                customdata=[f"{inert(check.file_name)}, version {check.version}" for check in checks],
                hovertemplate="%{y:.1%} (%{customdata})",
            )
        )
    _slot_axis(figure, checks)
    _mark_versions(figure, checks, colours)
    figure.update_layout(margin={"t": 56}, legend={"y": 1.1})
    figure.update_yaxes(title_text="share of rows", tickformat=".0%", rangemode="tozero", automargin=False)
    return figure


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


def _slot_axis(figure: go.Figure, checks: Sequence[CheckSummary]) -> None:
    figure.update_layout(margin={"l": LEFT})
    figure.update_xaxes(
        tickmode="array",
        tickvals=list(range(len(checks))),
        ticktext=_tick_texts(checks),
        automargin="height",
        range=[-0.5, len(checks) - 0.5],
    )


def _tick_texts(checks: Sequence[CheckSummary]) -> list[str]:
    """The labels of the slots, numbered where several would be the same; which is which is said under the mouse."""
    labels = [slot.label for slot in slots(checks)]
    return [
        inert(label, 22) + (f" ({labels[: place + 1].count(label)})" if labels.count(label) > 1 else "")
        for place, label in enumerate(labels)
    ]


def _mark_versions(figure: go.Figure, checks: Sequence[CheckSummary], colours: Palette) -> None:
    """A dotted line where another version scores from."""
    for place, slot in enumerate(slots(checks)):
        if slot.new_version is not None:
            figure.add_vline(x=place - 0.5, line={"color": colours.text, "width": 1.5, "dash": "dot"})
            figure.add_annotation(
                x=place - 0.5,
                y=1,
                yref="paper",
                yanchor="bottom",
                text=f"version {slot.new_version}",
                showarrow=False,
                font={"color": colours.text, "size": 12},
            )
