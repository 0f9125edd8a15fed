"""Performance of predictions that come in parts: scikit-learn's numbers, in bounded memory."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import brier_score_loss, roc_auc_score

from monitoring.performance.realised import measure_performance
from monitoring.performance.running import MIDDLE, RunningPerformance, cell_of

probability = st.one_of(st.floats(0, 1), st.sampled_from([0.0, 0.5, 1.0, 1e-300, 1 - 1e-16]))
row = st.tuples(st.sampled_from([0.0, 1.0, np.nan]), probability)


def added(parts: list[list[tuple[float, float]]], rows_kept: int) -> RunningPerformance:
    running = RunningPerformance(rows_kept)
    for part in parts:
        labels, probabilities = np.array(part or np.empty((0, 2)), dtype=float).reshape(-1, 2).T
        running.add(labels, probabilities)
    return running


@given(st.lists(st.lists(row, max_size=20), max_size=6))
@settings(max_examples=80, deadline=None)
def test_few_rows_are_measured_as_if_they_had_come_at_once(parts) -> None:
    whole = np.array([one for part in parts for one in part] or np.empty((0, 2)), dtype=float).reshape(-1, 2)
    running = added(parts, 1_000)
    assert running.measured() == measure_performance(*whole.T)
    assert running.auc_error == 0


@given(st.lists(st.lists(row, min_size=1, max_size=20), min_size=1, max_size=6))
@settings(max_examples=80, deadline=None)
def test_many_rows_are_measured_within_the_stated_error(parts) -> None:
    whole = np.array([one for part in parts for one in part], dtype=float)
    exact = measure_performance(*whole.T)
    running = added(parts, 0)
    found = running.measured()
    if exact is None:
        assert found is None
        return
    assert found is not None
    assert (found.rows, found.rate) == (exact.rows, exact.rate)
    assert found.mean_prediction == pytest.approx(exact.mean_prediction)
    assert found.brier == pytest.approx(exact.brier, abs=1e-15)
    assert (found.auc is None) == (exact.auc is None)
    if found.auc is not None and exact.auc is not None:
        assert abs(found.auc - exact.auc) <= running.auc_error + 1e-12


@pytest.mark.parametrize("scale", [1.0, 0.001])
def test_the_error_is_small_for_rare_events_too_and_memory_is_bounded(scale: float) -> None:
    rng = np.random.default_rng(0)
    p = rng.beta(2, 6, 200_000) * scale
    y = (rng.random(len(p)) < p / scale).astype(float)
    running = RunningPerformance(50_000)
    for start in range(0, len(p), 10_000):
        running.add(y[start : start + 10_000], p[start : start + 10_000])
        assert sum(len(labels) for labels, *_ in running._parts) <= 50_000
    found = running.measured()
    assert found is not None
    assert running.auc_error < 5e-5
    assert found.auc == pytest.approx(roc_auc_score(y, p), abs=running.auc_error)
    assert found.brier == pytest.approx(brier_score_loss(y, p))


@given(st.lists(probability, min_size=2))
def test_cells_never_decrease_in_the_probability(values) -> None:
    cells = cell_of(np.sort(np.array(values)))
    assert (np.diff(cells) >= 0).all()
    assert cells.min() >= 0
    assert cells.max() <= 2 * MIDDLE
