"""How a file is to be read, as a person may say it, and how it was found to be written. Plain values to store.

Both name the same things, so that what was sniffed can be shown in a form, changed there and given back as options.
"""

from __future__ import annotations

import codecs
from typing import Literal

from pydantic import Field, field_validator

from monitoring.contract import Value

Format = Literal["csv", "json", "parquet", "arrow", "excel", "xls", "ods"]
Compression = Literal["", "gzip", "zstd", "bzip2", "zip"]
Decimal = Literal[".", ","]
Thousands = Literal["", ",", ".", " ", "'"]
Quote = Literal['"', "'", ""]
DateOrder = Literal["ymd", "dmy", "mdy"]

FORMAT_WORDS: dict[Format, str] = {
    "csv": "CSV",
    "json": "JSON",
    "parquet": "Parquet",
    "arrow": "Arrow",
    "excel": "Excel",
    "xls": "Excel before 2007",
    "ods": "OpenDocument",
}
SPREADSHEETS: tuple[Format, ...] = ("csv", "excel", "xls", "ods")
"""Formats that spreadsheets open: what is exported as such has formulas quoted."""
DELIMITER_WORDS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "vertical bar", " ": "space", ":": "colon"}
DATE_WORDS: dict[DateOrder, str] = {
    "ymd": "year, month, day",
    "dmy": "day, month, year",
    "mdy": "month, day, year",
}


_PROBE = "a,1\n"
_NO_ENCODINGS = ("idna", "punycode", "undefined", "unicode-escape", "raw-unicode-escape")
"""What Python knows under the same kind of name but is not how text is kept in files."""


class ReadOptions(Value):
    """What a person says about a file; None leaves it to be found out. What a format does not know changes nothing,
    and is told (see `monitoring.tables.unused_options`).

    Attributes:
        encoding: how text is encoded, a name that Python knows ("utf-8", "cp1252", "utf-16-le").
        delimiter: the one character between cells, an ASCII one.
        quote: the character around cells that hold the delimiter, "" when there is none.
        decimal: the decimal mark of numbers.
        thousands: what stands between groups of three digits, "" for nothing; " " stands for every kind of space.
        dates: the order of day, month and year in dates that are not ISO 8601 (31/07/2013).
        header_line: the line (for Excel: the row of the sheet) of the column names, from 1; what is above is skipped.
        sheet: the sheet of a workbook, by name.
        member: the file to be read out of a zip archive, by its name there.
    """

    encoding: str | None = None
    delimiter: str | None = Field(default=None, min_length=1, max_length=1, pattern=r"^[\t !#-&(-~]$")
    quote: Quote | None = None
    decimal: Decimal | None = None
    thousands: Thousands | None = None
    dates: DateOrder | None = None
    header_line: int | None = Field(default=None, ge=1, le=1_000)
    sheet: str | None = None
    member: str | None = None

    @field_validator("encoding")
    @classmethod
    def _encoding_is_known(cls, name: str | None) -> str | None:
        if name is None:
            return None
        try:
            codec = codecs.lookup(name).name
            keeps = codec not in _NO_ENCODINGS and _PROBE.encode(codec).decode(codec) == _PROBE
        except (LookupError, ValueError):
            keeps = False
        if not keeps:
            raise ValueError(f"{name[:40]} is no encoding; utf-8, cp1252 and utf-16 are usual ones")
        return codec


FOUND_OUT = ReadOptions()
"""Nothing is said: everything is found out."""


class Sniffed(Value):
    """How a file was found to be written, or was said to be.

    Attributes:
        format: what kind of file it is.
        compression: how it is packed, "" when it is not.
        member, members: the file read out of a zip archive, and the names of all that could be (the first 100).
        encoding: how text is encoded, "" for formats without text.
        delimiter, quote: see `ReadOptions`; "" when there are none.
        decimal, thousands: how numbers are written, "" for formats that hold numbers and not their spelling.
        dates: the order in dates that are not ISO 8601, None when all are, or when the order cannot be told.
        header_line: the line of the column names, from 1; None for formats without lines.
        skipped_lines: lines above it that were skipped.
        sheet, sheets: the sheet that is read and the names of all, for a workbook.
    """

    format: Format
    compression: Compression = ""
    member: str = ""
    members: tuple[str, ...] = ()
    encoding: str = ""
    delimiter: str = ""
    quote: str = ""
    decimal: str = ""
    thousands: str = ""
    dates: DateOrder | None = None
    header_line: int | None = None
    skipped_lines: int = 0
    sheet: str = ""
    sheets: tuple[str, ...] = ()

    def options(self) -> ReadOptions:
        """The options that say the same: reading with them gives the same rows."""
        return ReadOptions.model_validate(
            {
                "encoding": self.encoding or None,
                "delimiter": self.delimiter or None,
                "quote": self.quote if self.format == "csv" else None,
                "decimal": self.decimal or None,
                "thousands": self.thousands if self.decimal else None,
                "dates": self.dates,
                "header_line": self.header_line,
                "sheet": self.sheet or None,
                "member": self.member or None,
            }
        )

    def words(self) -> str:
        """In a few words for a person: "CSV, cp1252, semicolon, decimal comma, header in line 3".

        Names out of the file (sheet, member) are not among them: show these as text.
        """
        words = [FORMAT_WORDS[self.format], self.encoding]
        words.append(
            DELIMITER_WORDS.get(self.delimiter, f"delimiter U+{ord(self.delimiter):04X}") if self.delimiter else ""
        )
        if self.quote == "'":
            words.append("single quotation marks")
        if self.decimal == ",":
            words.append("decimal comma")
        if self.thousands:
            words.append("thousands separators")
        if self.dates and self.dates != "ymd":
            words.append(f"dates as {DATE_WORDS[self.dates]}")
        if self.header_line and self.header_line > 1:
            words.append(f"header in line {self.header_line}")
        words.append(f"in {self.compression}" if self.compression else "")
        return ", ".join(filter(None, words))


class Preview(Value):
    """The first rows of a file as they would be read, before anything is scored.

    Attributes:
        sniffed: how the file is written.
        header: the column names.
        rows: the first rows, cell by cell as text, "" for no value; cells and columns are cut to `COLUMNS_SHOWN` and
            `CELL_SHOWN`.
        columns: how many columns there are.
        notes: what was found and mended, in sentences.
    """

    sniffed: Sniffed
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    columns: int
    notes: tuple[str, ...] = ()


ROWS_SHOWN = 20
COLUMNS_SHOWN = 200
CELL_SHOWN = 200
