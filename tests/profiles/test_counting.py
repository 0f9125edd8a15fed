"""What is found on the way of counting is what a count one by one finds, on tied, infinite and missing values too."""

from __future__ import annotations

from dataclasses import replace
from math import fsum

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitoring.profiles.counting import Filled
from monitoring.profiles.counts import NumericCounts
from monitoring.profiles.grid import NumericGrid, locate

finite = st.one_of(st.integers(-5, 5).map(float), st.floats(-1e6, 1e6))
numbers = st.one_of(finite, st.sampled_from([np.nan, np.inf, -np.inf]))


def counted(points: list[float], values: list[float]) -> tuple[NumericCounts, np.ndarray]:
    """Counts of the values, and the cell of each finite one."""
    grid, data = NumericGrid.of(np.array(points)), np.array(values, dtype=float)
    return NumericCounts.of(data, grid), np.sort(locate(data[np.isfinite(data)], grid.points))


@given(st.lists(st.integers(0, 30), max_size=80))
def test_filled_cells_from_each_value_are_those_from_all_counts(cells) -> None:
    each, counts = np.sort(np.array(cells, dtype=np.int64)), np.bincount(np.array(cells, dtype=np.int64), minlength=31)
    for filled in (Filled.of_each(each), Filled.of(counts)):
        assert filled.cells.tolist() == sorted(set(cells))
        assert filled.held.tolist() == [cells.count(cell) for cell in sorted(set(cells))]
        assert filled.upto.tolist() == [sum(c <= cell for c in cells) for cell in sorted(set(cells))]


@given(st.lists(finite, min_size=1, max_size=40), st.lists(numbers, max_size=80))
def test_what_counting_knows_already_is_what_its_counts_say(points, values) -> None:
    counts, _ = counted(points, values)
    again, present = replace(counts), [v for v in values if np.isfinite(v)]
    assert counts.present == again.present == len(present)
    assert counts.total == pytest.approx(fsum(present), rel=1e-12, abs=1e-6)
    for name in ("cells", "held", "upto"):
        assert getattr(counts.filled, name).tolist() == getattr(again.filled, name).tolist()


@given(st.lists(finite, min_size=1, max_size=40), st.lists(numbers, max_size=80), st.data())
def test_values_up_to_a_cell_are_the_same_from_filled_cells_as_from_all(points, values, data) -> None:
    counts, where = counted(points, values)
    cells = np.array(data.draw(st.lists(st.integers(0, len(counts.cells) - 1), max_size=9)), dtype=np.int64)
    wanted = [int((where <= cell).sum()) for cell in cells]
    assert counts.upto_cells(cells).tolist() == wanted
    assert counts.upto[cells].tolist() == wanted
    assert counts.upto_cells(cells).tolist() == wanted


@given(st.lists(finite, min_size=1, max_size=40), st.lists(numbers, max_size=80))
def test_ties_are_those_of_the_values_of_each_cell(points, values) -> None:
    counts, where = counted(points, values)
    ties = [[(t**3 - t) / 12 for t in np.bincount(where[where % 2 == odd]).tolist()] for odd in (1, 0)]
    assert (counts.ties.of_points, counts.ties.in_open_cells) == pytest.approx(tuple(map(sum, ties)))
