"""Which rows are the same row: by id, or by content where a row has no id. Pure."""

from __future__ import annotations

from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from monitoring.contract import Contract

NO_DAY = -1

Integers = NDArray[np.int64]
Booleans = NDArray[np.bool_]

_UNIT_SEPARATOR = "\x1f"
_MISSING = "\x00"


def find_blocks(rows: pa.Table, contract: Contract) -> Integers:
    """Which block of whole days each row (n,) belongs to, counted from the year 1; `NO_DAY` for one without a time."""
    if contract.timestamp is None:
        return np.full(rows.num_rows, NO_DAY, dtype=np.int64)
    since_1970 = rows[contract.timestamp].cast(pa.date32()).cast(pa.int32()).cast(pa.int64())
    days: Integers = pc.fill_null(pc.add(since_1970, date(1970, 1, 1).toordinal()), NO_DAY).to_numpy()
    return np.where(days == NO_DAY, NO_DAY, days // contract.block_days)


def list_contents(rows: pa.Table, contract: Contract) -> pa.Array:
    """The features of each row as one text: the same on every machine and in every version."""
    texts = [pc.fill_null(rows[name].cast(pa.string()), _MISSING) for name in contract.feature_names]
    return _flat(pc.binary_join_element_wise(*texts, _UNIT_SEPARATOR))


def list_ids(rows: pa.Table, contract: Contract) -> pa.Array:
    """The id of each row, null for a row without."""
    return pa.nulls(rows.num_rows, pa.string()) if contract.id is None else _flat(rows[contract.id])


def list_names(rows: pa.Table, contract: Contract) -> pa.Array:
    """A text that names each row: its id; else its content, its time and how many such rows stand before it.

    The count lets two tables be united without losing rows that are alike: the union holds as many of them as the table
    that has more.
    """
    ids = list_ids(rows, contract)
    if not ids.null_count:
        return pc.binary_join_element_wise("id", ids, _UNIT_SEPARATOR)
    contents = list_contents(rows, contract)
    if contract.timestamp is not None:
        time = pc.fill_null(_flat(rows[contract.timestamp]).cast(pa.int64()).cast(pa.string()), _MISSING)
        contents = pc.binary_join_element_wise(contents, time, _UNIT_SEPARATOR)
    counted = pc.binary_join_element_wise(contents, _count_before(contents).cast(pa.string()), _UNIT_SEPARATOR)
    return pc.coalesce(pc.binary_join_element_wise("id", ids, _UNIT_SEPARATOR), counted)


def find_shared(rows: pa.Table, others: pa.Table, contract: Contract) -> Booleans:
    """Which of `rows` (n,) are also among `others`, or may be: an unnamed row is compared by its features alone."""
    ids, other_ids = list_ids(rows, contract), list_ids(others, contract)
    shared = _mask(pc.and_(pc.is_valid(ids), pc.is_in(ids, other_ids.drop_null())))
    unnamed, others_unnamed = _mask(pc.is_null(ids)), _mask(pc.is_null(other_ids))
    if unnamed.any() or others_unnamed.any():
        contents, other_contents = list_contents(rows, contract), list_contents(others, contract)
        shared |= unnamed & _mask(pc.is_in(contents, other_contents))
        shared |= _mask(pc.is_in(contents, other_contents.filter(pa.array(others_unnamed))))
    return shared


def find_same_days(rows: pa.Table, others: pa.Table, contract: Contract) -> Booleans:
    """Which of `rows` (n,) are of a block of days that `others` have rows of."""
    blocks, others_blocks = find_blocks(rows, contract), find_blocks(others, contract)
    same: Booleans = np.isin(blocks, others_blocks) & (blocks != NO_DAY)
    return same


def unite(tables: list[pa.Table], contract: Contract) -> pa.Table:
    """All rows of all tables, each row once, as it stands in the last table that has it."""
    rows = pa.concat_tables(tables)
    names = pa.concat_arrays([_flat(list_names(table, contract)) for table in tables])
    order = pc.index_in(names, pc.unique(names)).to_numpy()
    last = np.full(len(names), -1, dtype=np.int64)
    np.maximum.at(last, order, np.arange(len(names)))
    return rows.take(pa.array(np.sort(last[last >= 0]))).combine_chunks()


def _count_before(texts: pa.Array) -> pa.Array:
    codes = texts.dictionary_encode().indices.to_numpy()
    order = np.argsort(codes, kind="stable")
    ranked = codes[order]
    starts = np.flatnonzero(np.r_[True, ranked[1:] != ranked[:-1]]) if len(ranked) else np.array([], dtype=np.int64)
    counts = np.empty(len(codes), dtype=np.int64)
    counts[order] = np.arange(len(codes)) - np.repeat(starts, np.diff(np.r_[starts, len(codes)]))
    return pa.array(counts)


def _mask(values: pa.Array) -> Booleans:
    mask: Booleans = values.to_numpy(zero_copy_only=False).astype(np.bool_)
    return mask


def _flat(column: pa.Array | pa.ChunkedArray) -> pa.Array:
    return column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
