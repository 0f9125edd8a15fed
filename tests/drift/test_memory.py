"""How much days are like the days before them, and when that is said."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom

from monitoring.contract import Contract
from monitoring.drift.compare import compare
from monitoring.drift.memory import ColumnMemory, Memory, correlate, measure_memory, shortest_block
from monitoring.policy.drift_policy import DEFAULT
from monitoring.policy.judge import judge
from monitoring.profiles.profile import profile_batch
from monitoring.wiring import PROJECT
from tests.tables_of_rows import contract_of, reference_of, rows_of

CONTRACT = contract_of(("x", "steady"), {"c": ["a", "b"]}, dated=True)


def with_memory(rng: np.random.Generator, days: int, correlation: float) -> np.ndarray:
    """A stationary autoregressive series: days apart by L correlate correlation ** L."""
    series = rng.normal(size=days)
    for day in range(1, days):
        series[day] = correlation * series[day - 1] + (1 - correlation**2) ** 0.5 * series[day]
    return series


def flown(rng: np.random.Generator, days: int, correlation: float, per_day: int = 40) -> pa.Table:
    day = np.repeat(np.arange(days), per_day)
    mood = with_memory(rng, days, correlation)[day]
    often = with_memory(rng, days, correlation)[day] > 0
    c = np.where(rng.random(len(day)) < np.where(often, 0.9, 0.1), "a", "b")
    return rows_of(day, x=mood + 0.3 * rng.normal(size=len(day)), steady=rng.normal(size=len(day)), c=c)


def named(memory: Memory | None) -> dict[str, ColumnMemory]:
    assert memory is not None
    return {column.column: column for column in memory.columns}


@given(st.lists(st.floats(-100, 100), min_size=4, max_size=60))
def test_correlations_of_days_without_gaps_are_numpys(series: list[float]) -> None:
    values = np.array(series)
    if values.std() < 1e-6:
        return
    centred = values - values.mean()
    sums = np.correlate(centred, centred, mode="full")[len(values) - 1 :]
    for lag in correlate(np.arange(len(values)), values):
        wanted = sums[lag.days] / (len(values) - lag.days) / values.var()
        assert lag.correlation == pytest.approx(max(-1, min(1, wanted)), abs=1e-9)
        assert lag.pairs == len(values) - lag.days


def test_a_known_memory_is_found_with_its_block() -> None:
    lags = correlate(np.arange(60_000), with_memory(np.random.default_rng(1), 60_000, 0.5), 8)
    assert [lag.correlation for lag in lags] == pytest.approx([0.5**lag.days for lag in lags], abs=0.025)
    assert shortest_block(lags) == 5


def test_the_error_is_that_of_repetitions() -> None:
    rng = np.random.default_rng(2)
    found = [correlate(np.arange(200), with_memory(rng, 200, 0.0), 3)[2] for _ in range(400)]
    assert np.std([lag.correlation for lag in found]) == pytest.approx(np.mean([lag.error for lag in found]), rel=0.12)


def test_gaps_leave_out_pairs_and_nothing_else() -> None:
    rng = np.random.default_rng(3)
    series, kept = with_memory(rng, 20_000, 0.7), np.sort(rng.choice(20_000, 10_000, replace=False))
    whole, gappy = correlate(np.arange(20_000), series, 3), correlate(kept, series[kept], 3)
    assert [lag.correlation for lag in gappy] == pytest.approx([lag.correlation for lag in whole], abs=0.05)
    assert all(3_500 < lag.pairs < 6_500 for lag in gappy)
    lonely = correlate(np.arange(0, 300, 3), series[:100], 3)
    assert [lag.pairs for lag in lonely] == [0, 0, 99]


def test_numbers_and_categories_of_rows() -> None:
    columns = named(measure_memory(flown(np.random.default_rng(4), 400, 0.7), CONTRACT))
    assert columns["x"].correlation == pytest.approx(0.7, abs=0.15)
    assert columns["c"].correlation > 0.3
    assert abs(columns["steady"].correlation) < 0.2
    assert columns["x"].shortest_block > columns["steady"].shortest_block
    assert (columns["prediction"].correlation, columns["prediction"].shortest_block) == (0.0, 1)


def test_one_wild_value_hides_no_memory() -> None:
    rows = flown(np.random.default_rng(5), 200, 0.8)
    x = rows["x"].to_numpy().copy()
    x[17] = 1e9
    x[18] = np.nan
    wild = rows.set_column(0, "x", pa.array(x, from_pandas=True))
    calm = named(measure_memory(rows, CONTRACT))["x"].correlation
    assert named(measure_memory(wild, CONTRACT))["x"].correlation == pytest.approx(calm, abs=0.01)


def test_without_a_time_there_is_no_memory() -> None:
    rows = flown(np.random.default_rng(6), 5, 0.0)
    assert measure_memory(rows, contract_of(("x", "steady"), {"c": ["a", "b"]})) is None
    assert measure_memory(rows.drop_columns(["at"]), CONTRACT) is None
    few = named(measure_memory(rows, CONTRACT))["x"]
    assert (few.correlation, few.shortest_block) == (None, None)


def test_days_without_memory_are_seldom_said_to_have_one() -> None:
    rng = np.random.default_rng(7)
    said = sum(measure_memory(flown(rng, 60, 0.0, per_day=10), CONTRACT).strongest is not None for _ in range(120))
    assert said <= binom.ppf(0.9999, 120, 0.05)
    assert measure_memory(flown(rng, 60, 0.7), CONTRACT).strongest.column in ("x", "c")


def test_longer_blocks_are_measured_at_their_length() -> None:
    rows = flown(np.random.default_rng(8), 400, 0.7)
    weekly = measure_memory(rows, CONTRACT.model_copy(update={"block_days": 7}))
    assert weekly.block_days == 7
    assert abs(named(weekly)["x"].correlation) < 0.3
    assert weekly.strongest is None
    assert weekly.proposed_block == measure_memory(rows, CONTRACT).proposed_block >= 4


class TestCaveat:
    """The sentence under the verdict."""

    rng = np.random.default_rng(9)
    reference = reference_of(CONTRACT, flown(rng, 30, 0.0))

    def caveat(self, memory: Memory | None, days: int = 20) -> str:
        profile = profile_batch(flown(self.rng, days, 0.0), self.reference.grids)
        return judge(compare(self.reference, profile), DEFAULT, CONTRACT, "It", memory=memory)[0].caveat

    def memory(self, correlation: float | None, block_days: int = 1) -> Memory:
        columns = (
            ColumnMemory(column="x", correlation=correlation, error=0.1, shortest_block=4),
            ColumnMemory(column="c", correlation=0.1, error=0.1, shortest_block=1),
        )
        return Memory(block_days=block_days, days=90, columns=columns)

    def test_alike_days_are_told_in_one_sentence(self) -> None:
        wanted = (
            "Neighbouring days are alike (x correlates 0.70): the false-alarm rate of comparing days is not guaranteed."
        )
        assert self.caveat(self.memory(0.7)) == wanted
        assert self.caveat(self.memory(0.7, block_days=7)).startswith("Days 7 apart are alike")

    @pytest.mark.parametrize("correlation", [0.2, 0.0, -0.9, None])
    def test_nothing_is_said_of_what_may_be_chance(self, correlation: float | None) -> None:
        assert self.caveat(self.memory(correlation)) == ""

    def test_too_few_days_are_the_nearer_caveat(self) -> None:
        assert "Too few days" in self.caveat(self.memory(0.7), days=1)
        assert self.caveat(None) == ""


def test_the_packaged_flights_have_the_memory_of_their_weather() -> None:
    folder = PROJECT / "reference_data" / "flight-delay" / "1"
    contract = Contract.model_validate_json((PROJECT / "models/flight-delay/1/contract.json").read_text())
    rows = pd.concat([pd.read_parquet(folder / f"{name}.parquet") for name in ("training", "reference")])
    daily = rows.groupby(rows.scheduled_departure.dt.floor("D")).temp.mean().asfreq("D")
    memory = measure_memory(pa.Table.from_pandas(rows, preserve_index=False), contract)
    assert named(memory)["temp"].correlation == pytest.approx(daily.autocorr(1), abs=0.06)
    assert memory.strongest.column == "temp"
    assert memory.proposed_block >= 4
