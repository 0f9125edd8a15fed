"""The distances that are shown are scipy's, and what counts leave open is an interval that holds them."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy import stats
from scipy.spatial.distance import jensenshannon
from scipy.special import gammaln, kve

from monitoring.drift.cramer_von_mises import (
    _limit,
    cramer_von_mises,
    cramer_von_mises_bounds,
    cramer_von_mises_p_value,
)
from monitoring.drift.gap import Doubt, Gap, Steps, bound_gap
from monitoring.drift.jensen_shannon import jensen_shannon
from monitoring.drift.pair import without_empty
from monitoring.drift.population_stability import population_stability
from monitoring.drift.quantiles import quantile_bounds, quantile_of
from monitoring.drift.wasserstein import Areas, wasserstein
from monitoring.profiles.counts import NumericCounts
from monitoring.profiles.grid import NumericGrid

number = st.one_of(st.integers(-4, 4).map(float), st.floats(-1e6, 1e6), st.floats(-1, 1))
samples = st.one_of(
    st.lists(number, min_size=1, max_size=60),
    st.lists(st.integers(-3, 3).map(float), min_size=1, max_size=60),
    st.tuples(number, st.integers(1, 30)).map(lambda pair: [pair[0]] * pair[1]),
)
dirty = st.lists(st.one_of(number, st.sampled_from([np.nan, np.inf, -np.inf])), min_size=1, max_size=60)
grids = st.sampled_from([3, 5, 8, 8_191])


def scipy_cvm(a: np.ndarray, b: np.ndarray) -> tuple[float, float]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        result = stats.cramervonmises_2samp(a, b, method="asymptotic")
    return float(result.statistic), float(result.pvalue)


def counted(a: np.ndarray, b: np.ndarray, points: int) -> tuple[NumericCounts, NumericCounts, NumericGrid]:
    grid = NumericGrid.of(a[np.isfinite(a)], max_points=points)
    return NumericCounts.of(a, grid), NumericCounts.of(b, grid), grid


def bounded(reference: NumericCounts, batch: NumericCounts) -> tuple[Gap, Doubt]:
    return bound_gap(Steps.of(reference, batch), reference)


def bounded_cvm(reference: NumericCounts, batch: NumericCounts) -> tuple[float, float]:
    return cramer_von_mises_bounds(Steps.of(reference, batch), reference, batch)


@given(samples, samples, grids)
@settings(max_examples=500, deadline=None)
@example([0.0, 1.0], [0.5, 0.5], 8_191)
def test_wasserstein_is_scipys_and_lies_in_the_interval_of_the_counts(a, b, points) -> None:
    reference, batch, grid = counted(np.array(a), np.array(b), points)
    areas = Areas.of(reference, batch, grid.points)
    low, high = areas.bounds
    size = max(map(abs, [*a, *b])) or 1
    wanted = stats.wasserstein_distance(a, b)
    assert low - 1e-12 * size <= wanted <= high + 1e-12 * size
    exact = wasserstein(np.sort(a), np.sort(b))
    assert exact == pytest.approx(wanted, rel=1e-12, abs=1e-12 * size)


@given(samples, samples)
@settings(max_examples=100, deadline=None)
def test_wasserstein_is_exact_where_no_curve_crosses_within_a_cell(a, b) -> None:
    rows = np.array(a)
    batch = np.concatenate((rows, np.full(len(b), rows.max() + 1)))
    low, high = Areas.of(*counted(rows, batch, 8_191)[:2], NumericGrid.of(rows).points).bounds
    slack = 1e-12 * (np.abs(batch).max() or 1)
    assert high == low == pytest.approx(stats.wasserstein_distance(rows, batch), rel=1e-12, abs=slack)


@given(samples, samples)
@settings(max_examples=300, deadline=None)
def test_cramer_von_mises_is_scipys(a, b) -> None:
    if min(len(a), len(b)) < 2:
        return
    wanted, p = scipy_cvm(np.array(a), np.array(b))
    mine = cramer_von_mises(np.sort(a), np.sort(b))
    assert mine == pytest.approx(wanted, rel=1e-12, abs=1e-12)
    assert cramer_von_mises_p_value(wanted, len(a), len(b)) == pytest.approx(p, abs=2e-7)  # scipy's series ends at 1e-7


@given(samples, samples, grids)
@settings(max_examples=300, deadline=None)
def test_cramer_von_mises_lies_in_the_interval_of_the_counts(a, b, points) -> None:
    reference, batch, _ = counted(np.array(a), np.array(b), points)
    low, high = bounded_cvm(reference, batch)
    exact = cramer_von_mises(np.sort(a), np.sort(b))
    assert low - 1e-12 <= exact <= high + 1e-12


@given(samples, samples)
def test_cramer_von_mises_from_counts_is_exact_where_every_value_is_a_point(a, b) -> None:
    batch = np.random.default_rng(len(b)).choice(a, len(b))
    reference, counts, _ = counted(np.array(a), batch, 8_191)
    low, high = bounded_cvm(reference, counts)
    assert low == high == pytest.approx(cramer_von_mises(np.sort(a), np.sort(batch)), rel=1e-12, abs=1e-12)


@given(dirty, dirty)
@settings(max_examples=200, deadline=None)
def test_what_is_not_finite_is_counted_apart_and_changes_no_distance(a, b) -> None:
    one, two = np.array(a), np.array(b)
    finite = one[np.isfinite(one)], two[np.isfinite(two)]
    if not min(map(len, finite)):
        return
    reference, batch, grid = counted(one, two, 8_191)
    assert (batch.missing, batch.above_all, batch.below_all) == (
        np.isnan(two).sum(),
        (two == np.inf).sum(),
        (two == -np.inf).sum(),
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        wanted = stats.ks_2samp(*finite, method="asymp").statistic
    gap, _ = bounded(reference, batch)
    assert (gap.low, gap.high) == pytest.approx((wanted, wanted), abs=1e-12)
    low, high = Areas.of(reference, batch, grid.points).bounds
    slack = 1e-12 * (max(np.abs(side).max() for side in finite) or 1)
    assert low - slack <= stats.wasserstein_distance(*finite) <= high + slack


@pytest.mark.parametrize("seed", range(6))
def test_intervals_of_large_grids_are_narrow(seed: int) -> None:
    rng = np.random.default_rng(seed)
    a, b = rng.normal(size=60_000), rng.normal(size=30_000) * rng.uniform(0.7, 1.4) + rng.uniform(-0.2, 0.2)
    reference, batch, grid = counted(a, b, 8_191)
    assert not grid.exact
    areas = Areas.of(reference, batch, grid.points)
    low, high = areas.bounds
    wanted = stats.wasserstein_distance(a, b)
    assert wasserstein(np.sort(a), np.sort(b)) == pytest.approx(wanted, rel=1e-12)
    assert low <= wanted * (1 + 1e-12)
    assert wanted * (1 - 1e-12) <= high <= low + 1e-3
    low, high = bounded_cvm(reference, batch)
    wanted, _ = scipy_cvm(a, b)
    assert low <= wanted <= high
    assert high - low <= 0.02 * wanted + 0.05
    gap, _ = bounded(reference, batch)
    low, high = gap.low, gap.high
    assert low <= stats.ks_2samp(a, b, method="asymp").statistic <= high <= low + 2e-4


@given(st.floats(0.003, 8.0))
def test_terms_that_are_left_out_of_the_limit_do_not_count(x) -> None:
    k = np.arange(30)
    y = 4 * k + 1
    q = y**2 / (16 * x)
    terms = np.exp(gammaln(k + 0.5) - gammaln(k + 1) - 2 * q) * np.sqrt(y) * kve(0.25, q)
    assert _limit(x) == pytest.approx(float(terms.sum() / (np.pi**1.5 * np.sqrt(x))), rel=1e-13, abs=1e-15)


@given(st.lists(st.tuples(st.integers(0, 300), st.integers(0, 300)), min_size=1, max_size=12))
def test_jensen_shannon_is_scipys(levels) -> None:
    reference, batch = np.array(levels).T
    if not reference.sum() or not batch.sum():
        assert jensen_shannon(reference, batch) == 0
        return
    wanted = jensenshannon(reference, batch, base=2)
    assert jensen_shannon(reference, batch) ** 2 == pytest.approx(np.nan_to_num(wanted) ** 2, abs=1e-12)


@given(st.lists(st.tuples(st.integers(0, 300), st.integers(0, 300)), min_size=2, max_size=12))
def test_population_stability_is_both_divergences_with_half_a_row_added(levels) -> None:
    reference, batch = np.array(levels).T
    if not reference.sum() or not batch.sum():
        assert population_stability(reference, batch) == 0
        return
    p, q = reference + 0.5, batch + 0.5
    wanted = stats.entropy(p, q) + stats.entropy(q, p)
    assert population_stability(reference, batch) == pytest.approx(wanted, rel=1e-9, abs=1e-12)


@given(samples, grids, st.floats(0.01, 1))
def test_quantiles_lie_between_their_bounds(a, points, share) -> None:
    rows = np.array(a)
    counts, _, grid = counted(rows, rows, points)
    exact = quantile_of(np.sort(rows), share)
    assert exact == np.quantile(rows, share, method="inverted_cdf")
    low, high = quantile_bounds(counts, grid, share)
    assert low <= exact <= high


@pytest.mark.parametrize(
    ("reference", "batch", "left"),
    [
        ([1, 2], [0, 3], ([1, 2], [0, 3])),
        ([0, 2, 0], [0, 3, 4], ([2, 0], [3, 4])),
        ([0, 0], [0, 1], ([0], [1])),
        ([0], [0], ([], [])),
    ],
)
def test_bins_that_neither_side_fills_are_left_out(reference, batch, left) -> None:
    assert without_empty(reference, batch) == left


@given(samples)
def test_bins_hold_a_tenth_each_or_one_heavy_value(a) -> None:
    rows = np.sort(np.array(a))
    grid = NumericGrid.of(rows)
    cuts = grid.points[NumericCounts.of(rows, grid).tenths // 2]
    for k in range(1, 10):
        wanted = rows[int(np.ceil(k * len(rows) / 10 - 1e-9)) - 1]
        assert wanted in cuts
    assert len(cuts) <= 9
