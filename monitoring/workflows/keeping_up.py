"""While the page runs: at its start hooks that are not ready are told; what was left undone about retraining is done
then, and from time to time."""

from __future__ import annotations

import logging
import threading
import weakref

from monitoring.workflows.decide import keep_up
from monitoring.workflows.parts import Driftline
from monitoring.workflows.retrain import tell_unready_hooks

SECONDS = 20.0
"""How often: a worker that went away is started again, and a cool-down that ended is seen, within this time."""

_logger = logging.getLogger(__name__)


def keep_up_from_now_on(driftline: Driftline, *, seconds: float = SECONDS) -> threading.Thread:
    """Tell which hooks are not ready; keep up in a thread, first at once, for as long as somebody holds this engine."""
    tell_unready_hooks(driftline)
    thread = threading.Thread(target=_serve, args=(weakref.ref(driftline), seconds), name="keep-up", daemon=True)
    thread.start()
    return thread


def _serve(reference: weakref.ref[Driftline], seconds: float) -> None:
    pause = threading.Event()
    while (driftline := reference()) is not None:
        try:
            keep_up(driftline)
        except Exception:  # the next time is soon, and the page must not end with it
            _logger.exception("Retraining by policy could not be looked after")
        del driftline
        pause.wait(seconds)
