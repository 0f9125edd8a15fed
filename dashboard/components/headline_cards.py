"""The findings that matter most as text with a small picture: the table below is a canvas that not all can read."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from dashboard.charts.axis import Axis
from dashboard.charts.categories import bars, say_bars
from dashboard.charts.frame import CONFIG, small
from dashboard.charts.numeric import histogram, say_histogram
from dashboard.charts.palette import Palette
from dashboard.wording.columns import headline
from dashboard.wording.escape import escape, name
from dashboard.wording.findings import describe
from dashboard.wording.verdicts import state_look
from monitoring.contract import PREDICTION
from monitoring.history.records import CheckResult
from monitoring.policy.verdict import Finding
from monitoring.profiles.picture import CategoryPicture


def show_headlines(result: CheckResult, colours: Palette, link: Callable[[str], object] = lambda column: None) -> None:
    """Up to three cards, each with a `link` to its column; a quiet sentence when nothing moved."""
    findings = headline(result)
    if not findings:
        st.markdown("No input moved beyond its usual range. The table shows how far each of them is from it.")
        return
    st.caption(legend(colours))
    with st.grid(3, min_column_width=280, gap="small"):
        for position, finding in enumerate(findings):
            with st.container(border=True, height="stretch", gap="xsmall"):
                _show(finding, result, colours, key=f"headline-{position}")
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


def _show(finding: Finding, result: CheckResult, colours: Palette, *, key: str) -> None:
    words = describe(finding, result.units.get(finding.column, ""))
    st.markdown(f"**{name(words.column)}** {state_badge(finding)}")
    st.markdown(escape(words.what))
    picture = result.pictures.get(finding.column)
    axis = Axis(words.column, result.units.get(finding.column, ""), share=finding.column == PREDICTION)
    if isinstance(picture, CategoryPicture):
        figure, alt = bars(picture, colours, shown=4), say_bars(picture, name=words.column)
        st.plotly_chart(small(figure, named_rows=True), key=key, config=CONFIG, alt=alt)
    elif picture is not None:
        figure, alt = histogram(picture, colours, axis), say_histogram(picture, axis)
        st.plotly_chart(small(figure), key=key, config=CONFIG, alt=alt)
    st.caption(escape(f"{words.evidence}. {words.note}".strip()))
