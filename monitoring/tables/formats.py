"""What bytes are that are no table of text: told by how they begin, never by the file's name. Pure."""

from __future__ import annotations

import re

PARQUET = b"PAR1"
GZIP = b"\x1f\x8b"
UTF8_MARK = b"\xef\xbb\xbf"
UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")
UTF32_MARKS = (b"\xff\xfe\x00\x00", b"\x00\x00\xfe\xff")

_SIGNATURES: tuple[tuple[bytes, str], ...] = (
    (b"\x89PNG", "a PNG image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"GIF8", "a GIF image"),
    (b"%PDF", "a PDF document"),
    (b"\xd0\xcf\x11\xe0", "an old Excel or Word file"),
    (b"7z\xbc\xaf", "a 7z archive"),
    (b"Rar!", "a RAR archive"),
    (b"BZh", "a bzip2 file"),
    (b"\xfd7zXZ", "an xz file"),
    (b"\x28\xb5\x2f\xfd", "a Zstandard file"),
    (b"ARROW1", "an Arrow file"),
    (b"\x89HDF", "an HDF5 file"),
    (b"\x93NUMPY", "a NumPy file"),
    (b"SQLite format 3", "an SQLite database"),
    (b"\x7fELF", "a program"),
    (PARQUET, "a Parquet file inside another format"),
    (GZIP, "a gzip file inside another format"),
)
_HTML = re.compile(rb"\s*<(!doctype html|html|head|body)\b", re.IGNORECASE)
_XML = re.compile(rb"\s*<(\?xml|svg)\b", re.IGNORECASE)
_JSON = re.compile(rb'\s*(\{\s*["}]|\[\s*[\[{"\]])')


def foreign_format(head: bytes) -> str | None:
    """What the bytes look like when they are not delimited text ("a PNG image"), None when they may be text.

    Args:
        head: the beginning of the file, unpacked when it was gzip, a few kilobytes at least.
    """
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _zip_format(head)
    for signature, words in _SIGNATURES:
        if head.startswith(signature):
            return words
    text = head.removeprefix(UTF8_MARK)
    for pattern, words in ((_HTML, "an HTML page"), (_XML, "an XML document"), (_JSON, "JSON")):
        if pattern.match(text):
            return words
    return None


def _zip_format(head: bytes) -> str:
    if b"opendocument.spreadsheet" in head[:200]:
        return "an OpenDocument spreadsheet"
    if any(mark in head for mark in (b"[Content_Types].xml", b"docProps/", b"xl/")):
        return "an Excel file"
    return "a zip archive"
