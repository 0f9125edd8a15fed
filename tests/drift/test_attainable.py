"""What pooled counts leave a test is what going through every split of them finds."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations, product

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy import stats

from monitoring.drift.attainable import (
    largest_ks_distance,
    smallest_chi_square_p_value,
    smallest_ks_p_value,
)
from monitoring.drift.categories import chi_square
from monitoring.drift.ks import ks_p_value
from monitoring.drift.missing import smallest_missing_p_value
from monitoring.profiles.counts import NumericCounts
from monitoring.profiles.grid import NumericGrid

few_values = st.lists(st.integers(0, 4).map(float), min_size=2, max_size=9)


def counted(values: np.ndarray, points: np.ndarray) -> NumericCounts:
    return NumericCounts.of(values, NumericGrid(points=points, exact=False, coarse=points))


def distance(a: np.ndarray, b: np.ndarray) -> float:
    points = np.concatenate((a, b))
    return float(max(abs(np.mean(a <= x) - np.mean(b <= x)) for x in points))


def smallest_p(reference: NumericCounts, batch: NumericCounts) -> float:
    largest = largest_ks_distance(reference, batch)
    return smallest_ks_p_value(largest, reference.present, batch.present, ks_p_value)


def splits(pooled: list[float], n: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Every way to make `n` of the values the reference's."""
    for chosen in combinations(range(len(pooled)), n):
        yield (
            np.array([pooled[i] for i in chosen]),
            np.array([value for i, value in enumerate(pooled) if i not in chosen]),
        )


@given(few_values, st.data())
@settings(max_examples=40, deadline=None)
def test_the_largest_distance_of_tied_values_is_that_of_the_best_split(pooled: list[float], data) -> None:
    n = data.draw(st.integers(1, len(pooled) - 1))
    found = [(distance(a, b), ks_p_value(distance(a, b), len(a), len(b))) for a, b in splits(pooled, n)]
    points = np.unique(pooled)
    for a, b in splits(pooled, n):
        counts = counted(a, points), counted(b, points)
        assert largest_ks_distance(*counts) == pytest.approx(max(d for d, _ in found), abs=1e-12)
        assert smallest_p(*counts) == pytest.approx(min(p for _, p in found), abs=1e-12)


@given(few_values, st.sets(st.integers(0, 4).map(float)), st.data())
@settings(max_examples=40, deadline=None)
def test_cells_of_several_values_never_leave_out_what_could_reject(pooled, points, data) -> None:
    n = data.draw(st.integers(1, len(pooled) - 1))
    best = max(distance(a, b) for a, b in splits(pooled, n))
    for a, b in splits(pooled, n):
        cells = np.array(sorted(points))
        assert largest_ks_distance(counted(a, cells), counted(b, cells)) >= best - 1e-12


@pytest.mark.parametrize(("flagged", "n", "m"), [(30, 1_000, 20_000), (400, 1_000, 1_000), (9, 40, 500)])
def test_the_smallest_p_value_of_a_rare_flag_is_not_above_any_split(flagged: int, n: int, m: int) -> None:
    pooled = np.array([[n + m - flagged, flagged]])
    smallest = None
    for in_reference in {0, min(flagged, n), flagged // 2}:
        batch = flagged - in_reference
        reference = counted(np.repeat([0.0, 1.0], [n - in_reference, in_reference]), np.array([0.0, 1.0]))
        other = counted(np.repeat([0.0, 1.0], [m - batch, batch]), np.array([0.0, 1.0]))
        assert (reference.cells[1::2] + other.cells[1::2] == pooled).all()
        bound = smallest_p(reference, other)
        assert smallest in (None, bound)
        smallest = bound
        assert bound <= ks_p_value(abs(in_reference / n - batch / m), n, m) * (1 + 1e-9)
    assert smallest < 1


def batches(totals: list[int], m: int) -> Iterator[np.ndarray]:
    for counts in product(*(range(total + 1) for total in totals)):
        if sum(counts) == m:
            yield np.array(counts)


@given(st.lists(st.integers(1, 12), min_size=2, max_size=3), st.data())
@settings(max_examples=40, deadline=None)
def test_no_split_of_groups_has_a_smaller_p_value(totals: list[int], data) -> None:
    m = data.draw(st.integers(1, sum(totals) - 1))
    n = sum(totals) - m
    each = [chi_square(np.stack((np.array(totals) - batch, batch)).astype(float))[1] for batch in batches(totals, m)]
    bound = smallest_chi_square_p_value(np.array(totals, dtype=float), n, m)
    assert bound <= min(each) * (1 + 1e-9)
    if min(n, m) < min(totals):
        assert bound == pytest.approx(min(each), rel=1e-9)


def test_a_side_that_fills_a_group_could_be_told_apart_entirely() -> None:
    wanted = max(stats.chi2.sf(100, 1), stats.chi2.sf(200 * np.log(2), 1))
    assert wanted < 1e-20
    assert smallest_chi_square_p_value(np.array([5.0, 95.0]), 50, 50) == pytest.approx(wanted, rel=1e-9, abs=0)


@given(st.integers(1, 12), st.integers(1, 12), st.data())
def test_the_smallest_p_value_of_missing_rows_is_fishers(n: int, m: int, data) -> None:
    pooled = data.draw(st.integers(0, n + m))
    assume(0 < pooled < n + m)
    tables = [[[pooled - k, n - pooled + k], [k, m - k]] for k in range(max(0, pooled - n), min(pooled, m) + 1)]
    wanted = min(stats.fisher_exact(table).pvalue for table in tables)
    assert smallest_missing_p_value(pooled, n, m) == pytest.approx(wanted, rel=1e-9)


def test_nothing_can_differ_where_nothing_varies_or_a_side_is_empty() -> None:
    nothing, some = (counted(np.ones(rows), np.array([1.0])) for rows in (0, 5))
    assert largest_ks_distance(some, some) == largest_ks_distance(some, nothing) == 0
    assert smallest_p(some, some) == smallest_p(nothing, some) == 1
    assert smallest_chi_square_p_value(np.array([9.0]), 4, 5) == 1
    assert smallest_missing_p_value(0, 5, 5) == smallest_missing_p_value(10, 5, 5) == 1
