"""Where a header stands: in which line, and in which sheet of a workbook the one that is looked for. Pure."""

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
        if is_better_header(matched, best, index, expected.columns):
            best, header = matched, entry
    return header


def names_all(cells: Cells, expected: Expected) -> bool:
    """Whether a header names every column that is needed."""
    there = {plain(cell) for cell in cells if cell}
    return bool(expected.needed) and all(there.intersection(map(plain, names)) for names in expected.needed)


def likelier_line(rows: Iterable[tuple[int, Cells]], header: Cells, expected: Expected) -> tuple[int, list[str]] | None:
    """The line that names more of the needed columns than the header does, most of all, and the cells that do.

    Args:
        rows: the first lines of the file, numbered, the header among them.
        header: what was taken for the header.
        expected: what is looked for.
    """
    needed = [frozenset(map(plain, names)) for names in expected.needed]

    def named(cells: Cells) -> list[str]:
        there = {plain(cell): cell for cell in reversed(cells) if cell}
        return [there[next(iter(found))] for names in needed if (found := names.intersection(there))]

    most = max(((row, named(cells)) for row, cells in rows), key=lambda entry: len(entry[1]), default=(0, []))
    return most if len(most[1]) > len(named(header)) else None


def trimmed(cells: Cells) -> Cells:
    """Without empty cells at the end, as formatting leaves them."""
    width = len(cells)
    while width and not (cells[width - 1] or "").strip():
        width -= 1
    return cells[:width]


def line_advice(likelier: tuple[int, Sequence[str]] | None, argument: str = "--") -> str:
    """That the header may stand in another line, as a sentence.

    Args:
        likelier: what `likelier_line` found.
        argument: see `Expected`.

    >>> line_advice((3, ["id", "late"]))
    'Line 3 names id, late: if that is the header, say so (--header-line 3).'
    >>> line_advice(None, "--labels-")
    'If the column names stand in another line, say in which (--labels-header-line).'
    """
    if likelier is None:
        return f"If the column names stand in another line, say in which ({argument}header-line)."
    line, names = likelier
    return f"Line {line:,} names {listed(names)}: if that is the header, say so ({argument}header-line {line})."


def sheet_advice(others: Sequence[str], complete: Iterable[str], argument: str = "--") -> str:
    """That another sheet can be chosen, as a sentence, '' when there is none.

    Args:
        others: the other sheets.
        complete: those of them whose header names all that is needed, as far as is known.
        argument: see `Expected`.

    >>> sheet_advice(["Data", "Notes"], ["Data"])
    'Choose the sheet Data (--sheet), whose header names all that is needed.'
    >>> sheet_advice(["May", "June"], ["May", "June"])
    'Choose another sheet (--sheet): May, June.'
    """
    found = list(complete)
    if len(found) == 1:
        return f"Choose the sheet {shown(found[0])} ({argument}sheet), whose header names all that is needed."
    return f"Choose another sheet ({argument}sheet): {listed(found or others, most=8)}." if others else ""
