"""The compiled loops give what numpy and scipy give, on tied and skewed data and coarse grids too."""

from __future__ import annotations

import shutil
from fractions import Fraction
from itertools import product
from math import comb, lcm
from pathlib import Path

import numpy as np
import pyarrow as pa
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
from monitoring.drift.ks import _inside_probability
from monitoring.drift.wasserstein import measure_wasserstein
from monitoring.profiles.blocks import RowBlocks
from monitoring.profiles.counting import count_and_add
from monitoring.profiles.counts import NumericCounts
from monitoring.profiles.grid import CategoryGrid, NumericGrid, locate
from monitoring.profiles.profile import _count_categories
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
    assert counted.upto.tolist() == wanted.cumsum()[counted.filled].tolist()
    with numpy_alone():
        slack = 1e-13 * np.abs(ordered).max(initial=0)
        assert counted.sums == pytest.approx(count_and_add(ordered, grid).sums, abs=slack * (len(values) + 1))


@given(samples, samples, grids, st.booleans())
@example([0.0, 1.0, 6.0, 8.0], [7.5], 3, True)  # the widest is as wide as it can be within its cell
def test_the_gap_is_numpys_and_the_definitions(a, b, points, looked) -> None:
    pair = paired(a, b, points, looked=looked)
    found = pair.gap
    with numpy_alone():
        assert paired(a, b, points, looked=looked).gap == found
    assert pair.compiled is not None
    for rank, (cell, before, reached) in zip((len(a), len(b)), pair.compiled.places, strict=True):
        where = np.sort(locate(np.array([*a, *b]), pair.grid.points))
        assert (cell, before, reached) == (where[rank - 1], (where < cell).sum(), (where <= cell).sum())
    wanted = widest(a, b)
    assert found.low - 1e-12 <= wanted <= found.high + 1e-12
    if looked:
        assert found.low == found.high


def inside_by_counting(n: int, m: int, steps: int) -> Fraction:
    """Share of the paths from (0, 0) to (n, m) on which |i/n - j/m| stays below steps / lcm(n, m), path by path."""
    paths = [[0] * (m + 1) for _ in range(n + 1)]
    for i, j in product(range(n + 1), range(m + 1)):
        if abs(i * lcm(n, m) // n - j * lcm(n, m) // m) < steps:
            paths[i][j] = 1 if i == j == 0 else (i and paths[i - 1][j]) + (j and paths[i][j - 1])
    return Fraction(paths[n][m], comb(n + m, n))


@given(st.integers(1, 30), st.integers(1, 60), st.data())
@example(4, 9, None)
@example(9, 4, None)
@example(7, 7, None)
def test_the_paths_that_stay_inside_are_all_counted_and_to_numpys_last_bit(n: int, m: int, data) -> None:
    steps = data.draw(st.integers(1, lcm(n, m))) if data else lcm(n, m) // 2
    found = _inside_probability(steps / lcm(n, m), n, m)
    with numpy_alone():
        assert _inside_probability(steps / lcm(n, m), n, m) == found
    assert found == pytest.approx(float(inside_by_counting(n, m, steps)), rel=1e-12)


@pytest.mark.parametrize(("n", "m"), [(927, 18_000), (1_000, 1_001), (998, 3_001), (1, 20_000)])
@pytest.mark.parametrize("scaled", [0.3, 1.2, 4.0])
def test_the_paths_of_large_samples_are_counted_to_numpys_last_bit(n: int, m: int, scaled: float) -> None:
    statistic = round(scaled * ((n + m) / (n * m)) ** 0.5 * lcm(n, m)) / lcm(n, m)
    found = _inside_probability(min(1.0, statistic), n, m)
    with numpy_alone():
        assert _inside_probability(min(1.0, statistic), n, m) == found


@pytest.mark.parametrize(
    "wrong", [(0, 3, 1, 1, 1), (3, 2, 1, 1, 1), (2, 3, 3, 2, 0), (2, 3, 3, 0, 1), (2, 3, 2**62, 2, 1)]
)
def test_paths_that_lead_nowhere_are_refused(wrong: tuple[int, int, int, int, int]) -> None:
    with pytest.raises(ValueError, match="do not belong together"):
        kernel.inside(*wrong)


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
    batch = (filled.cells, filled.upto)
    good = {"reference": upto, "ties": (0.0, 0.0), "batch": batch, "looked": (pair.ordered, values)}
    for wrong in (
        {"reference": 0 * upto},
        {"reference": np.repeat(upto, 2)[::2]},
        {"reference": upto * 10**9},
        {"batch": (filled.cells[:-1], filled.upto)},
        {"batch": (filled.cells + 99, filled.upto)},
        {"batch": (filled.cells - 99, filled.upto)},
        {"batch": (filled.cells, filled.upto.astype(np.int32))},
        {"batch": (filled.cells[:0], filled.upto[:0])},
        {"looked": (pair.ordered[:-1], values)},
        {"looked": (pair.ordered, values[:-1])},
    ):
        kernel.compare(**good)
        with pytest.raises(ValueError, match="do not belong together"):
            kernel.compare(**(good | wrong))
    points, nothing = pair.grid.points, np.zeros(len(pair.grid.points) + 1)
    mine, other = kernel.Side(pair.ordered, upto, nothing), kernel.Side(values, pair.batch.cells, nothing)
    for sides in (
        (mine._replace(ordered=pair.ordered[1:]), other, points),
        (mine, other._replace(ordered=values[1:]), points),
        (mine, other._replace(counts=other.counts[:-1]), points),
        (mine, other._replace(counts=2 * other.counts), points),
        (mine, other._replace(counts=0 * other.counts), points),
        (mine, other._replace(shortfalls=nothing[1:]), points),
        (mine, other, points[1:]),
    ):
        kernel.wasserstein(mine, other, points)
        with pytest.raises(ValueError, match="do not belong together"):
            kernel.wasserstein(*sides)
    for low, high in ((0.0, 2.0), (1.0, 1.0)):
        with pytest.raises(ValueError, match="do not belong together"):
            kernel.Strips(np.zeros(9, dtype=np.uint16), low, high, 4.0)


def test_what_counting_knew_is_found_again() -> None:
    grid, values = NumericGrid.of(np.array([1.0, 2.0, 3.0])), np.array([0.5, 1.0, 2.5, 2.75, 9.0])
    counts, again = (NumericCounts.of(values, grid) for _ in range(2))
    again.forget_on_the_way()
    assert not {"filled", "known_shortfalls"} & again.__dict__.keys()
    assert [part.tolist() for part in again.filled] == [part.tolist() for part in counts.filled]
    assert again.shortfalls(values, grid.points).tolist() == counts.shortfalls(values, grid.points).tolist()


texts = st.text(st.sampled_from("abé\0 𝄞"), max_size=20)


@given(
    st.lists(texts, unique=True, max_size=30),
    st.lists(st.one_of(st.none(), texts, st.integers(0, 29)), max_size=60),
    st.integers(0, 9),
)
@example([], ["a"], 0)
@example(["a" * 8, "a" * 9, "a" * 16], ["a" * 9, "a" * 17, None], 1)
def test_each_text_is_found_among_the_known_ones(known, column, skipped: int) -> None:
    column = [known[x % len(known)] if isinstance(x, int) and known else x for x in column]
    column = [None if isinstance(x, int) else x for x in column]
    found = kernel.count_texts(pa.array(column, pa.string())[skipped:], kernel.Texts.of(known))
    codes = [len(known) if x is None else known.index(x) if x in known else len(known) + 1 for x in column[skipped:]]
    assert found.codes.tolist() == codes
    assert found.counts.tolist() == [codes.count(code) for code in range(len(known) + 2)]


@pytest.mark.parametrize("length", range(1, 10))
def test_texts_that_differ_in_one_place_only_are_told_apart(length: int) -> None:
    known = ["a" * place + "b" + "a" * (length - 1 - place) for place in range(length)]
    found = kernel.count_texts(pa.array(["a" * length, *known]), kernel.Texts.of(known))
    assert found.codes.tolist() == [length + 1, *range(length)]


def test_what_no_file_can_hold_is_found_in_none() -> None:
    found = kernel.count_texts(pa.array(["a", "?"]), kernel.Texts.of(["\ud800", "a"]))
    assert found.counts.tolist() == [0, 1, 0, 1]


@pytest.mark.parametrize("ends", [[0, 9, 2], [0, 2, 1]])
def test_texts_that_reach_beyond_their_memory_are_refused(ends) -> None:
    memory = pa.py_buffer(np.array(ends, dtype=np.int32).tobytes()), pa.py_buffer(b"ab")
    with pytest.raises(ValueError, match="do not belong together"):
        kernel.count_texts(pa.StringArray.from_buffers(2, *memory), kernel.Texts.of(["a"]))


@pytest.mark.parametrize("dated", [False, True])
@pytest.mark.parametrize("column", [["b", "a", None, "b"], ["b", "new", None, "b"], [None] * 4, ["b"] * 4])
def test_categories_are_counted_the_same_without(column, dated: bool) -> None:
    grid, blocks = CategoryGrid(("b", "a", "z"), trained=2), RowBlocks.of(np.array([4, 4, 5, 5 if dated else 4]))
    counts, per_block = _count_categories(pa.array(column, pa.string()), grid, blocks)
    with numpy_alone():
        wanted, wanted_per_block = _count_categories(pa.array(column, pa.string()), grid, blocks)
    assert counts.cells.tolist() == wanted.cells.tolist() == [column.count(level) for level in grid.categories]
    assert (counts.missing, dict(counts.unseen), counts.unseen_rows) == (
        wanted.missing,
        dict(wanted.unseen),
        wanted.unseen_rows,
    )
    assert per_block.tolist() == wanted_per_block.tolist()


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


def test_threads_change_no_comparison() -> None:
    chosen = setting(3_000)
    one, other = (compare_rows(chosen.reference, chosen.new, threads=threads)[1] for threads in (1, 3))
    assert one == other
