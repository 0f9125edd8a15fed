"""Where a page draws what it shows. What stood there goes at once when it shows something else."""

from __future__ import annotations

from typing import Final

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

_SHOWN: Final = "stage.{key}"
_NOTHING: Final = (0, "", "")


class Stage:
    """A place that is new for whatever else is shown.

    Left to itself Streamlit fades what a run has not drawn anew, part by part, for as long as the run takes: half of
    the page before stands under the next one, and a busy browser draws both sixty times a second. So there are two
    places, one after the other; the one that is not used is emptied.

    Args:
        key: of the place.
        address: what is asked for. The page before goes now if that was another, before it is known what will be shown.
    """

    def __init__(self, key: str, address: str) -> None:
        self._key = _SHOWN.format(key=key)
        self._address = address
        self._place, before, _ = st.session_state.get(self._key, _NOTHING)
        self._drawn: DeltaGenerator | None = None
        self._title: DeltaGenerator | None = None
        if before not in ("", address):
            self._draw(1 - self._place)

    def go_on(self, address: str) -> None:
        """What is asked for was found out on the way: it is this address from here on."""
        self._address = address

    def announce(self, title: str) -> None:
        """Say what is waited for, in Markdown, where the page before has gone; it goes when there is something to show.

        Nothing is said on a page that is asked for again: what it shows stays while it waits.
        """
        if self._title is not None:
            self._title.title(title, anchor=False)

    def show(self, what: str) -> DeltaGenerator:
        """The container to draw in; a new one when `what` is another than in the run before."""
        _, _, before = st.session_state.get(self._key, _NOTHING)
        if self._title is not None:
            self._title.empty()
        drawn = self._drawn or self._draw(self._place if before in ("", what) else 1 - self._place)
        st.session_state[self._key] = (self._place, self._address, what)
        return drawn

    def _draw(self, place: int) -> DeltaGenerator:
        first = st.empty() if place else st.container()
        second = st.container() if place else st.empty()
        self._place = place
        self._drawn = second if place else first
        self._title = self._drawn.empty()  # always there, so that what follows has the same position in every run
        return self._drawn
