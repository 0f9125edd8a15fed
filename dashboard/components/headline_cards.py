"""The findings that matter most as text with a small picture: the table below is a canvas that not all can read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final

import streamlit as st

from dashboard.charts.axis import Axis
from dashboard.charts.categories import say_bars
from dashboard.charts.numeric import say_histogram
from dashboard.charts.palette import Palette
from dashboard.wording.columns import headline, nothing_moved
from dashboard.wording.escape import escape, name
from dashboard.wording.findings import describe
from dashboard.wording.verdicts import state_look
from monitoring.contract import PREDICTION
from monitoring.history.records import CheckResult
from monitoring.policy.verdict import Finding
from monitoring.profiles.picture import CategoryPicture
from monitoring.reports.static_charts import Style, chart

SMALL: Final = Style(width=320, height=104, font=11)
_AS_FILE: Final = '<svg xmlns="http://www.w3.org/2000/svg" font-family="system-ui, sans-serif"'
"""How an SVG begins that stands by itself."""


def show_headlines(result: CheckResult, colours: Palette, link: Callable[[str], object] = lambda column: None) -> None:
    """Up to three cards, each with a `link` to its column; a quiet sentence when nothing moved."""
    findings = headline(result)
    if not findings:
        st.markdown(nothing_moved(result))
        return
    st.caption(legend(colours))
    with st.grid(3, min_column_width=280, gap="small"):
        for finding in findings:
            with st.container(border=True, height="stretch", gap="xsmall"):
                _show(finding, result, colours)
                link(finding.column)


def legend(colours: Palette) -> str:
    """Which colour is which side, as Markdown."""
    return (
        f':color[■]{{foreground="{colours.reference}"}} reference, the training period  '
        f':color[■]{{foreground="{colours.production}"}} production, your rows'
    )


def state_badge(finding: Finding) -> str:
    """The state of a finding as Markdown: a coloured badge with icon and word."""
    look = state_look(finding.state)
    return f":{look.colour}-badge[{look.material} {look.word}]"


def _show(finding: Finding, result: CheckResult, colours: Palette) -> None:
    words = describe(finding, result.units.get(finding.column, ""))
    st.markdown(f"**{name(words.column)}** {state_badge(finding)}")
    st.markdown(escape(words.what))
    if finding.column in result.pictures:
        _show_small(finding, result, words.column, colours)
    st.caption(escape(f"{words.evidence}. {words.note}".strip()))


def _show_small(finding: Finding, result: CheckResult, shown: str, colours: Palette) -> None:
    """A small picture: static, so that nothing has to be loaded before the first screen stands."""
    picture, unit = result.pictures[finding.column], result.units.get(finding.column, "")
    axis = Axis(shown, unit, share=finding.column == PREDICTION)
    alt = say_bars(picture, name=shown) if isinstance(picture, CategoryPicture) else say_histogram(picture, axis)
    look = replace(SMALL, reference=colours.reference, production=colours.production, ink=colours.muted)
    drawn = chart(picture, name=shown, unit=unit, share=axis.share, style=look)
    st.image(drawn.replace("<svg", _AS_FILE, 1), width="stretch", alt=alt)
