"""Work of some seconds, done beside the page: a click or a closed tab does not stop it, and what came out is kept."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from time import monotonic, sleep
from typing import Final, TypeVar

import streamlit as st

from dashboard.wording.escape import escape

T = TypeVar("T")
Report = Callable[[float, str], None]

AT_ONCE: Final = 8
"""Threads for all pages together: what takes a moment must not wait for what takes long."""
UNNOTICED: Final = 0.4
"""Seconds after which it is said what is being done."""
PAUSE: Final = 0.05


def wait_for(work: Callable[[Report], T], says: str) -> T:
    """What `work` gives, which is told how to report its share and a sentence. Raises what it raises.

    The page shows `says` while it waits. When it is left the work goes on; `work` must keep what it makes, so that the
    next run finds it.
    """
    told = [(0.0, says)]
    future: Future[T] = _pool().submit(work, lambda share, sentence: told.append((share, sentence)))
    begun, place = monotonic(), st.empty()
    while not future.done():
        sleep(PAUSE)
        if monotonic() - begun > UNNOTICED:
            share, sentence = told[-1]
            place.progress(min(max(share, 0.0), 1.0), text=escape(sentence))
    place.empty()
    return future.result()


@st.cache_resource(show_spinner=False)
def _pool() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(AT_ONCE, thread_name_prefix="window")
