"""A sheet of a workbook (Excel, OpenDocument) as raw batches, every value as text, row by row."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import suppress
from itertools import islice
from time import monotonic

import numpy as np

from monitoring.errors import TableRefused
from monitoring.tables.books import COLUMNS, ROWS, Book, BookKind, open_book
from monitoring.tables.cells import CellSpelling
from monitoring.tables.dialect import HEADER_LINES
from monitoring.tables.likeness import plain
from monitoring.tables.numbers import NumberStyle
from monitoring.tables.packed_file import Meter, PackedFile
from monitoring.tables.quoting import counted, listed, shown
from monitoring.tables.reading_options import DateOrder, ReadOptions, Sniffed
from monitoring.tables.report import REFUSED_ROWS_KEPT
from monitoring.tables.sheet_headers import find_header, names_all, sheet_advice, trimmed
from monitoring.tables.source import Expected, Misfits, RawBatch
from monitoring.tables.text_columns import batch_rows, text_and_faults
from monitoring.tables.unused_options import unused_notes

_SAMPLE_ROWS = 1_000
_MISFIT_TEXT_KEPT = 2_000
_BATCH_TEXT = 16 << 20
"""Characters of a batch. Workbooks keep a text once for all cells that hold it: a few bytes stand for a long one."""

_SHEETS_LOOKED_AT, _SECONDS_LOOKED = 20, 5.0
"""Other sheets whose headers are looked at when this one has none, and the time after which no more of them are."""

Cells = tuple[str | None, ...]


class SheetWithoutTable(TableRefused):
    """A sheet is empty, or not there; `sheets` are the names of all that the workbook has."""

    def __init__(self, sentence: str, sheets: tuple[str, ...]) -> None:
        super().__init__(sentence)
        self.sheets = sheets


class SheetSource:
    """A workbook.

    Args:
        packed: the file.
        kind: which kind of workbook it is.
        expected: columns that may be found in it.
        options: what a person says about it: the sheet, the row of the header.
    """

    def __init__(self, packed: PackedFile, kind: BookKind, *, expected: Expected, options: ReadOptions) -> None:
        self._packed = packed
        self._kind: BookKind = kind
        self._name = packed.label
        self._expected = expected
        self.misfits = Misfits()
        with open_book(kind, packed) as book:
            self._sheets = book.titles
            self._sheet = self._chosen(options.sheet)
            sample = list(islice(self._rows(book, self._sheet), _SAMPLE_ROWS))
        self._header_row, header = self._find_header(sample, options.header_line)
        self.header = tuple(cell or "" for cell in trimmed(header))
        below = [cells for row, cells in sample if row > self._header_row]
        self._spelling = CellSpelling(
            self.header,
            numeric=self._cells(below, expected.numeric),
            times=self._cells(below, expected.times),
            options=options,
            label=self._name,
        )

    @property
    def sniffed(self) -> Sniffed:
        """How the file is written."""
        packed = self._packed
        return Sniffed(
            format=self._kind,
            compression=packed.compression,
            member=packed.member,
            members=packed.members,
            decimal=self._spelling.numbers.decimal,
            thousands=self._spelling.numbers.thousands,
            dates=self._spelling.dates,
            header_line=self._header_row,
            skipped_lines=self._header_row - 1,
            sheet=self._sheet,
            sheets=self._sheets,
        )

    @property
    def notes(self) -> tuple[str, ...]:
        """What was found and mended, in sentences."""
        notes = unused_notes(self._packed.options, self.sniffed, self._name)
        if len(self._sheets) > 1:
            others = listed([name for name in self._sheets if name != self._sheet])
            notes.append(f"The sheet {shown(self._sheet)} was read; the workbook also has {others}.")
        if self._header_row > 1:
            above = self._header_row - 1
            notes.append(f"{counted(above, 'line')} above the header {'was' if above == 1 else 'were'} skipped.")
        return (*notes, *self._spelling.notes())

    def batches(self, positions: Sequence[int]) -> Iterator[RawBatch]:
        """The columns at `positions` as text; numbers as Excel keeps them, times as ISO 8601."""
        self.misfits = Misfits()
        meter = Meter(self._name, self._packed.size, self._packed.limits)
        with open_book(self._kind, self._packed) as book:
            rows = (entry for entry in self._rows(book, self._sheet) if entry[0] > self._header_row)
            fitting = (entry for entry in rows if self._fits(*entry))
            while batch := _next_batch(fitting, positions, meter):
                numbers = np.array([row - self._header_row for row, _ in batch], np.int64)
                cells = [[row[place] for _, row in batch] for place in range(len(positions))]
                texts = [
                    text_and_faults(column, self.header[position], self._name)
                    for column, position in zip(cells, positions, strict=True)
                ]
                columns = tuple(column for column, _ in texts)
                faults = {place: found for place, (_, found) in enumerate(texts) if found}
                typed = self._spelling.typed(positions, cells.__getitem__)
                yield RawBatch(columns, numbers, self._share(batch[-1][0]), typed, faults)

    def lines_of(self, rows: Collection[int]) -> dict[int, int]:
        """The rows of the sheet."""
        return {row: row + self._header_row for row in rows}

    def can_read(self, position: int) -> bool:
        """Whether the column can be read: every one can."""
        return True

    def number_style(self, position: int) -> NumberStyle:
        """How numbers that stand in this column as text are written."""
        return self._spelling.style(position)

    def date_order(self, position: int) -> DateOrder | None:
        """The order of this column's dates that stand there as text and are not ISO 8601."""
        return self._spelling.order(position)

    def split(self, text: str) -> list[str]:
        """The cells of a row that was kept as text."""
        return text.split("\t")

    def other_sheets(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The other sheets, and those of them whose header names all that is needed, as far as they were looked at."""
        if not self._expected.needed:
            return (), ()
        others = tuple(title for title in self._sheets if title != self._sheet)
        complete = []
        start = monotonic()
        with suppress(TableRefused), open_book(self._kind, self._packed) as book:
            for title in others[:_SHEETS_LOOKED_AT]:
                rows = list(islice(self._rows(book, title), HEADER_LINES))
                if rows and names_all(find_header(rows, self._expected)[1], self._expected):
                    complete.append(title)
                if monotonic() - start > _SECONDS_LOOKED:
                    break
        return others, tuple(complete)

    def first_rows(self) -> list[tuple[int, Cells]]:
        """The first rows of the sheet, the header among them, by their numbers."""
        with open_book(self._kind, self._packed) as book:
            return list(islice(self._rows(book, self._sheet), HEADER_LINES))

    def _rows(self, book: Book, title: str) -> Iterator[tuple[int, Cells]]:
        """(row of a sheet from 1, its cells), without empty rows."""
        for row, cells in book.rows(title):
            if row > ROWS or len(cells) > COLUMNS:
                raise TableRefused(f"{self._name} has more rows or columns than a sheet can hold; save it as CSV.")
            if any(cells):
                yield row, cells

    def _share(self, row: int) -> float:
        """Share of the sheet read so far; how long it is, only its end tells."""
        return min(1.0, row / max(row, _expected_rows(self._packed.size)))

    def _chosen(self, wanted: str | None) -> str:
        if not self._sheets:
            raise TableRefused(f"{self._name} is a workbook without a sheet of cells; choose another.")
        if wanted is None:
            return self._sheets[0]
        if wanted in self._sheets:
            return wanted
        raise SheetWithoutTable(
            f"{self._name} has no sheet {shown(wanted)}; it has {listed(self._sheets)}.", self._sheets
        )

    def _find_header(self, sample: list[tuple[int, Cells]], said: int | None) -> tuple[int, Sequence[str | None]]:
        if not sample:
            empty = f"{self._name} is empty: the sheet {shown(self._sheet)} of the workbook has no cells."
            advice = sheet_advice(*self.other_sheets(), self._expected.argument)
            raise SheetWithoutTable(f"{empty} {advice}".strip(), self._sheets)
        if said is None:
            return find_header(sample, self._expected)
        found = next((entry for entry in sample if entry[0] == said), None)
        if found is None:
            raise TableRefused(f"{self._name} has no header in row {said:,} of the sheet {shown(self._sheet)}.")
        return found

    def _fits(self, row: int, cells: Cells) -> bool:
        """Whether a row is no wider than the header; one that is becomes a misfit."""
        width = len(trimmed(cells))
        if width <= len(self.header):
            return True
        misfits = self.misfits
        misfits.numbers.append(row - self._header_row)
        if len(misfits.texts) < REFUSED_ROWS_KEPT:
            few = ((cell or "")[:_MISFIT_TEXT_KEPT] for cell in cells[: min(width, _MISFIT_TEXT_KEPT)])
            text = "\t".join(few)[:_MISFIT_TEXT_KEPT]
            misfits.texts.append((row - self._header_row, width, text))
        return False

    def _cells(self, rows: list[Cells], names: Sequence[str]) -> dict[int, list[str | None]]:
        wanted = {plain(name) for name in names}
        places = [place for place, name in enumerate(self.header) if plain(name) in wanted]
        return {place: [cells[place] for cells in rows if place < len(cells)] for place in places}


def _next_batch(rows: Iterator[tuple[int, Cells]], positions: Sequence[int], meter: Meter) -> list[tuple[int, Cells]]:
    """The wanted cells of the next rows, as long as there is not too much text in them."""
    batch: list[tuple[int, Cells]] = []
    size, text = batch_rows(len(positions)), 0
    for row, cells in rows:
        wanted = tuple(cells[position] if position < len(cells) else None for position in positions)
        batch.append((row, wanted))
        text += sum(map(len, filter(None, wanted)))
        if len(batch) >= size or text > _BATCH_TEXT:
            break
    meter.count(text)
    return batch


def _expected_rows(size: int) -> int:
    """Rows that a workbook of so many bytes may have: about a hundred bytes a row."""
    return max(1, size // 100)
