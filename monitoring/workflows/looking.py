"""Look at a file before anything is scored: how it is written, its first rows, which column is which."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from monitoring.contract import Contract
from monitoring.errors import TableRefused
from monitoring.tables.archive import MEMBERS_KEPT, SeveralTables
from monitoring.tables.formats import foreign_format
from monitoring.tables.limits import LIMITS, Limits
from monitoring.tables.matching import ColumnMatch, Wanted, find_columns, labels_columns, wanted_columns
from monitoring.tables.preview import preview
from monitoring.tables.reading import Reading
from monitoring.tables.reading_options import Preview
from monitoring.tables.sheet_source import SheetWithoutTable
from monitoring.tables.source import Expected
from monitoring.tables.sources import expected_columns, expected_labels, open_source

OTHERS_SHOWN = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class FileLook:
    """What there is to see of a file.

    Attributes:
        preview: how it is written, and its first rows; None when it cannot be read like this.
        refusal: why not, '' when it can.
        hopeless: whether it cannot be read however it is read: it is empty, or no table at all.
        members: the tables in an archive, when it is for the person to choose one.
        sheets: those of a workbook, when the one that would be read is empty.
        columns: what became of each of the model's columns.
        header: all columns of the file.
        others: those that are none of the model's, the first `OTHERS_SHOWN`.
    """

    preview: Preview | None
    refusal: str = ""
    hopeless: bool = False
    members: tuple[str, ...] = ()
    sheets: tuple[str, ...] = ()
    columns: tuple[ColumnMatch, ...] = ()
    header: tuple[str, ...] = ()
    others: tuple[str, ...] = ()

    @property
    def missing(self) -> tuple[ColumnMatch, ...]:
        """Needed columns that were not found."""
        return tuple(column for column in self.columns if column.needed and column.state == "missing")


def look_at(
    path: Path, contract: Contract, *, name: str, reading: Reading, joined: bool = False, limits: Limits = LIMITS
) -> FileLook:
    """Open a file as a check would, read its first rows and match its columns; a file that cannot be read is told.

    Args:
        path: the file.
        contract: what the model needs.
        name: what the person calls the file.
        reading: what the person says about it, names remembered for the model among it.
        joined: whether outcomes in another file are to be joined to it by id.
        limits: how much it may unpack to.
    """
    expected = expected_columns(contract, reading.names)
    return _look(path, expected, wanted_columns(contract, joined=joined), name, reading, limits)


def _look(
    path: Path, expected: Expected, wanted: Sequence[Wanted], name: str, reading: Reading, limits: Limits
) -> FileLook:
    try:
        header = open_source(path, name=name, expected=expected, options=reading.options, limits=limits).header
        seen = preview(path, expected, name=name, options=reading.options, limits=limits)
    except SeveralTables as error:
        return FileLook(preview=None, refusal=str(error), members=error.members[:MEMBERS_KEPT])
    except SheetWithoutTable as error:
        return FileLook(preview=None, refusal=str(error), sheets=error.sheets)
    except TableRefused as error:
        return FileLook(preview=None, refusal=str(error), hopeless=not may_be_mended(path))
    columns = tuple(find_columns(header, wanted, reading.names))
    taken = {place for column in columns for place in column.places}
    others = (cell for place, cell in enumerate(header) if place not in taken)
    return FileLook(preview=seen, columns=columns, header=header, others=tuple(islice(others, OTHERS_SHOWN)))


def look_at_labels(path: Path, contract: Contract, *, name: str, reading: Reading, limits: Limits = LIMITS) -> FileLook:
    """The same for a file of labels, which needs the id and the outcome and nothing else; what `reading` says is said
    of this file."""
    return _look(path, expected_labels(contract, reading.names), labels_columns(contract), name, reading, limits)


def may_be_mended(path: Path) -> bool:
    """Whether a file that was refused may be read when it is read differently: not an empty one, not a picture."""
    with path.open("rb") as file:
        start = file.read(4_096)
    return bool(start.strip()) and foreign_format(start) is None
