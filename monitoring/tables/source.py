"""What a file gives before its values are converted, whatever its format."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class RawBatch:
    """Some rows as they came.

    Attributes:
        columns: the wanted columns, `pyarrow.Array`s of text or, from Parquet, of any type.
        rows: number of each row in the file, from 1; the header is not a row.
        share: share of the file read so far, in [0, 1].
    """

    columns: tuple[Any, ...]
    rows: NDArray[np.int64]
    share: float


@dataclass(slots=True)
class Misfits:
    """Rows whose number of fields is not the header's.

    Attributes:
        numbers: row numbers of all of them, increasing.
        texts: (row number, fields, text) of the first ones.
        blank: how many of `numbers` are lines of white space only: they are skipped, and no problem.
    """

    numbers: list[int] = field(default_factory=list)
    texts: list[tuple[int, int, str]] = field(default_factory=list)
    blank: int = 0

    @property
    def count(self) -> int:
        return len(self.numbers) - self.blank


class Source(Protocol):
    """A file that has been opened, looked at and not yet read."""

    header: tuple[str, ...]
    misfits: Misfits
    decimal_comma: bool
    notes: tuple[str, ...]

    def batches(self, positions: Sequence[int]) -> Iterator[RawBatch]:
        """The wanted columns, block by block; can be called again to read from the start."""

    def line_of(self, row: int) -> int | None:
        """The line in which a row starts, None when there are no lines or it is too far down."""

    def has_decimal_comma(self, position: int) -> bool:
        """Whether this column was seen to use a decimal comma beyond doubt."""

    def split(self, text: str) -> list[str]:
        """The cells of one line of this file."""
