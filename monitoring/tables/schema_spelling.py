"""How columns of text in a typed file (Parquet, Arrow) spell numbers and dates: found in its first rows, or said."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any

import pyarrow as pa

from monitoring.errors import TableRefused
from monitoring.tables.date_orders import orders_behind
from monitoring.tables.likeness import plain
from monitoring.tables.packed_file import PackedFile
from monitoring.tables.reading_options import ReadOptions, Sniffed
from monitoring.tables.source import Expected, RawBatch
from monitoring.tables.spelling import Spelling, doubt_notes, doubtful_dates, find_spelling, open_orders
from monitoring.tables.text_spelling import TextSpelling
from monitoring.tables.typed_columns import holds_text

_SAMPLE_ROWS = 2_000


class SchemaSpelling(TextSpelling):
    """How a typed file spells numbers and dates in text.

    Args:
        schema: the `pyarrow.Schema` of the file.
        packed: the file, with what a person says.
        expected: columns that may be found in it.
        can_read: whether the column at a place can be read.
        batches: reads columns, by their places, from the start.
    """

    def __init__(
        self,
        schema: Any,
        packed: PackedFile,
        expected: Expected,
        *,
        can_read: Callable[[int], bool],
        batches: Callable[[Sequence[int]], Iterator[RawBatch]],
    ) -> None:
        header, options = tuple(schema.names), packed.options
        numeric, times = _places(header, expected.numeric), _places(header, expected.times)
        texts = {place for place in numeric | times if holds_text(schema.field(place).type)}
        cells = _first_cells(sorted(filter(can_read, texts)), batches)
        dated = {place: column for place, column in cells.items() if place in times}
        found = find_spelling(
            numeric={place: column for place, column in cells.items() if place in numeric},
            times={place: cells.get(place, []) for place in times},
            options=options,
        )
        if unsure := open_orders(dated, found, options):
            orders = orders_behind(unsure, (raw.columns for raw in batches(unsure)))
            dates = {**(found.dates or {}), **orders}
            found = replace(found, dates={place: order for place, order in dates.items() if order})
        super().__init__(
            _as_said(found, numeric & texts, options),
            header,
            numeric=numeric,
            times=times,
            texts=texts,
            label=packed.label,
        )
        self._doubtful = doubtful_dates(dated, found)

    def notes(self) -> list[str]:
        """What was found, said, and cannot be told, in sentences."""
        return [*super().notes(), *doubt_notes(self._doubtful, self._header)]

    def told(self, sniffed: Sniffed) -> Sniffed:
        """How the file is written, with how its text is spelled."""
        numbers, dates = bool(self._numeric & self._texts), self._spelling.dates or {}
        return sniffed.model_copy(
            update={
                "decimal": self._spelling.numbers.decimal if numbers else "",
                "thousands": self._spelling.numbers.thousands if numbers else "",
                "dates": next((order for place, order in dates.items() if place in self._texts), None),
            }
        )


def _as_said(found: Spelling, written: set[int], options: ReadOptions) -> Spelling:
    """What was said holds for all columns of numbers that are text."""
    return replace(
        found,
        certain=found.certain if options.decimal is None else frozenset(written),
        grouped=found.grouped if options.thousands is None else frozenset(written),
    )


def _first_cells(places: Sequence[int], batches: Callable[[Sequence[int]], Iterator[RawBatch]]) -> dict[int, list[str]]:
    """The first cells of columns of text, by place; of bytes that are no text none."""
    cells: dict[int, list[str]] = {place: [] for place in places}
    if not places:
        return cells
    rows = 0
    with suppress(TableRefused):  # reading it tells
        for raw in batches(places):
            for place, column in zip(places, raw.columns, strict=True):
                if pa.types.is_string(column.type):
                    cells[place] += column.slice(0, _SAMPLE_ROWS - rows).drop_null().to_pylist()
            rows += len(raw.rows)
            if rows >= _SAMPLE_ROWS:
                break
    return cells


def _places(header: Sequence[str], names: Sequence[str]) -> set[int]:
    wanted = {plain(name) for name in names}
    return {place for place, name in enumerate(header) if plain(name) in wanted}
