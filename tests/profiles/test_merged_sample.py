"""A sample that merges: the same rows whatever the cuts and the order, uniform, with complete counts."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import chisquare

from monitoring.profiles.merged_sample import MergedSample, Repeats, sampled_columns
from monitoring.profiles.mismatch import ProfileMismatch
from monitoring.profiles.row_hash import hash_rows
from tests.tables_of_rows import contract_of, rows_of

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


@given(some, some, some)
@settings(max_examples=60, deadline=None)
def test_what_cannot_enter_the_sum_may_be_left_out_at_once(a, b, c) -> None:
    so_far = sample(a) + sample(b)
    assert so_far.limit is None or len(so_far.hashes) == 4
    for earlier in (sample(a), so_far):
        last = MergedSample.of(table(c), "reference", size=4, limit=earlier.limit)
        assert same(so_far + last, sample(a + b + c))
        assert earlier.limit is None or len(last.hashes) == 0 or last.hashes[-1] <= earlier.limit


@given(some)
@settings(max_examples=60, deadline=None)
def test_counts_are_those_of_the_rows(a) -> None:
    wanted = Counter(content(table(a)))
    found = sample(a)
    assert dict(zip(content(found.rows), found.counts.tolist(), strict=True)).items() <= wanted.items()
    assert len(found.counts) == min(4, len(wanted))
    whole = sample(a, size=100)
    assert whole.complete
    assert sorted(whole.repeats.counts) == sorted(wanted.values()) == sorted(Repeats.of(table(a)).counts)
    assert whole.repeats.reach == 1


def test_every_row_is_as_likely_as_any_other_and_another_seed_takes_others() -> None:
    rows, taken = rows_of(x=np.arange(40.0)), np.zeros(40)
    for seed in range(600):
        taken[MergedSample.of(rows, "reference", size=10, seed=seed).rows.column("x").to_numpy().astype(int)] += 1
    assert taken.sum() == 6_000
    assert chisquare(taken).pvalue > 1e-4


def test_how_far_the_sample_reaches_tells_the_number_of_distinct_rows() -> None:
    rng = np.random.default_rng(0)
    values = rng.integers(0, 20_000, 30_000).astype(float)
    found = MergedSample.of(rows_of(x=values), "reference", size=2_000)
    assert not found.complete
    assert len(found.counts) / found.repeats.reach == pytest.approx(len(np.unique(values)), rel=4 / 2_000**0.5)


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_rows_are_kept_the_same_when_most_are_out_of_the_question(data) -> None:
    """A large batch looks at small hashes first: the same rows as when all are sorted."""
    kinds, size = data.draw(st.sampled_from([3, 40, 5_000])), data.draw(st.integers(1, 60))
    rows = rows_of(x=np.random.default_rng(kinds).integers(0, kinds, 4_000).astype(float))
    hashes, counts = np.unique(hash_rows(rows, 0), return_counts=True)
    found = MergedSample.of(rows, "reference", size=size)
    assert np.array_equal(found.hashes, hashes[:size])
    assert np.array_equal(found.counts, counts[:size])


word = st.text(st.sampled_from("ab\0Δ"), max_size=20)


@given(st.lists(st.tuples(st.sampled_from([0.0, -0.0, 1.0, np.nan, -np.nan, np.inf]), st.none() | word), min_size=1))
def test_hashes_are_equal_where_the_rows_are_wherever_they_stand(rows) -> None:
    numbers, texts = (list(side) for side in zip(*rows, strict=True))
    whole = pa.table({"x": pa.array(numbers, from_pandas=False), "c": pa.array(texts, pa.string())})
    hashes = hash_rows(whole, 0)
    keys = [(None if x != x else x, c) for x, c in rows]  # noqa: PLR0124  # NaN
    assert len(set(zip(keys, hashes.tolist(), strict=True))) == len(set(keys)) == len(set(hashes.tolist()))
    alone = [hash_rows(whole.slice(i, 1).select(["c", "x"]), 0)[0] for i in range(len(rows))]
    assert hashes.tolist() == alone
    assert (hash_rows(whole, 1) != hashes).all()


def test_a_missing_number_is_the_same_row_however_it_is_written() -> None:
    values = [pa.array([None], pa.float64()), pa.array([np.nan]), pa.array([-np.nan])]
    assert len({int(hash_rows(pa.table({"x": one}), 0)[0]) for one in values}) == 1


def test_few_round_numbers_in_many_columns_do_not_collide() -> None:
    """Round numbers differ in a few high bits only, which a product carries out of the word."""
    place = np.arange(200_000)
    digits = {f"c{i}": pa.array((place // 8**i % 8) * 1024.0) for i in range(6)}
    hashes = hash_rows(pa.table(digits), 0)
    assert len(np.unique(hashes)) == len(place)
    assert chisquare(np.histogram(hashes / 2.0**64, 50, (0, 1))[0]).pvalue > 1e-4


def test_a_row_is_its_features_and_its_time() -> None:
    contract = contract_of(("x",), {"c": ["a"]}, dated=True)
    assert sampled_columns(contract, ["id", "c", "x", "at", "prediction", "y"]) == ("x", "c", "at")
    assert sampled_columns(contract, ["c", "x", "prediction"]) == ("x", "c")


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
