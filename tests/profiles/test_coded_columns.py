"""Dictionary-encoded categories and filtered samples: the same profile, the same hashes, the same rows."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from monitoring.profiles.profile import profile_batch
from monitoring.profiles.row_hash import hash_rows
from monitoring.profiles.sample import RowSample, mixed
from tests.profiles.test_profile import REFERENCE, row, same, table


def coded(rows: pa.Table, unused: list[str]) -> pa.Table:
    """The categories as codes in a dictionary that also holds levels which no row has."""
    texts = rows.column("c").combine_chunks()
    levels = [*unused, *(level for level in texts.unique().to_pylist() if level is not None and level not in unused)]
    codes = pa.array([None if text is None else levels.index(text) for text in texts.to_pylist()], pa.int32())
    column = pa.DictionaryArray.from_arrays(codes, pa.array(levels, pa.string()))
    return rows.set_column(rows.schema.get_field_index("c"), "c", column)


@given(st.lists(row, min_size=1), st.lists(st.sampled_from(["b", "NA", "longer than eight"]), unique=True))
@settings(max_examples=60, deadline=None)
def test_coded_categories_count_as_their_text(rows, unused) -> None:
    plain = table(rows)
    one, other = (profile_batch(side, REFERENCE.grids, sample=3) for side in (plain, coded(plain, unused)))
    assert same(one, other)


@given(st.lists(st.none() | st.text(st.sampled_from("ab\0Δ"), max_size=20), min_size=1))
def test_coded_text_hashes_as_text(words) -> None:
    texts = pa.array(words, pa.string())
    assert (hash_rows(pa.table({"c": texts}), 3) == hash_rows(pa.table({"c": texts.dictionary_encode()}), 3)).all()


@given(st.lists(st.integers(0, 50), min_size=1, max_size=30), st.integers(1, 40), st.integers(0, 3))
@settings(max_examples=60, deadline=None)
def test_a_sample_keeps_the_rows_with_the_smallest_hashes_however_they_are_cut(parts, size, seed) -> None:
    sample, total = RowSample(size, seed), sum(parts)
    start = 0
    for part in parts:
        sample.add(pa.record_batch({"x": pa.array(np.arange(start, start + part))}))
        start += part
    keys = mixed(np.arange(total, dtype=np.uint64), seed)
    rows = sample.table()
    assert rows is not None
    assert rows.column("x").to_pylist() == sorted(np.argsort(keys)[:size].tolist())
    assert sample.complete == (total <= size)
