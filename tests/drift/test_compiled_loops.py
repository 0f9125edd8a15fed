"""The compiled loops give what numpy and scipy give, on tied and skewed data and coarse grids too."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from scipy import stats

from benchmarks.speed import every_check, setting
from monitoring import compiled
from monitoring.compiled import kernel, library
from monitoring.drift import gap
from monitoring.drift.catalogue import DETECTORS
from monitoring.drift.compare import compare_rows
from monitoring.drift.cramer_von_mises import cramer_von_mises, measure_cramer_von_mises
from monitoring.drift.wasserstein import measure_wasserstein
from monitoring.profiles.counting import count_and_add
from monitoring.profiles.grid import NumericGrid, locate
from tests.drift.pairs import paired
from tests.loops import needs_compiled_loops, numpy_alone

number = st.one_of(st.integers(-4, 4).map(float), st.floats(-1e6, 1e6), st.floats(-1, 1), st.sampled_from([0.0, -0.0]))
samples = st.one_of(
    st.lists(number, min_size=1, max_size=60),
    st.lists(st.integers(-3, 3).map(float), min_size=1, max_size=60),
    st.tuples(number, st.integers(1, 30)).map(lambda pair: [pair[0]] * pair[1]),
)
grids = st.sampled_from([3, 5, 8, 8_191])


@pytest.fixture(autouse=True, scope="module")
def _compiled() -> None:
    needs_compiled_loops()


def widest(a, b) -> float:
    """sup |F - G| by its definition: at every value."""
    one, other = np.array(a), np.array(b)
    return max(abs((one <= x).mean() - (other <= x).mean()) for x in (*a, *b))


many = st.integers(0, 2**32 - 1).map(lambda seed: np.random.default_rng(seed).standard_t(2, 300).round(2).tolist())


@given(st.one_of(samples, many), st.one_of(st.lists(number, max_size=60), many))
def test_values_are_counted_as_one_by_one(points, values) -> None:
    grid, ordered = NumericGrid.of(np.array(points)), np.sort(np.array(values, dtype=float))
    counted = kernel.count(ordered, grid.points, grid.strips)
    where = locate(ordered, grid.points)
    wanted = np.bincount(where, minlength=grid.cells)
    assert counted.cells.tolist() == wanted.tolist()
    assert counted.filled.tolist() == np.flatnonzero(wanted).tolist()
    assert counted.held.tolist() == wanted[counted.filled].tolist()
    assert counted.upto.tolist() == wanted.cumsum()[counted.filled].tolist()
    with numpy_alone():
        slack = 1e-13 * np.abs(ordered).max(initial=0)
        assert counted.sums == pytest.approx(count_and_add(ordered, grid).sums, abs=slack * (len(values) + 1))


@given(samples, samples, grids, st.booleans())
@example([0.0, 1.0, 6.0, 8.0], [7.5], 3, True)  # the widest is as wide as it can be within its cell
def test_the_gap_is_numpys_and_the_definitions(a, b, points, looked) -> None:
    pair = paired(a, b, points, looked=looked)
    found, filled = pair.gap, pair.batch.filled
    with numpy_alone():
        assert paired(a, b, points, looked=looked).gap == found
    pooled = pair.reference.upto[filled.cells] + filled.upto
    assert pair.compiled is not None
    assert pair.compiled.places == tuple(pooled.searchsorted((len(a), len(b))))
    wanted = widest(a, b)
    assert found.low - 1e-12 <= wanted <= found.high + 1e-12
    if looked:
        assert found.low == found.high


@given(samples, samples, grids)
def test_cramer_von_mises_lies_in_bounds_that_are_numpys(a, b, points) -> None:
    found = measure_cramer_von_mises(paired(a, b, points, looked=False))
    with numpy_alone():
        wanted = measure_cramer_von_mises(paired(a, b, points, looked=False))
    assert found.statistic_low == pytest.approx(wanted.statistic_low, rel=1e-11, abs=1e-12)
    assert found.statistic_high == pytest.approx(wanted.statistic_high, rel=1e-11, abs=1e-12)
    exact = cramer_von_mises(np.sort(a), np.sort(b))
    assert found.statistic_low - 1e-12 <= exact <= found.statistic_high + 1e-12


@given(samples, samples, grids, st.sampled_from([0.0, 1e9]))
def test_wasserstein_is_scipys_with_and_without(a, b, points, away) -> None:
    one, other = np.array(a) + away, np.array(b) + away  # far from 0, where sums of values lose their digits
    size = (np.ptp([*one, *other]) or 1) + away * 1e-4
    wanted = pytest.approx(stats.wasserstein_distance(one, other), rel=1e-12, abs=1e-12 * size)
    assert measure_wasserstein(paired(one, other, points, looked=True)).statistic == wanted
    with numpy_alone():
        largest = float(np.abs([*one, *other]).max())
        loose = pytest.approx(stats.wasserstein_distance(one, other), rel=1e-12, abs=1e-12 * (largest or 1))
        assert measure_wasserstein(paired(one, other, points, looked=True)).statistic == loose


@pytest.mark.parametrize("seed", range(8))
def test_many_values_on_a_grid_that_does_not_hold_them_all(seed: int) -> None:
    rng = np.random.default_rng(seed)
    a, b = rng.standard_t(2, 60_000), rng.standard_t(2, 9_000) * rng.uniform(0.7, 1.4) + rng.uniform(-0.2, 0.2)
    if seed % 2:
        a, b = a.round(1), b.round(1)  # heavy ties on both sides
    pair = paired(a, b, 1_000, looked=True)
    assert pair.gap.low == pytest.approx(stats.ks_2samp(a, b, method="asymp").statistic, abs=1e-12)
    assert measure_wasserstein(pair).statistic == pytest.approx(stats.wasserstein_distance(a, b), rel=1e-12)
    found = measure_cramer_von_mises(pair)
    exact = cramer_von_mises(np.sort(a), np.sort(b))
    assert found.statistic_low <= exact * (1 + 1e-12) and exact <= found.statistic_high * (1 + 1e-12)
    with numpy_alone():
        other = paired(a, b, 1_000, looked=True)
        wanted = measure_cramer_von_mises(other)
        assert other.gap == pair.gap
    assert (found.statistic_low, found.statistic_high) == pytest.approx(
        (wanted.statistic_low, wanted.statistic_high), rel=1e-9
    )


@pytest.mark.parametrize(
    ("reference", "batch"),
    [
        ([0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0], [0.5, 0.6, 4.5, 4.6, 4.7, 4.8]),
        ([1.0, 3.0, 5.0, 8.0, 10.0, 13.0], [4.0, 5.5, 8.5]),
        ([0.0, 6.0, 6.0, 7.0, 7.0, 10.0, 11.0, 13.0], [4.5, 4.5, 6.5, 7.0, 8.0, 11.0]),
    ],
)
def test_of_values_with_the_widest_gap_the_smallest_is_named(reference, batch) -> None:
    a, b = np.array(reference), np.array(batch)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(gap, "AT_ONCE", 1)  # a cell at a time, the wider bound first
        one_by_one = _without(a, b)
    for found in (paired(a, b, 3, looked=True).gap, _without(a, b), one_by_one):
        gaps = {x: abs((a <= x).mean() - (b <= x).mean()) for x in (*a, *b)}
        assert found.low == pytest.approx(max(gaps.values()))
        assert found.value == min(x for x, wide in gaps.items() if wide > max(gaps.values()) - 1e-12)


def _without(a, b):
    with numpy_alone():
        return paired(a, b, 3, looked=True).gap


def test_a_whole_comparison_is_the_same_without() -> None:
    chosen = setting(3_000)
    profile, found = compare_rows(chosen.reference, chosen.new, detectors=DETECTORS, every_row=False)
    with numpy_alone():
        other_profile, wanted = compare_rows(chosen.reference, chosen.new, detectors=DETECTORS, every_row=False)
    for name, counts in profile.columns.items():
        assert np.array_equal(counts.cells, other_profile.columns[name].cells), name
    for mine, other in zip(found.measured, wanted.measured, strict=True):
        one, two = mine.measurement, other.measurement
        numbers = ("statistic", "statistic_low", "statistic_high", "effect", "effect_low", "effect_high")
        for name in numbers:
            assert getattr(one, name) == pytest.approx(getattr(two, name), rel=1e-10, abs=1e-14), (one.detector, name)
        assert one.p_value == (None if two.p_value is None else pytest.approx(two.p_value, rel=1e-9, abs=1e-14))
        left = dict.fromkeys((*numbers, "p_value", "distance", "scale", "smallest_p", "evidence"), None)
        assert one._replace(**left) == two._replace(**left)
    assert every_check(chosen).measured


def test_counts_that_do_not_belong_together_are_refused() -> None:
    pair = paired([1.0, 2.0, 3.0], [1.0, 2.5], 8, looked=True)
    filled, upto, values = pair.batch.filled, pair.reference.upto, pair.values
    assert values is not None
    batch = (filled.cells, filled.held, filled.upto)
    good = {"reference": upto, "ties": (0.0, 0.0), "batch": batch, "looked": (pair.ordered, values)}
    for wrong in (
        {"reference": 0 * upto},
        {"reference": np.repeat(upto, 2)[::2]},
        {"reference": upto * 10**9},
        {"batch": (filled.cells[:-1], filled.held, filled.upto)},
        {"batch": (filled.cells + 99, filled.held, filled.upto)},
        {"batch": (filled.cells - 99, filled.held, filled.upto)},
        {"batch": (filled.cells, filled.held.astype(np.int32), filled.upto)},
        {"batch": (filled.cells[:0], filled.held[:0], filled.upto[:0])},
        {"looked": (pair.ordered[:-1], values)},
        {"looked": (pair.ordered, values[:-1])},
    ):
        kernel.compare(**good)
        with pytest.raises(ValueError, match="do not belong together"):
            kernel.compare(**(good | wrong))
    points, nothing = pair.grid.points, np.zeros(len(pair.grid.points) + 1)
    mine, other = kernel.Side(pair.ordered, upto, nothing), kernel.Side(values, pair.batch.cells, nothing)
    for sides in (
        (replace(mine, ordered=pair.ordered[1:]), other, points),
        (mine, replace(other, ordered=values[1:]), points),
        (mine, replace(other, counts=other.counts[:-1]), points),
        (mine, replace(other, counts=2 * other.counts), points),
        (mine, replace(other, counts=0 * other.counts), points),
        (mine, replace(other, shortfalls=nothing[1:]), points),
        (mine, other, points[1:]),
    ):
        kernel.wasserstein(mine, other, points)
        with pytest.raises(ValueError, match="do not belong together"):
            kernel.wasserstein(*sides)
    for low, high in ((0.0, 2.0), (1.0, 1.0)):
        with pytest.raises(ValueError, match="do not belong together"):
            kernel.Strips(np.zeros(9, dtype=np.uint16), low, high, 4.0)


def test_what_was_compiled_from_another_text_is_not_used(tmp_path: Path) -> None:
    folder = Path(compiled.__file__).parent
    for name in (library.SOURCE, library.COMPILED):
        shutil.copyfile(folder / name, tmp_path / name)
    assert library.load(tmp_path) is not None
    (tmp_path / library.SOURCE).write_text((folder / library.SOURCE).read_text() + "\n")
    assert library.load(tmp_path) is None
    (tmp_path / library.COMPILED).unlink()  # never written over: this process has it mapped
    assert library.load(tmp_path) is None
    (tmp_path / library.COMPILED).write_bytes(b"no library")
    assert library.load(tmp_path) is None
