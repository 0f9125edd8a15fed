"""Reference and batch, column by column: every measurement, with what exchanging days says about it. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import NamedTuple, TypeVar
from zlib import crc32

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from monitoring.contract import PREDICTION
from monitoring.drift.catalogue import DEFAULT_PLAN, Detector
from monitoring.drift.days import (
    DayTest,
    Distance,
    Exchange,
    days_needed,
    exchange_days,
    outside_every_block,
    plan_exchange,
    speaking_days,
)
from monitoring.drift.measurement import Measurement, Role
from monitoring.drift.multiplicity import can_reject
from monitoring.drift.pair import CategoryPair, NumericPair, Pair, RowPair
from monitoring.profiles.coarse import coarse_reference
from monitoring.profiles.counts import CategoryCounts, Counts, NumericCounts
from monitoring.profiles.grid import CategoryGrid, Floats, Ints, NumericGrid
from monitoring.profiles.mismatch import ProfileMismatch
from monitoring.profiles.profile import CountedColumn, Profile, count_column, known_columns, row_blocks, whole_profile
from monitoring.profiles.reference import Reference

T = TypeVar("T")
U = TypeVar("U")


class Compared(NamedTuple):
    """A measurement and what can be said about it by days.

    Attributes:
        measurement: what the detector saw.
        tested: whether its detector is a test; the others are shown.
        counted: whether the correction counts it: tests that cannot reject, given the pooled counts, are left out.
        level: the part of the level that is this test's, if only by counting it too; 0 where nothing is tested.
        days: its day test; None where not attainable.
        days_needed: batch blocks from which it is; None when it never is, or no blocks exist.
        outside_every_block: whether the batch lies further from the reference than any single block of it.
    """

    measurement: Measurement
    tested: bool = False
    counted: bool = False
    level: float = 0.0
    days: DayTest | None = None
    days_needed: int | None = None
    outside_every_block: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Everything measured between a reference and a batch.

    Attributes:
        measured: the measurements, in the contract's order.
        level: the probability of any false alarm that it was made for.
        tests: number H of tests that the correction counts.
        blocks_reference, blocks_batch: blocks that the day test could use.
        dated: whether the reference has blocks at all; without them rows are taken as independent.
        batch_dated: whether the batch has timestamps; without them its rows are one block.
        days_attainable: whether any day test can ring with this many blocks.
        days_needed: batch blocks from which one can; None when it never can, or no blocks exist.
        block_days: length of a block in days.
        rows_reference: rows of the reference.
        sampled_from: rows that these were drawn from, None when they are all.
    """

    measured: tuple[Compared, ...]
    level: float
    tests: int
    blocks_reference: int
    blocks_batch: int
    dated: bool
    batch_dated: bool
    days_attainable: bool
    days_needed: int | None
    block_days: int
    rows_reference: int
    sampled_from: int | None


@dataclass(frozen=True, slots=True)
class Drawn:
    """Finite values of numeric columns of a sample of a batch's rows, any order."""

    values: Mapping[str, Floats]


class _Measured(NamedTuple):
    """What one detector found in one column, with the reference's counts per block."""

    detector: Detector
    measurement: Measurement
    reference_blocks: Ints


def compare(
    reference: Reference,
    profile: Profile,
    *,
    level: float = 0.01,
    seed: int = 0,
    values: Mapping[str, Floats] | Drawn | None = None,
    weights: Mapping[str, float] | None = None,
    detectors: Sequence[Detector] = DEFAULT_PLAN,
) -> Comparison:
    """Compare a batch with its reference.

    Args:
        reference: what it is compared with.
        profile: the batch's counts on the reference's grids, or the same made coarser by `coarsen`.
        level: the smallest alpha that a policy will ask for; sizes the exchange and its quantile, judges nothing.
        weights: of the tests of a column in the policy's correction, 1 where not named; they size as `level` does.
        seed: of thinning and drawing; the same seed gives the same numbers.
        values: finite values of numeric columns, any order, where the rows are at hand, to make statistics exact; or
            those of a sample of the rows, which change no statistic but tell what another unit would do.
        detectors: what to measure; `DETECTORS` for everything there is.

    Raises:
        ProfileMismatch: the profile was made against another reference.
    """
    if profile.reference != reference.grids.reference:
        raise ProfileMismatch("This profile was made against another reference and cannot be compared with this one.")
    if profile.points is not None:
        reference = coarse_reference(reference, profile.points)
    found: list[_Measured] = []
    speaking = _speaking(reference)
    known = values.values if isinstance(values, Drawn) else values or {}
    for name, counts in profile.columns.items():
        ordered = np.sort(known[name]) if name in known else None
        whole, sample = (None, ordered) if isinstance(values, Drawn) else (ordered, None)
        found += _measure(_pair(name, reference, speaking, counts, whole, drawn=sample), detectors)
    found += _measure_rows(reference, profile, detectors)
    return _concluded(reference, profile, found, level, weights or {}, seed)


def compare_rows(
    reference: Reference,
    batch: pa.RecordBatch | pa.Table,
    *,
    level: float = 0.01,
    weights: Mapping[str, float] | None = None,
    seed: int = 0,
    detectors: Sequence[Detector] = DEFAULT_PLAN,
    every_row: bool = True,
    threads: int = 1,
) -> tuple[Profile, Comparison]:
    """Count rows in memory and compare them: each column is sorted once, for its counts and for exact statistics.

    Args:
        reference, level, weights, seed, detectors: as for `compare`.
        batch: conforming rows with their `prediction` column.
        every_row: whether statistics may look at every row (Cramér-von Mises), which costs as much as the rest; if
            not, these are intervals.
        threads: columns to work on at once; more than one pays from about 100,000 rows on. The result is the same.

    No sample is taken, so that nothing is said of whole rows: `compare` says it of a profile that has one.
    """
    blocks = row_blocks(batch, reference.grids.contract)
    speaking = _speaking(reference)

    def one(name: str) -> tuple[CountedColumn, list[_Measured]]:
        column = count_column(name, batch, reference.grids, blocks)
        pair = _pair(name, reference, speaking, column.counts, column.ordered, every_row)
        found = _measure(pair, detectors)
        if isinstance(column.counts, NumericCounts):
            column.counts.forget_on_the_way()  # the next column's take its place, which the processor has at hand
        return CountedColumn(name, column.counts, column.blocks, None), found

    done = _side_by_side(one, known_columns(batch, reference.grids), threads=threads)
    columns, found = [column for column, _ in done], [item for _, items in done for item in items]
    profile = whole_profile(batch, reference.grids, blocks, columns)
    return profile, _concluded(reference, profile, found, level, weights or {}, seed)


def _measure(pair: Pair, detectors: Iterable[Detector]) -> list[_Measured]:
    return [
        _Measured(detector, measurement, pair.reference_blocks)
        for detector in detectors
        if not (detector.inputs_only and pair.role != "input") and (measurement := detector.measure(pair))
    ]


def _measure_rows(reference: Reference, profile: Profile, detectors: Iterable[Detector]) -> list[_Measured]:
    """What whole rows say: nothing without a sample of them, or where the reference has not the same columns."""
    if profile.sample is None:
        return []
    usual = reference.repeats.get(tuple(profile.sample.rows.schema.names))
    if usual is None:
        return []
    pair, no_blocks = RowPair(reference=usual, batch=profile.sample.repeats), np.zeros((0, 0), dtype=np.int64)
    found = [(detector, detector.measure(pair)) for detector in detectors]
    return [_Measured(detector, measurement, no_blocks) for detector, measurement in found if measurement]


def _concluded(
    reference: Reference,
    profile: Profile,
    found: Sequence[_Measured],
    level: float,
    weights: Mapping[str, float],
    seed: int,
) -> Comparison:
    shares = _shares(found, weights, level)
    levels = [share.level for share in shares if share.counted]
    exchange = plan_exchange(reference.profile.blocks, profile.blocks, levels=levels, seed=seed)
    dated = bool(reference.profile.blocks.dated.any())
    days = len(exchange.blocks_reference)
    batch_blocks = profile.blocks.columns

    def compared(item: _Measured, share: _Share) -> Compared:
        distance = item.detector.distance
        if distance is None:
            return Compared(item.measurement)
        batch = batch_blocks.get(item.measurement.column, item.reference_blocks)
        return _compared(item, distance, share, exchange, batch, seed)

    return Comparison(
        measured=tuple(compared(item, share) for item, share in zip(found, shares, strict=True)),
        level=level,
        tests=len(levels),
        blocks_reference=days,
        blocks_batch=len(exchange.blocks_batch),
        dated=dated,
        batch_dated=bool(profile.blocks.dated.any()),
        days_attainable=exchange.attainable,
        days_needed=days_needed(days, level=max(levels, default=level)) if dated else None,
        block_days=reference.grids.contract.block_days,
        rows_reference=reference.profile.rows,
        sampled_from=reference.sampled_from,
    )


def _side_by_side(work: Callable[[T], U], items: Sequence[T], *, threads: int) -> list[U]:
    """The results in the items' order. One thread is this one: handing over costs more than most of the work."""
    if threads == 1:
        return [work(item) for item in items]
    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(work, items))


class _Share(NamedTuple):
    """What a test is given of the level."""

    counted: bool
    level: float


def _shares(found: Sequence[_Measured], weights: Mapping[str, float], level: float) -> list[_Share]:
    """For each measurement whether it is counted, and its part of the level; nothing for what is not a test."""
    tests = [i for i, item in enumerate(found) if item.detector.distance is not None]
    each = np.array([weights.get(found[i].measurement.column, 1.0) for i in tests])
    counted = can_reject(np.array([found[i].measurement.smallest_p for i in tests]), each, level)
    total = each[counted].sum()
    shares = [_Share(False, 0.0)] * len(found)
    for i, weight, counts in zip(tests, each.tolist(), counted.tolist(), strict=True):
        shares[i] = _Share(counts, level * weight / float(total if counts else total + weight))
    return shares


def _speaking(reference: Reference) -> NDArray[np.bool_] | slice:
    """Which of the reference's blocks are its days; all or none as a slice, which copies nothing."""
    chosen = speaking_days(reference.profile.blocks)
    if chosen.all():
        return slice(None)
    return chosen if chosen.any() else slice(0)


def _pair(
    name: str,
    reference: Reference,
    speaking: NDArray[np.bool_] | slice,
    batch: Counts,
    values: Floats | None,
    every_row: bool = True,
    drawn: Floats | None = None,
) -> Pair:
    grid, counts, role = reference.grids.columns[name], reference.profile.columns[name], _role(name, reference)
    blocks = reference.profile.blocks.columns[name][speaking]
    match grid, counts, batch:
        case NumericGrid(), NumericCounts(), NumericCounts():
            return NumericPair(
                column=name,
                role=role,
                grid=grid,
                reference=counts,
                batch=batch,
                reference_blocks=blocks,
                ordered=reference.ordered[name],
                values=values,
                every_row=every_row,
                drawn=drawn,
                unit=reference.grids.contract.unit(name),
            )
        case CategoryGrid(), CategoryCounts(), CategoryCounts():
            return CategoryPair(
                column=name, role=role, grid=grid, reference=counts, batch=batch, reference_blocks=blocks
            )
        case _:
            raise ProfileMismatch(f"Column {name} is counted differently in the profile and in the reference.")


def _role(name: str, reference: Reference) -> Role:
    if name == PREDICTION:
        return "prediction"
    return "target" if name == reference.grids.contract.target.name else "input"


def _compared(
    item: _Measured, distance: Distance, share: _Share, exchange: Exchange, batch: Ints, seed: int
) -> Compared:
    """The measurement of a test with its day test on the coarse counts of the `batch` per block, (L, cells + 1)."""
    measurement, reference = item.measurement, item.reference_blocks
    if not share.counted:
        return Compared(measurement=measurement, tested=True, level=share.level)
    days = None
    if exchange.reaches(share.level):
        own_seed = crc32(f"{seed}:{measurement.column}:{measurement.detector}".encode())
        days = exchange_days(reference, batch, exchange, distance, level=share.level, seed=own_seed)
    return Compared(
        measurement=measurement,
        tested=True,
        counted=True,
        level=share.level,
        days=days,
        days_needed=days_needed(len(exchange.blocks_reference), level=share.level),
        outside_every_block=outside_every_block(reference, batch, distance),
    )
