"""Charts of one numeric column: both histograms, both cumulative curves with the widest gap. Pure."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import plotly.graph_objects as go

from dashboard.charts.axis import Axis
from dashboard.charts.frame import frame, inert, translucent
from dashboard.charts.palette import Palette
from dashboard.wording.quantities import percent
from monitoring.profiles.picture import NumericPicture


def histogram(picture: NumericPicture, colours: Palette, axis: Axis) -> go.Figure:
    """Share of rows in each bin, production before reference, both seen through."""
    bins = list(pairwise(picture.edges))
    traces = [
        go.Bar(
            x=[(low + high) / 2 for low, high in bins],
            y=list(heights),
            width=[high - low for low, high in bins],
            name=name,
            marker={"color": translucent(colour, 0.55), "line": {"width": 0}},
            customdata=[inert(axis.span(*picture.span(place, place))) for place in range(len(bins))],
            hovertemplate="%{customdata}: %{y:.1%}",
        )
        for name, heights, colour in (
            ("Reference", picture.bins_reference, colours.reference),
            ("Production", picture.bins_batch, colours.production),
        )
    ]
    y = {"title": {"text": "share of rows"}, "tickformat": ".0%", "rangemode": "tozero"}
    return frame(colours, traces, x=_x(axis), y=y, barmode="overlay")


def curves(picture: NumericPicture, colours: Palette, axis: Axis, *, statistic: float | None) -> go.Figure:
    """Share of rows at or below each value, and the widest gap between both sides: the KS statistic, as a red rule."""
    traces = [
        go.Scatter(
            x=list(picture.curve_x),
            y=list(values),
            name=name,
            mode="lines",
            line={"color": colour, "width": 2.2, "shape": "hv"},
            hovertemplate="%{y:.1%}",
        )
        for name, values, colour in (
            ("Reference", picture.curve_reference, colours.reference),
            ("Production", picture.curve_batch, colours.production),
        )
    ]
    notes = []
    if statistic is not None:
        traces.append(_gap(picture, colours))
        notes.append(_gap_label(picture, colours, f"KS {statistic:.3f} at {inert(axis.place(picture.gap_x))}"))
    y = {"title": {"text": "rows at or below"}, "tickformat": ".0%", "range": [-0.02, 1.04]}
    return frame(colours, traces, x=_x(axis), y=y, annotations=notes)


def say_histogram(picture: NumericPicture, axis: Axis) -> str:
    """The histogram in words, for who cannot see it."""
    beyond = f" {percent(picture.beyond)} of the production rows lie outside the drawn range." if picture.beyond else ""
    return (
        f"Histograms of {axis.name}. Most frequent values: reference {_most_frequent(picture, axis, reference=True)}, "
        f"production {_most_frequent(picture, axis, reference=False)}.{beyond}"
    )


def say_curves(picture: NumericPicture, axis: Axis, *, statistic: float | None) -> str:
    """The cumulative curves in words, for who cannot see them."""
    ks = f" (KS {statistic:.3f})" if statistic is not None else ""
    return (
        f"Cumulative curves of {axis.name}. They are furthest apart at {axis.place(picture.gap_x)}{ks}: "
        f"{percent(picture.gap_reference)} of the reference and {percent(picture.gap_batch)} of the production rows "
        "are at or below it."
    )


def _gap(picture: NumericPicture, colours: Palette) -> go.Scatter:
    return go.Scatter(
        x=[picture.gap_x, picture.gap_x],
        y=[picture.gap_reference, picture.gap_batch],
        mode="lines+markers",
        line={"color": colours.gap, "width": 3},
        marker={"symbol": "line-ew", "size": 7, "color": colours.gap, "line": {"width": 3, "color": colours.gap}},
        showlegend=False,
        hoverinfo="skip",
        name="gap",
    )


def _gap_label(picture: NumericPicture, colours: Palette, label: str) -> dict[str, Any]:
    in_right_half = picture.gap_x > (picture.curve_x[0] + picture.curve_x[-1]) / 2
    return {
        "x": picture.gap_x,
        "y": (picture.gap_reference + picture.gap_batch) / 2,
        "text": f"<b>{label}</b>",
        "showarrow": False,
        "xanchor": "right" if in_right_half else "left",
        "xshift": -8 if in_right_half else 8,
        "font": {"color": colours.gap, "size": 13},
        "bgcolor": translucent(colours.surface, 0.82),
    }


def _x(axis: Axis) -> dict[str, Any]:
    return {"title": {"text": axis.title}} | ({"tickformat": ".0%"} if axis.share else {})


def _most_frequent(picture: NumericPicture, axis: Axis, *, reference: bool) -> str:
    bins = picture.bins_reference if reference else picture.bins_batch
    if not any(bins):
        return "none"
    top = max(range(len(bins)), key=bins.__getitem__)
    return axis.span(*picture.span(top, top))
