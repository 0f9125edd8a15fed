"""How pyarrow parses a file of delimited text: what it is told, and the pieces that several threads hand it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.csv

from monitoring.errors import TableRefused
from monitoring.tables.conversion import MISSING
from monitoring.tables.dialect import Dialect, Marks
from monitoring.tables.opening import TextFile
from monitoring.tables.packed_file import UNREADABLE
from monitoring.tables.pieces import Piece, cut

BLOCK_BYTES = 4 << 20
"""Bytes that are parsed together where rows go one block after the other; no row may be longer."""
PIECE_ROWS = 70_000
"""Rows of a piece that one thread of several parses: a few more than are scored and counted together."""
PIECE_BYTES = (1 << 20, 4 * BLOCK_BYTES)
"""Bytes of a piece, at least and at most."""
AT_ONCE = 1 << 19
"""Bytes of a piece that are parsed at once: what comes of them stays in the cache. Longer rows are streamed."""


class NotAsItShouldBe(Exception):
    """A lane met what only the next, slower one can handle."""


@dataclass(frozen=True, slots=True)
class CsvParsing:
    """What pyarrow is told of a file.

    Attributes:
        marks: the signs that structure a line.
        types: what each column is parsed as where all is as it should be.
    """

    marks: Marks
    types: tuple[Any, ...]

    def options(
        self,
        positions: Sequence[int],
        *,
        careful: bool,
        set_aside: Callable[[Any], str] | None = None,
        check_utf8: bool = True,
        block: int = BLOCK_BYTES,
    ) -> dict[str, Any]:
        """The arguments of pyarrow's readers.

        Args:
            positions: of the columns that are wanted; the others are not converted.
            careful: whether every value comes as text.
            set_aside: is told rows of another width; without it they are an error.
            check_utf8: whether text must be UTF-8.
            block: bytes that are parsed together.
        """
        marks = self.marks
        types = {str(place): pa.string() if careful else self.types[place] for place in positions}
        return {
            "read_options": pyarrow.csv.ReadOptions(
                block_size=block, column_names=[str(place) for place in range(len(self.types))], use_threads=False
            ),
            "parse_options": pyarrow.csv.ParseOptions(
                delimiter=marks.delimiter,
                quote_char=marks.quote or False,
                double_quote=bool(marks.quote and not marks.escape),
                escape_char=marks.escape or False,
                newlines_in_values=bool(marks.quote),
                invalid_row_handler=set_aside,
            ),
            "convert_options": pyarrow.csv.ConvertOptions(
                include_columns=list(types),
                column_types=types,
                strings_can_be_null=False,
                null_values=MISSING,
                check_utf8=check_utf8,
            ),
        }

    def parse_piece(self, piece: Piece, positions: Sequence[int]) -> list[Any]:
        """The wanted columns of a piece, a row a line, the repeated one left out. The piece is released.

        Raises:
            NotAsItShouldBe: not every line is a row, or a value does not parse.
        """
        options = self.options(positions, careful=False, block=AT_ONCE)
        try:
            with pa.BufferReader(piece.text) as stream:
                table = pyarrow.csv.read_csv(stream, **options)
        except pa.ArrowInvalid as error:
            raise NotAsItShouldBe from error
        finally:
            piece.release()
        if table.num_rows != piece.lines + 1:
            raise NotAsItShouldBe
        return [column.combine_chunks().slice(0, piece.lines) for column in table.columns]


def pieces_of(text: TextFile, dialect: Dialect) -> Iterator[Piece]:
    """The rows of a file in pieces, until it ends, cannot be cut or breaks off, which streaming it tells better."""
    opened = text.open(skip=dialect.data_start, careful=False)
    lines = max(1, dialect.head.count("\n"))
    size = min(max(PIECE_ROWS * len(dialect.head) // lines, PIECE_BYTES[0]), PIECE_BYTES[1])
    try:
        if opened.mender is None:
            yield from cut(opened.stream, opened.share, size=size, longest=AT_ONCE)
    except (*UNREADABLE, TableRefused):
        return
    finally:
        opened.close()
