"""Colours of the charts on a light and on a dark page. Chosen so that the two sides differ in lightness too. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

Mode = Literal["light", "dark"]


@dataclass(frozen=True, slots=True)
class Palette:
    """Colours of one mode. Red is for the gap alone, so that it is never mistaken for a side."""

    reference: str
    production: str
    gap: str
    outcome: str
    text: str
    muted: str
    grid: str
    surface: str
    verdicts: dict[str, str]
    scale: tuple[str, ...]


LIGHT: Final = Palette(
    reference="#6b7a8c",
    production="#d1600a",
    gap="#c0392b",
    outcome="#0f5ea8",
    text="#141b26",
    muted="#5b6675",
    grid="#e3e7ec",
    surface="#ffffff",
    verdicts={
        "stable": "#2e7d4f",
        "watch": "#c77700",
        "drift": "#c0392b",
        "broken": "#6f42a8",
        "undecided": "#2f6fb0",
    },
    scale=("#f4f6f8", "#f9dcc0", "#f2b27e", "#e0843d", "#c05a0c", "#8a3c05"),
)

DARK: Final = Palette(
    reference="#9aa8b8",
    production="#f39a4a",
    gap="#ff7b6b",
    outcome="#5aa9f5",
    text="#e6eaf0",
    muted="#a8b3c1",
    grid="#2a323d",
    surface="#12161c",
    verdicts={
        "stable": "#5fbf8a",
        "watch": "#e0a33e",
        "drift": "#ff7b6b",
        "broken": "#b594e6",
        "undecided": "#6fb1f0",
    },
    scale=("#1c232c", "#46301f", "#7a4a1f", "#b36a25", "#e58b36", "#ffc48a"),
)


def palette(mode: str | None) -> Palette:
    """The colours of a mode; the light ones when the browser does not say."""
    return DARK if mode == "dark" else LIGHT
