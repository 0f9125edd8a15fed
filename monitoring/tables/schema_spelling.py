"""How columns of text in a typed file (Parquet, Arrow) spell numbers and dates: as it was said, else as programs do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from monitoring.tables.likeness import plain
from monitoring.tables.reading_options import ReadOptions, Sniffed
from monitoring.tables.source import Expected
from monitoring.tables.spelling import find_spelling
from monitoring.tables.text_spelling import TextSpelling
from monitoring.tables.typed_columns import holds_text


class SchemaSpelling(TextSpelling):
    """How a typed file spells numbers and dates in text.

    Args:
        schema: the `pyarrow.Schema` of the file.
        expected: columns that may be found in it.
        options: what a person says.
        label: the file's name as shown.
    """

    def __init__(self, schema: Any, *, expected: Expected, options: ReadOptions, label: str) -> None:
        header = tuple(schema.names)
        numeric, times = _places(header, expected.numeric), _places(header, expected.times)
        texts = {place for place in numeric | times if holds_text(schema.field(place).type)}
        found = find_spelling(numeric={}, times=dict.fromkeys(times, ()), options=options)
        written = frozenset(numeric & texts)
        spelling = replace(found, certain=written, grouped=written)
        super().__init__(spelling, header, numeric=numeric, times=times, texts=texts, label=label)
        self._options = options

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


def _places(header: Sequence[str], names: Sequence[str]) -> set[int]:
    wanted = {plain(name) for name in names}
    return {place for place, name in enumerate(header) if plain(name) in wanted}
