"""A file of rows as batches that meet the contract, and the report of what did not."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

from monitoring.contract import Contract
from monitoring.errors import TableRefused
from monitoring.progress import Progress, silent
from monitoring.tables.conforming import Conformed, ConformedBatch, Conformer
from monitoring.tables.duplicates import Seen
from monitoring.tables.limits import LIMITS, Limits
from monitoring.tables.matching import Matching, Names, wanted_columns
from monitoring.tables.quoting import counted, shown
from monitoring.tables.reading_options import FOUND_OUT, SPREADSHEETS, ReadOptions, Sniffed
from monitoring.tables.report import Example, Problem, ReadReport, RefusedRow
from monitoring.tables.schema import conforming_schema
from monitoring.tables.sentences import (
    matching_sentences,
    mended_facts,
    mended_sentences,
    misfit_advice,
    misfit_note,
    problem_sentences,
)
from monitoring.tables.source import SharedSource, Source
from monitoring.tables.sources import expected_columns, open_matched
from monitoring.tables.tally import misfit_problem

_ROWS_BEFORE_EARLY_REFUSAL = 1_000


def read_rows(
    path: Path,
    contract: Contract,
    *,
    name: str,
    progress: Progress = silent,
    names: Names | None = None,
    options: ReadOptions = FOUND_OUT,
    limits: Limits = LIMITS,
    seen: Seen | None = None,
) -> RowReader:
    """Open a file of production rows in any format that `monitoring.tables.sources` knows, told by its bytes.

    Args:
        path: the file.
        contract: what the rows must have.
        name: what the person calls the file.
        progress: is told the rows read.
        names: columns as files call them → the contract's columns that they are, as a person gave them.
        options: what a person says about how the file is written.
        limits: how much it may unpack to.
        seen: ids of files that were read before and belong to the same batch.

    Raises:
        TableRefused: the file is no table, has no header or misses a needed column.
    """
    expected = expected_columns(contract, names)
    source, matching = open_matched(
        path, wanted_columns(contract), name=name, expected=expected, names=names, options=options, limits=limits
    )
    return RowReader(source, matching, contract, name, progress, seen)


class RowReader:
    """A file that was opened and whose columns were found; made by `read_rows`."""

    def __init__(
        self,
        source: Source,
        matching: Matching,
        contract: Contract,
        name: str,
        progress: Progress = silent,
        seen: Seen | None = None,
    ) -> None:
        self._source = source
        self._matching = matching
        self._contract = contract
        self._name = name
        self._progress = progress
        self._seen = seen
        found = matching.positions
        self.schema: Any = conforming_schema(
            contract,
            id=contract.id in found,
            timestamp=contract.timestamp in found,
            target=contract.target.name in found,
        )
        """The Arrow schema of every batch."""
        self._conformer = self._new_conformer()

    def batches(self) -> Iterator[Any]:
        """Conforming record batches, in the order of the file: the rows of `read`, categories as text."""
        for batch in self.read():
            yield batch.rows.cast(self.schema)

    def read(self, *, threads: int = 1, may_be_empty: bool = False) -> Iterator[ConformedBatch]:
        """The rows that meet the contract, batch by batch. Every call reads the file from its start.

        Args:
            threads: how many read and convert, where the format allows several; they change no row.
            may_be_empty: whether a file without a usable row is none to refuse.

        Raises:
            TableRefused: no row that can be used (unless it `may_be_empty`), a broken file, or rows most of which have
                another number of fields than the header.
        """
        self._conformer = self._new_conformer()
        for conformed in self._conformed(self._conformer, threads):
            self._conformer.settle(conformed)
            if self._rows_read >= _ROWS_BEFORE_EARLY_REFUSAL:
                self._refuse_misfits()
            self._progress(conformed.raw.share, f"Reading: {self._rows_read:,} rows")
            if conformed.batch.rows.num_rows:
                yield conformed.batch
        self._refuse_misfits()
        if not may_be_empty:
            self._refuse_nothing()

    def _conformed(self, conformer: Conformer, threads: int) -> Iterator[Conformed]:
        source, positions = self._source, [self._matching.positions[name] for name in self.schema.names]
        if isinstance(source, SharedSource):
            return source.each(positions, conformer.conform, threads=threads)
        return map(conformer.conform, source.batches(positions))

    @property
    def sniffed(self) -> Sniffed:
        """How the file is written."""
        return self._source.sniffed

    @property
    def width(self) -> int:
        """Columns of the file."""
        return len(self._source.header)

    @property
    def report(self) -> ReadReport:
        """What happened so far; complete once the rows are read."""
        return self.tell()

    def tell(self, *, without: Collection[str] = ()) -> ReadReport:
        """The report; no sentence is made of problems with the rules in `without`."""
        tally, misfits = self._conformer.tally, self._source.misfits
        problems = (*([misfit_problem(misfits)] if misfits.count else ()), *tally.problems())
        refused, flawed = tally.refused_rows(self._source), tally.flawed_rows
        lines = self._source.lines_of(_rows_named(problems, refused, flawed))
        problems = tuple(
            replace(problem, examples=tuple(_with_line(example, lines) for example in problem.examples))
            for problem in problems
        )
        return ReadReport(
            file_name=self._name,
            rows_read=self._rows_read,
            rows_refused=tally.set_aside + misfits.count,
            problems=problems,
            refused_rows=tuple(_with_line(row, lines) for row in refused),
            flawed_rows=tuple(_with_line(row, lines) for row in flawed),
            ignored_columns=self._matching.ignored,
            warnings=tuple(self._warnings([problem for problem in problems if problem.rule not in without])),
            facts=tuple(mended_facts(tally.mended)),
            first_time=tally.first_time.isoformat() if tally.first_time else None,
            last_time=tally.last_time.isoformat() if tally.last_time else None,
            sniffed=self.sniffed,
        )

    def _warnings(self, problems: Sequence[Problem]) -> list[str]:
        """What happened so far in sentences."""
        runs_on = self._source.misfits.runs_on
        misfit = misfit_note(self._source.misfits, self._source.lines_of([runs_on[0]]) if runs_on else {})
        sentences = [
            *problem_sentences(problems, self._contract, fields=len(self._source.header), misfit=misfit),
            *self._source.notes,
            *mended_sentences(self._conformer.tally.mended, self._contract),
            *matching_sentences(self._matching, self._contract),
        ]
        one_in = self._conformer.seen.one_in
        if one_in > 1:
            sentences.append(
                f"There are so many ids that duplicates were looked for among one in {one_in} of them: "
                f"expect about {one_in} times as many as were found."
            )
        return sentences

    @property
    def _rows_read(self) -> int:
        return self._conformer.tally.rows + self._source.misfits.count

    def _new_conformer(self) -> Conformer:
        positions, source = self._matching.positions, self._source
        styles = {name: source.number_style(positions[name]) for name in self._contract.numeric}
        time = positions.get(self._contract.timestamp or "")
        order = None if time is None else source.date_order(time)
        unquote = source.sniffed.format in SPREADSHEETS
        label = shown(self._name, 120)
        return Conformer(self._contract, self.schema, styles, order, self._seen, unquote=unquote, label=label)

    def _refuse_misfits(self) -> None:
        misfits = self._source.misfits
        if misfits.count * 2 <= self._rows_read or not misfits.texts:
            return
        row, fields, _ = misfits.texts[0]
        line, width = self._source.lines_of([row]).get(row), len(self._source.header)
        raise TableRefused(
            f"{shown(self._name, 120)}: {misfits.count:,} of {counted(self._rows_read, 'row has', 'rows have')} "
            f"another number of fields than the header ({width}), first row {row:,}"
            f"{f' (line {line:,})' if line else ''} with {fields}; {misfit_advice(misfits, width)}."
        )

    def _refuse_nothing(self) -> None:
        if self._rows_read == 0:
            raise TableRefused(f"{shown(self._name, 120)} has a header but no rows below it; nothing can be scored.")
        if self._conformer.tally.rows == self._conformer.tally.set_aside:
            first = next(iter(self.report.warnings), "")
            raise TableRefused(f"{shown(self._name, 120)}: no rows can be scored, all are set aside. {first}")


def _rows_named(problems: Iterable[Problem], *kept: Iterable[RefusedRow]) -> set[int]:
    examples = {example.row for problem in problems for example in problem.examples}
    return examples | {row.row for rows in kept for row in rows}


_Told = TypeVar("_Told", Example, RefusedRow)


def _with_line(told: _Told, lines: Mapping[int, int]) -> _Told:
    return replace(told, line=lines.get(told.row))
