"""Rows whose distribution differs from day to day, with and without a memory of the day before."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from benchmarks.columns import NORMAL, Column, Generator, from_codes, timestamps
from monitoring.contract import PREDICTION

Floats = NDArray[np.float64]
Days = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class DailyColumn:
    """A column of dated rows.

    Attributes:
        declared: what the contract says of it.
        draw: (generator, day of each row, standard normal level of each day) → its rows.
    """

    declared: Column
    draw: Callable[[Generator, Days, Floats], pa.Array]


def dated_rows(columns: Mapping[str, DailyColumn], rng: Generator, days: int, memory: float) -> pa.Table:
    """30 to 120 rows a day, with a prediction that changes from day to day as well."""
    day = np.repeat(np.arange(days), rng.integers(30, 120, days))
    drawn = {name: column.draw(rng, day, daily_levels(rng, days, memory)) for name, column in columns.items()}
    predictions = 1 / (1 + np.exp(-daily_levels(rng, days, memory)[day] - rng.normal(size=len(day))))
    return pa.table({"day": pa.array(day), "at": timestamps(day), **drawn, PREDICTION: pa.array(predictions)})


def daily_levels(rng: Generator, days: int, memory: float) -> Floats:
    """Daily means with unit variance, of which each remembers the one before: an autoregression of order one."""
    levels = rng.normal(size=days)
    for i in range(1, days):
        levels[i] = memory * levels[i - 1] + np.sqrt(1 - memory**2) * levels[i]
    return levels


def _numbers(rng: Generator, day: Days, levels: Floats) -> pa.Array:
    return pa.array(levels[day] + rng.normal(size=len(day)))


def _narrow(rng: Generator, day: Days, levels: Floats) -> pa.Array:
    """Days that hardly overlap."""
    return pa.array(levels[day] + 0.01 * rng.normal(size=len(day)))


def _rounded(rng: Generator, day: Days, levels: Floats) -> pa.Array:
    return pa.array(np.round(levels[day] + rng.normal(size=len(day)), 1))


def _gaps(rng: Generator, day: Days, levels: Floats) -> pa.Array:
    """10 % missing, 20 % on days of a high level."""
    missing = rng.random(len(day)) < 0.1 + 0.1 * (levels[day] > 0.5)
    return pa.array(np.where(missing, np.nan, levels[day] + rng.normal(size=len(day))))


def _ten(rng: Generator, day: Days, levels: Floats) -> pa.Array:
    codes = np.clip(np.round(levels[day] + rng.normal(size=len(day)) + 4.5), 0, 9).astype(np.int64)
    return from_codes(codes, np.array([f"level {i}" for i in range(10)]))


def _codes(rng: Generator, day: Days, levels: Floats) -> pa.Array:
    """A fifth of a day's rows carry one of three codes of that day, which no other day has.

    Which codes is drawn: days that always had the same would not be exchangeable, for the cells are fixed.
    """
    own = rng.random(len(day)) < 0.2
    drawn = rng.permutation(len(levels))[day]
    codes = np.where(own, 10 + 3 * drawn + rng.integers(0, 3, len(day)), rng.integers(0, 10, len(day)))
    return from_codes(codes, np.array([f"level {i}" for i in range(10 + 3 * len(levels))]))


def _many(rng: Generator, day: Days, levels: Floats) -> pa.Array:
    """300 levels, each more frequent on some days than on others."""
    edges = np.cumsum(rng.dirichlet(np.full(300, 0.2), len(levels)), axis=1)
    chance = rng.random(len(day))
    codes = np.array([np.searchsorted(edges[d], u) for d, u in zip(day, chance, strict=True)])
    return from_codes(np.minimum(codes, 299), np.array([f"level {i}" for i in range(300)]))


TEN_KNOWN = Column(tuple(f"level {i}" for i in range(10)), NORMAL.draw)
DAILY: Mapping[str, Mapping[str, DailyColumn]] = {
    "days": {
        "number": DailyColumn(NORMAL, _numbers),
        "rounded": DailyColumn(NORMAL, _rounded),
        "narrow": DailyColumn(NORMAL, _narrow),
        "gaps": DailyColumn(NORMAL, _gaps),
        "category": DailyColumn(TEN_KNOWN, _ten),
    },
    "memory": {"number": DailyColumn(NORMAL, _numbers), "rounded": DailyColumn(NORMAL, _rounded)},
    "narrow": {"narrow": DailyColumn(NORMAL, _narrow)},
    "codes": {"codes": DailyColumn(TEN_KNOWN, _codes)},
    "many": {"many": DailyColumn(TEN_KNOWN, _many)},
}
