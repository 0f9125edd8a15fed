"""The rows that a note asks for are those that decide."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitoring.drift.intervals import effect_interval, rows_needed, rows_to_tell
from monitoring.drift.ks import ks_p_value
from monitoring.drift.levels import total_variation

sizes = st.integers(20, 100_000)


def test_the_ends_stand_on_the_effect_below_and_on_the_raw_distance_above() -> None:
    assert effect_interval(0.3, 0.25, 100, 100) == pytest.approx((0.05795, 0.41632), abs=1e-5)
    assert effect_interval(0.99, 0.02, 50, 50) == (0.0, 1.0)


@given(st.floats(0, 0.2), st.floats(0.01, 0.4), sizes, sizes)
def test_with_the_rows_needed_a_ks_distance_lies_below_the_tolerance_and_with_one_fewer_not(
    distance: float, tolerance: float, n: int, m: int
) -> None:
    needed = rows_needed(distance, distance, tolerance, n=n, m=m)
    if needed is None:
        assert distance >= tolerance or effect_interval(distance, distance, n, 100 * n)[1] >= tolerance * (1 - 1e-9)
        return
    assert effect_interval(distance, distance, n, needed)[1] <= tolerance * (1 + 1e-9)
    if needed > 1:
        assert effect_interval(distance, distance, n, needed - 1)[1] >= tolerance * (1 - 1e-9)


@pytest.mark.parametrize("levels", [10, 100])
def test_the_noise_of_many_levels_is_expected_to_shrink(levels: int) -> None:
    """A hundred unchanged levels lie .38 apart in 200 rows by chance alone; that will not stay so."""
    rng, shares = np.random.default_rng(levels), np.full(levels, 1 / levels)
    n = 50_000
    reference = rng.multinomial(n, shares)
    needed = []
    for _ in range(40):
        raw, effect = total_variation(reference, rng.multinomial(200, shares))
        needed.append(rows_needed(raw, effect, 0.05, n=n, m=200))
    wanted = int(np.median([rows for rows in needed if rows]))
    upper = []
    for _ in range(40):
        raw, effect = total_variation(reference, rng.multinomial(2 * wanted, shares))
        upper.append(effect_interval(raw, effect, n, 2 * wanted)[1])
    assert np.mean(np.array(upper) < 0.05) > 0.9
    raw, effect = total_variation(reference, rng.multinomial(wanted // 3, shares))
    assert effect_interval(raw, effect, n, wanted // 3)[1] > 0.05


@given(st.floats(0.02, 0.9), st.floats(1e-6, 0.05), st.integers(500, 100_000))
def test_the_rows_that_would_tell_make_a_distance_significant(effect: float, level: float, n: int) -> None:
    more = rows_to_tell(effect, level, n=n)
    if more is None:
        assert ks_p_value(effect, n, 100 * n) > level * 0.9
    elif more > 1_000:  # the limit: below it the lattice is coarse
        assert ks_p_value(effect, n, more) <= level * 1.1
        if more < n:
            assert ks_p_value(effect, n, more // 2) > level


def test_nothing_can_be_asked_for_where_nothing_would_do() -> None:
    assert rows_needed(0.2, 0.2, 0.1, n=1_000, m=10) is None
    assert rows_needed(0.0, 0.0, 0.05, n=100, m=10) is None
    assert rows_needed(0.0, 0.0, 0.05, n=0, m=10) is None
    assert rows_to_tell(0.0, 0.01, n=1_000) is rows_to_tell(0.1, 0.01, n=5) is None
