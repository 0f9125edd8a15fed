"""The day test against every exchange of a few days, worked out one by one."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from scipy.special import comb

from monitoring.drift.days import (
    KS_DISTANCE,
    MISSING_DISTANCE,
    VARIATION_DISTANCE,
    Distance,
    _drawn,
    days_needed,
    exchange_days,
    plan_exchange,
    speaking_days,
)
from monitoring.profiles.blocks import UNDATED, Blocks

ROWS = 40


def distance_of(kind: Distance, one: np.ndarray, other: np.ndarray) -> float:
    """Between the pooled counts (cells + 1,) of two groups of days, missing last."""
    if kind is MISSING_DISTANCE:
        return abs(one[-1] / one.sum() - other[-1] / other.sum())
    p, q = one[:-1] / one[:-1].sum(), other[:-1] / other[:-1].sum()
    return abs(np.cumsum(p - q)).max() if kind is KS_DISTANCE else abs(p - q).sum() / 2


def blocks_of(counts: np.ndarray, first: int) -> Blocks:
    days = np.arange(first, first + len(counts))
    return Blocks(ids=days, rows=counts.sum(axis=1), columns={"x": counts})


def days_drawn(rng: np.random.Generator, days: int, shift: float) -> np.ndarray:
    """Counts (days, 6) of ROWS rows each, whose shares differ from day to day."""
    weights = np.exp(rng.normal(size=(days, 6)) + shift * np.arange(6))
    return np.stack([rng.multinomial(ROWS, each / each.sum()) for each in weights])


@pytest.mark.parametrize(
    "kind", [KS_DISTANCE, VARIATION_DISTANCE, MISSING_DISTANCE], ids=["ks", "variation", "missing"]
)
@pytest.mark.parametrize("shift", [0.0, 0.4, 3.0])
def test_the_p_value_is_the_share_of_all_exchanges_at_least_as_far_apart(kind: Distance, shift: float) -> None:
    rng, level = np.random.default_rng(3), 0.05
    old, new = days_drawn(rng, 5, 0.0), days_drawn(rng, 3, shift)
    exchange = plan_exchange(blocks_of(old, 0), blocks_of(new, 100), levels=[level], seed=0)
    found = exchange_days(old, new, exchange, kind, level=level, seed=1)
    every = np.concatenate((old, new))
    apart = []
    for chosen in combinations(range(8), 3):
        mine = np.isin(np.arange(8), chosen)
        apart.append(distance_of(kind, every[~mine].sum(axis=0), every[mine].sum(axis=0)))
    observed = distance_of(kind, old.sum(axis=0), new.sum(axis=0))
    assert exchange.tried == len(apart) == 56
    assert found.p_value == pytest.approx(np.mean(np.array(apart) >= observed - 1e-6))
    assert found.p_value >= 1 / 56
    assert found.natural_variation == pytest.approx(np.quantile(apart, 1 - level), abs=1e-5)


def test_a_batch_beyond_all_days_has_the_smallest_p_value_that_there_is() -> None:
    old, new = np.tile([ROWS, 0, 0], (6, 1)), np.tile([0, ROWS, 0], (2, 1))
    exchange = plan_exchange(blocks_of(old, 0), blocks_of(new, 100), levels=[0.05], seed=0)
    assert exchange_days(old, new, exchange, KS_DISTANCE, level=0.05, seed=1).p_value == pytest.approx(1 / 28)


def test_exchanges_are_planned_where_one_of_the_tests_could_ring() -> None:
    rng = np.random.default_rng(4)
    old, new = blocks_of(days_drawn(rng, 6, 0.0), 0), blocks_of(days_drawn(rng, 2, 0.0), 100)
    assert not plan_exchange(old, new, levels=[1 / 29, 1 / 40], seed=0).attainable
    planned = plan_exchange(old, new, levels=[1 / 28, 1 / 40], seed=0)
    assert (planned.attainable, planned.reaches(1 / 28), planned.reaches(1 / 40)) == (True, True, False)
    assert not plan_exchange(old, new, levels=[], seed=0).attainable


@pytest.mark.parametrize(("reference", "level"), [(21, 0.01 / 16), (21, 0.01 / 22), (7, 0.01), (60, 0.01 / 200)])
def test_the_days_needed_are_the_first_with_enough_exchanges(reference: int, level: float) -> None:
    days = days_needed(reference, level=level)
    assert comb(reference + days, days, exact=True) >= 1 / level > comb(reference + days - 1, days - 1, exact=True)
    assert days_needed(1, level=level) is None


def test_the_first_of_drawn_assignments_is_the_one_observed() -> None:
    days = Blocks(ids=np.arange(60), rows=np.full(60, 40), columns={})
    exchange = plan_exchange(days, Blocks(ids=np.arange(30), rows=np.full(30, 50), columns={}), levels=[0.001], seed=1)
    assert exchange.rows_per_block == 40
    assert exchange.tried < comb(90, 30)
    assert exchange.assignments[:, 0].tolist() == [0] * 60 + [1] * 30
    assert (exchange.assignments.sum(axis=0) == 30).all()
    assert 0.3 < exchange.assignments[-1, 1:].mean() < 0.37


class Coarse(np.random.Generator):
    """Keys of which many are equal."""

    def random(self, size: tuple[int, int], dtype: type) -> np.ndarray:  # type: ignore[override]
        return (self.integers(0, 9, size) / 9).astype(dtype)


@pytest.mark.parametrize(("old", "new"), [(21, 31), (5, 2), (3, 1)])
def test_every_drawn_assignment_has_the_batch_s_blocks_whatever_keys_are_equal(old: int, new: int) -> None:
    drawn = _drawn(old, new, 2_000, Coarse(np.random.PCG64(1)))
    assert set(np.unique(drawn)) == {0, 1}
    assert (drawn.sum(axis=0) == new).all()
    assert drawn[old:, 0].all()


def test_only_days_with_enough_rows_speak() -> None:
    blocks = Blocks(ids=np.array([UNDATED, 1, 2]), rows=np.array([500, 30, 19]), columns={})
    assert speaking_days(blocks).tolist() == [False, True, False]
