"""Scripts of ours that run in the browser, served as files: the page's policy allows no inline script."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Final

import streamlit as st
from streamlit.components.v2.get_bidi_component_manager import get_bidi_component_manager
from streamlit.components.v2.manifest_scanner import ComponentConfig, ComponentManifest
from streamlit.components.v2.types import ComponentRenderer

_DASHBOARD: Final = Path(__file__).parent.parent
_FOLDER: Final = "assets/browser"
_NAME: Final = "driftline"


def browser_side(name: str, *, html: str = "") -> ComponentRenderer:
    """What mounts the script `assets/browser/<name>.js` on the page.

    Streamlit takes scripts from files of installed packages only, which it finds when it starts; Driftline is not
    installed, so it names its folder itself.

    Args:
        name: of the file; one name, one script.
        html: what the script finds in its place; never text from a file.
    """
    known(name)
    return _renderer(name, html)


def known(name: str) -> str:
    """Have the server hand out a script, which it does from then on. Returns the name by which Streamlit knows it."""
    full = f"{_NAME}.{name}"
    manager = get_bidi_component_manager()
    if manager.get_component_path(full) is None:
        folder = ComponentConfig(name=name, asset_dir=_FOLDER)
        manager.register_from_manifest(ComponentManifest(name=_NAME, version="1", components=[folder]), _DASHBOARD)
    return full


@cache
def _renderer(name: str, html: str) -> ComponentRenderer:
    """Made once, not in every run of a page: making it reads the script."""
    return st.components.v2.component(f"{_NAME}.{name}", html=html or None, js=f"{name}.js", isolate_styles=False)
