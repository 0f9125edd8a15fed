"""A zip archive: which of its files is the table. Nothing is ever written to disk."""

from __future__ import annotations

import struct
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Literal

from monitoring.errors import TableRefused
from monitoring.tables.formats import book_kind, foreign_archive
from monitoring.tables.limits import MEGABYTE, Limits
from monitoring.tables.quoting import listed, shown

MEMBERS_KEPT = 100
_DIRECTORY_BYTES = 2 * MEGABYTE
"""A directory longer than this lists tens of thousands of files; Python would hold all of them in memory."""
_TAIL = (1 << 16) + 22 + 20 + 56
_TABLES = {
    ".csv", ".tsv", ".tab", ".psv", ".dat", ".json", ".jsonl", ".ndjson", ".parquet", ".pq", ".arrow", ".feather",
    ".ipc", ".xlsx", ".xlsm", ".xls", ".ods",
}  # fmt: skip
_MIMETYPE_BYTES = 200


class SeveralTables(TableRefused):
    """An archive holds several tables.

    Args:
        label: its name as shown.
        members: the names of the tables.
        argument: see `Expected`.
    """

    def __init__(self, label: str, members: tuple[str, ...], argument: str = "--") -> None:
        super().__init__(
            f"{label} is a zip archive of several files ({listed(members)}); choose one of them (on the command line: "
            f"{argument}member NAME), or send it alone."
        )
        self.label = label
        self.members = members


@dataclass(frozen=True, slots=True)
class Archive:
    """What is known of a zip archive.

    Attributes:
        member: the file to read, None when the archive is itself a table (a workbook).
        members: all that could be read, the first `MEMBERS_KEPT`.
        book: which kind of workbook the archive itself is, "" when it is none.
    """

    member: str | None
    members: tuple[str, ...]
    book: Literal["", "excel", "ods"] = ""


def open_archive(path: Path, *, label: str, wanted: str | None, limits: Limits) -> Archive:
    """Look into a zip archive.

    Args:
        path: the file.
        label: its name as shown.
        wanted: the name of the file that is meant, None when there is but one table.
        limits: how much it may unpack to.

    Raises:
        TableRefused: it is damaged, a document of another kind, empty, or holds several tables.
    """
    try:
        if _directory_bytes(path) > _DIRECTORY_BYTES:
            raise TableRefused(f"{label} is a zip archive of very many files; send the table itself.")
        with zipfile.ZipFile(path) as archive:
            names = {info.filename for info in archive.infolist()}
            mimetype = read_mimetype(archive)
            files = [info for info in archive.infolist() if _is_file(info)]
    except (
        zipfile.BadZipFile,
        zlib.error,
        OSError,
        ValueError,
        struct.error,
        RuntimeError,
        EOFError,
    ) as error:
        raise TableRefused(f"{label} cannot be read: it is a damaged or cut-off zip archive; send it again.") from error
    book = book_kind(names, mimetype)
    if book:
        return Archive(None, (), book)
    foreign = foreign_archive(names, mimetype)
    if foreign is not None:
        raise TableRefused(
            f"{label} is no CSV file: it looks like {foreign}; save the table as CSV, Excel (.xlsx) or Parquet."
        )
    members = tuple(info.filename for info in _tables(files))
    member = _chosen(members, {info.filename for info in files}, wanted, label)
    info = next(info for info in files if info.filename == member)
    if info.flag_bits & 1:
        raise TableRefused(f"{label} is protected by a password; send it without one.")
    return Archive(member, members[:MEMBERS_KEPT])


def _chosen(members: tuple[str, ...], names: set[str], wanted: str | None, label: str) -> str:
    if wanted is not None:
        if wanted in names:
            return wanted
        raise TableRefused(f"{label} is a zip archive without a file {shown(wanted)}; it holds {listed(members)}.")
    if not members:
        raise TableRefused(f"{label} is a zip archive that is empty; choose one with a table in it.")
    if len(members) > 1:
        raise SeveralTables(label, members)
    return members[0]


def _tables(files: list[zipfile.ZipInfo]) -> list[zipfile.ZipInfo]:
    """The files that are called like tables; all of them when none is."""
    return [info for info in files if _suffix(info) in _TABLES] or files


def _suffix(info: zipfile.ZipInfo) -> str:
    name = PurePosixPath(info.filename)
    return PurePosixPath(name.stem).suffix.lower() if name.suffix.lower() == ".gz" else name.suffix.lower()


def _is_file(info: zipfile.ZipInfo) -> bool:
    """Whether an entry is a file of the person's, not a folder or what a system left there."""
    parts = PurePosixPath(info.filename).parts
    return bool(parts) and not info.filename.endswith("/") and "__MACOSX" not in parts and not parts[-1].startswith(".")


def read_mimetype(archive: zipfile.ZipFile) -> str:
    """What the file `mimetype` of an archive says, as OpenDocument has one; "" without."""
    if "mimetype" not in archive.namelist():
        return ""
    with archive.open("mimetype") as file:
        return file.read(_MIMETYPE_BYTES).decode("latin-1")


def _directory_bytes(path: Path) -> int:
    """Length of the archive's directory as its last record tells, 0 when there is none (zipfile will say so)."""
    with path.open("rb") as file:
        size = file.seek(0, 2)
        file.seek(max(0, size - _TAIL))
        tail = file.read()
    end = tail.rfind(b"PK\x05\x06")
    if end < 0 or len(tail) < end + 20:
        return 0
    (length,) = struct.unpack_from("<I", tail, end + 12)
    wide = tail.rfind(b"PK\x06\x06", 0, end)
    if wide >= 0 and len(tail) >= wide + 48:
        (length,) = struct.unpack_from("<Q", tail, wide + 40)
    return int(length)
