"""The engine as the pages reach it, and what the browser says about itself."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import streamlit as st

from dashboard.charts.palette import Palette, palette
from monitoring.wiring import open_driftline, settings_from_environment
from monitoring.workflows.delete import tidy
from monitoring.workflows.keeping_up import keep_up_from_now_on
from monitoring.workflows.parts import Driftline
from monitoring.workflows.retention import sweep_daily

ASSETS: Final = Path(__file__).parent / "assets"


def driftline() -> Driftline:
    """The engine, opened once for all sessions. Raises DriftlineError when it cannot be."""
    return _open(tuple(sorted((k, v) for k, v in os.environ.items() if k.startswith("DRIFTLINE_"))))


@st.cache_resource(show_spinner=False, max_entries=4)
def _open(environment: tuple[tuple[str, str], ...]) -> Driftline:
    opened = open_driftline(settings_from_environment(dict(environment)))
    tidy(opened)
    keep_up_from_now_on(opened)
    sweep_daily(opened)
    return opened


def colours() -> Palette:
    """Colours of the charts for the theme that the browser shows."""
    return palette(st.context.theme.type)


def now() -> datetime:
    """The time, for words like "5 min ago"."""
    return datetime.now(UTC)
