"""How the columns of a file of delimited text spell numbers and dates, and what they are parsed as."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from typing import Any

import pyarrow as pa

from monitoring.tables.categories import CODED
from monitoring.tables.csv_parsing import CsvParsing
from monitoring.tables.date_orders import orders_behind
from monitoring.tables.dialect import Dialect
from monitoring.tables.likeness import plain
from monitoring.tables.numbers import POINT, NumberStyle
from monitoring.tables.reading_options import DateOrder, ReadOptions
from monitoring.tables.source import Expected
from monitoring.tables.spelling import (
    Spelling,
    doubt_notes,
    doubtful_dates,
    find_spelling,
    open_orders,
    spelling_notes,
)


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
        doubtful = doubtful_dates(self._cells(self._times), self._spelling)
        return [*spelling_notes(self._spelling, self._header), *doubt_notes(doubtful, self._header)]

    def open_orders(self) -> list[int]:
        """Places of the columns of dates whose order the first rows leave in doubt."""
        return open_orders(self._cells(self._times), self._spelling, self._options)

    def find_orders(self, places: Sequence[int], batches: Iterable[Sequence[Any]]) -> None:
        """Find the order of dates in columns with what stands behind the first rows; see `orders_behind`."""
        dates = {**(self._spelling.dates or {}), **orders_behind(places, batches)}
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
