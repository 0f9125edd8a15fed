"""What a conversion does to a column: its gap, its place and spread, and whether it falls on the known values."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from monitoring.drift.compare import Drawn, compare
from monitoring.drift.converted import Converted, Known, convert
from monitoring.drift.measurement import NumericShift
from monitoring.profiles.profile import profile_batch
from tests.tables_of_rows import contract_of, reference_of, rows_of

NO_BLOCKS = np.zeros((0, 2), dtype=np.int64)


def found(reference: np.ndarray, batch: np.ndarray, unit: str) -> Converted | None:
    gap = stats.ks_2samp(reference, batch).statistic
    return convert(Known(np.sort(reference), np.unique(reference), NO_BLOCKS, unit), np.sort(batch), gap)


def celsius(fahrenheit: np.ndarray) -> np.ndarray:
    return (fahrenheit - 32) / 1.8


def test_celsius_is_found_and_told_in_numbers() -> None:
    rng = np.random.default_rng(1)
    reference, batch = rng.normal(60, 10, 4_000), rng.normal(60, 10, 900)
    one = found(reference, celsius(batch), "°F")
    assert one is not None
    assert (one.unit, one.usual, one.factor, one.offset) == ("°C", "°F", pytest.approx(1.8), pytest.approx(32))
    middle = np.sort(batch)[449]
    assert (one.median, one.median_converted) == (pytest.approx(celsius(middle)), pytest.approx(middle))
    assert one.gap == pytest.approx(stats.ks_2samp(reference, batch).statistic, abs=1e-9)
    wide = np.subtract(*np.quantile(reference, (0.9, 0.1)))
    assert one.apart == pytest.approx((np.sort(reference)[1_999] - celsius(middle)) / wide)
    assert one.spread == pytest.approx(one.spread_converted / 1.8)
    assert one.spread_converted == pytest.approx(np.subtract(*np.quantile(batch, (0.9, 0.1))) / wide)


def kept_in_tenths(fahrenheit: np.ndarray) -> np.ndarray:
    """What a station reads, in whole degrees Fahrenheit, and keeps in Celsius with one decimal."""
    return np.round((np.round(fahrenheit) - 32) / 1.8, 1)


def test_rounded_numbers_are_a_grid_that_only_the_right_unit_hits() -> None:
    rng = np.random.default_rng(2)
    reference = np.round(kept_in_tenths(rng.normal(41, 11, 3_000)) * 1.8 + 32, 2)
    warmer = kept_in_tenths(rng.normal(58, 9, 800))
    one = found(reference, warmer, "°F")
    assert one is not None
    assert (one.unit, one.on_grid_converted > 0.9, one.on_grid < 0.3, one.chance < 1e-9) == ("°C", True, True, True)


def test_coarse_numbers_lie_beside_everything_and_tell_nothing_by_it() -> None:
    rng = np.random.default_rng(2)
    reference = np.round(rng.normal(5, 6, 3_000)) * 1.8 + 32
    one = found(reference, np.round(rng.normal(12, 5, 800)), "°F")
    assert one is not None
    assert one.chance > 0.01


def test_numbers_that_lie_on_no_grid_say_nothing_by_one() -> None:
    rng = np.random.default_rng(3)
    one = found(rng.normal(60, 10, 4_000), rng.normal(12, 5, 900), "°F")
    assert one is not None
    assert one.chance > 0.01


def test_many_rows_are_looked_at_by_their_ranks() -> None:
    rng = np.random.default_rng(4)
    reference, batch = rng.normal(60, 10, 4_000), rng.normal(60, 10, 60_000)
    one = found(reference, celsius(batch), "°F")
    assert one is not None
    assert one.gap == pytest.approx(stats.ks_2samp(reference, batch).statistic, abs=0.002)


@pytest.mark.parametrize(
    "batch",
    [np.full(50, 7.0), np.random.default_rng(5).normal(60, 10, 900)],
    ids=["constant", "unmoved"],
)
def test_where_nothing_can_be_told_nothing_is(batch: np.ndarray) -> None:
    assert found(np.random.default_rng(6).normal(60, 10, 4_000), batch, "°F") is None


def test_a_reference_of_one_value_has_no_spread_to_compare_with() -> None:
    assert found(np.full(100, 3.0), np.arange(50.0) + 300, "s") is None


def test_numbers_too_far_apart_to_be_divided_are_left() -> None:
    tiny = np.arange(1.0, 41.0) * 1e-300
    assert found(tiny, np.arange(1.0, 41.0) * 1e30, "") is None


def test_the_furthest_day_is_the_one_furthest_from_the_others() -> None:
    blocks = np.array([[50, 50, 0, 0], [50, 50, 0, 3], [0, 20, 80, 0]])
    reference = np.random.default_rng(7).normal(60, 10, 500)
    one = convert(Known(np.sort(reference), reference[:0], blocks, "°F"), np.sort(celsius(reference)), 1.0)
    assert one is not None
    assert one.block == pytest.approx(0.8)


class TestInAComparison:
    contract = contract_of(("x",))
    reference = reference_of(contract, rows_of(x=np.random.default_rng(8).normal(100, 10, 3_000)))
    batch = np.random.default_rng(9).normal(100, 10, 1_000) * 1_000

    def evidence(self, values: dict[str, np.ndarray] | Drawn | None = None) -> NumericShift:
        compared = compare(
            self.reference, profile_batch(rows_of(x=self.batch), self.reference.grids), values=values
        ).measured
        (found,) = [
            one.measurement for one in compared if (one.measurement.column, one.measurement.detector) == ("x", "ks")
        ]
        assert isinstance(found.evidence, NumericShift)
        return found.evidence

    def test_values_or_a_sample_of_them_tell_it(self) -> None:
        whole = self.evidence({"x": self.batch}).converted
        sample = self.evidence(Drawn({"x": self.batch[:300]})).converted
        assert whole is not None
        assert sample is not None
        assert whole.factor == sample.factor == pytest.approx(0.001)

    def test_counts_alone_do_not(self) -> None:
        assert self.evidence().converted is None
