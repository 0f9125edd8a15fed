"""Days taken out of a profile, two batches on common cells: to the last count, statistics within their intervals."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from monitoring.drift.compare import compare
from monitoring.drift.measurement import Measurement
from monitoring.profiles.coarse import POINTS, coarse_reference, coarsen
from monitoring.profiles.counts import CategoryCounts, NumericCounts
from monitoring.profiles.day_cells import DayCells, group_names, name_groups, unseen_group
from monitoring.profiles.grid import CategoryGrid, NumericGrid, locate
from monitoring.profiles.joined_cells import JoinedCells
from monitoring.profiles.mismatch import ProfileMismatch
from monitoring.profiles.profile import Profile, profile_batch
from monitoring.profiles.reference import Reference
from monitoring.profiles.standing_in import stand_in, with_all_columns
from tests.tables_of_rows import contract_of, reference_of, rows_of

NUMBERS = ("normal", "heavy", "integer")
CONTRACT = contract_of(NUMBERS, {"c": ["a", "b"]}, dated=True)


def rows(seed: int, size: int, *, shift: float = 0.0, days: int = 5, levels: tuple[str, ...] = ("a", "b")) -> pa.Table:
    rng = np.random.default_rng(seed)
    return rows_of(
        np.sort(rng.integers(0, days, size)),
        normal=np.where(rng.random(size) < 0.05, np.nan, rng.normal(shift, 1, size)),
        heavy=rng.standard_t(3, size) + shift,
        integer=rng.poisson(4, size).astype(float) + np.round(shift),
        c=rng.choice(levels, size),
        prediction=rng.beta(1, 4, size),
    )


REFERENCE = reference_of(CONTRACT, rows(0, 6_000, days=20))
STORED = coarse_reference(REFERENCE, POINTS)
JOINED = JoinedCells.build(REFERENCE, STORED)
DAYS = JOINED.days


def stored(batch: pa.Table) -> Profile:
    return coarsen(profile_batch(batch, REFERENCE.grids), REFERENCE)


def day_numbers(batch: pa.Table) -> np.ndarray:
    return batch.column("at").cast(pa.timestamp("s")).cast(pa.int64()).to_numpy() // 86_400


def finite(batch: pa.Table, name: str) -> np.ndarray:
    values = batch.column(name).to_numpy()
    return values[np.isfinite(values)]


def counted_by_hand(values: np.ndarray, points: np.ndarray) -> list[int]:
    return np.bincount(locate(values, points), minlength=2 * len(points) + 1).tolist()


def same_counts(one: Profile, other: Profile) -> bool:
    return one.rows == other.rows and all(
        np.array_equal(counts.cells, other.columns[name].cells)
        and counts.missing == other.columns[name].missing
        and (isinstance(counts, NumericCounts) or counts.unseen == other.columns[name].unseen)  # type: ignore[union-attr]
        and np.array_equal(one.blocks.columns[name], other.blocks.columns[name])
        for name, counts in one.columns.items()
    )


@settings(max_examples=25, deadline=None)
@given(chosen=st.sets(st.integers(0, 4), min_size=1), seed=st.integers(0, 50), shift=st.floats(-9, 9))
def test_days_taken_out_are_the_rows_of_these_days_to_the_last_count(chosen: set[int], seed: int, shift: float) -> None:
    batch = rows(seed, 400, shift=shift, levels=("a", "b", "new"))
    whole = stored(batch)
    kept = np.isin(whole.blocks.ids - whole.blocks.ids.min(), list(chosen))
    part = DAYS.of(whole, kept)
    those = batch.filter(pa.array(np.isin(day_numbers(batch), whole.blocks.ids[kept])))
    assert part.rows == those.num_rows
    for name in NUMBERS:
        counts, grid = part.columns[name], DAYS.grids.columns[name]
        assert isinstance(counts, NumericCounts)
        assert isinstance(grid, NumericGrid)
        assert counts.cells.tolist() == counted_by_hand(finite(those, name), grid.points)
        assert counts.missing == those.num_rows - len(finite(those, name))
        if counts.present:
            assert counts.lowest >= finite(batch, name).min()
            assert counts.highest <= finite(batch, name).max()
            assert counts.lowest <= finite(those, name).min() <= finite(those, name).max() <= counts.highest
    category = part.columns["c"]
    assert isinstance(category, CategoryCounts)
    wanted = those.column("c").to_pylist()
    assert category.cells.tolist() == [wanted.count("a"), wanted.count("b")]
    assert category.unseen_rows == wanted.count("new")


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 50), st.integers(0, 50))
def test_taking_days_out_commutes_with_adding(first: int, second: int) -> None:
    a, b = rows(first, 300), rows(100 + second, 200, shift=2, levels=("a", "x", "y"))
    both = stored(pa.concat_tables([a, b]))
    everything = [np.ones(len(one.blocks.ids), dtype=bool) for one in (stored(a), stored(b), both)]
    parts = [DAYS.of(one, kept) for one, kept in zip((stored(a), stored(b), both), everything, strict=True)]
    assert same_counts(parts[0] + parts[1], parts[2])
    pairs = [JOINED.of(one) for one in (stored(a), stored(b), both)]
    assert same_counts(pairs[0] + pairs[1], pairs[2])


@pytest.mark.parametrize("shift", [-6, 1, 6])
def test_what_lies_beyond_the_range_of_the_reference_is_told(shift: float) -> None:
    batch = rows(3, 1_000, shift=shift)
    on_days = measured(DAYS.reference, DAYS.of(stored(batch), np.ones(5, dtype=bool)))
    joined = measured(JOINED.reference, JOINED.of(stored(batch)))
    for name in ("normal", "integer"):
        mine, usual = finite(batch, name), finite(REFERENCE_ROWS, name)
        wanted = ((mine > usual.max()) | (mine < usual.min())).mean()
        for found in (on_days, joined):
            assert found[name, "out_of_range"].statistic == pytest.approx(wanted)


REFERENCE_ROWS = rows(0, 6_000, days=20)


def measured(reference: Reference, profile: Profile) -> dict[tuple[str, str], Measurement]:
    return {(i.measurement.column, i.measurement.detector): i.measurement for i in compare(reference, profile).measured}


@pytest.mark.parametrize("shift", [0.0, 0.3, 6.0])
def test_an_interval_from_day_cells_holds_the_exact_statistic(shift: float) -> None:
    batch = rows(4, 2_000, shift=shift)
    whole = stored(batch)
    kept = whole.blocks.ids - whole.blocks.ids.min() < 3
    those = batch.filter(pa.array(np.isin(day_numbers(batch), whole.blocks.ids[kept])))
    found = measured(DAYS.reference, DAYS.of(whole, kept))
    for name in (*NUMBERS, "prediction"):
        exact = stats.ks_2samp(finite(REFERENCE_ROWS, name), finite(those, name), method="asymp").statistic
        one = found[name, "ks"]
        assert one.statistic_low - 1e-9 <= exact <= one.statistic_high + 1e-9
        assert one.effect_low <= exact <= one.effect_high


@pytest.mark.parametrize(("first", "second"), [(0.0, 0.4), (7.0, 8.0), (-9.0, 9.0)])
def test_two_batches_on_common_cells_hold_the_exact_statistic_either_way(first: float, second: float) -> None:
    a, b = rows(5, 1_500, shift=first, levels=("a", "b", "x")), rows(6, 900, shift=second, levels=("a", "b", "x", "y"))
    one, other = (JOINED.of(stored(batch)) for batch in (a, b))
    there = measured(stand_in(one, JOINED.reference), other)
    back = measured(stand_in(other, JOINED.reference), one)
    for name in (*NUMBERS, "prediction"):
        exact = stats.ks_2samp(finite(a, name), finite(b, name), method="asymp").statistic
        assert there[name, "ks"].statistic_low - 1e-9 <= exact <= there[name, "ks"].statistic_high + 1e-9
    for key in ((name, "ks") for name in NUMBERS):
        assert there[key].effect == back[key].effect
        assert (there[key].effect_low, there[key].effect_high) == (back[key].effect_low, back[key].effect_high)
    for key in (("c", "chi2"), ("c", "missing"), ("normal", "missing")):
        assert there[key].effect == pytest.approx(back[key].effect, abs=1e-12)


def test_two_batches_beside_the_reference_are_told_apart_by_the_cells_of_blocks() -> None:
    warm, hot = rows(7, 3_000, shift=6), rows(8, 3_000, shift=7)
    exact = stats.ks_2samp(finite(warm, "normal"), finite(hot, "normal"), method="asymp").statistic
    one, other = stored(warm), stored(hot)
    alone = measured(stand_in(one, STORED), other)["normal", "ks"]
    paired = measured(stand_in(JOINED.of(one), JOINED.reference), JOINED.of(other))["normal", "ks"]
    assert paired.statistic_low > exact - 0.15
    assert paired.statistic_high - paired.statistic_low < (alone.statistic_high - alone.statistic_low) / 2


def test_the_points_of_both_grids_have_the_counts_of_the_rows() -> None:
    batch = rows(9, 1_200, shift=2)
    paired = JOINED.of(stored(batch))
    for name in NUMBERS:
        grid, counts = JOINED.reference.grids.columns[name], paired.columns[name]
        assert isinstance(grid, NumericGrid)
        assert isinstance(counts, NumericCounts)
        assert counts.cells.tolist() == counted_by_hand(finite(batch, name), grid.points)
        assert counts.mean == pytest.approx(finite(batch, name).mean())


def test_infinite_values_stay_out_of_the_joined_counts_and_lie_at_the_ends_of_days() -> None:
    batch = rows(14, 300)
    values = batch.column("normal").to_numpy().copy()
    values[:7], values[7:10] = -np.inf, np.inf
    place = batch.schema.get_field_index("normal")
    batch = batch.set_column(place, "normal", pa.array(values, from_pandas=True))
    joined, on_days = JOINED.of(stored(batch)).columns["normal"], DAYS.of(stored(batch), np.ones(5, dtype=bool))
    assert isinstance(joined, NumericCounts)
    grid, day_grid = (cells.grids.columns["normal"] for cells in (JOINED.reference, DAYS))
    assert isinstance(grid, NumericGrid)
    assert isinstance(day_grid, NumericGrid)
    assert joined.cells.tolist() == counted_by_hand(finite(batch, "normal"), grid.points)
    assert (joined.below_all, joined.above_all) == (7, 3)
    at_ends = counted_by_hand(finite(batch, "normal"), day_grid.points)
    at_ends[0], at_ends[-1] = at_ends[0] + 7, at_ends[-1] + 3
    assert on_days.columns["normal"].cells.tolist() == at_ends


def test_never_seen_categories_of_cut_files_get_the_name_of_the_most_frequent_of_their_group() -> None:
    batch = rows(10, 600, levels=("a", "b", "A"))
    whole = stored(batch)
    part = DAYS.of(whole, np.ones(5, dtype=bool))
    unnamed = part.columns["c"]
    assert isinstance(unnamed, CategoryCounts)
    assert all(level.startswith("(unseen") for level in unnamed.unseen)
    names = group_names([whole], REFERENCE.grids)
    named = name_groups(part, names).columns["c"]
    assert isinstance(named, CategoryCounts)
    assert named.unseen == {"A": batch.column("c").to_pylist().count("A")}
    assert names["c"] == {unseen_group(REFERENCE.grids.columns["c"].coarse_cell("A", None) - 2): "A"}  # type: ignore[union-attr]


def test_a_group_of_several_is_called_by_its_most_frequent_category() -> None:
    grid = REFERENCE.grids.columns["c"]
    assert isinstance(grid, CategoryGrid)
    first = "z"
    second = next(f"a{i}" for i in range(999) if grid.coarse_cell(f"a{i}", None) == grid.coarse_cell(first, None))
    batch = rows_of([0] * 10, **{name: np.zeros(10) for name in NUMBERS}, c=["a"] + [first] * 6 + [second] * 3)
    whole = stored(batch)
    named = name_groups(DAYS.of(whole, np.ones(1, dtype=bool)), group_names([whole], REFERENCE.grids)).columns["c"]
    assert isinstance(named, CategoryCounts)
    assert named.unseen == {first: 9}


def test_categories_that_blocks_count_in_groups_stay_in_groups_on_both_sides() -> None:
    contract = contract_of(("x",), {"c": ["a", "b"]}, dated=True)
    table = rows_of([0] * 40 + [1] * 40, x=np.arange(80.0), c=(["a"] * 20 + ["b"] * 10 + ["only here"] * 10) * 2)
    reference = reference_of(contract, table)
    cells = DayCells.build(reference)
    whole = coarsen(profile_batch(table, reference.grids), reference)
    part = cells.of(whole, np.ones(2, dtype=bool)).columns["c"]
    mine = cells.reference.profile.columns["c"]
    assert isinstance(part, CategoryCounts)
    assert np.array_equal(part.cells, mine.cells)
    assert part.unseen_rows == 0
    assert sorted(part.cells[part.cells > 0].tolist()) == [20, 20, 40]


def test_outcomes_that_one_file_lacks_are_missing_there() -> None:
    labelled = rows(11, 200).append_column("y", pa.array(np.tile([0.0, 1.0], 100)))
    reference = reference_of(CONTRACT, labelled)
    with_labels = profile_batch(labelled, reference.grids)
    without = profile_batch(labelled.drop_columns("y"), reference.grids)
    both = with_labels + with_all_columns(without, reference.grids)
    known = both.columns["y"]
    assert isinstance(known, CategoryCounts)
    assert (known.cells.tolist(), known.missing) == ([100, 100], 200)
    assert both.blocks.columns["y"].sum(axis=1).tolist() == both.blocks.rows.tolist()


def test_what_does_not_belong_together_is_refused() -> None:
    whole = stored(rows(12, 100))
    other = DayCells.build(reference_of(CONTRACT, rows(0, 300)))
    with pytest.raises(ProfileMismatch, match="another reference"):
        stand_in(Profile("other", 0, {}, whole.blocks), STORED)
    with pytest.raises(ProfileMismatch, match="coarser or finer"):
        stand_in(whole, REFERENCE)
    with pytest.raises(ProfileMismatch, match="another reference"):
        other.of(Profile("other", 1, whole.columns, whole.blocks), np.ones(5, dtype=bool))
    many = stored(rows(13, 3_000, days=2_000))
    assert many.blocks.left_out
    with pytest.raises(ProfileMismatch, match="more days than are counted"):
        DAYS.of(many, np.ones(len(many.blocks.ids), dtype=bool))
