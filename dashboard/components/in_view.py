"""Parts of a page that are made when they come into view: charts and tables cost the most, and most stay below."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

import plotly.graph_objects as go
import streamlit as st

from dashboard.charts.frame import CONFIG, HEIGHT
from dashboard.components.browser_side import browser_side

GAP: Final = 16
"""Pixels that Streamlit leaves between two parts of a page."""
_PLACE: Final = (
    f'<div role="img" data-waits style="height: {HEIGHT}px; border-radius: 0.5rem; '
    'background: var(--st-secondary-background-color)"></div>'
)


def in_view(key: str, *, height: int, says: str, narrow: int | None = None) -> bool:
    """Whether this place of the page has been in view. Until then it is held free; then its fragment runs again.

    To be called in a fragment, so that nothing else is run for it.

    Args:
        key: of the place; what was seen once is drawn at once from then on, whatever it then shows.
        height: in pixels, of what will stand there.
        says: in words what will stand there, for who cannot see it.
        narrow: its height on a phone, where it is another one.
    """
    seen = f"seen.{key}"
    if st.session_state.get(seen):
        return True
    browser_side("in_view", html=_PLACE)(
        key=f"{key}-place",
        data={"height": height, "narrow": narrow or height, "says": says},
        on_seen_change=lambda: st.session_state.update({seen: True}),
    )
    return False


@st.fragment
def show_chart(
    make: Callable[[], go.Figure],
    *,
    key: str,
    alt: str,
    height: int = HEIGHT,
    options: Mapping[str, Any] | None = None,
) -> None:
    """A chart that is made and sent when it comes into view.

    Args:
        make: makes it.
        key: of the chart; alt: it in words.
        height: in pixels.
        options: what else `st.plotly_chart` takes.
    """
    if in_view(key, height=height, says=alt):
        st.plotly_chart(make(), key=key, config=CONFIG, alt=alt, **(options or {}))
