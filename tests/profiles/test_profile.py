"""Profiles add up to the last count, whatever the cuts and the order."""

from __future__ import annotations

import io
from collections import Counter
from contextlib import nullcontext

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitoring.profiles import counting
from monitoring.profiles.codec import MAGIC, START, decode_profile, encode_profile
from monitoring.profiles.counts import UNSEEN_KEPT, CategoryCounts, NumericCounts
from monitoring.profiles.grid import COARSE_POINTS, EVEN_POINTS, MAX_POINTS, CategoryGrid, NumericGrid, locate
from monitoring.profiles.merged_sample import MergedSample
from monitoring.profiles.packing import from_surprises, pack_ints, surprises, unpack_ints
from monitoring.profiles.profile import Profile, ProfileMismatch, profile_batch
from tests.loops import numpy_alone
from tests.tables_of_rows import contract_of, reference_of, rows_of

CONTRACT = contract_of(("x",), {"c": ["a", "b"]}, dated=True)

numbers = st.one_of(st.integers(-5, 5).map(float), st.floats(-1e6, 1e6), st.sampled_from([np.nan, np.inf, -np.inf]))
row = st.tuples(numbers, st.sampled_from(["a", "b", "new", "Δ", None]), st.integers(0, 4))


def table(rows: list[tuple[float, str | None, int]]) -> pa.Table:
    x, c, days = zip(*rows, strict=True)
    return rows_of(days, x=np.array(x, dtype=float), c=c)


REFERENCE = reference_of(CONTRACT, table([(float(i % 7), "ab"[i % 2], i % 3) for i in range(40)]))


def profiled(rows: list[tuple[float, str | None, int]], sample: int | None = 3) -> Profile:
    return profile_batch(table(rows), REFERENCE.grids, sample=sample)


def same(a: Profile, b: Profile, extremes: tuple[str, ...] = ("lowest", "highest")) -> bool:
    """Equal in every count and every sampled row; sums of floats to rounding."""
    for name, counts in a.columns.items():
        other = b.columns[name]
        if isinstance(counts, NumericCounts) and isinstance(other, NumericCounts):
            assert np.array_equal(counts.cells, other.cells)
            for plain in ("missing", "above_all", "below_all", "not_numbers", *extremes):
                assert getattr(counts, plain) == getattr(other, plain), plain
            assert counts.sums == pytest.approx(other.sums, rel=1e-9, abs=1e-6)
            assert counts.total == pytest.approx(other.total, rel=1e-9, abs=1e-6)
        elif isinstance(counts, CategoryCounts) and isinstance(other, CategoryCounts):
            assert np.array_equal(counts.cells, other.cells)
            assert (counts.missing, dict(counts.unseen), counts.unseen_rows) == (
                other.missing,
                dict(other.unseen),
                other.unseen_rows,
            )
        assert np.array_equal(a.blocks.columns[name], b.blocks.columns[name])
    assert np.array_equal(a.blocks.ids, b.blocks.ids)
    assert np.array_equal(a.blocks.rows, b.blocks.rows)
    assert (a.reference, a.points, a.blocks.left_out) == (b.reference, b.points, b.blocks.left_out)
    return a.rows == b.rows and same_sample(a.sample, b.sample)


def same_sample(a: MergedSample | None, b: MergedSample | None) -> bool:
    if a is None or b is None:
        return a is b
    assert (a.reference, a.size, a.seed, a.seen) == (b.reference, b.size, b.seed, b.seen)
    assert np.array_equal(a.hashes, b.hashes)
    assert np.array_equal(a.counts, b.counts)
    sides = [[tuple("missing" if x != x else x for x in row.values()) for row in s.rows.to_pylist()] for s in (a, b)]  # noqa: PLR0124  # NaN
    return a.rows.schema.equals(b.rows.schema) and sides[0] == sides[1]


@given(st.lists(row, min_size=1), st.lists(row, min_size=1), st.lists(row, min_size=1))
@settings(max_examples=60, deadline=None)
def test_adding_is_counting_the_rows_together(a, b, c) -> None:
    assert same(profiled(a) + profiled(b) + profiled(c), profiled(a + b + c))
    assert same(profiled(a) + (profiled(b) + profiled(c)), profiled(a + b + c))
    assert same(profiled(c) + profiled(b) + profiled(a), profiled(a + b + c))


def test_a_sum_has_a_sample_where_both_have_one_and_a_difference_has_none() -> None:
    a, b = profiled([(1.0, "a", 0)]), profiled([(2.0, "b", 0)])
    plain = profiled([(1.0, "a", 0)], sample=None)
    assert (a + b).sample is not None
    assert (a + plain).sample is (plain + a).sample is (a + b - a).sample is plain.sample is None
    with pytest.raises(ProfileMismatch, match="another size"):
        a + profiled([(1.0, "a", 0)], sample=4)


@given(st.lists(row, min_size=1), st.sampled_from([None, 3, 100]))
@settings(max_examples=60, deadline=None)
def test_bytes_hold_the_whole_profile(rows, sample: int | None) -> None:
    before = profiled(rows, sample)
    after = decode_profile(encode_profile(before))
    assert same(after, before)
    for name, counts in before.columns.items():
        if isinstance(counts, NumericCounts):
            assert np.array_equal(counts.sums, after.columns[name].sums)
    assert encode_profile(after) == encode_profile(before)
    assert same(after + before, before + before)


@given(st.binary(max_size=200))
def test_other_bytes_are_refused(data: bytes) -> None:
    with pytest.raises(ProfileMismatch):
        decode_profile(data)


STORED = encode_profile(profiled([(1.0, "a", 0), (7.5, "new", 3)]))


@given(st.integers(0, len(STORED) - 1), st.integers(1, 255))
def test_bytes_with_one_of_them_changed_are_refused(place: int, change: int) -> None:
    damaged = bytearray(STORED)
    damaged[place] ^= change
    with pytest.raises(ProfileMismatch):
        decode_profile(bytes(damaged))


@given(st.integers(0, len(STORED) - 1))
def test_bytes_cut_short_are_refused(size: int) -> None:
    with pytest.raises(ProfileMismatch, match="damaged"):
        decode_profile(STORED[:size])


def test_other_formats_are_refused_with_their_number() -> None:
    archive = io.BytesIO()
    np.savez_compressed(archive, header=np.zeros(1))
    with pytest.raises(ProfileMismatch, match="format older than 4"):
        decode_profile(archive.getvalue())
    for number in (3, 5):
        with pytest.raises(ProfileMismatch, match=f"has format {number}; this version reads 4"):
            decode_profile(MAGIC + START.pack(number, 0) + STORED[len(MAGIC) + START.size :])


@given(st.lists(st.integers(-(2**62), 2**62 - 1)))
def test_whole_numbers_are_packed_to_the_last_one(numbers: list[int]) -> None:
    packed = pack_ints(np.array(numbers, dtype=np.int64))
    assert unpack_ints(packed, len(numbers)).tolist() == numbers
    with pytest.raises((ValueError, IndexError)):
        unpack_ints(packed + b"\0", len(numbers))


@given(st.lists(st.lists(st.integers(0, 2**40), min_size=3, max_size=3), max_size=6))
def test_counts_per_block_come_back_from_what_was_not_expected(counts: list[list[int]]) -> None:
    table = np.array(counts, dtype=np.int64).reshape(-1, 3)
    rows = table.sum(axis=1)
    assert np.array_equal(from_surprises(surprises(table, rows), rows), table)


def test_profiles_of_other_references_do_not_add() -> None:
    mine = profiled([(1.0, "a", 0)])
    other = Profile("another", mine.rows, mine.columns, mine.blocks)
    with pytest.raises(ProfileMismatch):
        mine + other


@pytest.mark.parametrize(("few", "compiled"), [(0, False), (10**9, False), (10**9, True)])
@given(
    st.lists(st.one_of(st.floats(-10, 10), st.integers(-3, 3).map(float)), min_size=1),
    st.lists(st.one_of(st.floats(-10, 10), st.integers(-3, 3).map(float))),
)
def test_each_way_of_counting_is_counting_one_by_one(few, compiled, points, values) -> None:
    grid, data = np.unique(points), np.array(values, dtype=float)
    where = locate(data, grid)
    one_by_one = np.bincount(where, minlength=2 * len(grid) + 1)
    with pytest.MonkeyPatch.context() as patch, nullcontext() if compiled else numpy_alone():
        patch.setattr(counting, "FEW", few)
        counted = counting.count_and_add(np.sort(data), NumericGrid(points=grid, exact=False, coarse=grid))
    counts, sums = counted.cells, counted.sums
    assert np.array_equal(counts, one_by_one)
    assert np.array_equal(counted.filled, np.flatnonzero(one_by_one))
    assert np.array_equal(counted.upto, np.cumsum(one_by_one)[counted.filled])
    assert np.array_equal(counting.count_cells(np.sort(data), grid), one_by_one)
    assert sums == pytest.approx([data[where == 2 * i].sum() for i in range(len(grid) + 1)], rel=1e-12, abs=1e-12)


def test_cells_mean_what_the_docstring_says() -> None:
    grid = np.array([1.0, 3.0])
    for value, cell in ((0.0, 0), (1.0, 1), (2.0, 2), (3.0, 3), (4.0, 4), (np.inf, 4), (-np.inf, 0)):
        assert locate(np.array([value]), grid)[0] == cell


def test_a_grid_that_does_not_fit_keeps_ends_and_heavy_ties() -> None:
    rng = np.random.default_rng(0)
    values = np.concatenate((rng.normal(size=50_000), np.full(200, 0.123)))
    grid = NumericGrid.of(values)
    assert not grid.exact
    assert len(grid.points) <= MAX_POINTS
    assert {values.min(), values.max(), 0.123} <= set(grid.points)
    heaviest = counting.count_cells(np.sort(values), grid.points)[0::2].max() / len(values)
    assert heaviest < 2e-4


def test_days_are_counted_on_points_within_the_reference_and_far_beside_it() -> None:
    values = np.random.default_rng(3).uniform(10, 11, 5_000)
    values[0] = 1e6
    coarse = NumericGrid.of(values).coarse
    assert len(coarse) <= COARSE_POINTS + EVEN_POINTS
    beside = coarse[(coarse < 10) | ((coarse > 11) & (coarse < 1e6))]
    assert beside.min() < 9.2
    assert beside.max() > 11.8
    assert np.diff(coarse[coarse < 1e6]).max() < 0.11
    tenths = np.quantile(values, np.arange(1, 10) / 10)
    assert len(np.unique(np.searchsorted(coarse, tenths))) == 9


def test_very_many_unseen_categories_keep_their_total_and_add_up() -> None:
    grid = CategoryGrid(("a",))
    levels = {f"level {i}": 1 + i % 3 for i in range(3 * UNSEEN_KEPT)}
    items = list(levels.items())
    whole = CategoryCounts.of(levels, 0, grid)
    parts = [CategoryCounts.of(dict(items[i::3]), 0, grid) for i in range(3)]
    assert whole.unseen_rows == sum(levels.values())
    assert len(whole.unseen) == UNSEEN_KEPT
    assert dict((parts[0] + parts[1] + parts[2]).unseen) == dict(whole.unseen)
    assert all(levels[level] == count for level, count in whole.unseen.items())


levels_drawn = st.dictionaries(st.sampled_from([f"level {i}" for i in range(12)]), st.integers(1, 5))


@given(levels_drawn, levels_drawn, levels_drawn, st.integers(1, 6))
def test_few_kept_categories_have_whole_counts_whatever_was_added_and_taken_away(a, b, c, most: int) -> None:
    grid = CategoryGrid(("known",))
    one, two, three = (CategoryCounts.of(levels, 0, grid).coarsened(most) for levels in (a, b, c))
    whole = Counter(a) + Counter(b)
    assert dict((one + two).unseen) == dict(CategoryCounts.of(whole, 0, grid).coarsened(most).unseen)
    left = one + two - two + three
    wanted = Counter(a) + Counter(c)
    assert left.unseen_rows == wanted.total()
    assert left.unseen.items() <= wanted.items()
    assert left.capped or dict(left.unseen) == dict(wanted)


def test_infinite_values_are_counted_apart() -> None:
    counts = NumericCounts.of(np.array([1.0, np.inf, -np.inf, np.nan]), NumericGrid.of(np.array([1.0])))
    assert (counts.present, counts.missing, counts.above_all, counts.below_all) == (1, 1, 1, 1)
    assert (counts.infinite, counts.rows) == (2, 4)


def test_text_that_is_no_number_is_counted_among_the_missing() -> None:
    rows = table([(np.nan, "a", 0), (np.nan, "a", 0), (1.0, "a", 0)])
    counts = profile_batch(rows, REFERENCE.grids, {"x": 1}).columns["x"]
    assert isinstance(counts, NumericCounts)
    assert (counts.missing, counts.not_numbers) == (2, 1)
    with pytest.raises(ValueError, match="not_numbers=3"):
        profile_batch(rows, REFERENCE.grids, {"x": 3})


@given(st.lists(row, min_size=1), st.lists(row, min_size=1))
@settings(max_examples=60, deadline=None)
def test_taking_away_leaves_the_other_rows(a, b) -> None:
    left = profiled(a + b) - profiled(b)
    assert same(left, profiled(a, None), extremes=())
    for name in ("x", "prediction"):
        mine, wanted = left.columns[name], profiled(a).columns[name]
        assert isinstance(mine, NumericCounts)
        assert isinstance(wanted, NumericCounts)
        assert mine.lowest <= wanted.lowest
        assert mine.highest >= wanted.highest


def test_what_is_not_contained_cannot_be_taken_away() -> None:
    whole = profiled([(1.0, "a", 0), (2.0, "new", 1)])
    for row_of_another in [(3.0, "a", 0), (1.0, "other", 0), (1.0, "a", 2), (np.inf, "a", 0), (1.0, None, 0)]:
        with pytest.raises(ProfileMismatch, match="not contained"):
            whole - profiled([row_of_another])


def test_a_large_reference_is_sampled_and_says_so() -> None:
    values = np.arange(150_000, dtype=float)
    reference = reference_of(contract_of(("x",)), rows_of(x=values))
    assert reference.sampled_from == 150_000
    assert reference.profile.rows == 100_000
