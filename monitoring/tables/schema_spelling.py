"""How columns of text in a typed file (Parquet, Arrow) spell numbers and dates: as it was said, else as programs do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from monitoring.tables.likeness import plain
from monitoring.tables.numbers import NumberStyle
from monitoring.tables.reading_options import DateOrder, ReadOptions, Sniffed
from monitoring.tables.source import Expected
from monitoring.tables.spelling import find_spelling, notes_of_text
from monitoring.tables.typed_columns import holds_text


class SchemaSpelling:
    """How a typed file spells numbers and dates in text.

    Args:
        schema: the `pyarrow.Schema` of the file.
        expected: columns that may be found in it.
        options: what a person says.
        label: the file's name as shown.
    """

    def __init__(self, schema: Any, *, expected: Expected, options: ReadOptions, label: str) -> None:
        self._header: tuple[str, ...] = tuple(schema.names)
        self._label = label
        self._options = options
        self._numeric, self._times = self._places(expected.numeric), self._places(expected.times)
        self._texts = {place for place in self._numeric | self._times if holds_text(schema.field(place).type)}
        found = find_spelling(numeric={}, times=dict.fromkeys(self._times, ()), options=options)
        written = frozenset(self._numeric & self._texts)
        self._spelling = replace(found, certain=written, grouped=written)

    def style(self, place: int) -> NumberStyle:
        """How text in the column at `place` writes numbers."""
        return self._spelling.style(place)

    def order(self, place: int) -> DateOrder | None:
        """The order of day, month and year in text of the column at `place`."""
        return self._spelling.order(place)

    def told(self, sniffed: Sniffed) -> Sniffed:
        """How the file is written, with what was said of its text."""
        said = self._options
        spelled = said.decimal is not None or said.thousands is not None
        numbers = spelled and bool(self._numeric & self._texts)
        return sniffed.model_copy(
            update={
                "decimal": self._spelling.numbers.decimal if numbers else "",
                "thousands": self._spelling.numbers.thousands if numbers else "",
                "dates": said.dates if self._times & self._texts else None,
            }
        )

    def notes(self) -> list[str]:
        """What was read so, and what was said and does not apply, in sentences."""
        return notes_of_text(
            self._spelling,
            self._header,
            numeric=self._numeric,
            times=self._times,
            texts=self._texts,
            label=self._label,
        )

    def _places(self, names: Sequence[str]) -> set[int]:
        wanted = {plain(name) for name in names}
        return {place for place, name in enumerate(self._header) if plain(name) in wanted}
