"""What was worked out once and is likely to be asked for again, kept in memory within a bound."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Any, Generic, TypeVar

from monitoring.profiles.counts import NumericCounts
from monitoring.profiles.profile import Profile

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")

MOST_BYTES = 256 * 1024 * 1024
"""What is kept of windows together: a year of stored profiles of 25 columns weighs about 40 MB."""
MOST_BATCHES = 10_000
"""Judged windows that are kept beside them: days of 25 time lines, some 3 kB each."""
USUAL_BYTES = 20_000
"""What anything else than a profile is taken to weigh."""


class Kept(Generic[K, V]):
    """Values by keys that say all they were made from, such as ids of content; the ones used last. Safe for threads.

    Args:
        most: what the values may weigh together.
        weigh: what one weighs; 1 each unless told otherwise. One that weighs more than all may is made each time.
    """

    def __init__(self, most: int, weigh: Callable[[V], int] = lambda value: 1) -> None:
        self._most, self._weigh = most, weigh
        self._lock = Lock()
        self._values: OrderedDict[K, V] = OrderedDict()
        self._weight = 0
        self._making: dict[K, Lock] = {}

    def __contains__(self, key: K) -> bool:
        with self._lock:
            return key in self._values

    def known(self, key: K) -> V | None:
        """The value of a key if it was made and is still here. It counts as used."""
        with self._lock:
            if key not in self._values:
                return None
            self._values.move_to_end(key)
            return self._values[key]

    def get(self, key: K, make: Callable[[], V]) -> V:
        """The value of a key, made now or before. Of threads that ask at once one makes it and the others wait.

        What `make` asks for in turn must not need this value.
        """
        with self._lock:
            if key in self._values:
                self._values.move_to_end(key)
                return self._values[key]
            making = self._making.setdefault(key, Lock())
        with making:
            with self._lock:
                if key in self._values:
                    return self._values[key]
            try:
                value = make()
                self._keep(key, value)
            finally:
                with self._lock:
                    self._making.pop(key, None)
            return value

    def _keep(self, key: K, value: V) -> None:
        weight = self._weigh(value)
        with self._lock:
            if weight > self._most:
                return
            self._values[key] = value
            self._weight += weight
            while self._weight > self._most:
                _, oldest = self._values.popitem(last=False)
                self._weight -= self._weigh(oldest)


WorkedOut = Kept[tuple[str, ...], Any]
"""Profiles, windows and verdicts by what they were made from; the first part of a key names the kind."""


def keep_work() -> WorkedOut:
    """A new store for what windows work out."""
    return Kept(MOST_BYTES, weigh)


def keep_batches() -> WorkedOut:
    """A new store for windows that were judged to stand side by side."""
    return Kept(MOST_BATCHES)


def weigh(value: object) -> int:
    """About how many bytes a value takes in memory."""
    if not isinstance(value, Profile):
        return USUAL_BYTES
    columns = sum(
        own.cells.nbytes + (own.sums.nbytes if isinstance(own, NumericCounts) else 100 * len(own.unseen))
        for own in value.columns.values()
    )
    return columns + sum(blocks.nbytes for blocks in value.blocks.columns.values()) + USUAL_BYTES
