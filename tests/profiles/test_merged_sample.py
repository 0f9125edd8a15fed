"""A sample that merges: the same rows whatever the cuts and the order, uniform, with complete counts."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import chisquare

from monitoring.profiles.merged_sample import MergedSample
from monitoring.profiles.mismatch import ProfileMismatch
from tests.tables_of_rows import rows_of

row = st.tuples(st.sampled_from([0.0, -0.0, 1.5, np.nan]), st.sampled_from(["a", "b", None]), st.integers(0, 2))
some = st.lists(row, min_size=1, max_size=30)


def table(rows: list[tuple[float, str | None, int]]) -> pa.Table:
    x, c, days = zip(*rows, strict=True)
    return rows_of(days, x=np.array(x, dtype=float), c=c)


def sample(rows: list[tuple[float, str | None, int]], size: int = 4) -> MergedSample:
    return MergedSample.of(table(rows), "reference", size=size)


def same(a: MergedSample, b: MergedSample) -> bool:
    assert np.array_equal(a.hashes, b.hashes)
    assert np.array_equal(a.counts, b.counts)
    assert content(a.rows) == content(b.rows)
    return a.seen == b.seen


def content(rows: pa.Table) -> list[tuple[object, ...]]:
    return [tuple(None if value != value else value for value in row.values()) for row in rows.to_pylist()]  # noqa: PLR0124  # NaN


@given(some, some, some)
@settings(max_examples=60, deadline=None)
def test_merging_is_sampling_the_rows_together(a, b, c) -> None:
    assert same(sample(a) + sample(b) + sample(c), sample(a + b + c))
    assert same(sample(a) + (sample(b) + sample(c)), sample(c) + sample(a) + sample(b))


@given(some)
@settings(max_examples=60, deadline=None)
def test_counts_are_those_of_the_rows(a) -> None:
    wanted = Counter(content(table(a)))
    found = sample(a)
    assert dict(zip(content(found.rows), found.counts.tolist(), strict=True)).items() <= wanted.items()
    assert len(found.counts) == min(4, len(wanted))
    whole = sample(a, size=100)
    assert whole.complete
    assert whole.duplicate_share == pytest.approx(1 - len(wanted) / len(a))


def test_every_row_is_as_likely_as_any_other_and_another_seed_takes_others() -> None:
    rows, taken = rows_of(x=np.arange(40.0)), np.zeros(40)
    for seed in range(600):
        taken[MergedSample.of(rows, "reference", size=10, seed=seed).rows.column("x").to_numpy().astype(int)] += 1
    assert taken.sum() == 6_000
    assert chisquare(taken).pvalue > 1e-4


def test_the_share_of_duplicates_is_estimated_beyond_the_size() -> None:
    rng = np.random.default_rng(0)
    values = rng.integers(0, 20_000, 30_000).astype(float)
    found = MergedSample.of(rows_of(x=values), "reference", size=2_000)
    assert not found.complete
    assert found.duplicate_share == pytest.approx(1 - len(np.unique(values)) / 30_000, abs=0.02)


def test_samples_that_do_not_belong_together_are_refused() -> None:
    rows = table([(1.0, "a", 0)])
    mine = MergedSample.of(rows, "reference")
    for other in (
        MergedSample.of(rows, "another"),
        MergedSample.of(rows, "reference", seed=1),
        MergedSample.of(rows, "reference", size=7),
        MergedSample.of(rows.drop_columns(["x"]), "reference"),
    ):
        with pytest.raises(ProfileMismatch):
            mine + other
