"""How the columns of a file of delimited text spell numbers and dates, and what they are parsed as."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from monitoring.errors import TableRefused
from monitoring.tables.categories import CODED
from monitoring.tables.csv_parsing import CsvParsing
from monitoring.tables.dialect import Dialect
from monitoring.tables.likeness import plain
from monitoring.tables.numbers import POINT, NumberStyle
from monitoring.tables.quoting import shown
from monitoring.tables.reading_options import DateOrder, ReadOptions
from monitoring.tables.source import Expected
from monitoring.tables.spelling import (
    Spelling,
    doubtful_date,
    find_date_order,
    find_spelling,
    rests_on_one_day,
    spelling_notes,
)

DATE_LENGTH = 11
"""Characters that hold a date, and the one behind it."""


class CsvSpelling:
    """How a file of delimited text spells numbers and dates, found from its first rows.

    Args:
        dialect: how the file is written, and its first rows.
        expected: columns that may be found in it.
        options: what a person says about it.
    """

    def __init__(self, dialect: Dialect, *, expected: Expected, options: ReadOptions) -> None:
        self._dialect = dialect
        self._header = dialect.header
        self._options = options
        self._numeric = frozenset(self._places(expected.numeric))
        self._times = frozenset(self._places(expected.times))
        self._categories = frozenset(self._places(expected.categories))
        self._spelling: Spelling = find_spelling(
            numeric=self._cells(self._numeric), times=self._cells(self._times), options=options
        )
        self.parsing = self._parsing_as_found()
        """What pyarrow is told of the file."""

    @property
    def numbers(self) -> NumberStyle:
        """The style of every column that says nothing else."""
        return self._spelling.numbers

    @property
    def dates(self) -> DateOrder | None:
        """The order of day, month and year in dates, None when all are ISO 8601."""
        return next(iter(set((self._spelling.dates or {}).values())), None)

    def style(self, place: int) -> NumberStyle:
        """How the numbers of the column at `place` are written."""
        return self._spelling.style(place)

    def order(self, place: int) -> DateOrder | None:
        """The order of day, month and year in the column at `place`."""
        return self._spelling.order(place)

    def notes(self) -> list[str]:
        """What was found, and what nobody can tell, in sentences."""
        doubts = (
            f"{shown(self._header[place])}: dates such as {shown(cell)} can be read in two ways; "
            "say in which order day, month and year stand."
            for place, cell in self._doubtful_dates().items()
        )
        return [*spelling_notes(self._spelling, self._header), *doubts]

    def open_orders(self) -> list[int]:
        """Places of the columns of dates whose order the first rows leave in doubt."""
        if self._options.dates is not None:
            return []
        return sorted({*self._doubtful_dates(), *self._orders_of_one_day()})

    def find_orders(self, places: Sequence[int], batches: Iterable[Sequence[Any]]) -> None:
        """Find the order of dates with all that stands behind the first rows: rows in order of time begin with the
        first days of a month, and any day behind the twelfth tells.

        Args:
            places: of the columns.
            batches: these columns, batch by batch, as `pyarrow.Array`s; no more of them are taken than are needed.
        """
        seen: dict[int, set[str]] = {place: set() for place in places}
        with suppress(TableRefused):  # reading it tells
            for columns in batches:
                for cells, column in zip(seen.values(), columns, strict=True):
                    text = column if pa.types.is_string(column.type) else column.cast(pa.string())
                    cells.update(pc.unique(pc.utf8_slice_codeunits(text, 0, DATE_LENGTH)).drop_null().to_pylist())
                if all(find_date_order(cells) and not rests_on_one_day(cells) for cells in seen.values()):
                    break
        orders = {place: find_date_order(cells) for place, cells in seen.items()}
        dates = {**(self._spelling.dates or {}), **orders}
        self._spelling = replace(self._spelling, dates={place: order for place, order in dates.items() if order})
        self.parsing = self._parsing_as_found()

    def _parsing_as_found(self) -> CsvParsing:
        return CsvParsing(self._dialect.marks, tuple(map(self._type, range(len(self._header)))))

    def _type(self, place: int) -> Any:
        """What the fast lane parses a column as."""
        if place in self._numeric and self.style(place) == POINT:
            return pa.float64()
        if place in self._categories:
            return CODED
        return pa.timestamp("us") if place in self._times and self.order(place) is None else pa.string()

    def _places(self, names: Sequence[str]) -> list[int]:
        """Where columns stand whose names differ from these in case, space and punctuation at most."""
        wanted = {plain(name) for name in names}
        return [place for place, name in enumerate(self._header) if plain(name) in wanted]

    def _cells(self, places: Collection[int]) -> dict[int, list[str]]:
        """The first cells of columns, by place."""
        return {place: [row[place] for row in self._dialect.sample if place < len(row)] for place in places}

    def _orders_of_one_day(self) -> list[int]:
        """Columns of dates, by place, whose order was told by a single day that can be read in two ways."""
        cells = self._cells(self._times & set(self._spelling.dates or {}))
        return [place for place, column in cells.items() if rests_on_one_day(column)]

    def _doubtful_dates(self) -> dict[int, str]:
        """Columns of dates whose order nobody can tell, by place, with one of these."""
        cells = self._cells(sorted(self._times - set(self._spelling.dates or {})))
        return {place: cell for place, column in cells.items() if (cell := doubtful_date(column)) is not None}
