"""Each column's distribution is drawn once in a report, not once for each of its statistics.

Evidently draws it for the smallest value, the largest, the mean, each quartile, …, and its page shows one of these
equal pictures: two thirds of the time of a report. `tests/reports` hold the page to the one that is drawn in full.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from importlib import import_module
from typing import Any

_DRAWN: ContextVar[dict[str, Any] | None] = ContextVar("drawn", default=None)
"""Pictures of the report that this thread writes, by column; None while it writes none."""


@contextmanager
def each_drawn_once() -> Iterator[None]:
    """Within this, of one report, a distribution is drawn once. Evidently must have been imported."""
    _look_before_drawing()
    token = _DRAWN.set({})
    try:
        yield
    finally:
        _DRAWN.reset(token)


def _look_before_drawing() -> None:
    """Put the look into the place of Evidently's function, once; where it has none, all is drawn as it comes."""
    module = import_module("evidently.metrics.column_statistics")
    drawing = getattr(module, "distribution", None)
    if drawing is not None and not hasattr(drawing, "draws"):
        module.distribution = _once(drawing)  # type: ignore[attr-defined] # Evidently's own


def _once(draw: Callable[..., Any]) -> Callable[..., Any]:
    def drawn(title: str, current: Any, reference: Any) -> Any:
        known = _DRAWN.get()
        if known is None:
            return draw(title, current, reference)
        name = str(current.data.name)
        if name not in known:
            known[name] = draw(title, current, reference)
        return known[name]

    drawn.draws = draw  # type: ignore[attr-defined] # says that this is ours
    return drawn
