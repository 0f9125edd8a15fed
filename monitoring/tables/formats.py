"""What a file is, told by how its bytes begin, never by its name. Pure."""

from __future__ import annotations

import re
from typing import Literal

from monitoring.tables.reading_options import Compression

PARQUET = b"PAR1"
ARROW_FILE = b"ARROW1"
ARROW_STREAM = b"\xff\xff\xff\xff"
ZIP = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
OLE2 = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
"""How documents of Office before 2007 begin, workbooks (.xls) among them, and newer ones with a password."""
UTF8_MARK = b"\xef\xbb\xbf"
UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")
UTF32_MARKS = (b"\xff\xfe\x00\x00", b"\x00\x00\xfe\xff")

COMPRESSIONS: tuple[tuple[re.Pattern[bytes], Compression], ...] = (
    (re.compile(rb"\x1f\x8b"), "gzip"),
    (re.compile(rb"\x28\xb5\x2f\xfd|[\x50-\x5f]\x2a\x4d\x18"), "zstd"),
    (re.compile(rb"BZh[1-9](?:1AY&SY|\x17rE8P\x90)"), "bzip2"),
)
_SIGNATURES: tuple[tuple[bytes, str], ...] = (
    (b"\x89PNG", "a PNG image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"GIF8", "a GIF image"),
    (b"%PDF", "a PDF document"),
    (b"7z\xbc\xaf", "a 7z archive"),
    (b"Rar!", "a RAR archive"),
    (b"\xfd7zXZ", "an xz file"),
    (b"\x04\x22\x4d\x18", "an LZ4 file"),
    (b"FEA1", "a Feather file of version 1"),
    (b"ORC", "an ORC file"),
    (b"Obj\x01", "an Avro file"),
    (b"\x89HDF", "an HDF5 file"),
    (b"\x93NUMPY", "a NumPy file"),
    (b"SQLite format 3", "an SQLite database"),
    (b"\x7fELF", "a program"),
    (b"\x80\x04\x95", "a Python pickle"),
    (b"\x80\x05\x95", "a Python pickle"),
)
_HTML = re.compile(rb"\s*<(!doctype html|html|head|body|table|meta)\b", re.IGNORECASE)
_XML = re.compile(rb"\s*<(\?xml|svg)\b", re.IGNORECASE)
_JSON = re.compile(rb'\s*(\{\s*["}]|\[\s*(?:[\[{"\]]|-?\d+[.\d]*\s*,))')
_NO_JSON: tuple[tuple[re.Pattern[bytes], str], ...] = (
    (re.compile(rb"\s*[\[(]?\s*\{\s*'[^'\n]*'\s*:"), "Python objects, which are no JSON"),
    (re.compile(rb"\s*(?://[^\n]*\n\s*|/\*.*?\*/\s*)+[\[{]\s*[\"{]", re.DOTALL), "JSON with comments"),
    (re.compile(rb"\s*[\w.$]+\(\s*(?:\[\s*)?\{\s*\""), "JSON in a call of a function (JSONP)"),
    (re.compile(rb"\x1e\s*\{"), "a JSON text sequence"),
)
"""What is nearly JSON. Its braces and names must not be taken for the cells of a header."""
_TAR = slice(257, 262)


def compression_of(start: bytes) -> Compression:
    """How a file is packed, "" when it is not. A zip archive is told by `is_zip`."""
    return next((name for pattern, name in COMPRESSIONS if pattern.match(start)), "")


def is_zip(start: bytes) -> bool:
    """Whether the bytes begin a zip archive, which may be a spreadsheet."""
    return start.startswith(ZIP)


def is_arrow(start: bytes) -> bool:
    """Whether the bytes begin an Arrow file (Feather) or an Arrow stream."""
    return start.startswith((ARROW_FILE, ARROW_STREAM))


def is_json(text: bytes) -> bool:
    """Whether the bytes, UTF-8 without mark, begin JSON."""
    return _JSON.match(text) is not None


def foreign_format(start: bytes) -> str | None:
    """What the bytes look like when they are no table ("a PNG image"), None when they may be text.

    Args:
        start: the beginning of the file, unpacked, a kilobyte at least.
    """
    for signature, words in _SIGNATURES:
        if start.startswith(signature):
            return words
    if start[_TAR] == b"ustar":
        return "a tar archive"
    text = start.removeprefix(UTF8_MARK)
    for pattern, words in ((_HTML, "an HTML page"), (_XML, "an XML document"), *_NO_JSON):
        if pattern.match(text):
            return words
    return None


def foreign_archive(names: set[str], mimetype: str) -> str | None:
    """What a zip archive with these files is when it is no archive of tables, None when it may be one.

    Args:
        names: the files in it.
        mimetype: what its file `mimetype` says, "" without one.
    """
    if mimetype:
        return "a document"
    for prefix, words in (("word/", "a Word document"), ("ppt/", "a PowerPoint document"), ("META-INF/", "a program")):
        if any(name.startswith(prefix) for name in names):
            return words
    if "xl/workbook.bin" in names:
        return "a binary Excel file (.xlsb)"
    return None


def book_kind(names: set[str], mimetype: str) -> Literal["", "excel", "ods"]:
    """Which kind of workbook a zip archive with these files is, "" when it is none."""
    if "xl/workbook.bin" in names:
        return ""
    if "[Content_Types].xml" in names and any(name.startswith("xl/") and name.endswith(".xml") for name in names):
        return "excel"
    return "ods" if "opendocument.spreadsheet" in mimetype and "content.xml" in names else ""
