"""What the next page will need, loaded by the browser while it has nothing else to do."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Final

import streamlit as st

from dashboard.components.browser_side import browser_side, known

_CODE: Final = Path(st.__file__).parent / "static/static/js"
PARTS: Final = ("axios", "Progress", "Metric", "ImageList", "PageLink")
"""Of Streamlit's code what the way from a dropped file to its verdict needs and the start does not, with what they
need themselves: sent to begin with, it would hold up the start; asked for on the way, it holds up the verdict."""
SCRIPTS: Final = ("in_view", "watch")
"""Of our own scripts the same."""


def load_ahead() -> None:
    """Have the browser load them when it is idle. What it does not find is loaded when it is needed, as ever."""
    browser_side("ahead")(key="ahead", data={"parts": _files(), "scripts": [known(script) for script in SCRIPTS]})


@cache
def _files() -> list[str]:
    """Names of the files, which end in a hash of their content."""
    return [file.name for part in PARTS for file in sorted(_CODE.glob(f"{part}.*.js"))]
