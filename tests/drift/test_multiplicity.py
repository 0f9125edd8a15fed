"""Weights in the corrections, and the choice of the tests that count."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom, norm

from monitoring.drift.multiplicity import CORRECTIONS, benjamini_hochberg, benjamini_yekutieli, can_reject, holm

p_values = st.lists(st.floats(0, 1), min_size=1, max_size=20)
weights_of = st.floats(0.01, 100)


@pytest.mark.parametrize("name", list(CORRECTIONS))
@given(p_values, weights_of)
def test_equal_weights_are_none(name: str, p: list[float], weight: float) -> None:
    adjust, given_p = CORRECTIONS[name], np.array(p)
    assert adjust(given_p, np.ones(len(p))).tolist() == adjust(given_p, None).tolist()
    assert adjust(given_p, np.full(len(p), weight)) == pytest.approx(adjust(given_p, None), rel=1e-9)


@given(st.lists(st.tuples(st.floats(0, 1), weights_of), min_size=1, max_size=12), st.floats(0.001, 0.4))
def test_weighted_holm_rejects_what_the_sequence_of_1979_rejects(tests, alpha: float) -> None:
    p, weights = np.array(tests).T
    left, rejected = set(range(len(p))), set()
    while left:
        first = min(left, key=lambda i: p[i] / weights[i])
        if p[first] > alpha * weights[first] / weights[list(left)].sum() * (1 + 1e-9):
            break
        rejected |= {first}
        left -= {first}
    adjusted = holm(p, weights)
    assert all(adjusted[i] <= alpha * (1 + 1e-6) for i in rejected)
    assert all(adjusted[i] > alpha for i in left if not np.isclose(adjusted[i], alpha, rtol=1e-6))


@given(st.lists(st.tuples(st.floats(0, 0.02), weights_of), min_size=1, max_size=8))
def test_weighted_holm_is_the_smallest_level_at_which_the_sequence_reaches_a_test(tests) -> None:
    p, weights = np.array(tests).T
    order = sorted(range(len(p)), key=lambda i: p[i] / weights[i])
    reached, wanted = 0.0, {}
    for place, i in enumerate(order):
        reached = max(reached, sum(weights[k] for k in order[place:]) * p[i] / weights[i])
        wanted[i] = min(1.0, reached)
    assert holm(p, weights) == pytest.approx([wanted[i] for i in range(len(p))], rel=1e-9)


@pytest.mark.parametrize("shared", [0.0, 0.7])
@pytest.mark.parametrize("real", [0, 3])
def test_weighted_holm_keeps_the_false_alarm_rate(shared: float, real: int) -> None:
    """Twelve tests, some with something to find, alike or not; alarms are those of the others."""
    rng, alpha, checks, tests = np.random.default_rng(5), 0.05, 20_000, 12
    weights = np.array([10.0, 0.1, 1.0, 1.0, 5.0, 0.5, 1.0, 1.0, 2.0, 2.0, 30.0, 1.0])
    z = shared**0.5 * rng.normal(size=(checks, 1)) + (1 - shared) ** 0.5 * rng.normal(size=(checks, tests))
    z[:, :real] += 4
    alarms = sum(bool((holm(p, weights)[real:] <= alpha).any()) for p in norm.sf(z))
    assert alarms <= binom.ppf(0.9999, checks, alpha)


@pytest.mark.parametrize(("adjust", "shared"), [(benjamini_hochberg, 0.0), (benjamini_yekutieli, 0.8)])
def test_weighted_step_up_keeps_the_share_of_false_alarms(adjust, shared: float) -> None:
    rng, alpha, checks, real = np.random.default_rng(6), 0.1, 10_000, 4
    weights = rng.uniform(0.2, 5, size=16)
    z = shared**0.5 * rng.normal(size=(checks, 1)) + (1 - shared) ** 0.5 * rng.normal(size=(checks, 16))
    z[:, :real] += 3
    rejected = np.array([adjust(p, weights) <= alpha for p in norm.sf(z)])
    shares = rejected[:, real:].sum(axis=1) / np.maximum(rejected.sum(axis=1), 1)
    assert shares.mean() <= alpha + 4 * shares.std() / checks**0.5
    assert rejected[:, :real].mean() > 0.3


@given(st.lists(st.tuples(st.floats(1e-12, 1), weights_of), min_size=1, max_size=15), st.floats(0.001, 0.4))
def test_the_tests_counted_can_each_reject_and_no_other_could_join_them(tests, level: float) -> None:
    smallest, weights = np.array(tests).T
    chosen = can_reject(smallest, weights, level)
    total = weights[chosen].sum()
    assert all(smallest[chosen] * total <= level * weights[chosen] * (1 + 1e-9))
    left = ~chosen
    assert all(smallest[left] * (total + weights[left]) > level * weights[left] * (1 - 1e-9))


def test_nothing_is_counted_where_nothing_is_tested() -> None:
    assert can_reject(np.zeros(0), np.zeros(0), 0.01).tolist() == []
    assert holm(np.zeros(0)).tolist() == []
