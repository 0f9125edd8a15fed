"""Our statistics are scipy's."""

from __future__ import annotations

import warnings
from collections import Counter

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy import stats

from monitoring.drift.categories import grouped_chi_square
from monitoring.drift.gap import Doubt, Gap, Steps, bound_gap, exact_gap
from monitoring.drift.ks import BEYOND, _inside_probability, ks_p_value
from monitoring.drift.levels import BEYOND_THE_CAP, level_counts, total_variation
from monitoring.drift.missing import missing_p_value, smallest_missing_p_value, split_chances
from monitoring.drift.multiplicity import benjamini_hochberg, benjamini_yekutieli, holm
from monitoring.profiles.counts import CategoryCounts, NumericCounts
from monitoring.profiles.grid import CategoryGrid, NumericGrid

values = st.one_of(
    st.lists(st.integers(-4, 4).map(float), min_size=1, max_size=60),
    st.lists(st.floats(-1e9, 1e9), min_size=1, max_size=60),
)


def scipy_ks(reference, batch) -> float:
    """scipy's D; its p-value, which it cannot always compute, is not asked for."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        return float(stats.ks_2samp(reference, batch, method="exact").statistic)


def bounded(reference: NumericCounts, batch: NumericCounts) -> tuple[Gap, Doubt]:
    return bound_gap(Steps.of(reference, batch), reference)


@given(values, values)
@settings(deadline=None)
def test_ks_from_counts_is_scipys(a, b) -> None:
    reference, batch = np.array(a), np.array(b)
    wanted = scipy_ks(reference, batch)
    grid = NumericGrid.of(reference)
    gap, _ = bounded(NumericCounts.of(reference, grid), NumericCounts.of(batch, grid))
    assert gap.low == pytest.approx(wanted, abs=1e-12)
    assert gap.high == gap.low


@given(values, values, st.sampled_from([3, 4, 7]))
@settings(max_examples=300, deadline=None)
def test_ks_after_a_look_into_coarse_cells_is_scipys(a, b, points) -> None:
    reference, batch = np.sort(a), np.sort(b)
    grid = NumericGrid.of(reference, max_points=points)
    sides = NumericCounts.of(reference, grid), NumericCounts.of(batch, grid)
    bounds = bounded(*sides)
    wanted = scipy_ks(reference, batch)
    assert bounds[0].low - 1e-12 <= wanted <= bounds[0].high + 1e-12
    gap = exact_gap(bounds, *sides, reference, batch)
    assert gap.low == gap.high == pytest.approx(wanted, abs=1e-12)
    at = gap.value if gap.value is not None else grid.points[min(gap.cell // 2, len(grid.points) - 1)]
    reached = [
        abs(np.searchsorted(reference, at, side) / len(a) - np.searchsorted(batch, at, side) / len(b))
        for side in ("left", "right")
    ]
    assert max(reached) == pytest.approx(wanted, abs=1e-12)


@given(st.integers(0, 1_000))
@settings(max_examples=25, deadline=None)
def test_bounds_hold_where_the_grid_is_not_exact(seed: int) -> None:
    rng = np.random.default_rng(seed)
    reference = rng.normal(size=3_000)
    batch = np.round(rng.normal(rng.uniform(-1, 1), rng.uniform(0.5, 2), size=500), rng.integers(0, 4))
    grid = NumericGrid.of(reference, max_points=100)
    gap, _ = bounded(NumericCounts.of(reference, grid), NumericCounts.of(batch, grid))
    wanted = scipy_ks(reference, batch)
    assert gap.low - 1e-12 <= wanted <= gap.high + 1e-12
    assert gap.high - gap.low <= 0.02


@given(st.integers(1, 80), st.integers(1, 80), st.data())
@settings(max_examples=80, deadline=None)
def test_exact_p_value_is_scipys(n: int, m: int, data) -> None:
    rng = np.random.default_rng(data.draw(st.integers(0, 10_000)))
    samples = rng.normal(size=n), rng.normal(0.3, size=m)
    with warnings.catch_warnings():
        warnings.simplefilter("error", RuntimeWarning)
        try:
            result = stats.ks_2samp(*samples, method="exact")
        except RuntimeWarning:  # scipy could not, which it says where the p-value is 1
            assert ks_p_value(scipy_ks(*samples), n, m) == pytest.approx(1)
            return
    assert ks_p_value(result.statistic, n, m) == pytest.approx(result.pvalue, rel=1e-9, abs=1e-12)


@pytest.mark.parametrize(("n", "m"), [(1_000, 18_809), (700, 1_300), (1_000, 1_000)])
def test_exact_p_value_is_scipys_at_the_largest_sizes(n: int, m: int) -> None:
    rng = np.random.default_rng(n)
    result = stats.ks_2samp(rng.normal(size=n), rng.normal(0.05, size=m), method="exact")
    assert ks_p_value(result.statistic, n, m) == pytest.approx(result.pvalue, rel=1e-8)


@pytest.mark.parametrize(("n", "gap"), [(1, 1), (2, 1), (2, 2), (30, 9), (30, 30), (100, 55), (999, 40), (1_000, 700)])
def test_small_p_values_of_equal_sizes_keep_their_digits(n: int, gap: int) -> None:
    values = np.arange(float(n))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        result = stats.ks_2samp(values, values + gap - 0.5, method="exact")
    assert result.statistic == pytest.approx(gap / n)
    assert ks_p_value(gap / n, n, n) == pytest.approx(result.pvalue, rel=1e-9, abs=0)


@pytest.mark.parametrize("statistic", [0.01, 0.015, 0.02, 0.03])
def test_large_sample_p_value_is_close_to_scipys_exact_law(statistic: float) -> None:
    n, m = 20_000, 18_000
    wanted = stats.kstwo.sf(statistic, round(n * m / (n + m)))
    assert ks_p_value(statistic, n, m) == pytest.approx(wanted, rel=5e-3)


@given(st.lists(st.tuples(st.integers(5, 300), st.integers(5, 300)), min_size=2, max_size=12))
def test_chi_square_is_scipys_where_no_group_is_needed(levels) -> None:
    reference, batch = np.array(levels).T
    assume((reference + batch).min() * min(reference.sum(), batch.sum()) >= 5 * (reference + batch).sum())
    x2, p, groups = grouped_chi_square(reference, batch)
    pearson = stats.chi2_contingency([reference, batch], correction=False)
    ratio = stats.chi2_contingency([reference, batch], correction=False, lambda_="log-likelihood")
    assert groups == len(levels)
    assert x2 == pytest.approx(pearson.statistic, rel=1e-9, abs=1e-9)
    assert p == pytest.approx(max(pearson.pvalue, ratio.pvalue), rel=1e-9, abs=1e-300)


def test_rare_levels_are_joined_until_five_are_expected() -> None:
    reference, batch = np.array([100, 100, 1, 1, 1, 0]), np.array([100, 100, 0, 1, 1, 9])
    *_, groups = grouped_chi_square(reference, batch)
    assert groups == 3
    assert grouped_chi_square(np.array([3, 2]), np.array([2, 3]))[1:] == (1.0, 1)
    assert grouped_chi_square(np.array([0, 0]), np.array([2, 3]))[1] == 1.0


def test_nothing_in_common_is_a_total_variation_of_one_and_no_more() -> None:
    assert total_variation(np.array([1, 0, 0, 0, 0]), np.array([0, 1, 1, 2, 6]))[0] == 1


@pytest.mark.parametrize(
    ("reference", "batch", "raw", "noise"),
    [
        ([50, 50], [60, 40], 0.1, (0.55 * 0.45) ** 0.5),
        ([60, 20, 20], [40, 30, 30], 0.2, 0.5),  # of what grew .866, of what shrank .5
        ([50, 30, 20], [50, 40, 10], 0.1, (0.15 * 0.85) ** 0.5 + 0.25),  # half of what stayed to either
    ],
)
def test_the_noise_of_a_few_levels_by_hand(reference, batch, raw: float, noise: float) -> None:
    wanted = raw - 0.79788456 * noise * 0.02**0.5
    assert total_variation(np.array(reference), np.array(batch)) == pytest.approx((raw, wanted), abs=1e-7)


def test_total_variation_without_its_noise() -> None:
    rng = np.random.default_rng(3)
    levels = np.full(100, 0.01)
    raw, corrected = zip(
        *(total_variation(rng.multinomial(200, levels), rng.multinomial(200, levels)) for _ in range(200)), strict=True
    )
    assert np.mean(raw) > 0.3
    assert abs(np.mean(corrected)) < 0.03
    swing = total_variation(np.array([50_000, 50_000]), np.array([60_000, 40_000]))
    assert swing == pytest.approx((0.1, 0.1), abs=0.003)


@given(st.integers(0, 40), st.integers(0, 40), st.integers(1, 40), st.integers(1, 40))
def test_missing_is_fishers_test(a: int, b: int, more_a: int, more_b: int) -> None:
    n, m = a + more_a, b + more_b
    p = missing_p_value(a, b, n, m)
    assert p == pytest.approx(stats.fisher_exact([[a, more_a], [b, more_b]]).pvalue, rel=1e-12)
    assert smallest_missing_p_value(a + b, n, m) <= p * (1 + 1e-9)


@pytest.mark.parametrize(
    ("a", "b", "n", "m"),
    [(900, 800, 18_809, 6_000), (3, 95, 100_000, 5_000), (40, 900, 50_000, 50_000), (0, 7, 10**6, 9)],
)
def test_missing_is_fishers_test_at_large_sizes(a: int, b: int, n: int, m: int) -> None:
    assert missing_p_value(a, b, n, m) == pytest.approx(stats.fisher_exact([[a, n - a], [b, m - b]]).pvalue, rel=1e-7)
    k = np.arange(max(0, a + b - n), min(a + b, m) + 1)
    assert split_chances(a + b, n, m) == pytest.approx(stats.hypergeom(n + m, a + b, m).pmf(k), rel=1e-6, abs=1e-280)


def test_missing_in_large_samples_agrees_with_fishers_test() -> None:
    p = missing_p_value(20_000, 20_900, 100_000, 100_000)
    assert p == pytest.approx(stats.fisher_exact([[20_000, 80_000], [20_900, 79_100]]).pvalue, rel=0.05)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=30))
def test_corrections_are_scipys_and_the_textbooks(p) -> None:
    given_p = np.array(p)
    assert benjamini_hochberg(given_p) == pytest.approx(stats.false_discovery_control(given_p, method="bh"))
    assert benjamini_yekutieli(given_p) == pytest.approx(stats.false_discovery_control(given_p, method="by"))
    order = sorted(range(len(p)), key=lambda i: p[i])
    running = 0.0
    for rank, i in enumerate(order):
        running = max(running, min(1.0, p[i] * (len(p) - rank)))
        assert holm(given_p)[i] == pytest.approx(running)


@pytest.mark.parametrize(
    ("n", "m", "error"), [(1_001, 1_001, 0.01), (1_001, 1_501, 0.01), (1_100, 20_000, 0.01), (3_000, 3_001, 0.025)]
)
@pytest.mark.parametrize("scaled", [1.2, 1.9, 2.4])
def test_large_sample_p_value_is_close_to_the_lattice_paths(n: int, m: int, error: float, scaled: float) -> None:
    steps = int(np.lcm(n, m))
    statistic = round(scaled * np.sqrt((n + m) / (n * m)) * steps) / steps
    wanted = 1 - _inside_probability(statistic, n, m)
    assert ks_p_value(statistic, n, m) == pytest.approx(wanted, rel=error)


@pytest.mark.parametrize("known", [True, False])
def test_ties_between_levels_are_not_grouped_by_one_side(known: bool) -> None:
    """Levels as frequent as each other once were grouped in the order of the reference: every check rang."""
    rng = np.random.default_rng(8)
    levels = [f"level {i:03}" for i in range(100)]
    rejected = 0
    for _ in range(200):
        sides = [Counter(rng.choice(levels, 100).tolist()) for _ in range(2)]
        by_reference = sorted(levels, key=lambda level: -sides[0][level])
        grid = CategoryGrid(tuple(by_reference if known else by_reference[:1]))
        old, new = (CategoryCounts.of(side, 0, grid) for side in sides)
        rejected += grouped_chi_square(*level_counts(grid, old, new)[1:])[1] <= 0.05
    assert rejected <= stats.binom.ppf(0.9999, 200, 0.05)


def test_levels_come_by_name_whether_or_not_any_is_unseen() -> None:
    grid = CategoryGrid(("c", "a", "b"))
    old = CategoryCounts.of({"a": 1, "b": 2, "c": 3}, 0, grid)
    for unseen in ({}, {"ab": 9}):
        names, n, m = level_counts(grid, old, CategoryCounts.of({"c": 5, "b": 4} | unseen, 0, grid))
        wanted = {"a": (1, 0), "ab": (0, 9), "b": (2, 4), "c": (3, 5), BEYOND_THE_CAP: (0, 0)}
        shown = {name: sides for name, sides in wanted.items() if name != "ab" or unseen}
        assert dict(zip(names, zip(n.tolist(), m.tolist(), strict=True), strict=True)) == shown
        assert list(names) == list(shown)


def test_more_unseen_levels_than_can_be_counted_are_one_level_on_both_sides() -> None:
    rng = np.random.default_rng(9)
    reference, batch = ([f"id {i}" for i in rng.choice(10**9, 10_000, replace=False)] for _ in range(2))
    grid = CategoryGrid(tuple(sorted(reference)), trained=0)
    old, new = (CategoryCounts.of(Counter(side), 0, grid) for side in (reference, batch))
    assert new.capped
    *_, n, m = level_counts(grid, old, new)
    assert (n.sum(), m.sum()) == (10_000, 10_000)
    assert n[-1] == pytest.approx(m[-1], rel=0.1)
    assert grouped_chi_square(n, m)[1] > 0.001


@pytest.mark.parametrize(("n", "m"), [(1, 40), (7, 900), (250, 251), (600, 3_000), (999, 20_000)])
def test_beyond_the_bound_the_paths_that_stay_inside_are_all(n: int, m: int) -> None:
    """So no more is lost than the rounding of the count itself."""
    root = (n * m / (n + m)) ** 0.5
    for statistic in (BEYOND / root, 1.2 * BEYOND / root):
        if statistic <= 1:
            assert 1 - _inside_probability(statistic, n, m) < 1e-12
            assert ks_p_value(statistic * (1 + 1e-9), n, m) == 0
    if root >= 0.7 * BEYOND:
        assert ks_p_value(0.7 * BEYOND / root, n, m) > 1e-9
