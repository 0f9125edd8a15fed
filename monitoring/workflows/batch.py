"""The rows of a check go by once: scored, counted, sampled. What is left fits into memory whatever their number.

The caller's thread reads and converts, a few others score and count; a handful of chunks is under way at a time.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, Protocol

import numpy as np
import pyarrow as pa

from monitoring.contract import PREDICTION, Contract
from monitoring.errors import TableRefused
from monitoring.performance.running import RunningPerformance
from monitoring.profiles.grid import Floats, Ints
from monitoring.profiles.profile import Profile, as_floats, block_numbers, profile_batch
from monitoring.profiles.sample import RowSample
from monitoring.scoring.scorer import with_predictions
from monitoring.tables.conforming import ConformedBatch
from monitoring.tables.in_order import in_order
from monitoring.tables.labels import Join, Joined, Labels, coverage_sentence, join_labels, one_class_sentence
from monitoring.tables.report import ReadReport
from monitoring.workflows.loaded import Loaded
from monitoring.workflows.noticing import notice_columns

ROWS_SAMPLED = 10_000
"""Distinct rows of a batch that tell how many rows repeat: the number of distinct rows of a larger one to 2 %."""
CHUNK_ROWS = 1 << 16
"""Rows that are scored and counted together, or a few more: enough for adding up their profiles not to show."""
MOST_THREADS = 4
"""Threads that score and count beside the one that reads: more could not be fed."""


class Reader(Protocol):
    """What gives the rows of a check: a file, or several."""

    @property
    def report(self) -> ReadReport:
        """What happened while reading."""

    def read(self, *, threads: int) -> Iterator[ConformedBatch]:
        """The rows, batch by batch, read by so many threads."""


class Keeper(Protocol):
    """Who wants to see the rows as they go by, in their order."""

    def add(self, batch: Any) -> None:
        """Take in the next conforming rows, outcomes joined, their categories as codes."""


@dataclass(slots=True)
class Batch:
    """What is left of the rows after they went by.

    Attributes:
        profile: of all of them.
        has_times: whether they have a column of times; has_outcomes: of outcomes.
        sample: the numbers of a sample of them, all while they are few.
        performance: on those with an outcome.
        report: what happened while reading.
        join: how a file of labels and the rows found each other; None without one.
    """

    profile: Profile
    has_times: bool
    has_outcomes: bool
    sample: RowSample = field(default_factory=RowSample)
    performance: RunningPerformance = field(default_factory=RunningPerformance)
    report: ReadReport = field(default_factory=lambda: ReadReport(file_name="", rows_read=0, rows_refused=0))
    join: Join | None = None

    def values(self, contract: Contract) -> dict[str, Floats]:
        """Finite values of the numeric columns and predictions in the sample."""
        rows = self.sample.table()
        if rows is None:
            return {}
        names = [*contract.numeric, PREDICTION]
        found = {name: as_floats(rows.column(name).combine_chunks()) for name in names}
        return {name: values[np.isfinite(values)] for name, values in found.items()}


@dataclass(slots=True)
class _Sampled:
    """What the sample of the chunks so far lets in; a later chunk may have been sampled by an earlier limit."""

    limit: np.uint64 | None = None


@dataclass(frozen=True, slots=True)
class _Counted:
    """A chunk of rows after scoring and counting.

    Attributes:
        rows: the rows, outcomes joined, with their predictions.
        profile: of them.
        outcomes: (n,) NaN where unknown; None without the column.
        probabilities: (n,).
        blocks: (n,) numbers of the rows' blocks of time; None without outcomes or times.
        joined: what labels made of the rows; None without labels.
    """

    rows: Any
    profile: Profile
    outcomes: Floats | None
    probabilities: Floats
    blocks: Ints | None
    joined: Joined | None


def read_batch(reader: Reader, loaded: Loaded, labels: Labels | None, keeper: Keeper | None = None) -> Batch:
    """Stream the rows once: join labels, score, count, sample.

    Raises:
        TableRefused: they cannot be read, or none of them can be used.
        LabelsRefused: the rows have no ids to join labels by.
        ModelRefused: the model fails on them.
    """
    batch: Batch | None = None
    contract = loaded.version.contract
    sampled = _Sampled()
    work = partial(_counted, loaded=loaded, labels=labels, sampled=sampled)
    threads = working_threads()
    chunks = _chunks(reader.read(threads=threads), CHUNK_ROWS)
    with closing(in_order(work, chunks, threads=threads)) as parts:
        for part in parts:
            if batch is None:
                has_times = contract.timestamp in part.rows.schema.names
                batch = Batch(part.profile, has_times=has_times, has_outcomes=part.outcomes is not None)
                batch.join = Join(labels) if labels else None
            else:
                batch.profile = batch.profile + part.profile
            sampled.limit = batch.profile.sample.limit if batch.profile.sample else None
            batch.sample.add(part.rows.select([*contract.numeric, PREDICTION]))
            if batch.join is not None and part.joined is not None:
                batch.join.add(part.joined)
            if part.outcomes is not None:
                batch.performance.add(part.outcomes, part.probabilities, part.blocks)
            if keeper is not None:
                keeper.add(part.rows.drop_columns([PREDICTION]))
    if batch is None or not batch.profile.rows:
        raise TableRefused(_nothing_sentence(reader.report))
    batch.report = _with_sentences(reader.report, batch, loaded, labels)
    return batch


def working_threads() -> int:
    """Threads that score and count: as many as there are processors for this process, within reason."""
    usable = getattr(os, "sched_getaffinity", None)
    processors = len(usable(0)) if usable else os.cpu_count() or 1
    return max(1, min(MOST_THREADS, processors))


def _chunks(batches: Iterable[ConformedBatch], rows: int) -> Iterator[ConformedBatch]:
    """The same rows in batches of at least so many, but for the last."""
    waiting: list[ConformedBatch] = []
    for batch in batches:
        waiting.append(batch)
        if sum(one.rows.num_rows for one in waiting) >= rows:
            yield _joined(waiting)
            waiting = []
    if waiting:
        yield _joined(waiting)


def _joined(batches: list[ConformedBatch]) -> ConformedBatch:
    if len(batches) == 1:
        return batches[0]
    counts: dict[str, int] = {}
    for batch in batches:
        for name, count in batch.not_numbers.items():
            counts[name] = counts.get(name, 0) + count
    return ConformedBatch(pa.concat_batches([batch.rows for batch in batches]), counts)


def _counted(chunk: ConformedBatch, *, loaded: Loaded, labels: Labels | None, sampled: _Sampled) -> _Counted:
    contract, grids = loaded.version.contract, loaded.reference.grids
    joined = join_labels(chunk.rows, labels, contract) if labels else None
    rows = joined.batch if joined else chunk.rows
    probabilities = loaded.scorer.score(rows)
    scored = with_predictions(rows, probabilities)
    target = contract.target.name
    limit, labelled = sampled.limit, target in scored.schema.names
    return _Counted(
        rows=scored,
        profile=profile_batch(scored, grids, chunk.not_numbers, sample=ROWS_SAMPLED, sample_limit=limit),
        outcomes=as_floats(scored.column(target)) if labelled else None,
        probabilities=probabilities,
        blocks=block_numbers(scored, contract) if labelled else None,
        joined=joined,
    )


def _with_sentences(report: ReadReport, batch: Batch, loaded: Loaded, labels: Labels | None) -> ReadReport:
    contract = loaded.version.contract
    sentences = (
        *_label_sentences(labels, batch, contract),
        *notice_columns(batch.profile, loaded.reference, contract),
        *_time_sentences(batch, contract),
    )
    facts = (*_coverage(labels, batch), *report.facts)
    read = labels.read if labels else None
    return replace(report, warnings=(*sentences, *report.warnings), facts=facts, labels=read)


def _nothing_sentence(report: ReadReport) -> str:
    return f"{report.file_name}: no row could be used. {' '.join(report.warnings[:1])}".strip()


def _time_sentences(batch: Batch, contract: Contract) -> tuple[str, ...]:
    """That rows without a time are left out where days are compared; a file without the column tells that itself."""
    blocks = batch.profile.blocks
    undated = int(blocks.rows[~blocks.dated].sum())
    if contract.timestamp is None or not undated or not batch.has_times:
        return ()
    rows = batch.profile.rows
    return (f"{undated:,} of {rows:,} rows have no {contract.timestamp} and are left out where days are compared.",)


def _label_sentences(labels: Labels | None, batch: Batch, contract: Contract) -> tuple[str, ...]:
    """Labels that fit no row, whether all outcomes are the same, and how exact AUC is."""
    rows, labelled, positive = batch.profile.rows, batch.performance.rows, batch.performance.positive
    sentences: tuple[str, ...] = ()
    if labels is not None and batch.join is not None:
        joined = () if _all_joined(batch) else (batch.join.sentence(rows=rows, labelled=labelled),)
        sentences = (*(f"Outcomes: {warning}" for warning in labels.warnings), *joined)
    if labelled and positive in (0, labelled):
        sentences += (one_class_sentence(contract, labelled=labelled, positive=bool(positive)),)
    elif error := batch.performance.auc_error:
        sentences += (
            f"The predictions of {labelled:,} rows with an outcome were counted in small steps, "
            f"so that AUC is exact to ±{_rounded_up(error)}.",
        )
    return sentences


def _all_joined(batch: Batch) -> bool:
    """Whether there is nothing to say of the labels but how many rows have one."""
    return batch.join is not None and batch.join.smooth


def _coverage(labels: Labels | None, batch: Batch) -> tuple[str, ...]:
    """How many rows have an outcome, where that is no more than a fact: no label is lost."""
    rows, labelled = batch.profile.rows, batch.performance.rows
    if labels is None and (not batch.has_outcomes or labelled == rows):
        return ()
    if labels is not None and not _all_joined(batch):
        return ()
    return (coverage_sentence(rows=rows, labelled=labelled),)


def _rounded_up(error: float) -> str:
    """One digit, never less than the error.

    >>> _rounded_up(0.0000192)
    '0.00002'
    """
    places = int(-np.floor(np.log10(error)))
    return f"{np.ceil(error * 10**places) / 10**places:.{places}f}"
