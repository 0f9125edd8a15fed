"""The benchmarks measure what they say."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from benchmarks import speed
from benchmarks.checks import Rate
from benchmarks.columns import KINDS, cycled, draw_rows, skewed
from benchmarks.days import DAILY, daily_levels, dated_rows
from benchmarks.false_alarms import independent_checks
from monitoring.contract import PREDICTION


def test_a_rate_is_judged_by_its_noise() -> None:
    assert Rate(3, 60).at_most(0.01)
    assert not Rate(5, 60).at_most(0.01)
    assert Rate(0, 60).interval == pytest.approx((0.0, 1 - 0.025 ** (1 / 60)))


@pytest.mark.parametrize("kind", KINDS)
def test_columns_are_drawn_as_declared(kind: str) -> None:
    columns = cycled(kind, 4)
    rows = draw_rows(columns, np.random.default_rng(1), 50)
    assert rows.num_rows == 50
    assert rows.column_names == [*columns, PREDICTION]
    assert all((str(rows.column(name).type) == "string") == bool(c.levels) for name, c in columns.items())


def test_levels_as_frequent_as_words() -> None:
    assert skewed(3) == pytest.approx(np.array([6, 3, 2]) / 11)


@pytest.mark.parametrize("kind", DAILY)
def test_days_have_their_rows(kind: str) -> None:
    rows = dated_rows(DAILY[kind], np.random.default_rng(1), 5, 0.0)
    sizes = np.bincount(rows["day"].to_numpy())
    assert len(sizes) == 5
    assert sizes.min() >= 30
    assert sizes.max() < 120


def test_days_remember() -> None:
    levels = daily_levels(np.random.default_rng(1), 20_000, 0.9)
    assert np.corrcoef(levels[1:], levels[:-1])[0, 1] == pytest.approx(0.9, abs=0.01)
    assert levels.std() == pytest.approx(1, abs=0.05)


def test_the_same_seed_gives_the_same_checks() -> None:
    first, second = (independent_checks("mixed", 3, 100, 100, np.random.default_rng(3), 4) for _ in range(2))
    assert first.tolist() == second.tolist()
    assert first.shape == (4, 3)


def test_nothing_is_timed_whose_statistics_differ(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(speed, "REFERENCE_ROWS", 8_000)
    chosen = speed.setting(8_000)
    speed.check_statistics(chosen)
    wrong = speed.scipy_loop(chosen) | {"c0 0": 0.5}
    monkeypatch.setattr(speed, "scipy_loop", lambda _: wrong)
    with pytest.raises(SystemExit, match="is not scipy's"):
        speed.check_statistics(chosen)


def test_ratios_are_written_as_a_list(tmp_path: Path) -> None:
    ratio, pairs = speed.timed(lambda: None, lambda: None, 3)
    speed.write([speed.Ratio("name", ratio, "at least 0", True, pairs)], tmp_path / "latest.json")
    (written,) = json.loads((tmp_path / "latest.json").read_text())
    assert list(written) == ["name", "ratio", "goal", "ok", "pairs"]
    assert len(written["pairs"]) == 3
