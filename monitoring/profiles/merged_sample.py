"""A bounded uniform sample of distinct rows that merges: the k smallest of a seeded hash of each row's content. Pure.

Bottom-k sampling (Cohen & Kaplan 2007). A row that is kept in the end was among the smallest in every part, so that its
count is complete: `of(a) + of(b) == of(a and b)`, whatever the cuts and the order. Equal rows are kept once, with their
number. What a row is, is decided by who takes the sample: see `sampled_columns`.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa

from monitoring.contract import Contract
from monitoring.profiles.grid import Ints
from monitoring.profiles.mismatch import ProfileMismatch
from monitoring.profiles.row_hash import Hashes, hash_rows

ROWS = 1_000
"""Rows kept unless another number is asked for."""
CANDIDATES = 2
"""How many times the rows to keep are looked at first."""


@dataclass(frozen=True, slots=True)
class Repeats:
    """Distinct rows, all of them or a uniform sample, and how often each was seen.

    Attributes:
        counts: (k,) how often each of the distinct rows kept was seen.
        seen: rows there were.
        reach: share of all hashes up to which all distinct rows were kept; 1 where it is not known, or all were kept.
    """

    counts: Ints
    seen: int
    reach: float = 1.0

    @classmethod
    def of(cls, rows: pa.Table) -> Repeats:
        """Of all rows of a table."""
        _, counts = np.unique(hash_rows(rows, 0), return_counts=True)
        return cls(counts, rows.num_rows)

    @property
    def complete(self) -> bool:
        """Whether all distinct rows were kept."""
        return int(self.counts.sum()) == self.seen


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
    def of(
        cls,
        batch: pa.RecordBatch | pa.Table,
        reference: str,
        *,
        size: int = ROWS,
        seed: int = 0,
        limit: np.uint64 | None = None,
    ) -> MergedSample:
        """The sample of conforming rows; coded text comes as text.

        With the `limit` of a sample that it will be added to, only rows are kept that can enter the sum.
        """
        table = batch if isinstance(batch, pa.Table) else pa.Table.from_batches([batch])
        seen, hashes = table.num_rows, hash_rows(table, seed)
        if limit is not None:
            within = np.flatnonzero(hashes <= limit)
            hashes, table = hashes[within], table.take(pa.array(within))
        counts = np.ones(len(hashes), dtype=np.int64)
        smallest = cls(reference, size, seed, seen, hashes, counts, table)._smallest()
        return replace(smallest, rows=_decoded(smallest.rows))

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
    def limit(self) -> np.uint64 | None:
        """The largest hash with which a row can still enter; None as long as every row can."""
        return np.uint64(self.hashes[-1]) if len(self.hashes) == self.size else None

    @property
    def complete(self) -> bool:
        """Whether every row seen is one of those kept."""
        return int(self.counts.sum()) == self.seen

    @property
    def repeats(self) -> Repeats:
        """How often its rows were seen."""
        whole = self.complete or not len(self.hashes)
        return Repeats(self.counts, self.seen, 1.0 if whole else (float(self.hashes[-1]) + 1) / 2.0**64)

    def _smallest(self) -> MergedSample:
        candidates = _candidates(self.hashes, self.size)
        hashes, first, place = np.unique(self.hashes[candidates], return_index=True, return_inverse=True)
        counts = np.bincount(place, weights=self.counts[candidates], minlength=len(hashes)).astype(np.int64)
        kept = slice(0, self.size)
        rows = self.rows.take(pa.array(candidates[first[kept]])).combine_chunks()
        return replace(self, hashes=hashes[kept], counts=counts[kept], rows=rows)


def sampled_columns(contract: Contract, names: Collection[str]) -> tuple[str, ...]:
    """What makes two rows the same: the features, and the time where the batch has it.

    The same features at another time are another row: an airport's weather stands for an hour. Ids are left out, or a
    feed that gives new ids to what it sends twice would repeat nothing; predictions follow from the features, and an
    outcome that contradicts makes a repeated row no other. Whether few kinds of features repeat themselves by nature is
    for the reference to say.
    """
    columns = [*(feature.name for feature in contract.features), *filter(None, [contract.timestamp])]
    return tuple(name for name in columns if name in names)


def _decoded(rows: pa.Table) -> pa.Table:
    fields = [
        pa.field(field.name, field.type.value_type) if pa.types.is_dictionary(field.type) else field
        for field in rows.schema
    ]
    return rows.cast(pa.schema(fields))


def _candidates(hashes: Hashes, size: int) -> Ints:
    """Places of all hashes (n,) below a bound that leaves `size` distinct ones or more, where there are so many."""
    share = CANDIDATES * (size + 8) / max(len(hashes), 1)
    while share < 1:
        places = np.flatnonzero(hashes < np.uint64(int(share * 2**64)))
        if len(places) >= size and len(np.unique(hashes[places])) >= size:
            return places
        share *= 8
    return np.arange(len(hashes))
