"""What the next page will need, loaded by the browser while it has nothing else to do."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Final

import streamlit as st

from dashboard.components.browser_side import browser_side, known

_STATIC: Final = Path(st.__file__).parent / "static"
_CODE: Final = _STATIC / "static/js"
_NAMED: Final = re.compile(r"static/js/([\w.-]+\.js)")
_IMPORT: Final = re.compile(r"""(?:from|import)\s*["']\./([\w.-]+\.js)["']""")
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
    """Names of the files, which end in a hash of their content, each after those that it imports; none that every
    page begins with."""
    seen = set(_NAMED.findall((_STATIC / "index.html").read_text("utf-8")))
    ordered: list[str] = []
    for part in PARTS:
        for file in sorted(_CODE.glob(f"{part}.*.js")):
            _add(file.name, ordered, seen)
    return ordered


def _add(name: str, ordered: list[str], seen: set[str]) -> None:
    if name in seen or not (_CODE / name).is_file():
        return
    seen.add(name)
    for imported in _IMPORT.findall((_CODE / name).read_text("utf-8")):
        _add(imported, ordered, seen)
    ordered.append(name)
