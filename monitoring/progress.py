"""How long work reports where it is, and learns that a person asked it to stop. Pure."""

from __future__ import annotations

from collections.abc import Callable

Progress = Callable[[float, str], None]
"""`progress(share, message)`: share done in [0, 1] and a sentence; raises `Cancelled` when asked to stop."""


def silent(share: float, message: str) -> None:
    """A progress that tells nobody and never stops the work."""
