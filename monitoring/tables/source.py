"""What a file gives before its values are converted, whatever its format."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from monitoring.tables.conversion import Fault
from monitoring.tables.numbers import NumberStyle
from monitoring.tables.reading_options import DateOrder, Sniffed

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Expected:
    """Columns that may be found in a file: they tell a header from other lines.

    Attributes:
        names: all of them, under every name they may have in the file.
        numeric: those that hold numbers.
        times: those that hold times.
        categories: those that hold few texts many times.
        needed: for each column without which a file is refused the names that it may have.
        given: how many of the names a person gave, each to a column that has one of its own.
        argument: how the arguments of the command line begin that say how the file is read.
    """

    names: tuple[str, ...]
    numeric: tuple[str, ...] = ()
    times: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    needed: tuple[tuple[str, ...], ...] = ()
    given: int = 0
    argument: str = "--"

    @property
    def columns(self) -> int:
        """How many columns the names stand for."""
        return len(self.names) - self.given


@dataclass(frozen=True, slots=True)
class RawBatch:
    """Some rows as they came.

    Attributes:
        columns: the wanted columns, `pyarrow.Array`s of text, plain or as codes, or, from Parquet, of any type.
        rows: number of each row in the file, from 1; the header is not a row.
        share: share of the file read so far, in [0, 1].
        typed: where values that had a type stand in a column of text, by the column's place among these: how the file
            spells numbers is not how such are written.
        faults: by the place of a column, the cells that hold no value although there is text in them, as a format
            itself tells: errors of a spreadsheet, formulas without a result.
    """

    columns: tuple[Any, ...]
    rows: NDArray[np.int64]
    share: float
    typed: Mapping[int, NDArray[np.bool_]] = field(default_factory=dict)
    faults: Mapping[int, tuple[Fault, ...]] = field(default_factory=dict)


@dataclass(slots=True)
class Misfits:
    """Rows whose number of fields is not the header's.

    Attributes:
        numbers: row numbers of those that stand behind the rows read so far, increasing.
        passed: how many stand before them.
        texts: (row number, fields, text) of the first ones.
        blank: how many of all are lines of white space only: they are skipped, and no problem.
        comments: how many of all are comments (lines that begin with #): they are skipped, and said.
        runs_on: of the first that goes on in further lines its number and how many lines these are.
    """

    numbers: list[int] = field(default_factory=list)
    passed: int = 0
    texts: list[tuple[int, int, str]] = field(default_factory=list)
    blank: int = 0
    comments: int = 0
    runs_on: tuple[int, int] | None = None

    @property
    def count(self) -> int:
        """Rows that should have fitted."""
        return self.passed + len(self.numbers) - self.blank - self.comments


class Source(Protocol):
    """A file that has been opened, looked at and not yet read.

    Attributes:
        header: the column names.
        misfits: rows of another width, met by the last reading so far.
        sniffed: how the file is written.
        notes: what was found and mended, in sentences for a person; complete when the file is read.
    """

    header: tuple[str, ...]
    misfits: Misfits

    @property
    def sniffed(self) -> Sniffed: ...

    @property
    def notes(self) -> tuple[str, ...]: ...

    def batches(self, positions: Sequence[int]) -> Iterator[RawBatch]:
        """The wanted columns, block by block; can be called again to read from the start."""

    def lines_of(self, rows: Collection[int]) -> dict[int, int]:
        """The lines in which rows start; a format without lines has none."""

    def can_read(self, position: int) -> bool:
        """Whether the column can be read: it holds single values, and of a kind that is known here."""

    def number_style(self, position: int) -> NumberStyle:
        """How this column writes its numbers, where it holds text."""

    def date_order(self, position: int) -> DateOrder | None:
        """The order of day, month and year in this column's dates that are not ISO 8601, None when nobody knows."""

    def split(self, text: str) -> list[str]:
        """The cells of one line of this file."""


@runtime_checkable
class SharedSource(Source, Protocol):
    """A source that several threads can read at once."""

    def each(self, positions: Sequence[int], work: Callable[[RawBatch], Result], *, threads: int) -> Iterator[Result]:
        """`work` on each of the wanted columns' batches, larger ones perhaps, in their order; done, like the reading
        itself, by so many threads."""
