"""Values that were seen before, in a stream: eight bytes a row, whatever the values' length."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

VALUES_KEPT = 20_000_000


class Seen:
    """The hashes of all values so far, in sorted runs that are merged as they grow (as in a log-structured tree)."""

    def __init__(self) -> None:
        self._runs: list[NDArray[np.int64]] = []
        self._count = 0

    @property
    def full(self) -> bool:
        """Whether so many values were seen that further ones are no longer looked at."""
        return self._count >= VALUES_KEPT

    def repeated(self, values: Any) -> NDArray[np.int64]:
        """Places of the values of a text column that stand earlier in it or were seen before. Nulls never repeat."""
        if self.full:
            return np.empty(0, np.int64)
        places = np.flatnonzero(np.asarray(values.is_valid().to_numpy(zero_copy_only=False), np.bool_))
        present = values.drop_null().to_numpy(zero_copy_only=False)
        hashes = np.fromiter(map(hash, present), np.int64, len(present))
        distinct, first = np.unique(hashes, return_index=True)
        again = np.ones(len(hashes), np.bool_)
        again[first] = False
        for run in self._runs:
            found = run[np.minimum(np.searchsorted(run, distinct), len(run) - 1)] == distinct
            again[first[found]] = True
        self._remember(distinct)
        return places[again].astype(np.int64)

    def _remember(self, distinct: NDArray[np.int64]) -> None:
        self._count += len(distinct)
        if len(distinct):
            self._runs.append(distinct)
        while len(self._runs) > 1 and len(self._runs[-2]) <= 2 * len(self._runs[-1]):
            merged = np.concatenate((self._runs.pop(), self._runs.pop()))
            merged.sort(kind="stable")
            self._runs.append(merged)
