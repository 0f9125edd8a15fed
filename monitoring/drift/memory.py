"""Memory of days: how much a day is like the days before it, and the blocks that are long enough to forget. Pure.

Exchanging days says something about chance only if days are exchangeable. Daily means that correlate are not: whole
blocks must then change places. Correlations are measured on the training period, never on production rows.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import inf, sqrt

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from scipy.special import ndtri

from monitoring.contract import PREDICTION, Contract, Value
from monitoring.profiles.grid import Floats, Ints
from monitoring.profiles.profile import as_floats, as_levels

SMALL = 0.05
"""Correlation from which on days count as forgotten."""
LONGEST = 28
"""Largest lag looked at, in days; never more than a third of the span."""
ROUNDING = 1e-24
"""Part of its mean square up to which the variance of a series is nothing but rounding."""
FEWEST_PAIRS = 10
"""Pairs of days below which a lag says nothing."""


@dataclass(frozen=True, slots=True)
class Lag:
    """How much days so many `days` apart are alike.

    Attributes:
        days: the distance.
        correlation: of their daily means (for categories of their daily shares), in [-1, 1].
        error: its standard error, by Bartlett's formula (Bartlett 1946).
        pairs: pairs of days behind it.
    """

    days: int
    correlation: float
    error: float
    pairs: int


class ColumnMemory(Value):
    """The memory of one column.

    Attributes:
        column: its name.
        correlation: of days one block apart, None where there are too few pairs of them.
        error: standard error of it.
        shortest_block: fewest days apart from which days correlate at most .05; None when that is nowhere in reach.
    """

    column: str
    correlation: float | None
    error: float | None
    shortest_block: int | None


class Memory(Value):
    """The memory of the training period.

    Attributes:
        block_days: length of the contract's blocks in days, at which the correlations are given.
        days: days measured.
        columns: each input, and the predictions where they are known.
    """

    block_days: int
    days: int
    columns: tuple[ColumnMemory, ...]

    @property
    def strongest(self) -> ColumnMemory | None:
        """The column whose blocks are most clearly too short, None where none is.

        A column counts when its correlation is above .05 beyond chance, at 5 % for all columns together (Bonferroni).
        """
        known = [column for column in self.columns if column.correlation is not None and column.error is not None]
        margin = float(ndtri(1 - 0.05 / max(len(known), 1)))
        clear = [c for c in known if (c.correlation or 0.0) - margin * (c.error or 0.0) > SMALL]
        return max(clear, key=lambda column: column.correlation or 0.0, default=None)

    @property
    def proposed_block(self) -> int | None:
        """Days that a block must have for every column to forget; None when that is nowhere in reach."""
        each = [column.shortest_block for column in self.columns]
        return None if None in each else max((days for days in each if days), default=1)


def measure_memory(rows: pa.Table, contract: Contract) -> Memory | None:
    """The memory of conforming rows with the predictions where they have them; None without timestamps.

    Numbers are ranked first, so that a wild value is no more than the largest; missing ones are left out.
    """
    if contract.timestamp is None or contract.timestamp not in rows.schema.names:
        return None
    rows = rows.filter(pc.is_valid(rows.column(contract.timestamp))).combine_chunks()
    dates = rows.column(contract.timestamp).cast(pa.timestamp("s"), safe=False).cast(pa.date32()).cast(pa.int32())
    days, place = np.unique(dates.to_numpy(), return_inverse=True)
    names = [name for name in (*contract.feature_names, PREDICTION) if name in rows.schema.names]
    columns = []
    for name in names:
        values = rows.column(name).combine_chunks()
        numeric = name not in contract.categorical
        known, series = _daily_ranks(values, place, len(days)) if numeric else _daily_shares(values, place, len(days))
        columns.append(_column(name, correlate(days[known].astype(np.int64), series), contract.block_days))
    return Memory(block_days=contract.block_days, days=len(days), columns=tuple(columns))


def correlate(days: Ints, series: Floats, longest: int = LONGEST) -> tuple[Lag, ...]:
    """The correlations of a daily series at 1 to `longest` days, days that are not there left out.

    Args:
        days: (k,) increasing day numbers, with or without gaps.
        series: (k,) or (k, c) a value or a vector for each; vectors correlate by their inner product.
        longest: largest lag.

    >>> [round(lag.correlation, 2) for lag in correlate(np.arange(40), np.arange(40) % 2.0, 3)]
    [-1.0, 1.0, -1.0]
    """
    if not len(days):
        return ()
    vectors = series.reshape(len(days), -1)
    centred = vectors - vectors.mean(axis=0)
    variance = float((centred**2).sum() / len(days))
    varies = variance > ROUNDING * float((vectors**2).sum() / len(days))
    lags: list[Lag] = []
    for apart in range(1, min(longest, int(days[-1] - days[0]) // 3) + 1):
        later = np.searchsorted(days, days + apart)
        here = np.flatnonzero((later < len(days)) & (days[np.minimum(later, len(days) - 1)] == days + apart))
        product = float((centred[here] * centred[later[here]]).sum())
        correlation = product / (len(here) * variance) if len(here) and varies else 0.0
        known = sum(lag.correlation**2 for lag in lags if lag.pairs >= FEWEST_PAIRS)
        error = sqrt((1 + 2 * known) / len(here)) if len(here) else inf
        lags.append(Lag(apart, max(-1.0, min(1.0, correlation)), error, len(here)))
    return tuple(lags)


def shortest_block(lags: tuple[Lag, ...]) -> int | None:
    """Fewest days apart at which the correlation is at most .05; None when no lag shows it.

    >>> shortest_block((Lag(1, 0.7, 0.1, 80), Lag(2, 0.3, 0.1, 80), Lag(3, 0.0, 0.1, 3), Lag(4, 0.04, 0.2, 80)))
    4
    """
    return next((lag.days for lag in lags if lag.pairs >= FEWEST_PAIRS and lag.correlation <= SMALL), None)


def _column(name: str, lags: tuple[Lag, ...], block_days: int) -> ColumnMemory:
    at_block = next((lag for lag in lags if lag.days == block_days and lag.pairs >= FEWEST_PAIRS), None)
    return ColumnMemory(
        column=name,
        correlation=round(at_block.correlation, 4) if at_block else None,
        error=round(at_block.error, 4) if at_block else None,
        shortest_block=shortest_block(lags),
    )


def _daily_ranks(values: pa.Array, place: Ints, days: int) -> tuple[Ints, Floats]:
    """Days that have values, and the mean rank of theirs in [0, 1]."""
    from scipy.stats import rankdata  # half of the start of a process, and most measure no memory

    numbers = as_floats(values)
    valid = ~np.isnan(numbers)
    ranks = rankdata(numbers[valid]) / max(int(valid.sum()), 1)
    held = np.bincount(place[valid], minlength=days)
    known = np.flatnonzero(held)
    return known, np.bincount(place[valid], weights=ranks, minlength=days)[known] / held[known]


def _daily_shares(values: pa.Array, place: Ints, days: int) -> tuple[Ints, Floats]:
    """Days that have values, and the shares (k, levels) of their levels."""
    encoded = as_levels(values).dictionary_encode()
    levels = len(encoded.dictionary)
    codes = np.asarray(pc.fill_null(encoded.indices, levels).to_numpy(zero_copy_only=False), dtype=np.int64)
    counts = np.bincount(place * (levels + 1) + codes, minlength=days * (levels + 1)).reshape(days, levels + 1)
    held = counts[:, :-1].sum(axis=1)
    known = np.flatnonzero(held)
    return known, counts[known, :-1] / held[known, None]
