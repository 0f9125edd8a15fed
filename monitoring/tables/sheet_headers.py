"""Where the header of a sheet stands, and which sheet of a workbook has the one that is looked for. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from monitoring.tables.dialect import HEADER_LINES, count_known, is_better_header
from monitoring.tables.likeness import plain
from monitoring.tables.quoting import listed, shown
from monitoring.tables.source import Expected

Cells = Sequence[str | None]


def find_header(rows: Sequence[tuple[int, Cells]], expected: Expected) -> tuple[int, Cells]:
    """That of the first rows, at least one, which names most of what is expected."""
    wanted = {plain(name) for name in expected.names}
    best, header = 0, rows[0]
    for index, entry in enumerate(rows[:HEADER_LINES]):
        matched = count_known([cell or "" for cell in entry[1]], wanted)
        if is_better_header(matched, best, index, wanted):
            best, header = matched, entry
    return header


def names_all(cells: Cells, expected: Expected) -> bool:
    """Whether a header names every column that is needed."""
    there = {plain(cell) for cell in cells if cell}
    return bool(expected.needed) and all(there.intersection(map(plain, names)) for names in expected.needed)


def trimmed(cells: Cells) -> Cells:
    """Without empty cells at the end, as formatting leaves them."""
    width = len(cells)
    while width and not (cells[width - 1] or "").strip():
        width -= 1
    return cells[:width]


def sheet_advice(others: Sequence[str], complete: Iterable[str]) -> str:
    """That another sheet can be chosen, as a sentence, '' when there is none.

    Args:
        others: the other sheets.
        complete: those of them whose header names all that is needed, as far as is known.

    >>> sheet_advice(["Data", "Notes"], ["Data"])
    'Choose the sheet Data (--sheet), whose header names all that is needed.'
    >>> sheet_advice(["May", "June"], ["May", "June"])
    'Choose another sheet (--sheet): May, June.'
    """
    found = list(complete)
    if len(found) == 1:
        return f"Choose the sheet {shown(found[0])} (--sheet), whose header names all that is needed."
    return f"Choose another sheet (--sheet): {listed(found or others, most=8)}." if others else ""
