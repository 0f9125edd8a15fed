"""Rows that repeat: exact against every draw, honest where only a sample of rows is kept, fair between sizes."""

from __future__ import annotations

from collections import Counter
from itertools import combinations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom

from monitoring.drift.compare import Compared, Comparison, compare
from monitoring.drift.duplicates import measure_duplicates, repeated_share, usual_share
from monitoring.drift.measurement import Measurement
from monitoring.drift.pair import RowPair
from monitoring.profiles.merged_sample import MergedSample, Repeats
from monitoring.profiles.profile import profile_batch
from tests.tables_of_rows import contract_of, reference_of, rows_of

counts_of = st.lists(st.integers(1, 40), min_size=1, max_size=30)


def measured(reference: Repeats, batch: Repeats) -> Measurement | None:
    return measure_duplicates(RowPair(reference=reference, batch=batch))


def repeats(kinds: np.ndarray, kept: int | None = None) -> Repeats:
    """Rows given by their kind; of the distinct ones the first `kept` of an order that knows nothing of them."""
    counts = np.array(list(Counter(kinds.tolist()).values()))
    shuffled = np.random.default_rng(len(kinds)).permutation(counts)
    return Repeats(shuffled[:kept], len(kinds))


@given(st.lists(st.integers(1, 4), min_size=1, max_size=4), st.data())
def test_the_share_in_fewer_rows_is_the_mean_over_all_draws(counts: list[int], data) -> None:
    rows = [kind for kind, count in enumerate(counts) for _ in range(count)]
    size = data.draw(st.integers(1, len(rows)))
    draws = [1 - len({rows[i] for i in drawn}) / size for drawn in combinations(range(len(rows)), size)]
    found = repeated_share(Repeats(np.array(counts), len(rows)), size)
    assert found.value == pytest.approx(np.mean(draws), abs=1e-9)
    assert (found.low, found.high) == (found.value, found.value)


@given(counts_of, counts_of)
def test_every_number_is_within_its_bounds(a: list[int], b: list[int]) -> None:
    found = measured(Repeats(np.array(a), sum(a)), Repeats(np.array(b), sum(b)))
    assert found.statistic == pytest.approx(1 - len(b) / sum(b))
    assert 0 <= found.effect_low <= found.effect <= found.effect_high <= 1
    assert found.effect <= found.distance <= 1
    assert found.p_value is None
    again = measured(Repeats(np.array(a), sum(a)), Repeats(np.array(a), sum(a)))
    assert again.effect == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize(("n", "m"), [(2_000, 400), (400, 2_000), (1_000, 1_000)])
def test_a_file_sent_twice_is_seen_whatever_the_sizes(n: int, m: int) -> None:
    reference, batch = repeats(np.arange(n)), repeats(np.repeat(np.arange(m // 2), 2))
    found = measured(reference, batch)
    assert found.statistic == 0.5
    assert found.effect == pytest.approx(0.5, abs=1e-6)
    assert found.effect_low > 0.3


@pytest.mark.parametrize(("n", "m"), [(3_000, 300), (300, 3_000), (20_000, 1_000)])
@pytest.mark.parametrize("kinds", [50, 3_000, 200_000])
@pytest.mark.parametrize("kept", [None, 200])
def test_more_rows_of_an_unchanged_world_repeat_more_and_nothing_is_made_of_it(n, m, kinds, kept) -> None:
    rng = np.random.default_rng(kinds + n)
    shares = rng.dirichlet(np.full(kinds, 0.5))
    found = [measured(*(repeats(rng.choice(kinds, size, p=shares), kept) for size in (n, m))) for _ in range(30)]
    assert sum(one.effect_low > 0 for one in found) <= binom.ppf(0.999, 30, 0.05)


@given(counts_of, st.integers(1, 3_000))
def test_what_is_usual_beyond_the_reference_holds_the_growth_of_any_world(counts: list[int], more: int) -> None:
    rows = Repeats(np.array(counts), sum(counts))
    usual = usual_share(rows, rows.seen + more)
    shares = np.array(counts) / rows.seen
    size = np.array([rows.seen, rows.seen + more])
    drawn_with_return = 1 - (1 - (1 - shares[:, None]) ** size).sum(axis=0) / size
    growth = drawn_with_return[1] / drawn_with_return[0] if drawn_with_return[0] > 0 else 1.0
    assert growth <= (size[1] - 1) / max(size[0] - 1, 1) * (1 + 1e-9)
    assert usual.low <= usual.value <= usual.high <= 1


def test_a_sample_of_the_distinct_rows_covers_the_exact_share() -> None:
    rng = np.random.default_rng(4)
    covered, checks = 0, 300
    for _ in range(checks):
        counts = rng.geometric(0.4, 2_000)
        kept = Repeats(rng.choice(counts, 150, replace=False), int(counts.sum()))
        exact = repeated_share(Repeats(counts, int(counts.sum())), 800)
        found = repeated_share(kept, 800)
        covered += found.low <= exact.value <= found.high
    assert covered >= binom.ppf(0.0001, checks, 0.95)


def test_samples_that_merge_tell_the_same_as_all_rows_at_once() -> None:
    rng = np.random.default_rng(5)
    columns = {"x": rng.integers(0, 60, 900).astype(float), "c": rng.choice(["a", "b"], 900)}
    whole = rows_of(**columns)
    parts = [MergedSample.of(whole.slice(start, 300), "r", size=40) for start in (0, 300, 600)]
    one, both = MergedSample.of(whole, "r", size=40), parts[2] + parts[0] + parts[1]
    assert repeated_share(Repeats(both.counts, both.seen), 900) == repeated_share(Repeats(one.counts, one.seen), 900)
    exact = 1 - len(set(zip(*columns.values(), strict=True))) / 900
    found = repeated_share(Repeats(one.counts, one.seen), 900)
    assert found.low <= exact <= found.high


@pytest.mark.parametrize("stuck", [0.0, 0.02, 0.5])
def test_one_row_sent_very_often_is_seen_though_it_is_hardly_ever_among_those_kept(stuck: float) -> None:
    covered, checks = 0, 200
    for seed in range(checks):
        values = np.arange(4_000.0)
        values[: int(stuck * 4_000)] = -1.0
        sample = MergedSample.of(rows_of(x=values), "r", size=500, seed=seed)
        found = repeated_share(sample.repeats, 4_000)
        covered += found.low <= 1 - len(np.unique(values)) / 4_000 <= found.high
    assert binom.ppf(0.0001, checks, 0.95) <= covered


def few_kinds(seed: int, size: int, *, dated: bool = True) -> pa.Table:
    """Rows of a model with few kinds of rows: most of them repeat an earlier one by nature."""
    rng = np.random.default_rng(seed)
    days = rng.integers(0, 20, size) if dated else None
    return rows_of(days, x=rng.integers(0, 6, size).astype(float), c=rng.choice(["a", "b"], size))


FEW_KINDS = reference_of(contract_of(("x",), {"c": ["a", "b"]}, dated=True), few_kinds(0, 4_000))


def compared(rows: pa.Table, sample: int | None = 1_000) -> tuple[Comparison, Compared | None]:
    comparison = compare(FEW_KINDS, profile_batch(rows, FEW_KINDS.grids, sample=sample))
    return comparison, next((one for one in comparison.measured if one.measurement.role == "rows"), None)


@pytest.mark.parametrize("dated", [True, False])
@pytest.mark.parametrize("size", [100, 4_000, 9_000])
def test_a_model_whose_rows_repeat_by_nature_is_not_flagged(size: int, dated: bool) -> None:
    _, found = compared(few_kinds(1, size, dated=dated))
    assert found is not None
    kinds = 12 * (20 if dated else 1)
    assert found.measurement.statistic == pytest.approx(max(0, 1 - kinds / size), abs=0.2)
    assert found.measurement.statistic > 0.1
    assert found.measurement.effect_low == 0
    assert found.measurement.effect < 0.05


def test_repeated_rows_are_measured_and_not_counted_as_a_test() -> None:
    rows = few_kinds(2, 50)
    whole, found = compared(pa.concat_tables([rows] * 4))
    plain, nothing = compared(pa.concat_tables([rows] * 4), sample=None)
    assert nothing is None
    assert found is not None
    assert (found.measurement.effect_low > 0.2, found.tested, found.counted, found.level) == (True, False, False, 0)
    assert whole.tests == plain.tests
    assert tuple(one for one in whole.measured if one is not found) == plain.measured


def test_new_ids_outcomes_and_predictions_do_not_make_a_repeated_row_another() -> None:
    rows = few_kinds(3, 300)
    again = rows.set_column(rows.schema.get_field_index("prediction"), "prediction", pa.array(np.full(300, 0.1)))
    named = [side.append_column("id", pa.array(map(str, range(i, i + 300)))) for i, side in ((0, rows), (300, again))]
    _, found = compared(pa.concat_tables(named))
    assert found is not None
    assert (
        found.measurement.statistic
        == 1 - len(set(zip(*rows.select(["x", "c", "at"]).to_pydict().values(), strict=True))) / 600
    )


def test_a_side_without_rows_says_nothing() -> None:
    nothing, some = Repeats(np.zeros(0, dtype=np.int64), 0), Repeats(np.array([2]), 2)
    assert measured(nothing, some) is measured(some, nothing) is None
