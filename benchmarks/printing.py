"""Tables as text."""

from __future__ import annotations

from collections.abc import Sequence


def print_row(cells: Sequence[object], widths: Sequence[int]) -> None:
    """One line, the first cell to the left, the others to the right; written at once."""
    first, *rest = (str(cell) for cell in cells)
    line = first.ljust(widths[0]) + "".join(cell.rjust(width) for cell, width in zip(rest, widths[1:], strict=True))
    print(line, flush=True)


def print_title(title: str) -> None:
    print(f"\n{title}", flush=True)
