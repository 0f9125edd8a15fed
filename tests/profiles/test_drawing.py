"""Pictures say what the rows say."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from monitoring.profiles.counts import CategoryCounts, NumericCounts
from monitoring.profiles.drawing import BARS, BINS, TRIMMED, draw_categories, draw_numbers
from monitoring.profiles.grid import CategoryGrid, NumericGrid
from monitoring.profiles.picture import NumericPicture

values = st.lists(st.one_of(st.integers(-9, 9).map(float), st.floats(-1e4, 1e4)), min_size=1, max_size=80)


def picture(reference: np.ndarray, batch: np.ndarray) -> NumericPicture:
    grid = NumericGrid.of(reference[np.isfinite(reference)])
    return draw_numbers(
        np.sort(reference[np.isfinite(reference)]),
        batch[np.isfinite(batch)],
        NumericCounts.of(reference, grid),
        NumericCounts.of(batch, grid),
    )


@given(values, values)
@settings(deadline=None)
def test_a_picture_is_whole(a, b) -> None:
    drawn = picture(np.array(a), np.array(b))
    assert len(drawn.bins_reference) == len(drawn.bins_batch) == len(drawn.edges) - 1 <= BINS + 1
    assert np.all(np.diff(drawn.edges) > 0)
    assert 0 <= drawn.beyond <= 1
    assert sum(drawn.bins_batch) == pytest.approx(1 - drawn.beyond, abs=1e-3)
    for curve in (drawn.curve_reference, drawn.curve_batch):
        assert np.all(np.diff(curve) >= 0)
        assert len(curve) == len(drawn.curve_x)


def test_the_gap_is_the_ks_distance() -> None:
    rng = np.random.default_rng(0)
    reference, batch = rng.normal(size=900), rng.normal(0.7, size=700)
    drawn = picture(reference, batch)
    wanted = stats.ks_2samp(reference, batch)
    assert abs(drawn.gap_reference - drawn.gap_batch) == pytest.approx(wanted.statistic, abs=1e-12)
    assert drawn.gap_x == pytest.approx(wanted.statistic_location)


eighths = st.lists(st.integers(-99, 99).map(lambda x: x / 8), min_size=1, max_size=80)


@given(eighths, eighths)
@settings(deadline=None)
def test_bins_and_gap_are_those_of_their_definitions(a, b) -> None:
    drawn = picture(np.array(a), np.array(b))
    for side, bins in ((a, drawn.bins_reference), (b, drawn.bins_batch)):
        assert bins == pytest.approx(np.histogram(side, drawn.edges)[0] / len(side), abs=1e-9)
    f, g = ({x: float((np.array(side) <= x).mean()) for x in (*a, *b)} for side in (a, b))
    gaps = {x: abs(f[x] - g[x]) for x in f}
    assert gaps[drawn.gap_x] == pytest.approx(max(gaps.values()), abs=1e-12)
    assert (drawn.gap_reference, drawn.gap_batch) == (f[drawn.gap_x], g[drawn.gap_x])


def test_the_largest_value_lies_in_the_last_bin_however_narrow_the_range() -> None:
    every = 1e9 + np.random.default_rng(2).random(300) * 10
    drawn = picture(every, every)
    assert sum(drawn.bins_reference) == pytest.approx(1, abs=1e-9)
    assert drawn.beyond == 0


def test_values_between_those_of_the_other_side_make_the_grid_finer() -> None:
    drawn = picture(np.tile(np.arange(30.0), 3), np.arange(30.0) + 0.5)
    assert drawn.edges[0] == -0.25


@pytest.mark.parametrize("rows", [30, 1_001, 2_000])
def test_what_is_cut_off_is_the_share_that_may_be(rows: int) -> None:
    every = np.random.default_rng(rows).normal(size=rows)
    drawn, share = picture(every, every), (TRIMMED, 1 - TRIMMED)
    low, high = (float(np.quantile(every, q, method=how)) for q, how in zip(share, ("lower", "higher"), strict=True))
    assert (drawn.edges[0], drawn.edges[-1]) == pytest.approx((low, high), abs=1e-8)


@pytest.mark.parametrize(("step", "points"), [(1.0, 7), (1.15078, 30), (5.0, 200), (0.1, 90)])
def test_values_on_a_grid_fill_every_bin_alike(step: float, points: int) -> None:
    every = np.round(np.arange(points) * step, 5)
    drawn = picture(np.tile(every, 20), np.tile(every, 7))
    full = np.array(drawn.bins_reference[1:-1])
    assert len(drawn.bins_reference) <= BINS
    assert full.max() == pytest.approx(full.min())


@pytest.mark.parametrize("step", [1.0, 1.15078, 0.1])
@pytest.mark.parametrize("first", [0, -7, 31])
@pytest.mark.parametrize("points", [2, 30, BINS, BINS + 1, 200])
def test_what_is_told_of_bins_are_values_that_occur(step: float, first: int, points: int) -> None:
    every = np.round((first + np.arange(points)) * step, 5)
    drawn = picture(np.tile(every, 20), np.tile(every, 7))
    bins = len(drawn.bins_reference)
    each = -(-points // BINS)
    for place in range(bins):
        least, most = drawn.span(place, place)
        held = every[place * each : (place + 1) * each]
        assert least == pytest.approx(held[0], abs=1e-9 * points)
        assert most == pytest.approx(held[0] + (each - 1) * step, abs=1e-9 * points)
    assert drawn.span(0, bins - 1) == (drawn.span(0, 0)[0], drawn.span(bins - 1, bins - 1)[1])
    if first == 0:
        assert f"{drawn.span(0, 0)[0]:.4g}" == "0"


def test_of_bins_of_values_anywhere_the_edges_are_told() -> None:
    every = np.random.default_rng(4).normal(size=500)
    drawn = picture(every, every)
    assert drawn.span(2, 4) == (drawn.edges[2], drawn.edges[5])


def test_a_column_of_one_value_tells_it() -> None:
    drawn = picture(np.full(9, 29.5), np.full(4, 29.5))
    assert drawn.span(0, 0) == (29.5, 29.5)


def test_one_wild_value_does_not_flatten_the_rest() -> None:
    rng = np.random.default_rng(1)
    batch = rng.normal(size=2_000)
    batch[0] = 1e9
    drawn = picture(rng.normal(size=2_000), batch)
    assert drawn.edges[-1] < 10
    assert drawn.beyond > 0


def test_missing_and_empty_sides_are_drawn() -> None:
    drawn = picture(np.array([1.0, 2.0, np.nan, 3.0]), np.full(4, np.nan))
    assert (drawn.missing_reference, drawn.missing_batch) == (0.25, 1.0)
    assert sum(drawn.bins_batch) == 0


def test_categories_that_changed_most_come_first_and_the_rest_is_counted() -> None:
    grid = CategoryGrid(tuple(f"c{i:02}" for i in range(30)))
    reference = CategoryCounts.of(dict.fromkeys(grid.categories, 10), 0, grid)
    batch = CategoryCounts.of({"c07": 200, "new": 100}, 100, grid)
    drawn = draw_categories(grid, reference, batch)
    assert drawn.categories[:2] == ("c07", "new")
    assert drawn.unseen[:2] == (False, True)
    assert len(drawn.categories) == BARS
    assert drawn.others == 31 - BARS
    assert sum(drawn.share_reference) + drawn.others_reference == pytest.approx(1)
    assert drawn.missing_batch == 0.25
