"""What a day's mean loss varies by is told whatever the parts that the rows come in."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitoring.performance import block_losses
from monitoring.performance.block_losses import NO_BLOCK, BlockLosses
from monitoring.performance.realised import measure_performance
from monitoring.performance.running import RunningPerformance

losses = st.lists(st.tuples(st.integers(0, 5), st.floats(0, 1)), min_size=1, max_size=60)


def spread_of(*parts: list[tuple[int, float]]) -> block_losses.Spread:
    kept = BlockLosses()
    for part in parts:
        kept.add(np.array([block for block, _ in part], dtype=np.int64), np.array([loss for _, loss in part]))
    return kept.spread


@given(losses, st.integers(0, 60))
def test_parts_say_what_the_whole_says(rows, cut) -> None:
    whole, parts = spread_of(rows), spread_of(rows[cut:], rows[:cut])
    assert parts.blocks == pytest.approx(whole.blocks)
    assert (parts.deviation is None) == (whole.deviation is None)
    assert whole.deviation is None or parts.deviation == pytest.approx(whole.deviation, abs=1e-9)


@given(st.lists(st.floats(0, 1), min_size=2, max_size=9), st.integers(1, 4))
def test_of_equal_blocks_it_is_the_deviation_of_their_means(means, rows) -> None:
    found = spread_of([(day, mean) for day, mean in enumerate(means) for _ in range(rows)])
    assert found.blocks == pytest.approx(len(means))
    assert found.deviation == pytest.approx(np.std(means, ddof=1), abs=1e-9)


def test_a_block_counts_by_its_rows_and_rows_without_a_time_do_not() -> None:
    rows = [(1, 0.2)] * 3 + [(2, 0.4)] + [(NO_BLOCK, 9.0)] * 5
    assert spread_of(rows).blocks == pytest.approx(16 / 10)  # (3 + 1)² / (3² + 1²)
    assert spread_of([(NO_BLOCK, 0.5)]) == block_losses.Spread(0.0, None)
    alone = spread_of([(7, 0.5)] * 4)
    assert (alone.blocks, alone.deviation) == (1.0, None)


def test_no_more_blocks_are_told_apart_than_it_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(block_losses, "MOST", 3)
    assert spread_of([(day, 0.5) for day in range(9)]).blocks == pytest.approx(3)
    assert spread_of([(0, 0.1), (1, 0.3)], [(2, 0.5)], [(3, 0.9), (0, 0.1)]).blocks == pytest.approx(16 / 6)


@pytest.mark.parametrize("kept", [1_000_000, 50])
def test_rows_that_come_in_parts_have_the_performance_of_all(kept: int) -> None:
    rng = np.random.default_rng(5)
    labels, predictions = (rng.random(400) < 0.3).astype(float), rng.random(400)
    labels[::7] = np.nan
    days = rng.integers(0, 9, 400)
    running = RunningPerformance(rows_kept=kept)
    for part in np.split(np.arange(400), (90, 250)):
        running.add(labels[part], predictions[part], days[part])
    found, wanted = running.measured(), measure_performance(labels, predictions, days)
    assert found is not None and wanted is not None
    assert wanted.blocks > 8 and wanted.deviation is not None
    assert (found.blocks, found.deviation, found.brier) == pytest.approx(
        (wanted.blocks, wanted.deviation, wanted.brier)
    )
