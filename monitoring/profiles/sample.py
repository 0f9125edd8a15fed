"""A bounded uniform sample of a batch's rows: the k rows with the smallest seeded hash. Pure, reproducible."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

ROWS_KEPT = 50_000
"""Rows that a check keeps in memory for charts and exact statistics; below it the sample is the whole batch."""


class RowSample:
    """Rows of a batch that comes in parts.

    Args:
        size: rows kept.
        seed: of the hash; the same rows in the same order give the same sample, however they are cut into parts.
    """

    def __init__(self, size: int = ROWS_KEPT, seed: int = 0) -> None:
        self._size = size
        self._seed = seed
        self._seen = 0
        self._bound: np.uint64 | None = None
        self._keys: NDArray[np.uint64] = np.zeros(0, np.uint64)
        self._parts: list[pa.Table] = []

    def add(self, batch: pa.RecordBatch) -> None:
        """Take in the next rows."""
        numbers = np.arange(self._seen, self._seen + batch.num_rows, dtype=np.uint64)
        self._seen += batch.num_rows
        keys = mixed(numbers, self._seed)
        if self._bound is not None:  # only what is smaller than all that is kept can still come in
            smaller = np.flatnonzero(keys < self._bound)
            keys, batch = keys[smaller], batch.take(pa.array(smaller))
        self._keys = np.concatenate((self._keys, keys))
        self._parts.append(pa.Table.from_batches([batch]))
        if len(self._keys) > 2 * self._size:
            self._shrink()

    @property
    def complete(self) -> bool:
        """Whether every row so far is in the sample."""
        return self._seen <= self._size

    def table(self) -> pa.Table | None:
        """The sampled rows in their order; None before the first part."""
        if not self._parts:
            return None
        self._shrink()
        return self._parts[0]

    def _shrink(self) -> None:
        rows = pa.concat_tables(self._parts).combine_chunks()
        if len(self._keys) > self._size:
            kept = np.sort(np.argpartition(self._keys, self._size)[: self._size])
            rows, self._keys = rows.take(pa.array(kept)), self._keys[kept]
            self._bound = self._keys.max()
        self._parts = [rows]


def mixed(numbers: NDArray[np.uint64], seed: int) -> NDArray[np.uint64]:
    """SplitMix64 of row numbers (Steele, Lea & Flood 2014): distinct numbers have distinct hashes."""
    x = numbers + np.uint64(0x9E3779B97F4A7C15 * (seed + 1) % 2**64)
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return np.asarray(x ^ (x >> np.uint64(31)))
