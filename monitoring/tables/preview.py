"""The first rows of a file as they would be read, to be looked at before anything is scored."""

from __future__ import annotations

from pathlib import Path

from monitoring.tables.limits import LIMITS, Limits
from monitoring.tables.reading_options import CELL_SHOWN, COLUMNS_SHOWN, FOUND_OUT, ROWS_SHOWN, Preview, ReadOptions
from monitoring.tables.source import Expected
from monitoring.tables.sources import open_source
from monitoring.tables.tally import as_cell


def preview(
    path: Path,
    expected: Expected,
    *,
    name: str,
    options: ReadOptions = FOUND_OUT,
    limits: Limits = LIMITS,
) -> Preview:
    """Open a file and read its first rows, whether or not they meet the contract.

    Args:
        path: the file.
        expected: columns that may be found in it; none of them need be there.
        name: what the person calls the file.
        options: what the person says about it.
        limits: how much it may unpack to.

    Raises:
        TableRefused: it is no table that can be read.
    """
    source = open_source(path, name=name, expected=expected, options=options, limits=limits)
    places = [place for place in range(len(source.header)) if source.can_read(place)][:COLUMNS_SHOWN]
    rows: list[tuple[str, ...]] = []
    batches = source.batches(places)
    for batch in batches:
        for place in range(min(len(batch.rows), ROWS_SHOWN - len(rows))):
            rows.append(tuple(as_cell(column[place], CELL_SHOWN) for column in batch.columns))
        if len(rows) == ROWS_SHOWN:
            break
    return Preview(
        sniffed=source.sniffed,
        header=tuple(source.header[place][:CELL_SHOWN] for place in places),
        rows=tuple(rows),
        columns=len(source.header),
        notes=source.notes,
    )
