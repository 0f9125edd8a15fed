"""Charts of many batches: their verdicts with what happened between them, and how far each column moved. Pure.

The batches stand side by side in the order given, one slot each, whatever the time between them: two checks of the same
month by two versions are neighbours, not on top of each other.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

import plotly.graph_objects as go

from dashboard.charts.frame import frame, inert, translucent
from dashboard.charts.palette import Palette
from dashboard.wording.findings import shown_name
from dashboard.wording.verdicts import VERDICTS, verdict_look
from dashboard.wording.windows import MARKS, batch_label, mark_line
from monitoring.contract import PREDICTION
from monitoring.workflows.over_time import Batch, Mark, MarkKind
from monitoring.workflows.periods import Period

SYMBOLS: Final = {
    "stable": "circle",
    "watch": "diamond",
    "drift": "triangle-up",
    "broken": "x",
    "undecided": "circle-open",
}
MARK_SYMBOLS: Final[dict[MarkKind, str]] = {
    "trained": "star",
    "promote": "triangle-right",
    "roll_back": "triangle-left",
    "incident": "x-thin",
}
COLUMNS_SHOWN: Final = 14
LABELS_SHOWN: Final = 12
"""Labels on the axis at most; the others are said under the mouse."""
VERSIONS_NAMED: Final = 4
"""Changes of version up to which each is named in the figure; more would be written over each other."""
LEFT: Final = 104
"""Width left of the plots: the same in all of them, so that a batch stands in one line from chart to chart."""
APART: Final = 0.2
"""Distance of marks at the same place, in slots."""
CLICKABLE: Final = 1_500
"""Fields up to which each can be clicked: every one is an element of the page."""


@dataclass(frozen=True, slots=True)
class Highlight:
    """The days looked at, and those they are compared with."""

    period: Period = Period()  # noqa: RUF009 - a frozen value
    other: Period | None = None


NO_HIGHLIGHT: Final = Highlight()


def strip(
    batches: Sequence[Batch], marks: Sequence[Mark], colours: Palette, highlight: Highlight = NO_HIGHLIGHT
) -> go.Figure:
    """One mark a batch, the verdict by shape and colour, in words under the mouse; above it what happened."""
    traces = []
    for name in VERDICTS:
        places = [place for place, batch in enumerate(batches) if batch.verdict == name]
        if places:
            traces.append(
                go.Scatter(
                    x=places,
                    y=[0] * len(places),
                    mode="markers",
                    name=verdict_look(name).word,
                    marker=_mark(SYMBOLS[name], colours.verdicts[name], _size(batches)),
                    selected={"marker": {"opacity": 1}},
                    unselected={"marker": {"opacity": 1}},
                    customdata=[_hover(batches[place]) for place in places],
                    hovertemplate="%{customdata}<extra></extra>",
                )
            )
    apart = side_by_side([mark.place for mark in marks])
    for kind, (word, _) in MARKS.items():
        found = [(x, mark) for x, mark in zip(apart, marks, strict=True) if mark.kind == kind]
        if found:
            colour = colours.verdicts["broken"] if kind == "incident" else colours.text
            traces.append(
                go.Scatter(
                    x=[x for x, _ in found],
                    y=[1] * len(found),
                    mode="markers",
                    name=word,
                    marker=_mark(MARK_SYMBOLS[kind], colour, 11),
                    cliponaxis=False,
                    selected={"marker": {"opacity": 1}},
                    unselected={"marker": {"opacity": 1}},
                    customdata=[inert(mark_line(mark), 200) for _, mark in found],
                    hovertemplate="%{customdata}<extra></extra>",
                )
            )
    rows = {"tickmode": "array", "tickvals": [0, 1], "ticktext": ["Verdict", "Events"], "showgrid": False}
    return frame(
        colours,
        traces,
        x=slot_axis(batches),
        y=rows | {"range": [-0.8, 1.7 if marks else 0.8], "zeroline": False, "automargin": False},
        height=206 if marks else 176,
        margin={"l": LEFT, "t": 48},
        hovermode="closest",
        showlegend=True,
        shapes=highlights(batches, highlight, colours),
    )


def effects(batches: Sequence[Batch], colours: Palette, highlight: Highlight = NO_HIGHLIGHT) -> go.Figure:
    """A field for each column and batch, the stronger the further it moved; a mark in it where it is in drift."""
    columns = columns_shown(batches)
    field = go.Heatmap(
        z=[[batch.effects.get(column) for batch in batches] for column in columns],
        x=list(range(len(batches))),
        y=list(range(len(columns))),
        zmin=0,
        zmax=1,
        colorscale=[[step / (len(colours.scale) - 1), colour] for step, colour in enumerate(colours.scale)],
        text=[["▲" if column in batch.drifted else "" for batch in batches] for column in columns],
        texttemplate="%{text}" if len(batches) <= CLICKABLE / COLUMNS_SHOWN else None,
        textfont={"size": 11},
        customdata=[[f"{_name(batch)}<br>{inert(shown_name(column))}" for batch in batches] for column in columns],
        hovertemplate="%{customdata}<br>moved %{z:.2f}<extra></extra>",
        hoverongaps=False,
        xgap=2 if len(batches) <= 60 else 0,
        ygap=2,
        showscale=False,
    )
    names = {
        "tickmode": "array",
        "tickvals": list(range(len(columns))),
        "ticktext": [inert(shown_name(column), 14) for column in columns],
        "range": [len(columns) - 0.5, -0.5],
        "showgrid": False,
        "automargin": False,
    }
    lines = version_lines(batches, colours)
    return frame(
        colours,
        [field, *_click_targets(batches, columns)],
        x=slot_axis(batches),
        y=names,
        height=112 + 26 * max(len(columns), 2),
        margin={"l": LEFT, "t": 28},
        hovermode="closest",
        showlegend=False,
        shapes=[*highlights(batches, highlight, colours, outlined=True), *lines["shapes"]],
        annotations=lines["annotations"],
    )


def say_effects(batches: Sequence[Batch]) -> str:
    """The field of effects in words."""
    columns, told = columns_shown(batches), []
    for column in columns[:3]:
        top = max((batch for batch in batches if column in batch.effects), key=lambda batch: batch.effects[column])
        often = sum(column in batch.drifted for batch in batches)
        drift = f", in drift {often} times" if often > 1 else ", in drift once" if often else ""
        told.append(f"{shown_name(column)} up to {top.effects[column]:.2f} ({batch_label(top)}){drift}")
    if not told:
        return "No column was tested."
    return f"How far each of {len(columns)} columns moved in {len(batches)} batches. " + "; ".join(told) + "."


def columns_shown(batches: Sequence[Batch]) -> list[str]:
    """The predictions, then the columns that moved furthest in any batch."""
    furthest: dict[str, float] = {}
    for batch in batches:
        for column, effect in batch.effects.items():
            furthest[column] = max(effect, furthest.get(column, 0.0))
    return sorted(furthest, key=lambda column: (column != PREDICTION, -furthest[column], column))[:COLUMNS_SHOWN]


def slot_axis(batches: Sequence[Batch]) -> dict[str, Any]:
    """The axis on which batches stand, a label for some of them where there are many."""
    labels, every = labels_of(batches), max(1, -(-len(batches) // LABELS_SHOWN))
    places = list(range(0, len(batches), every))
    return {
        "tickmode": "array",
        "tickvals": places,
        "ticktext": [inert(labels[place], 22) for place in places],
        "range": [-0.5, len(batches) - 0.5],
        "automargin": "height",
        "showgrid": False,
        "zeroline": False,
    }


def labels_of(batches: Sequence[Batch]) -> list[str]:
    """The labels of batches, numbered where several would be the same; which is which is said under the mouse."""
    labels = [batch_label(batch) for batch in batches]
    seen: dict[str, int] = {}
    told = []
    for label in labels:
        seen[label] = seen.get(label, 0) + 1
        told.append(label)
    again: dict[str, int] = {}
    for place, label in enumerate(labels):
        if seen[label] > 1:
            again[label] = again.get(label, 0) + 1
            told[place] = f"{label} ({again[label]})"
    return told


def highlights(
    batches: Sequence[Batch], highlight: Highlight, colours: Palette, *, outlined: bool = False
) -> list[dict[str, Any]]:
    """A band behind the batches that have a day in the period looked at, a paler one behind those compared with."""
    shapes = []
    for days, colour in ((highlight.other, colours.reference), (highlight.period, colours.outcome)):
        if days is None or not days.bounded:
            continue
        for first, last in _runs([_meets(batch, days) for batch in batches]):
            look = {"line": {"color": colour, "width": 2}} if outlined else {"line": {"width": 0}}
            fill = "rgba(0,0,0,0)" if outlined else translucent(colour, 0.18)
            place = {"x0": first - 0.5, "x1": last + 0.5, "y0": 0, "y1": 1, "yref": "paper"}
            shapes.append(
                {"type": "rect", "layer": "above" if outlined else "below", "fillcolor": fill, **look, **place}
            )
    return shapes


def side_by_side(places: Sequence[float]) -> list[float]:
    """Places of marks, those at the same one moved a little apart.

    >>> side_by_side([1.0, 2.5, 2.5])
    [1.0, 2.4, 2.6]
    """
    seen: dict[float, int] = {}
    moved = []
    for place in places:
        number = seen.get(place, 0)
        seen[place] = number + 1
        moved.append(place + APART * (number - (places.count(place) - 1) / 2))
    return moved


def version_lines(batches: Sequence[Batch], colours: Palette) -> dict[str, list[dict[str, Any]]]:
    """A dotted line with the version's number wherever another version scored than the batch before."""
    pairs = pairwise(batches)
    changes = [(i + 0.5, after.version) for i, (before, after) in enumerate(pairs) if before.version != after.version]
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


def _click_targets(batches: Sequence[Batch], columns: Sequence[str]) -> list[go.Scatter]:
    """Unseen marks in the fields, which can be clicked; none where there are too many."""
    if not columns or len(batches) * len(columns) > CLICKABLE:
        return []
    places = [(x, y) for y in range(len(columns)) for x in range(len(batches))]
    clear = {"marker": {"opacity": 0}}
    return [
        go.Scatter(
            x=[x for x, _ in places],
            y=[y for _, y in places],
            mode="markers",
            marker={"symbol": "square", "size": 20, "opacity": 0},
            selected=clear,
            unselected=clear,
            hoverinfo="skip",
        )
    ]


def _meets(batch: Batch, days: Period) -> bool:
    return batch.first is not None and batch.last is not None and days.meets(batch.first, batch.last)


def _runs(inside: Sequence[bool]) -> list[tuple[int, int]]:
    """First and last place of each run of True."""
    runs: list[tuple[int, int]] = []
    for place, one in enumerate(inside):
        if one and runs and runs[-1][1] == place - 1:
            runs[-1] = (runs[-1][0], place)
        elif one:
            runs.append((place, place))
    return runs


def _mark(symbol: str, colour: str, size: int) -> dict[str, object]:
    return {"symbol": symbol, "size": size, "color": colour, "line": {"width": 2, "color": colour}}


def _size(batches: Sequence[Batch]) -> int:
    """Size of a mark that leaves room for its neighbours."""
    return 15 if len(batches) <= 13 else 11 if len(batches) <= 40 else 8 if len(batches) <= 90 else 5


def _hover(batch: Batch) -> str:
    return f"<b>{verdict_look(batch.verdict).label}</b> {_name(batch)}<br>{inert(batch.sentence, 110)}"


def _name(batch: Batch) -> str:
    days = batch_label(batch)
    return inert(days if not batch.name or days == batch.name else f"{days}, {batch.name}", 60)
