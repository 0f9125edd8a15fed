"""The replay of the year: outcomes that are not known yet are not used, and the year's figures are what they say."""

from __future__ import annotations

from datetime import datetime, timedelta

import numpy as np
import pyarrow as pa
import pytest
from scipy.stats import ttest_1samp

from benchmarks.flights_loop import Month, matured, summarise


def test_outcomes_of_the_last_day_are_not_known_when_the_month_is_decided_on() -> None:
    times = [datetime(2013, 4, 28) + timedelta(hours=8 * place) for place in range(9)]
    rows = pa.table({"at": pa.array(times, pa.timestamp("us")), "late": pa.array([1.0] * 9)})
    known = matured(rows, "at", "late")["late"].is_valid().to_pylist()
    assert known == [True] * 6 + [False] * 3, "28 and 29 April, not the 30th"


def test_the_figures_of_the_year_respect_whole_days() -> None:
    rng = np.random.default_rng(0)
    months = []
    for number in range(2):
        outcomes = (rng.random(300) < 0.3).astype(float)
        months.append(
            Month(
                name=f"2013-0{number + 4}",
                version=1,
                verdict="drift",
                decision="request",
                gate="",
                outcomes=outcomes,
                served=np.clip(outcomes + rng.normal(0, 0.3, 300), 0, 1),
                frozen=np.full(300, 0.3),
                days=np.repeat(np.arange(10), 30) + 10 * number,
            )
        )
    looped, frozen, difference = summarise(months)
    losses = [np.concatenate([(getattr(m, k) - m.outcomes) ** 2 for m in months]) for k in ("served", "frozen")]
    assert (looped[1], frozen[1]) == (f"{losses[0].mean():.4f}", f"{losses[1].mean():.4f}")
    interval = ttest_1samp((losses[0] - losses[1]).reshape(20, 30).mean(axis=1), 0).confidence_interval(0.95)
    assert difference[2] == f"{interval.low:.4f} to {interval.high:.4f}"
    assert float(difference[1]) == pytest.approx(losses[0].mean() - losses[1].mean(), abs=1e-4)
    assert difference[3] == "20"
