"""An OpenDocument spreadsheet (.ods), row by row as its XML goes by; formulas and scripts are never run.

The standard (ISO/IEC 26300) writes a run of equal cells or rows once, with how often it comes: a few bytes can stand
for a full sheet. Equal rows are one tuple here, and what is beyond the size of a sheet is refused.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Any
from xml.parsers import expat

from monitoring.errors import TableRefused
from monitoring.tables.books import COLUMNS, ROWS
from monitoring.tables.cells import Typed
from monitoring.tables.not_values import CellError, no_result
from monitoring.tables.packed_file import UNREADABLE, PackedFile
from monitoring.tables.xml_bombs import refuse_content_bombs

CONTENT = "content.xml"
_MANIFEST = "META-INF/manifest.xml"
_MANIFEST_BYTES = 1 << 20
_PIECE = 1 << 14
"""Bytes of XML that are parsed at a time: what they stand for is held in memory."""
_NAMESPACES = "urn:oasis:names:tc:opendocument:xmlns:"
_TABLE, _OFFICE, _TEXT = (f"{_NAMESPACES}{name}:1.0 " for name in ("table", "office", "text"))
_SPREADSHEET = f"{_OFFICE}spreadsheet"
_LIBRE_OFFICE_TYPE = "urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0 value-type"
_ERROR = re.compile(r"#(DIV/0!|N/A|NAME\?|NULL!|NUM!|REF!|VALUE!)\Z|Err:\d{3}\Z")
"""What stands in the cell of a formula that failed; OpenOffice writes 0 for its value."""
_NOT_CELLS = {f"{_OFFICE}annotation", f"{_TABLE}shapes", f"{_OFFICE}forms"}
"""What stands between cells and may hold text of its own."""
_VALUES = {
    "float": "value",
    "percentage": "value",
    "currency": "value",
    "date": "date-value",
    "boolean": "boolean-value",
}
"""Where the value of a cell of a type stands, when it is not its text."""

Cells = tuple[str | None, ...]


class OdsBook:
    """An opened spreadsheet.

    Args:
        archive: the zip archive that it is.
        label: the file's name as shown.
    """

    def __init__(self, archive: zipfile.ZipFile, label: str) -> None:
        self._archive = archive
        self._label = label
        self.titles: tuple[str, ...] = tuple(self._titles())

    def rows(self, title: str) -> Iterator[tuple[int, Cells]]:
        """(row of the sheet from 1, its cells as text), without empty rows."""
        reader = _SheetReader(self.titles.index(title))
        row = 0
        with _damage_refused(self._label), self._archive.open(CONTENT) as file:
            for piece in _pieces(file):
                self._feed(reader, piece)
                for count, cells in reader.taken():
                    for _ in range(count if cells else 0):
                        row += 1
                        yield row, cells
                    row += 0 if cells else count
                if reader.ended:
                    return

    def _feed(self, reader: _SheetReader, piece: bytes) -> None:
        try:
            reader.feed(piece)
        except _TooMuch as error:
            raise TableRefused(
                f"{self._label} has more rows or columns than a sheet can hold; save it as CSV."
            ) from error

    def _titles(self) -> Iterator[str]:
        titles: list[str] = []

        def start(name: str, attributes: dict[str, str]) -> None:
            if name == f"{_TABLE}table":
                titles.append(attributes.get(f"{_TABLE}name", f"Sheet{len(titles) + 1}"))

        parser = _parser()
        parser.StartElementHandler = start
        with _damage_refused(self._label), self._archive.open(CONTENT) as file:
            for piece in _pieces(file):
                parser.Parse(piece, not piece)
        yield from titles


class _TooMuch(Exception):
    """More rows or cells than a sheet has."""


class _SheetReader:
    """Takes the rows of one sheet from the XML of all."""

    def __init__(self, sheet: int) -> None:
        self._sheet = sheet
        self._seen = -1
        self._depth = 0
        """Tables within tables: only the outermost are sheets."""
        self._ignored = 0
        """How deep inside something that is no cell."""
        self._rows: list[tuple[int, Cells]] = []
        self._total = 0
        self._cells: list[str | None] = []
        self._blanks = 0
        """Empty cells since the last one with something in it."""
        self._repeated = 1
        self._cell: dict[str, str] | None = None
        self._text: list[str] = []
        self._paragraphs = 0
        self._in_text = 0
        self.ended = False
        self._parser = _parser()
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._characters

    def feed(self, piece: bytes) -> None:
        """Parse on; an empty piece is the end. Raises ExpatError, ValueError, `_TooMuch`."""
        self._parser.Parse(piece, not piece)

    def taken(self) -> list[tuple[int, Cells]]:
        """The rows since the last call: how often each comes, and its cells up to the last with something in it."""
        rows, self._rows = self._rows, []
        return rows

    @property
    def _here(self) -> bool:
        return self._seen == self._sheet and self._depth == 1

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if self._ignored or name in _NOT_CELLS:
            self._ignored += 1
        elif name == f"{_TABLE}table":
            self._depth += 1
            self._seen += self._depth == 1
        elif not self._here:
            return
        elif name == f"{_TABLE}table-row":
            self._cells, self._blanks = [], 0
            self._repeated = _count(attributes, "number-rows-repeated")
        elif name in (f"{_TABLE}table-cell", f"{_TABLE}covered-table-cell"):
            self._cell, self._text, self._paragraphs = attributes, [], 0
        elif self._cell is not None:
            self._start_text(name, attributes)

    def _start_text(self, name: str, attributes: dict[str, str]) -> None:
        if name == f"{_TEXT}p":
            self._text.append("\n" if self._paragraphs else "")
            self._paragraphs += 1
            self._in_text += 1
        elif name == f"{_TEXT}s":
            count = int(attributes.get(f"{_TEXT}c", "1"))
            if count > _PIECE:
                raise _TooMuch
            self._text.append(" " * count)
        elif name in (f"{_TEXT}tab", f"{_TEXT}line-break"):
            self._text.append("\t" if name.endswith("tab") else "\n")

    def _end(self, name: str) -> None:
        if self._ignored:
            self._ignored -= 1
        elif name == f"{_TABLE}table":
            self.ended = self.ended or self._here
            self._depth -= 1
        elif not self._here:
            return
        elif name == f"{_TEXT}p" and self._in_text:
            self._in_text -= 1
        elif name in (f"{_TABLE}table-cell", f"{_TABLE}covered-table-cell") and self._cell is not None:
            self._end_cell(self._cell)
        elif name == f"{_TABLE}table-row":
            self._end_row()

    def _end_cell(self, attributes: dict[str, str]) -> None:
        text = "".join(self._text) if self._paragraphs else None
        self._cell = None
        count = _count(attributes, "number-columns-repeated")
        content = _content(attributes, text)
        if content is None or content == "":
            self._blanks += count
            return
        if len(self._cells) + self._blanks + count > COLUMNS:
            raise _TooMuch
        self._cells += [None] * self._blanks + [content] * count
        self._blanks = 0

    def _end_row(self) -> None:
        self._total += self._repeated
        if self._cells and self._total > ROWS:
            raise _TooMuch
        self._rows.append((self._repeated, tuple(self._cells)))
        self._cells = []

    def _characters(self, text: str) -> None:
        if self._in_text and self._cell is not None and not self._ignored:
            self._text.append(text)


def _content(attributes: dict[str, str], text: str | None) -> str | None:
    """What is in a cell with this text: the value of its type, else the text, or that it holds no value."""
    formula = attributes.get(f"{_TABLE}formula")
    if attributes.get(_LIBRE_OFFICE_TYPE) == "error" or (formula is not None and _ERROR.match(text or "")):
        return CellError(text or "#ERROR!")
    kind = attributes.get(f"{_OFFICE}value-type", "")
    where = _VALUES.get(kind)
    value = attributes.get(f"{_OFFICE}{where}") if where else None
    content = Typed(value) if value is not None else text
    if content is None:
        content = attributes.get(f"{_OFFICE}string-value")
    return no_result(formula) if formula is not None and not content and kind != "string" else content


@contextmanager
def open_ods(packed: PackedFile) -> Iterator[OdsBook]:
    """Open a spreadsheet. Raises TableRefused when it is damaged, sealed or a bomb."""
    label = packed.label
    with packed.random_access() as data, io.BufferedReader(data) as file:
        with _damage_refused(label):
            archive = zipfile.ZipFile(file)
            _refuse_sealed(archive, label)
            refuse_content_bombs(archive, CONTENT, label=label, packed=packed.size, limits=packed.limits)
            book = OdsBook(archive, label)
        try:
            yield book
        finally:
            archive.close()


def _refuse_sealed(archive: zipfile.ZipFile, label: str) -> None:
    if _MANIFEST in archive.namelist():
        with archive.open(_MANIFEST) as manifest:
            if b"encryption-data" in manifest.read(_MANIFEST_BYTES):
                raise TableRefused(f"{label} is protected by a password; send it without one.")


@contextmanager
def _damage_refused(label: str) -> Iterator[None]:
    try:
        yield
    except (*UNREADABLE, expat.ExpatError, KeyError, ValueError) as error:
        raise TableRefused(
            f"{label} is a damaged OpenDocument spreadsheet or one that cannot be read here; save the table as CSV."
        ) from error


def _parser() -> Any:
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    return parser


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    while piece := file.read(_PIECE):
        yield piece
    yield b""


def _count(attributes: dict[str, str], name: str) -> int:
    """How often a row or a cell comes. Raises ValueError for what is no count."""
    count = int(attributes.get(f"{_TABLE}{name}", "1"))
    if count < 1:
        raise ValueError(name)
    return count
