"""Charts of many batches: their verdicts with what happened between them, and how far each column moved. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import plotly.graph_objects as go

from dashboard.charts.frame import frame, inert, translucent
from dashboard.charts.palette import Palette
from dashboard.charts.slots import LEFT, slot_axis, version_labels
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
LANES: Final[tuple[MarkKind, ...]] = ("roll_back", "promote", "trained")
"""What happened, each kind in a line of its own above the verdicts; a broken feed is a verdict."""
MARK_SYMBOLS: Final = {"trained": "star", "promote": "triangle-right", "roll_back": "triangle-left"}
COLUMNS_SHOWN: Final = 14
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
    """One mark a batch, the verdict by shape and colour, in words under the mouse; above it what happened.

    Args:
        batches: side by side.
        marks: what happened; only where the batches stand in the order of the clock that tells when.
        colours: of the mode.
        highlight: the days looked at.
    """
    lanes = [kind for kind in LANES if any(mark.kind == kind for mark in marks)]
    names = ["Verdict", *(MARKS[kind][0] for kind in lanes)]
    rows = {"tickmode": "array", "tickvals": list(range(len(names))), "ticktext": names}
    return frame(
        colours,
        [*_verdicts(batches, colours), *(_events(marks, kind, y, colours) for y, kind in enumerate(lanes, start=1))],
        x=slot_axis(batches),
        y=rows | {"range": [-0.9, len(lanes) + 0.8], "showgrid": False, "zeroline": False, "automargin": False},
        height=196 + 28 * len(lanes),
        margin={"l": LEFT, "t": 48},
        hovermode="closest",
        showlegend=True,
        shapes=highlights(batches, highlight, colours),
    )


def _verdicts(batches: Sequence[Batch], colours: Palette) -> list[go.Scatter]:
    """A trace for each verdict that there is, with the version on marks that another one scored than most."""
    versions = version_labels(batches)
    clear = {"marker": {"opacity": 1}, "textfont": {"color": colours.text}}
    traces = []
    for name in VERDICTS:
        places = [place for place, batch in enumerate(batches) if batch.verdict == name]
        if places:
            traces.append(
                go.Scatter(
                    x=places,
                    y=[0] * len(places),
                    mode="markers+text",
                    name=verdict_look(name).word,
                    marker=_mark(SYMBOLS[name], colours.verdicts[name], _size(batches)),
                    text=[versions[place] for place in places],
                    textposition="bottom center",
                    textfont={"color": colours.text, "size": 12},
                    selected=clear,
                    unselected=clear,
                    customdata=[_hover(batches[place]) for place in places],
                    hovertemplate="%{customdata}<extra></extra>",
                )
            )
    return traces


def _events(marks: Sequence[Mark], kind: MarkKind, y: int, colours: Palette) -> go.Scatter:
    """The events of one kind, those of one place as one mark with all of them under the mouse."""
    places: dict[float, list[str]] = {}
    for mark in marks:
        if mark.kind == kind:
            places.setdefault(mark.place, []).append(inert(mark_line(mark), 200))
    clear = {"marker": {"opacity": 1}}
    return go.Scatter(
        x=list(places),
        y=[y] * len(places),
        mode="markers",
        name=MARKS[kind][0],
        showlegend=False,
        marker=_mark(MARK_SYMBOLS[kind], colours.text, 9),
        cliponaxis=False,
        selected=clear,
        unselected=clear,
        customdata=["<br>".join(lines) for lines in places.values()],
        hovertemplate="%{customdata}<extra></extra>",
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
    return frame(
        colours,
        [field, *_click_targets(batches, columns)],
        x=slot_axis(batches),
        y=names,
        height=96 + 26 * max(len(columns), 2),
        margin={"l": LEFT, "t": 12},
        hovermode="closest",
        showlegend=False,
        shapes=highlights(batches, highlight, colours, outlined=True),
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
    name = inert(days if not batch.name or days == batch.name else f"{days}, {batch.name}", 60)
    return f"{name}, version {batch.version}"
