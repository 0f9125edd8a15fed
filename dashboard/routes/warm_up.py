"""What the first visitor would wait for, imported and loaded while nobody waits."""

from __future__ import annotations

import gc
import importlib
import logging
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from dashboard.arrivals import ARRIVALS
from dashboard.routes.readiness import check_readiness

_MODULES = ("pandas", "pyarrow", "monitoring.workflows.check", "dashboard.views.check_result")
_SELDOM = ("onnx",)
"""What only large files need, for the first of which it would take a quarter of a second: last."""
_logger = logging.getLogger(__name__)


@asynccontextmanager
async def warm_up(_app: Any) -> AsyncIterator[None]:
    """Lifespan of the server: starts to import and to load, and lets the server start at once; tidies at its end."""
    threading.Thread(target=_load, name="warm-up", daemon=True).start()
    yield
    ARRIVALS.clear()


def _load() -> None:
    """Nothing depends on this: what fails here is told by the page, and by /api/ready, when it is needed."""
    try:
        for module in _MODULES:
            importlib.import_module(module)
        check_readiness()
        for module in _SELDOM:
            importlib.import_module(module)
        gc.collect()
        gc.freeze()  # a million objects that stay: walking them again and again would hold up pages and checks
    except Exception:
        _logger.exception("The app starts cold")
