"""Where the middle of a column lies, from values or from counts."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from monitoring.drift.shifts import measure_median_shift
from tests.drift.pairs import paired

values = st.lists(st.floats(-50, 50).map(lambda x: round(x, 1)), min_size=1, max_size=60)


def median_of(side: list[float]) -> float:
    return float(np.quantile(side, 0.5, method="inverted_cdf"))


@given(values, values)
def test_the_median_of_values_is_exact_and_that_of_counts_within_its_bounds(a: list[float], b: list[float]) -> None:
    exact, counted = (paired(a, b, points=5, looked=looked).shift for looked in (True, False))
    assert (exact.median_reference, exact.median_batch, exact.median_error) == (median_of(a), median_of(b), 0)
    assert counted.median_reference == median_of(a)
    assert abs(counted.median_batch - median_of(b)) <= counted.median_error + 1e-9


@given(values, values)
def test_a_stored_profile_on_the_reference_side_has_its_median_within_the_bounds(
    a: list[float], b: list[float]
) -> None:
    """As of the period before, of which counts alone are at hand: never a made-up number."""
    pair = replace(paired(a, b, points=5, looked=False), ordered=np.empty(0))
    assert abs(pair.shift.median_reference - median_of(a)) <= pair.shift.median_error + 1e-9
    assert abs(pair.shift.median_batch - median_of(b)) <= pair.shift.median_error + 1e-9


def test_beyond_the_reference_counts_leave_the_median_open_and_the_middle_is_told() -> None:
    pair = paired([1, 2, 3], [4, 5, 60, 70, 80], points=5, looked=False)
    assert pair.shift.median_error == 38.0  # somewhere from 4 to 80
    told = measure_median_shift(pair)
    assert (told.statistic_low, told.statistic, told.statistic_high) == (2.0, 40.0, 78.0)


def test_an_empty_side_has_no_median() -> None:
    assert paired([1, 2], [], points=5, looked=True).shift.median_error == 0
