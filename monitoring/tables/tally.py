"""What goes wrong while a file is read, gathered batch by batch in bounded memory."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from monitoring.tables.conversion import Mend
from monitoring.tables.report import (
    EXAMPLES_KEPT,
    FLAWED_ROWS_KEPT,
    REFUSED_ROWS_KEPT,
    Example,
    Problem,
    RefusedRow,
)
from monitoring.tables.source import Misfits, RawBatch, Source

CELL_LENGTH_KEPT = 1_000
_EXAMPLE_LENGTH_KEPT = 200

Reasons = dict[int, list[str]]
"""What is wrong with rows, by their place in the batch."""


@dataclass(slots=True)
class _Count:
    count: int = 0
    sets_row_aside: bool = False
    examples: list[Example] = field(default_factory=list)


@dataclass(slots=True)
class Tally:
    """Running counts of one reading.

    Attributes:
        rows: data rows that came out of the source (misfits not among them).
        set_aside: those of them that are not scored.
        mended: for each column and way how many values were mended without harm.
        first_time: smallest timestamp so far.
        last_time: largest timestamp so far.
    """

    rows: int = 0
    set_aside: int = 0
    mended: dict[tuple[str, Mend], int] = field(default_factory=dict)
    first_time: datetime | None = None
    last_time: datetime | None = None
    _problems: dict[tuple[str, str], _Count] = field(default_factory=dict)
    _refused: list[RefusedRow] = field(default_factory=list)
    _flawed: list[RefusedRow] = field(default_factory=list)

    def add(
        self,
        column: str,
        rule: str,
        values: Any,
        rows: NDArray[np.int64],
        where: NDArray[np.int64],
        *,
        aside: bool,
    ) -> None:
        """Count the values of a column, at the places `where` of a batch, that broke a rule."""
        problem = self._problems.setdefault((column, rule), _Count(sets_row_aside=aside))
        problem.count += len(where)
        for place in where[: EXAMPLES_KEPT - len(problem.examples)].tolist():
            value = as_cell(values[place], _EXAMPLE_LENGTH_KEPT)
            problem.examples.append(Example(int(rows[place]), value))

    def note(self, column: str, mended: Mapping[Mend, int]) -> None:
        """Count values that were mended without harm."""
        for way, count in mended.items():
            if count:
                self.mended[column, way] = self.mended.get((column, way), 0) + count

    def refuse(self, names: tuple[str, ...], raw: RawBatch, reasons: Reasons) -> None:
        """Set rows aside. `reasons` tells for each place in the batch why."""
        self.set_aside += len(reasons)
        self._refused += _rows_as_they_came(names, raw, reasons, REFUSED_ROWS_KEPT - len(self._refused))

    @property
    def flawed_wanted(self) -> int:
        """How many more rows that were scored with a value that did not fit are kept."""
        return FLAWED_ROWS_KEPT - len(self._flawed)

    def keep_flawed(self, names: tuple[str, ...], raw: RawBatch, reasons: Reasons) -> None:
        """Keep rows that are scored although a value did not fit, as long as some are wanted."""
        self._flawed += _rows_as_they_came(names, raw, reasons, self.flawed_wanted)

    def see_times(self, span: tuple[datetime, datetime] | None) -> None:
        """Widen the time span by another one."""
        if span is not None:
            self.first_time = min(filter(None, (self.first_time, span[0])))
            self.last_time = max(filter(None, (self.last_time, span[1])))

    def problems(self) -> tuple[Problem, ...]:
        """What was counted, in the order in which it was first met."""
        return tuple(
            Problem(
                column=column,
                rule=rule,
                count=seen.count,
                sets_row_aside=seen.sets_row_aside,
                examples=tuple(seen.examples),
            )
            for (column, rule), seen in self._problems.items()
        )

    def refused_rows(self, source: Source) -> tuple[RefusedRow, ...]:
        """The first rows set aside, misfits among them, in the order of the file."""
        rows = [*self._refused, *(_misfit_row(source, *misfit) for misfit in source.misfits.texts)]
        return tuple(sorted(rows, key=lambda row: row.row)[:REFUSED_ROWS_KEPT])

    @property
    def flawed_rows(self) -> tuple[RefusedRow, ...]:
        """The first rows that were scored although a value did not fit."""
        return tuple(self._flawed)


def misfit_problem(misfits: Misfits) -> Problem:
    """The rows with another number of fields than the header, as a problem of the whole row."""
    examples = tuple(Example(row, text[:_EXAMPLE_LENGTH_KEPT]) for row, _, text in misfits.texts[:EXAMPLES_KEPT])
    return Problem(column="", rule="field_count", count=misfits.count, sets_row_aside=True, examples=examples)


def _misfit_row(source: Source, row: int, fields: int, text: str) -> RefusedRow:
    cells = source.split(text)
    names = [*source.header, *(f"field {place + 1}" for place in range(len(source.header), len(cells)))]
    reason = f"it has {fields} fields, the header {len(source.header)}"
    kept = tuple((name, cell[:CELL_LENGTH_KEPT]) for name, cell in zip(names, cells, strict=False))
    return RefusedRow(row=row, reason=reason, cells=kept)


def _rows_as_they_came(names: tuple[str, ...], raw: RawBatch, reasons: Reasons, most: int) -> list[RefusedRow]:
    """The first `most` of the rows that `reasons` names."""
    return [
        RefusedRow(
            row=int(raw.rows[place]),
            reason="; ".join(reasons[place]),
            cells=tuple(
                (name, as_cell(column[place], CELL_LENGTH_KEPT))
                for name, column in zip(names, raw.columns, strict=True)
            ),
        )
        for place in sorted(reasons)[:most]
    ]


def as_cell(value: Any, length: int) -> str:
    """A value as text; a missing one, NaN among them, is empty and never the word for it."""
    try:
        plain = value.as_py()
    except (ValueError, OverflowError, KeyError):  # a moment, a span or a zone that Python does not have
        return str(value.cast(pa.int64()).as_py())[:length]
    if isinstance(plain, bytes):
        plain = plain.decode("utf-8", "backslashreplace")
    if isinstance(plain, float) and plain.is_integer() and abs(plain) < 1e22:  # parsed already: "1000" in the file
        return str(int(plain))[:length]
    return "" if plain is None or plain != plain else str(plain)[:length]  # noqa: PLR0124 - NaN alone differs from itself
