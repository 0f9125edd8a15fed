"""How the cells of workbooks and of JSON spell numbers and dates: only those that are text have a spelling.

A number that is kept as a number comes as text all the same, marked as `Typed`: a decimal comma that is said or seen in
text is no comma of its.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray

from monitoring.tables.numbers import POINT, NumberStyle
from monitoring.tables.reading_options import DateOrder, ReadOptions
from monitoring.tables.spelling import find_spelling
from monitoring.tables.text_spelling import TextSpelling


class Typed(str):
    """The text of a value that is no text in its file: of a number, a time, a flag."""

    __slots__ = ()


Cells = Sequence[str | None]


class CellSpelling(TextSpelling):
    """How a file of cells spells numbers and dates.

    Args:
        header: the column names.
        numeric: the first cells of the columns that hold numbers, by their place.
        times: the same of those that hold times.
        options: what a person says.
        label: the file's name as shown.
    """

    def __init__(
        self,
        header: Sequence[str],
        *,
        numeric: Mapping[int, Cells],
        times: Mapping[int, Cells],
        options: ReadOptions,
        label: str,
    ) -> None:
        found = find_spelling(numeric=_texts(numeric), times=_texts(times), options=options)
        texts = {place for place, cells in chain(_texts(numeric).items(), _texts(times).items()) if cells}
        super().__init__(found, header, numeric=numeric, times=times, texts=texts, label=label)

    @property
    def numbers(self) -> NumberStyle:
        """The style of every column that says nothing else."""
        return self._spelling.numbers

    @property
    def dates(self) -> DateOrder | None:
        """The order of day, month and year in dates, None when all are ISO 8601."""
        return next(iter(set((self._spelling.dates or {}).values())), None)

    def typed(self, places: Sequence[int], cells_at: Callable[[int], Sequence[Any]]) -> dict[int, NDArray[np.bool_]]:
        """Where typed values stand in some columns of a batch, for those for which that matters.

        Args:
            places: of the columns in the file.
            cells_at: the cells of the column of this number among them.
        """
        masks = {}
        for index, place in enumerate(places):
            numeric = place in self._numeric and self.numbers != POINT
            if not numeric and not (place in self._times and self.order(place)):
                continue
            cells = cells_at(index)
            if place not in self._texts and _without_typed(cells):
                self._texts.add(place)
            if numeric:
                masks[index] = np.fromiter((type(cell) is Typed for cell in cells), np.bool_, len(cells))
        return masks


def _texts(columns: Mapping[int, Cells]) -> dict[int, list[str]]:
    return {place: _without_typed(cells) for place, cells in columns.items()}


def _without_typed(cells: Sequence[Any]) -> list[str]:
    """The cells that are text."""
    return [cell for cell in cells if cell and type(cell) is str]
