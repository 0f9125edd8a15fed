"""Values with what they mean, one below the other: side by side where there is room, stacked on a phone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

WIDTHS = (5, 3, 6)


@dataclass(frozen=True, slots=True)
class Explained:
    """One value, as Markdown: what it is called, what it is set to, what it means. Escape what came from outside."""

    name: str
    value: str
    meaning: str


def show_explained(lines: Sequence[Explained]) -> None:
    """The lines; what belongs to one of them stands closer together than they do."""
    with st.container(border=True, gap="small"):
        for line in lines:
            parts = st.columns(WIDTHS, gap="xxsmall")
            for part, text in zip(parts, (line.name, line.value, line.meaning), strict=True):
                part.markdown(text)
