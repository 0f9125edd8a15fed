"""What happened while a file was read: counts, problems with examples, notes. Plain values."""

from __future__ import annotations

from dataclasses import dataclass

from monitoring.tables.reading_options import Sniffed

EXAMPLES_KEPT = 20
REFUSED_ROWS_KEPT = 1_000
FLAWED_ROWS_KEPT = 500


@dataclass(frozen=True, slots=True)
class Example:
    """One value that did not fit. `row` counts data rows from 1; the header is not a row. `line` is where it starts
    in the file, None where there are no lines. `file` is the name of the file it stands
    in, None where there is but one."""

    row: int
    value: str
    line: int | None = None
    file: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One rule that values of one column broke.

    Attributes:
        column: name of the column, empty for a problem of the whole row.
        rule: stable code: `no_result`, `cell_error`, `not_text`, `not_a_number`, `infinite`, `impossible`,
            `missing_not_allowed`, `duplicate_id`, `bad_timestamp`, `bad_label`, `field_count`, `empty_row`.
        count: number of values.
        sets_row_aside: True when such a row is not scored, False when the value counts as missing or is only noted.
        examples: the first few.
    """

    column: str
    rule: str
    count: int
    sets_row_aside: bool
    examples: tuple[Example, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusedRow:
    """A row that did not fit: where it stands (see `Example`), why, and its text, cell by cell, as it came."""

    row: int
    reason: str
    cells: tuple[tuple[str, str], ...]
    line: int | None = None
    file: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelsRead:
    """How a file of outcomes beside the rows was read: the name the person gave it, how it is written."""

    file_name: str
    sniffed: Sniffed


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadReport:
    """Everything worth telling about a file that was read.

    Attributes:
        file_name: the name the person gave the file; text, never markup.
        rows_read: data rows in the file.
        rows_refused: rows set aside.
        problems: values that did not fit, by column and rule.
        refused_rows: the first `REFUSED_ROWS_KEPT` rows set aside.
        flawed_rows: the first `FLAWED_ROWS_KEPT` rows that were scored although a value did not fit.
        ignored_columns: columns of the file that the contract does not know.
        warnings: what a person should know before the result is believed, in sentences, in order of importance.
        repeats: that the rows were seen before, in sentences: nothing is wrong with them, but they tell nothing new.
        facts: what is so and needs nothing, in sentences.
        first_time: smallest timestamp, ISO 8601, None without timestamps.
        last_time: largest timestamp.
        sniffed: how the file is written; None for checks kept before that was told.
        labels: how the outcomes in a second file were read; None without one, and for checks kept before that was told.
    """

    file_name: str
    rows_read: int
    rows_refused: int
    problems: tuple[Problem, ...] = ()
    refused_rows: tuple[RefusedRow, ...] = ()
    flawed_rows: tuple[RefusedRow, ...] = ()
    ignored_columns: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    repeats: tuple[str, ...] = ()
    facts: tuple[str, ...] = ()
    first_time: str | None = None
    last_time: str | None = None
    sniffed: Sniffed | None = None
    labels: LabelsRead | None = None

    @property
    def rows(self) -> int:
        """Rows that were scored."""
        return self.rows_read - self.rows_refused
