"""The table finds what a search finds."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitoring.profiles import counting
from monitoring.profiles.grid import NumericGrid, locate
from monitoring.profiles.point_table import FEWEST, ROUNDS, PointTable
from tests.loops import numpy_alone

number = st.one_of(st.floats(-1e308, 1e308), st.floats(-1, 1), st.integers(-99, 99).map(float), st.just(5e-324))


@given(st.sets(number, min_size=FEWEST, max_size=3 * FEWEST), st.lists(number))
def test_points_below_a_value_are_those_that_a_search_finds(points, values) -> None:
    grid, ordered = np.sort([*points]), np.sort([*values, *points])
    assert PointTable.of(grid).below(ordered).tolist() == grid.searchsorted(ordered).tolist()


@pytest.mark.parametrize(
    "draw",
    [
        lambda rng: rng.normal(size=5_000),
        lambda rng: rng.lognormal(0, 2, 5_000),
        lambda rng: np.concatenate((rng.normal(0, 1e-9, 4_000), rng.normal(10, 1, 1_000))),  # most in one strip
        lambda rng: rng.integers(0, 900, 5_000).astype(float),
        lambda rng: np.concatenate((rng.normal(size=4_999), [1e300])),
    ],
    ids=["normal", "skewed", "crowded", "whole", "one far away"],
)
def test_values_of_any_distribution_are_found(draw) -> None:
    rng = np.random.default_rng(4)
    grid, values = np.unique(draw(rng)), np.sort(np.concatenate((draw(rng), draw(rng).round(1))))
    table = PointTable.of(grid)
    assert len(table.before)
    assert np.array_equal(table.below(values), grid.searchsorted(values))


def test_a_crowded_strip_is_searched_after_a_few_points() -> None:
    crowded = np.concatenate((np.linspace(0, 1e-6, 1_000), np.linspace(1, 2, 1_000)))
    table = PointTable.of(crowded)
    assert np.diff(table.before.astype(int)).max() > ROUNDS + 1
    assert np.array_equal(table.below(crowded), np.arange(2_000))


@pytest.mark.parametrize(
    "points",
    [[], [1.0], np.arange(FEWEST - 1.0), np.arange(-50, 50) * 3.4e306, np.arange(1, 101) * 5e-324],
    ids=["none", "one", "few", "beyond a float apart", "closer than a float can tell"],
)
def test_where_no_table_can_be_made_points_are_searched(points) -> None:
    grid = np.array(points, dtype=float)
    table = PointTable.of(grid)
    assert not len(table.before)
    assert table.below(grid).tolist() == list(range(len(grid)))


def test_values_counted_by_the_table_are_where_their_cells_are() -> None:
    rng = np.random.default_rng(5)
    grid = NumericGrid.of(rng.normal(size=2_000))
    values = np.sort(np.concatenate((rng.normal(size=3_000), rng.choice(grid.points, 500))))
    where = locate(values, grid.points)
    with numpy_alone():
        counted = counting.count_and_add(values, grid)
    counts, sums = counted.cells, counted.sums
    assert np.array_equal(counts, np.bincount(where, minlength=grid.cells))
    wanted = np.bincount(where, weights=values, minlength=grid.cells)[0::2]
    assert sums == pytest.approx(wanted, rel=1e-12, abs=1e-12)
