"""What a workbook holds, looked at before objects are built from it.

Workbooks (.xlsx, .ods) are zip archives of XML. What is bounded here is what a reader holds in memory at one time: a
part that is no sheet, a row, a text.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator

from monitoring.errors import TableRefused
from monitoring.tables.limits import MEGABYTE, Limits

SHARED_STRINGS = "xl/sharedStrings.xml"
_PART_BYTES = 16 * MEGABYTE
_STRINGS_BYTES = 128 * MEGABYTE
_STRINGS = 4_000_000
_ROW_BYTES = 16 * MEGABYTE
_TEXT_BYTES = 1 * MEGABYTE
_SMALL = 64 * MEGABYTE
_PIECE = 1 << 20
_ROW = re.compile(rb"<(?:\w+:)?(?:table-)?row\b")
_STRING = re.compile(rb"<(?:\w+:)?si\b")
_DOCTYPE = re.compile(rb"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)


def refuse_workbook_bombs(archive: zipfile.ZipFile, *, label: str, packed: int, limits: Limits) -> None:
    """Raises TableRefused when the parts of an Excel workbook would take far more memory or time than a table does.

    Args:
        archive: the workbook.
        label: its name as shown.
        packed: bytes of the workbook.
        limits: how much it may unpack to.
    """
    parts = [info for info in archive.infolist() if info.filename.endswith((".xml", ".rels"))]
    _refuse_too_large(parts, label, packed, limits)
    for info in parts:
        is_sheet = info.filename.startswith("xl/worksheets/")
        strings = info.filename.lower() == SHARED_STRINGS.lower()
        if not is_sheet and info.file_size > (_STRINGS_BYTES if strings else _PART_BYTES):
            raise TableRefused(f"{label} is a workbook with too much in {info.filename}; save the table as CSV.")
        _look_through(archive, info, label, is_sheet=is_sheet)


def refuse_content_bombs(archive: zipfile.ZipFile, part: str, *, label: str, packed: int, limits: Limits) -> None:
    """The same for a workbook all of whose sheets stand in one part, the only one that is read.

    Raises:
        TableRefused: it would take far more memory or time than a table does.
        KeyError: there is no such part.
    """
    info = archive.getinfo(part)
    _refuse_too_large([info], label, packed, limits)
    _look_through(archive, info, label, is_sheet=True)


def _refuse_too_large(parts: list[zipfile.ZipInfo], label: str, packed: int, limits: Limits) -> None:
    allowed = min(limits.unpacked, max(_SMALL, limits.ratio * packed))
    if sum(info.file_size for info in parts) > allowed:
        raise TableRefused(
            f"{label} unpacks to more than {allowed // MEGABYTE:,} MB, far more than a workbook of its size does; "
            "save the table as CSV."
        )


def _look_through(archive: zipfile.ZipFile, info: zipfile.ZipInfo, label: str, *, is_sheet: bool) -> None:
    since_tag = since_row = strings = 0
    rest = b""
    for piece in _pieces(archive, info):
        text = rest + piece
        if _DOCTYPE.search(text):
            raise TableRefused(f"{label} is a workbook with definitions that no spreadsheet writes; save it as CSV.")
        rest = text[-16:]
        since_tag = _longest(piece, [match.start() for match in re.finditer(b"<", piece)], since_tag, _TEXT_BYTES)
        strings += sum(1 for _ in _STRING.finditer(piece))
        if is_sheet:
            since_row = _longest(piece, [match.start() for match in _ROW.finditer(text)], since_row, _ROW_BYTES)
        if since_tag > _TEXT_BYTES or since_row > _ROW_BYTES or strings > _STRINGS:
            what = "a cell" if since_tag > _TEXT_BYTES else "a row" if since_row > _ROW_BYTES else "text"
            raise TableRefused(f"{label} is a workbook with far too much in {what}; save the table as CSV.")


def _longest(piece: bytes, places: list[int], before: int, limit: int) -> int:
    """The stretch without a mark that goes on at a piece's end, or one beyond the limit that ended in it."""
    if not places:
        return before + len(piece)
    if before + places[0] > limit:
        return before + places[0]
    return len(piece) - places[-1]


def _pieces(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> Iterator[bytes]:
    with archive.open(info) as file:
        while piece := file.read(_PIECE):
            yield piece
