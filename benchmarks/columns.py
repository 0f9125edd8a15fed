"""Columns to simulate with: numbers, heavy tails, ties, categories of few and many levels, gaps."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from monitoring.contract import PREDICTION, Contract, Feature, Target

Generator = np.random.Generator
FIRST_DAY = datetime(2024, 1, 1, tzinfo=UTC)
MICROSECONDS_A_DAY = 86_400_000_000
FIRST_MICROSECOND = int(FIRST_DAY.timestamp()) * 1_000_000


@dataclass(frozen=True, slots=True)
class Column:
    """A distribution to draw a column from.

    Attributes:
        levels: categories, empty for numbers.
        draw: rows of it, as an Arrow array.
    """

    levels: tuple[str, ...]
    draw: Callable[[Generator, int], pa.Array]


def number(draw: Callable[[Generator, int], NDArray[np.float64]]) -> Column:
    """A numeric column; NaN is missing."""
    return Column((), lambda rng, size: pa.array(draw(rng, size)))


def category(shares: NDArray[np.float64]) -> Column:
    """A categorical column with these shares of its levels."""
    names = np.array([f"level {i}" for i in range(len(shares))])
    edges = np.cumsum(shares / shares.sum())[:-1]
    return Column(tuple(names), lambda rng, size: from_codes(np.searchsorted(edges, rng.random(size)), names))


def from_codes(codes: NDArray[np.int64], names: NDArray[np.str_]) -> pa.Array:
    """Text of each code."""
    return pa.DictionaryArray.from_arrays(pa.array(codes, pa.int32()), pa.array(names, pa.string())).cast(pa.string())


def with_gaps(draw: Callable[[Generator, int], NDArray[np.float64]], share: float) -> Column:
    """Numbers of which this share is missing."""
    return number(lambda rng, size: np.where(rng.random(size) < share, np.nan, draw(rng, size)))


def equal(levels: int) -> NDArray[np.float64]:
    """Shares of equally frequent levels."""
    return np.ones(levels) / levels


def skewed(levels: int) -> NDArray[np.float64]:
    """Shares of levels as words have them: the second half as frequent as the first, and so on (Zipf 1949)."""
    weights = 1 / np.arange(1, levels + 1)
    return np.asarray(weights / weights.sum())


def _normal(rng: Generator, size: int) -> NDArray[np.float64]:
    return rng.normal(size=size)


def _counts(rng: Generator, size: int) -> NDArray[np.float64]:
    return rng.poisson(1.5, size).astype(float)


def _identifiers(rng: Generator, size: int) -> pa.Array:
    """Text that hardly ever comes twice: what nobody should declare a category, and somebody will."""
    return pc.binary_join_element_wise("id", pa.array(rng.integers(0, 10**6, size)).cast(pa.string()), " ")


NORMAL = number(_normal)
HEAVY = number(lambda rng, size: rng.standard_t(1.2, size))
COUNT = number(_counts)
RARE_FLAG = number(lambda rng, size: (rng.random(size) < 0.02).astype(float))
KINDS: Mapping[str, tuple[Column, ...]] = {
    "normal": (NORMAL,),
    "heavy tails": (HEAVY,),
    "discrete": (COUNT, RARE_FLAG, number(lambda rng, size: rng.integers(0, 50, size).astype(float))),
    "2 levels": (category(np.array([0.9, 0.1])), category(equal(2))),
    "10 levels": (category(equal(10)), category(skewed(10))),
    "100 levels": (category(equal(100)), category(skewed(100))),
    "300 levels, 1 known": (Column(("level 0",), category(skewed(300)).draw),),
    "identifiers": (Column(("id 0",), _identifiers),),
    "missing": (with_gaps(_normal, 0.02), with_gaps(_normal, 0.3), with_gaps(_counts, 0.9)),
    "mixed": (NORMAL, HEAVY, COUNT, category(skewed(2)), category(skewed(30)), with_gaps(_normal, 0.1)),
}


def cycled(kind: str, count: int) -> dict[str, Column]:
    """`count` columns of a kind, by name."""
    of = KINDS[kind]
    return {f"c{i}": of[i % len(of)] for i in range(count)}


def contract_of(columns: Mapping[str, Column], *, block_days: int | None = None) -> Contract:
    """The contract of these columns; with `block_days` their rows have timestamps."""
    return Contract(
        model="simulated",
        features=tuple(
            Feature(name=n, kind="categorical" if c.levels else "numeric", input=n, categories=c.levels)
            for n, c in columns.items()
        ),
        timestamp="at" if block_days else None,
        target=Target(name="outcome", positive="yes"),
        block_days=block_days or 1,
    )


def draw_rows(columns: Mapping[str, Column], rng: Generator, size: int) -> pa.Table:
    """Independent rows with a prediction."""
    drawn = {name: column.draw(rng, size) for name, column in columns.items()}
    return pa.table({**drawn, PREDICTION: pa.array(rng.random(size))})


def timestamps(days: NDArray[np.int64]) -> pa.Array:
    """Noon of each of these days (n,), counted from a first one."""
    microseconds = FIRST_MICROSECOND + days * MICROSECONDS_A_DAY + MICROSECONDS_A_DAY // 2
    return pa.array(microseconds, pa.int64()).cast(pa.timestamp("us"))
