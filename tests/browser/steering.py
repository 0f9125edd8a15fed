"""An app that waits and fails when a test says so: see `steered/sitecustomize.py`, which Python finds at its start."""

import os
from pathlib import Path

from tests.app_server import ROOT

_STEERED = Path(__file__).parent / "steered"


def steered(**files: Path) -> dict[str, str]:
    """The environment of such an app: `PACED`, `HELD` or `AWAY`, each with the file by which it is steered."""
    return {
        **{variable: str(file) for variable, file in files.items()},
        "PYTHONPATH": f"{_STEERED}{os.pathsep}{ROOT}",
    }
