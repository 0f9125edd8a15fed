"""Workbooks that openpyxl does not write: OpenDocument (.ods) and those of Excel before 2007 (.xls), byte by byte."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from xml.sax.saxutils import escape, quoteattr

Sheet = Sequence[Sequence[Any]]
TITLES = ("July", "Notes", "More")

# OpenDocument: ISO/IEC 26300

ODS_TYPE = b"application/vnd.oasis.opendocument.spreadsheet"
_OPEN = (
    '<?xml version="1.0" encoding="UTF-8"?><office:document-content office:version="1.3" '
    + " ".join(
        f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in ("office", "table", "text")
    )
    + ' xmlns:dc="http://purl.org/dc/elements/1.1/"><office:body><office:spreadsheet>'
)
_MANIFEST = (
    '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0" manifest:version="1.3">'
    f'<manifest:file-entry manifest:full-path="/" manifest:media-type="{ODS_TYPE.decode()}"/></manifest:manifest>'
)
_CLOSE = "</office:spreadsheet></office:body></office:document-content>"


def ods(*sheets: Sheet, titles: tuple[str, ...] = TITLES) -> bytes:
    """A spreadsheet as LibreOffice writes it: rows end in a run of empty cells, sheets in a run of empty rows."""
    return ods_of("".join(ods_table(title, map(ods_row, rows)) for title, rows in zip(titles, sheets, strict=False)))


def ods_of(tables: str, *, manifest: str = _MANIFEST) -> bytes:
    """A spreadsheet with this XML for its sheets."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", ODS_TYPE, zipfile.ZIP_STORED)
        archive.writestr("content.xml", _OPEN + tables + _CLOSE)
        archive.writestr("META-INF/manifest.xml", manifest)
    return buffer.getvalue()


def ods_table(title: str, rows: Any) -> str:
    """One sheet of rows of XML."""
    below = '<table:table-row table:number-rows-repeated="1048000"><table:table-cell/></table:table-row>'
    return f"<table:table table:name={quoteattr(title)}>{''.join(rows)}{below}</table:table>"


def ods_row(cells: Sequence[Any], repeated: int = 1) -> str:
    """A row of XML."""
    run = f' table:number-rows-repeated="{repeated}"' if repeated > 1 else ""
    end = '<table:table-cell table:number-columns-repeated="16000"/>'
    return f"<table:table-row{run}>{''.join(map(ods_cell, cells))}{end}</table:table-row>"


def ods_cell(value: Any, repeated: int = 1) -> str:
    """A cell of XML; a float shows two digits, as spreadsheets do, and keeps all of them."""
    run = f' table:number-columns-repeated="{repeated}"' if repeated > 1 else ""
    if value is None:
        return f"<table:table-cell{run}/>"
    if isinstance(value, bool):
        kind, shown = f'boolean" office:boolean-value="{str(value).lower()}', str(value).upper()
    elif isinstance(value, float):
        kind, shown = f'float" office:value="{value!r}', f"{value:.2f}"
    elif isinstance(value, datetime):
        kind, shown = f'date" office:date-value="{value.isoformat()}', f"{value:%d.%m.%y}"
    else:
        kind, shown = "string", str(value)
    paragraphs = "".join(f"<text:p>{_spaced(line)}</text:p>" for line in shown.split("\n"))
    return f'<table:table-cell office:value-type="{kind}"{run}>{paragraphs}</table:table-cell>'


def _spaced(text: str) -> str:
    return escape(text).replace("  ", ' <text:s text:c="1"/>').replace("\t", "<text:tab/>")


# Excel 97 to 2003: BIFF8 records in an OLE2 container

_SECTOR = 512
_FREE, _END, _FAT = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
_GENERAL, _DATE = 0, 1
_DATE_FORMAT = 22
_ERRORS = {"#DIV/0!": 0x07, "#N/A": 0x2A, "#REF!": 0x17}


def xls(*sheets: Sheet, titles: tuple[str, ...] = TITLES) -> bytes:
    """A workbook of these sheets, row by row; texts like #DIV/0! are errors."""
    records = [
        (title, [xls_records(place, cells) for place, cells in enumerate(rows)])
        for title, rows in zip(titles, sheets, strict=False)
    ]
    return ole2("Workbook", biff8(records))


def biff8(sheets: Sequence[tuple[str, Any]], *more: bytes) -> bytes:
    """The stream of a workbook: titles, and the records of each sheet; `more` are records for all."""
    bodies = [record(0x809, struct.pack("<HHHHII", 0x600, 0x10, 0, 0, 0, 0)) + b"".join(records) + record(0x0A)
              for _, records in sheets]  # fmt: skip
    formats = b"".join(record(0xE0, struct.pack("<HH16x", 0, key)) for key in (_GENERAL, _DATE_FORMAT))
    start = record(0x809, struct.pack("<HHHHII", 0x600, 0x05, 0, 0, 0, 0)) + formats + b"".join(more)
    entries = [_biff_text(title, "B") for title, _ in sheets]
    place = len(start) + sum(4 + 6 + len(entry) for entry in entries) + 4
    bounds = []
    for entry, body in zip(entries, bodies, strict=True):
        bounds.append(record(0x85, struct.pack("<IBB", place, 0, 0) + entry))
        place += len(body)
    return start + b"".join(bounds) + record(0x0A) + b"".join(bodies)


def xls_records(row: int, cells: Sequence[Any]) -> bytes:
    """The records of a row."""
    return b"".join(_xls_cell(row, column, value) for column, value in enumerate(cells) if value is not None)


def _xls_cell(row: int, column: int, value: Any) -> bytes:
    if isinstance(value, bool):
        return record(0x205, struct.pack("<HHHBB", row, column, _GENERAL, value, 0))
    if isinstance(value, datetime):
        days = (value - datetime(1899, 12, 30)).total_seconds() / 86_400
        return record(0x203, struct.pack("<HHHd", row, column, _DATE, days))
    if isinstance(value, float):
        return record(0x203, struct.pack("<HHHd", row, column, _GENERAL, value))
    if value in _ERRORS:
        return record(0x205, struct.pack("<HHHBB", row, column, _GENERAL, _ERRORS[value], 1))
    return record(0x204, struct.pack("<HHH", row, column, _GENERAL) + _biff_text(str(value), "H"))


def _biff_text(text: str, width: str) -> bytes:
    data = text.encode("utf-16-le")
    return struct.pack(f"<{width}B", len(data) // 2, 1) + data


def record(code: int, data: bytes = b"") -> bytes:
    return struct.pack("<HH", code, len(data)) + data


def ole2(name: str, stream: bytes) -> bytes:
    """A container of one stream: header, allocation table, directory, the stream."""
    stream = stream.ljust(4096, b"\0")  # a shorter one would go into small sectors
    sectors = -(-len(stream) // _SECTOR)
    tables = -(-(sectors + 1) // (_SECTOR // 4 - 1))
    chain = [_FAT] * tables + [_END] + [tables + 2 + place for place in range(sectors - 1)] + [_END]
    chain += [_FREE] * (tables * _SECTOR // 4 - len(chain))
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + struct.pack("<HHHHH6x", 0x3E, 3, 0xFFFE, 9, 6)
    header += struct.pack("<IIIIIIIII", 0, tables, tables, 0, 4096, _END, 0, _END, 0)
    header += struct.pack("<109I", *[*range(tables), *[_FREE] * (109 - tables)])
    directory = _entry("Root Entry", 5, child=1) + _entry(name, 2, start=tables + 1, size=len(stream)) + bytes(256)
    return header + struct.pack(f"<{len(chain)}I", *chain) + directory + stream.ljust(sectors * _SECTOR, b"\0")


def _entry(name: str, kind: int, *, child: int = _FREE, start: int = _END, size: int = 0) -> bytes:
    spelled = (name + "\0").encode("utf-16-le")
    return (
        spelled.ljust(64, b"\0")
        + struct.pack("<HBBIII", len(spelled), kind, 1, _FREE, _FREE, child)
        + bytes(36)
        + struct.pack("<IQ", start, size)
    )
