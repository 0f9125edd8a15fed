"""The order of day, month and year found with all dates of a file, where its first rows leave a doubt."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from monitoring.errors import TableRefused
from monitoring.tables.reading_options import DateOrder
from monitoring.tables.spelling import find_date_order, rests_on_one_day

DATE_LENGTH = 11
"""Characters that hold a date, and the one behind it."""


def orders_behind(places: Sequence[int], batches: Iterable[Sequence[Any]]) -> dict[int, DateOrder | None]:
    """The order of dates in columns, by their place.

    Rows in order of time begin with the first days of a month, and any day behind the twelfth tells.

    Args:
        places: of the columns.
        batches: these columns, batch by batch, as `pyarrow.Array`s; no more of them are taken than are needed.
    """
    seen: dict[int, set[str]] = {place: set() for place in places}
    with suppress(TableRefused):  # reading it tells
        for columns in batches:
            for cells, column in zip(seen.values(), columns, strict=True):
                cells.update(_starts(column))
            if all(find_date_order(cells) and not rests_on_one_day(cells) for cells in seen.values()):
                break
    return {place: find_date_order(cells) for place, cells in seen.items()}


def _starts(column: Any) -> list[str]:
    """The different first characters of text; of a typed column as it is written as text, of bytes none."""
    try:
        text = column.cast(pa.string())
    except pa.ArrowInvalid:  # bytes that are no text
        return []
    starts: list[str] = pc.unique(pc.utf8_slice_codeunits(text, 0, DATE_LENGTH)).drop_null().to_pylist()
    return starts
