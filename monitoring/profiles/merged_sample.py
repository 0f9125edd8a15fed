"""A bounded uniform sample of distinct rows that merges: the k smallest of a seeded hash of each row's content. Pure.

Bottom-k sampling (Cohen & Kaplan 2007). A row that is kept in the end was among the smallest in every part, so that its
count is complete: `of(a) + of(b) == of(a and b)`, whatever the cuts and the order. Rows with an id are all distinct;
without one equal rows are kept once, with their number.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from monitoring.profiles.grid import Ints
from monitoring.profiles.mismatch import ProfileMismatch
from monitoring.profiles.sample import mixed

Hashes = NDArray[np.uint64]

ROWS = 1_000
"""Rows kept unless another number is asked for."""


@dataclass(frozen=True, slots=True)
class MergedSample:
    """Distinct rows with the smallest hashes.

    Attributes:
        reference: content hash of the reference that the rows are to be compared with.
        size: distinct rows kept at most; seed: of the hash.
        seen: rows seen.
        hashes: (k,) increasing.
        counts: (k,) how often each row was seen.
        rows: (k,) the rows, in the order of their hashes.
    """

    reference: str
    size: int
    seed: int
    seen: int
    hashes: Hashes
    counts: Ints
    rows: pa.Table

    @classmethod
    def of(cls, batch: pa.RecordBatch | pa.Table, reference: str, *, size: int = ROWS, seed: int = 0) -> MergedSample:
        """The sample of conforming rows."""
        table = batch if isinstance(batch, pa.Table) else pa.Table.from_batches([batch])
        hashes, counts = hash_rows(table, seed), np.ones(table.num_rows, dtype=np.int64)
        whole = cls(reference, size, seed, table.num_rows, hashes, counts, table)
        return whole._smallest()

    def __add__(self, other: MergedSample) -> MergedSample:
        if self.reference != other.reference:
            raise ProfileMismatch("These samples were taken for different references and cannot be added.")
        if (self.size, self.seed) != (other.size, other.seed):
            raise ProfileMismatch("These samples were taken with another size or seed and cannot be added.")
        if self.rows.schema != other.rows.schema:
            raise ProfileMismatch("These samples have different columns and cannot be added.")
        both = replace(
            self,
            seen=self.seen + other.seen,
            hashes=np.concatenate((self.hashes, other.hashes)),
            counts=np.concatenate((self.counts, other.counts)),
            rows=pa.concat_tables([self.rows, other.rows]),
        )
        return both._smallest()

    @property
    def complete(self) -> bool:
        """Whether every row seen is one of those kept."""
        return int(self.counts.sum()) == self.seen

    @property
    def duplicate_share(self) -> float:
        """Share of rows that repeat an earlier one: exact when complete, else estimated from the distinct rows kept."""
        return 1 - len(self.counts) / int(self.counts.sum()) if self.seen else 0.0

    def _smallest(self) -> MergedSample:
        hashes, first, place = np.unique(self.hashes, return_index=True, return_inverse=True)
        counts = np.bincount(place, weights=self.counts, minlength=len(hashes)).astype(np.int64)
        kept = slice(0, self.size)
        rows = self.rows.take(pa.array(first[kept])).combine_chunks()
        return replace(self, hashes=hashes[kept], counts=counts[kept], rows=rows)


def hash_rows(rows: pa.Table, seed: int) -> Hashes:
    """A hash of each row's content (n,): the same for equal rows, whatever the batch they come in."""
    hashes = np.full(rows.num_rows, seed, dtype=np.uint64)
    for name in sorted(rows.schema.names):
        column = rows.column(name).combine_chunks()
        hashes = mixed(hashes ^ mixed(_column_hashes(column), seed=1), seed=2)
    return hashes


def _column_hashes(column: pa.Array) -> Hashes:
    if pa.types.is_string(column.type):
        encoded = column.dictionary_encode()
        levels = [_text_hash(level) for level in encoded.dictionary.to_pylist()]
        codes = pc.fill_null(encoded.indices, len(levels)).to_numpy(zero_copy_only=False)
        return np.array([*levels, 0], dtype=np.uint64)[np.asarray(codes, dtype=np.int64)]
    if not pa.types.is_floating(column.type):
        column = column.cast(pa.int64())
        whole = np.asarray(pc.fill_null(column, np.iinfo(np.int64).min).to_numpy(zero_copy_only=False))
        return whole.astype(np.int64).view(np.uint64)
    values = np.asarray(column.cast(pa.float64()).to_numpy(zero_copy_only=False), dtype=np.float64) + 0.0
    return np.where(np.isnan(values), np.nan, values).view(np.uint64)


def _text_hash(text: str) -> int:
    return int.from_bytes(hashlib.blake2b(text.encode(errors="surrogatepass"), digest_size=8).digest(), "little")
