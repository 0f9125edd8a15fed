"""What all figures share: size, fonts, axes, text from files made inert. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import plotly.graph_objects as go

from dashboard.charts.palette import Palette
from dashboard.wording.escape import shorten

HEIGHT: Final = 290
CONFIG: Final[dict[str, Any]] = {"displayModeBar": False, "scrollZoom": False, "responsive": True}
"""How the browser runs the figures: no tool bar that covers them, no zoom while the page is scrolled."""


def inert(text: str, longest: int = 28) -> str:
    """Text from a file for a label of a figure, where `<b>`, `<a href>` and `&lt;` would be read as markup.

    >>> inert("<b>x</b> & y")
    '&lt;b&gt;x&lt;/b&gt; &amp; y'
    """
    cut = shorten(" ".join(text.split()) or "(empty)", longest)
    return cut.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def frame(
    colours: Palette,
    traces: Sequence[Any],
    *,
    x: Mapping[str, Any] | None = None,
    y: Mapping[str, Any] | None = None,
    height: int = HEIGHT,
    **layout: Any,
) -> go.Figure:
    """A figure with the page's looks: its legend stands above the plot, its margins fit a phone.

    Everything is given at once: each later change of a figure costs as much as making it.

    Args:
        colours: of the mode.
        traces: what is drawn.
        x: what the x axis has beside the looks; y: the same of the y axis.
        height: in pixels.
        layout: anything else; a dictionary adds to what is there.
    """
    axis = _axis(colours)
    looks = _looks(colours) | {
        "height": height,
        "xaxis": _joined(axis | {"showgrid": False}, x or {}),
        "yaxis": _joined(axis | {"showgrid": True}, y or {}),
    }
    return go.Figure(data=list(traces), layout=_joined(looks, layout))


def _looks(colours: Palette) -> dict[str, Any]:
    return {
        "margin": {"l": 44, "r": 12, "t": 34, "b": 42},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "font": {"color": colours.text, "size": 13},
        "legend": {"orientation": "h", "x": 0, "y": 1.0, "xanchor": "left", "yanchor": "bottom", "font": {"size": 13}},
        "hovermode": "x unified",
        "hoverlabel": {"bgcolor": colours.surface, "font": {"color": colours.text}, "bordercolor": colours.grid},
        "dragmode": False,
        "bargap": 0,
    }


def _axis(colours: Palette) -> dict[str, Any]:
    return {
        "gridcolor": colours.grid,
        "zerolinecolor": colours.grid,
        "linecolor": colours.grid,
        "tickfont": {"color": colours.muted, "size": 12},
        "title": {"font": {"color": colours.muted, "size": 12}, "standoff": 6},
        "fixedrange": True,
        "automargin": True,
    }


def _joined(base: Mapping[str, Any], more: Mapping[str, Any]) -> dict[str, Any]:
    """`more` over `base`, dictionary by dictionary."""
    joined = dict(base)
    for key, value in more.items():
        there = joined.get(key)
        joined[key] = _joined(there, value) if isinstance(there, Mapping) and isinstance(value, Mapping) else value
    return joined


def translucent(colour: str, share: float) -> str:
    """`#rrggbb` with an opacity.

    >>> translucent("#6b7a8c", 0.5)
    'rgba(107,122,140,0.5)'
    """
    red, green, blue = (int(colour[start : start + 2], 16) for start in (1, 3, 5))
    return f"rgba({red},{green},{blue},{share:g})"
