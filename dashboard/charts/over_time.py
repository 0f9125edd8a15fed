"""Charts of one column over many batches: its band of values or its categories, predictions against outcomes. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import plotly.graph_objects as go

from dashboard.charts.axis import Axis
from dashboard.charts.frame import frame, inert, translucent
from dashboard.charts.palette import Palette
from dashboard.charts.slots import LEFT, named, slot_axis
from dashboard.charts.timeline import NO_HIGHLIGHT, Highlight, highlights
from dashboard.wording.quantities import percent
from dashboard.wording.windows import batch_label
from monitoring.workflows.over_time import QUANTILES, Batch, Spread

MIDDLE: Final = len(QUANTILES) // 2
DASHES: Final = ("solid", "dash", "dot", "dashdot", "longdash")


def band(
    batches: Sequence[Batch],
    spreads: Sequence[Spread | None],
    references: Sequence[Spread | None],
    colours: Palette,
    axis: Axis,
    highlight: Highlight = NO_HIGHLIGHT,
) -> go.Figure:
    """The median of each batch, the middle half and nine tenths of its values; the same of its reference, dashed."""
    x = list(range(len(batches)))
    values = [[None if one is None else one.quantiles[k] for one in spreads] for k in range(len(QUANTILES))]
    traces = [
        *_filled(x, values[0], values[4], translucent(colours.production, 0.16), "9 of 10 rows"),
        *_filled(x, values[1], values[3], translucent(colours.production, 0.34), "half of the rows"),
        go.Scatter(
            x=x,
            y=values[MIDDLE],
            name="Median",
            mode="lines+markers",
            line={"color": colours.production, "width": 2.2},
            marker={"size": 7 if len(batches) <= 90 else 3, "color": colours.production},
            selected={"marker": {"opacity": 1}},
            unselected={"marker": {"opacity": 1}},
            customdata=[_hover(name, one, axis) for name, one in zip(named(batches), spreads, strict=True)],
            hovertemplate="%{customdata}<extra></extra>",
        ),
        *_reference_lines(x, references, colours),
    ]
    return frame(
        colours,
        traces,
        x=slot_axis(batches),
        y={"title": {"text": axis.title}, "automargin": False} | ({"tickformat": ".0%"} if axis.share else {}),
        margin={"l": LEFT, "t": 56},
        legend={"y": 1.08},
        hovermode="closest",
        dragmode="select",
        selectdirection="h",
        shapes=highlights(batches, highlight, colours),
    )


def shares(
    batches: Sequence[Batch],
    spreads: Sequence[Spread | None],
    categories: Sequence[str],
    colours: Palette,
    highlight: Highlight = NO_HIGHLIGHT,
) -> go.Figure:
    """The share of each of a few categories in each batch."""
    palette = (colours.production, colours.outcome, colours.reference, colours.gap, colours.text)
    known = [dict(one.shares) if one else None for one in spreads]
    traces = [
        go.Scatter(
            x=list(range(len(batches))),
            y=[None if one is None else one.get(category, 0.0) for one in known],
            name=inert(category, 20),
            mode="lines+markers",
            line={"color": palette[place % len(palette)], "width": 2, "dash": DASHES[place % len(DASHES)]},
            marker={"size": 6 if len(batches) <= 90 else 3},
            selected={"marker": {"opacity": 1}},
            unselected={"marker": {"opacity": 1}},
            customdata=named(batches),
            hovertemplate="%{y:.1%} (%{customdata})",
        )
        for place, category in enumerate(categories)
    ]
    return frame(
        colours,
        traces,
        x=slot_axis(batches),
        y={"title": {"text": "share of rows"}, "tickformat": ".0%", "rangemode": "tozero", "automargin": False},
        margin={"l": LEFT, "t": 56},
        legend={"y": 1.08},
        hovermode="closest",
        dragmode="select",
        selectdirection="h",
        showlegend=True,
        shapes=highlights(batches, highlight, colours),
    )


def outcome_rates(batches: Sequence[Batch], colours: Palette, highlight: Highlight = NO_HIGHLIGHT) -> go.Figure:
    """Mean prediction, the share that really happened where it is known, and for how many rows it is, as bars."""
    x, names = list(range(len(batches))), named(batches)
    covered = [batch.labelled_rows / batch.rows if batch.rows else 0.0 for batch in batches]
    traces: list[Any] = [
        go.Bar(
            x=x,
            y=covered,
            name="Outcome known",
            marker={"color": translucent(colours.reference, 0.22), "line": {"width": 0}},
            width=[0.7] * len(x),
            customdata=names,
            hovertemplate="known for %{y:.0%} of the rows (%{customdata})<extra></extra>",
            yaxis="y2",
        )
    ]
    traces += [
        go.Scatter(
            x=x,
            y=values,
            name=name,
            mode="lines+markers",
            line={"color": colour, "width": 2.2, "dash": dash},
            marker={"symbol": symbol, "size": 8 if len(batches) <= 90 else 4, "color": colour},
            customdata=names,
            hovertemplate=f"{name.lower()} %{{y:.1%}} (%{{customdata}})<extra></extra>",
        )
        for name, values, colour, symbol, dash in (
            ("Predicted", [batch.mean_prediction for batch in batches], colours.production, "circle", "solid"),
            ("Happened", [batch.rate for batch in batches], colours.outcome, "square", "dot"),
        )
    ]
    right = {
        "overlaying": "y",
        "side": "right",
        "range": [0, 1],
        "tickformat": ".0%",
        "tickvals": [0, 0.5, 1],
        "showgrid": False,
        "fixedrange": True,
        "tickfont": {"color": colours.muted, "size": 12},
        "title": {"text": "outcome known", "font": {"color": colours.muted, "size": 12}},
    }
    return frame(
        colours,
        traces,
        x=slot_axis(batches),
        y={"title": {"text": "share of rows"}, "tickformat": ".0%", "rangemode": "tozero", "automargin": False},
        margin={"l": LEFT, "t": 56, "r": 56},
        legend={"y": 1.08},
        hovermode="closest",
        yaxis2=right,
        shapes=highlights(batches, highlight, colours),
    )


def say_band(
    batches: Sequence[Batch], spreads: Sequence[Spread | None], references: Sequence[Spread | None], axis: Axis
) -> str:
    """The band in words: where the median is lowest and highest, and what it is in the reference."""
    known = [(batch, one.quantiles[MIDDLE]) for batch, one in zip(batches, spreads, strict=True) if one]
    if not known:
        return f"{axis.name} over time: no profile of these batches can be read."
    low, high = (function(known, key=lambda item: item[1]) for function in (min, max))
    usual = next((one.quantiles[MIDDLE] for one in references if one), None)
    beside = f" The median of the reference is {axis.place(usual)}." if usual is not None else ""
    return (
        f"{axis.name} over {len(batches)} batches: the median is lowest in {batch_label(low[0])}, "
        f"{axis.place(low[1])}, and highest in {batch_label(high[0])}, {axis.place(high[1])}.{beside}"
    )


def say_shares(batches: Sequence[Batch], spreads: Sequence[Spread | None], categories: Sequence[str], name: str) -> str:
    """The shares in words: from the first to the last batch."""
    known = [dict(one.shares) for one in spreads if one]
    if not known:
        return f"{name} over time: no profile of these batches can be read."
    told = [f"{one} {percent(known[0].get(one, 0.0))} → {percent(known[-1].get(one, 0.0))}" for one in categories[:3]]
    return f"Most frequent categories of {name} over {len(batches)} batches, first to last: " + "; ".join(told) + "."


def _filled(x: list[int], low: list[Any], high: list[Any], colour: str, name: str) -> list[go.Scatter]:
    edge = {"x": x, "mode": "lines", "line": {"width": 0}, "hoverinfo": "skip", "connectgaps": False}
    return [
        go.Scatter(y=low, showlegend=False, **edge),
        go.Scatter(y=high, fill="tonexty", fillcolor=colour, name=name, **edge),
    ]


def _reference_lines(x: list[int], references: Sequence[Spread | None], colours: Palette) -> list[go.Scatter]:
    """Median, and the ends of nine tenths, of the reference that each batch was counted against."""
    if not any(references):
        return []
    return [
        go.Scatter(
            x=x,
            y=[None if one is None else one.quantiles[k] for one in references],
            name="Reference: median and 9 of 10 rows",
            legendgroup="reference",
            showlegend=k == MIDDLE,
            mode="lines",
            line={"color": colours.reference, "width": 2 if k == MIDDLE else 1, "dash": "dash", "shape": "hvh"},
            hoverinfo="skip",
        )
        for k in (0, MIDDLE, len(QUANTILES) - 1)
    ]


def _hover(name: str, one: Spread | None, axis: Axis) -> str:
    if one is None:
        return name
    low, quarter, median, three_quarters, high = one.quantiles
    half, most = axis.span(quarter, three_quarters), axis.span(low, high)
    return f"{name}: median {inert(axis.place(median))}<br>half {inert(half, 60)}<br>9 of 10 {inert(most, 60)}"
