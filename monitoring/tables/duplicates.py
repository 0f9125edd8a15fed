"""Values that were seen before, in a stream and in bounded memory: eight bytes a value, whatever their length."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from monitoring.profiles.row_hash import Hashes, hash_rows

VALUES_KEPT = 1 << 22
"""Values that are remembered; of more, a uniform sample of the distinct ones."""
_FIRST_BITS = 24
_NONE = np.empty(0, np.int64)


@dataclass(frozen=True, slots=True)
class Hashed:
    """The hashes of a column of texts: what takes work and needs no other column.

    Attributes:
        hashes: (n,) of the values, in their order.
        valid: (n,) where there is a value; None where there is one everywhere.
        ordered: (v,) those of the values, increasing.
    """

    hashes: Hashes
    valid: NDArray[np.bool_] | None
    ordered: Hashes

    @classmethod
    def of(cls, values: Any) -> Hashed:
        """From a text column."""
        hashes = hash_rows(pa.table({"": values}), 0)
        if not values.null_count:
            return cls(hashes, None, np.sort(hashes))
        valid = np.asarray(values.is_valid().to_numpy(zero_copy_only=False), np.bool_)
        return cls(hashes, valid, np.sort(hashes[valid]))

    def below(self, bound: np.uint64) -> Hashed:
        """Only those up to a bound."""
        within = self.hashes < bound
        valid = within if self.valid is None else within & self.valid
        return Hashed(self.hashes, valid, self.ordered[: np.searchsorted(self.ordered, bound)])


class Seen:
    """The hashes of all values so far, in sorted runs that are merged as they grow (as in a log-structured tree).

    A table of the first bits that hashes have had tells of nearly every new value that it is none of them.

    When there are too many, only those below half of the bound so far stay, and only such values are looked for from
    then on: equal values have equal hashes, so that each is compared with all of its kind or with none.

    Args:
        most: values that are remembered.
    """

    def __init__(self, most: int = VALUES_KEPT) -> None:
        self._runs: list[Hashes] = []
        self._first_bits = np.zeros(1 << _FIRST_BITS, np.bool_)
        self._count = 0
        self._most = most
        self.one_in = 1
        """Of how many distinct values one is looked for."""

    def repeated(self, values: Hashed) -> NDArray[np.int64]:
        """Places of the values that stand earlier in their column or were seen before. Nulls never repeat."""
        values = values if self.one_in == 1 else values.below(self._bound)
        ordered = values.ordered
        if not len(ordered):
            return _NONE
        known = np.zeros(len(ordered), np.bool_)
        known[1:] = ordered[1:] == ordered[:-1]
        first_bits = (ordered >> np.uint64(64 - _FIRST_BITS)).astype(np.int64)
        maybe = np.flatnonzero(self._first_bits[first_bits])
        candidates = ordered[maybe]
        for run in self._runs:
            known[maybe] |= run[np.minimum(np.searchsorted(run, candidates), len(run) - 1)] == candidates
        self._first_bits[first_bits] = True
        again = bool(known.any())
        self._remember(ordered[~known] if again else ordered)
        return self._places(values, ordered[known]) if again else _NONE

    @property
    def _bound(self) -> np.uint64:
        return np.uint64((1 << 64) // self.one_in - 1)

    def _places(self, values: Hashed, known: Hashes) -> NDArray[np.int64]:
        """Where the values stand whose hashes are in `known` once for each time that they repeat."""
        among = np.isin(values.hashes, known)
        candidates = np.flatnonzero(among if values.valid is None else among & values.valid)
        distinct, first, counts = np.unique(values.hashes[candidates], return_index=True, return_counts=True)
        times = np.searchsorted(known, distinct, side="right") - np.searchsorted(known, distinct, side="left")
        again = np.ones(len(candidates), np.bool_)
        again[first[times < counts]] = False
        return candidates[again]

    def _remember(self, distinct: Hashes) -> None:
        self._count += len(distinct)
        if len(distinct):
            self._runs.append(distinct)
        while len(self._runs) > 1 and len(self._runs[-2]) <= 2 * len(self._runs[-1]):
            merged = np.concatenate((self._runs.pop(), self._runs.pop()))
            merged.sort(kind="stable")
            self._runs.append(merged)
        while self._count > self._most:
            self.one_in *= 2
            self._runs = [run[: np.searchsorted(run, self._bound)].copy() for run in self._runs]
            self._runs = [run for run in self._runs if len(run)]
            self._count = sum(map(len, self._runs))
