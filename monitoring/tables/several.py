"""Several files as one batch of rows: each read in its own way, all told about together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pyarrow as pa

from monitoring.contract import Contract
from monitoring.errors import TableRefused
from monitoring.progress import Progress, silent
from monitoring.tables.categories import coded_schema
from monitoring.tables.conforming import ConformedBatch
from monitoring.tables.duplicates import Seen
from monitoring.tables.limits import LIMITS, Limits
from monitoring.tables.matching import IGNORED_COLUMNS_KEPT, Names
from monitoring.tables.quoting import listed, shown
from monitoring.tables.reader import RowReader, read_rows
from monitoring.tables.reading_options import FOUND_OUT, ReadOptions, Sniffed
from monitoring.tables.report import (
    EXAMPLES_KEPT,
    FLAWED_ROWS_KEPT,
    REFUSED_ROWS_KEPT,
    Example,
    Problem,
    ReadReport,
    RefusedRow,
)
from monitoring.tables.schema import conforming_schema
from monitoring.tables.sentences import problem_sentences

NOTES_KEPT = 50
"""Different sentences about single files that are told."""


@dataclass(frozen=True, slots=True)
class RowsFile:
    """A file of rows and what it is called."""

    path: Path
    name: str


class SeveralReader:
    """Files of rows that are one batch, in their order; like a `RowReader`.

    Columns that only some files have, of ids, times and outcomes, are missing in the rows of the others. An id counts
    as repeated in whichever file it came before. A file with a header and no usable row is told, and no reason to
    refuse the others.

    Args:
        files: one at least.
        contract: what the rows must have.
        title: what all together are called.
        progress: is told the file and the rows read.
        names, options: what a person says, of all files alike.
        limits: how much each may unpack to.

    Raises:
        TableRefused: one of them is no table, has no header or misses a needed column; the sentence names it.
    """

    def __init__(
        self,
        files: Sequence[RowsFile],
        contract: Contract,
        *,
        title: str,
        progress: Progress = silent,
        names: Names | None = None,
        options: ReadOptions = FOUND_OUT,
        limits: Limits = LIMITS,
    ) -> None:
        self._files = tuple(files)
        self._contract = contract
        self._title = title
        self._progress = progress
        self._names = names
        self._options = options
        self._limits = limits
        self._together = _Together(contract, title)
        self.schema: Any = self._common_schema()
        """The Arrow schema of all rows."""

    @property
    def report(self) -> ReadReport:
        """What happened so far; complete once the rows are read."""
        return self._together.report()

    def batches(self) -> Iterator[Any]:
        """Conforming record batches, file after file, categories as text."""
        for batch in self.read():
            yield batch.rows.cast(self.schema)

    def read(self, *, threads: int = 1) -> Iterator[ConformedBatch]:
        """The rows that meet the contract, batch by batch. Every call reads the files from their start.

        Args:
            threads: how many read and convert a file.

        Raises:
            TableRefused: a file is broken, or most of its rows have another number of fields than its header.
        """
        self._together = _Together(self._contract, self._title)
        schema, seen = coded_schema(self.schema, self._contract), Seen()
        for place, file in enumerate(self._files):
            reader = self._opened(file, self._share_of(place), seen)
            for batch in reader.read(threads=threads, may_be_empty=True):
                yield replace(batch, rows=_widened(batch.rows, schema))
            self._together.add(file.name, reader)
        if not self.report.rows:
            raise TableRefused(f"{shown(self._title, 120)}: no row could be used. {self.report.warnings[0]}")

    def _opened(self, file: RowsFile, progress: Progress, seen: Seen | None = None) -> RowReader:
        return read_rows(
            file.path,
            self._contract,
            name=file.name,
            progress=progress,
            names=self._names,
            options=self._options,
            limits=self._limits,
            seen=seen,
        )

    def _common_schema(self) -> Any:
        found: set[str] = set()
        for place, file in enumerate(self._files, start=1):
            self._progress(0.0, f"Looking at {shown(file.name)} ({place:,} of {len(self._files):,} files)")
            found.update(self._opened(file, silent).schema.names)
        contract = self._contract
        return conforming_schema(
            contract,
            id=contract.id in found,
            timestamp=contract.timestamp in found,
            target=contract.target.name in found,
        )

    def _share_of(self, place: int) -> Progress:
        """The progress of one file as that of all, by their sizes."""
        sizes = [max(1, _size(file.path)) for file in self._files]
        before, total = sum(sizes[:place]), sum(sizes)
        where = f"of {shown(self._files[place].name)} ({place + 1:,} of {len(self._files):,} files)"

        def tell(share: float, message: str) -> None:
            self._progress((before + share * sizes[place]) / total, f"{message} {where}")

        return tell


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:  # opening it says so
        return 0


def _widened(rows: Any, schema: Any) -> Any:
    """The rows with a column of nulls for each of the schema that they lack."""
    if rows.schema.names == schema.names:
        return rows
    here = set(rows.schema.names)
    columns = [
        rows.column(column.name) if column.name in here else pa.nulls(rows.num_rows, column.type) for column in schema
    ]
    return pa.record_batch(columns, schema=schema)


@dataclass(slots=True)
class _Together:
    """What is told of several files, gathered one by one in bounded memory."""

    contract: Contract
    title: str
    files: int = 0
    rows_read: int = 0
    rows_refused: int = 0
    first_time: str | None = None
    last_time: str | None = None
    width: int = 0
    sniffed: set[Sniffed] = field(default_factory=set)
    problems: dict[tuple[str, str], Problem] = field(default_factory=dict)
    refused: list[RefusedRow] = field(default_factory=list)
    flawed: list[RefusedRow] = field(default_factory=list)
    ignored: dict[str, None] = field(default_factory=dict)
    notes: dict[str, list[str]] = field(default_factory=dict)
    facts: dict[str, list[str]] = field(default_factory=dict)

    def add(self, name: str, reader: RowReader) -> None:
        """Take in a file that was read."""
        report = reader.report
        self.files += 1
        self.rows_read += report.rows_read
        self.rows_refused += report.rows_refused
        self.first_time = min(filter(None, (self.first_time, report.first_time)), default=None)
        self.last_time = max(filter(None, (self.last_time, report.last_time)), default=None)
        if report.sniffed is not None and len(self.sniffed) < 2:
            self.sniffed.add(report.sniffed)
        for problem in report.problems:
            self._add_problem(problem, name, reader.width)
        self.refused += _of_file(report.refused_rows[: REFUSED_ROWS_KEPT - len(self.refused)], name)
        self.flawed += _of_file(report.flawed_rows[: FLAWED_ROWS_KEPT - len(self.flawed)], name)
        for column in report.ignored_columns[: IGNORED_COLUMNS_KEPT - len(self.ignored)]:
            self.ignored.setdefault(column)
        if not report.rows:
            _note(self.notes, "It has no row that could be used.", name)
        for sentence in reader.tell(without=[problem.rule for problem in report.problems]).warnings:
            _note(self.notes, sentence, name)
        for sentence in report.facts:
            _note(self.facts, sentence, name)

    def report(self) -> ReadReport:
        """What is told of all files so far."""
        sniffed = next(iter(self.sniffed)) if len(self.sniffed) == 1 else None
        problems = tuple(self.problems.values())
        return ReadReport(
            file_name=self.title,
            rows_read=self.rows_read,
            rows_refused=self.rows_refused,
            problems=problems,
            refused_rows=tuple(self.refused),
            flawed_rows=tuple(self.flawed),
            ignored_columns=tuple(self.ignored),
            warnings=(
                *problem_sentences(problems, self.contract, fields=self.width, misfit=""),
                *_noted(self.notes, self.files),
            ),
            facts=tuple(_noted(self.facts, self.files)),
            first_time=self.first_time,
            last_time=self.last_time,
            sniffed=sniffed,
        )

    def _add_problem(self, problem: Problem, name: str, width: int) -> None:
        key = (problem.column, problem.rule)
        before = self.problems.get(key, replace(problem, count=0, examples=()))
        new: tuple[Example, ...] = problem.examples[: EXAMPLES_KEPT - len(before.examples)]
        examples = (*before.examples, *(replace(example, file=name) for example in new))
        self.problems[key] = replace(before, count=before.count + problem.count, examples=examples)
        if problem.rule == "field_count" and not self.width:
            self.width = width


def _note(notes: dict[str, list[str]], sentence: str, name: str) -> None:
    if sentence in notes or len(notes) < NOTES_KEPT:
        notes.setdefault(sentence, []).append(name)


def _of_file(rows: Sequence[RefusedRow], name: str) -> list[RefusedRow]:
    return [replace(row, file=name) for row in rows]


def _noted(notes: Mapping[str, Sequence[str]], files: int) -> list[str]:
    """Sentences about single files, each once with the files that it is about."""
    told = []
    for sentence, names in notes.items():
        if len(names) == files and files > 1:
            told.append(f"In all {files:,} files: {sentence}")
        else:
            told.append(f"{listed(names, most=3)}: {sentence}")
    return told
