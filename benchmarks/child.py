"""Measuring in a process of its own, which nothing that was measured before has touched."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).parent.parent


def measured_in_child(module: str, *arguments: str | Path, environment: Mapping[str, str] | None = None) -> Any:
    """What `python -m module` prints last, as JSON; `environment` is added to that of this process.

    What it says on the way to standard error is shown when it fails.
    """
    command = [sys.executable, "-m", module, *map(str, arguments)]
    done = subprocess.run(
        command, check=False, capture_output=True, text=True, cwd=PROJECT, env={**os.environ, **(environment or {})}
    )
    if done.returncode:
        raise SystemExit(f"{' '.join(command)} ended with {done.returncode}:\n{done.stderr}")
    return json.loads(done.stdout.splitlines()[-1])
