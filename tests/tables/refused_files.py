"""Files that are refused, and what the sentence must say."""

from __future__ import annotations

import gzip
import json
from dataclasses import dataclass

import pyarrow as pa

from tests.tables.material import bytes_of, good_rows, text_of, with_cells
from tests.tables.spoiling import GOOD, ROWS, parquet, ragged, renamed, typed, widened, without, zipped


@dataclass(frozen=True)
class Refusal:
    """A file that is refused with a sentence that holds these words."""

    data: bytes
    words: tuple[str, ...]


REFUSALS = {
    "empty": Refusal(b"", ("empty",)),
    "blank lines": Refusal(b"\n\n \r\n  ", ("empty",)),
    "byte order mark only": Refusal(b"\xef\xbb\xbf", ("header",)),
    "header only": Refusal(bytes_of([]), ("no rows",)),
    "header and blank lines": Refusal(bytes_of([]) + b"\n\n  \n", ("no rows",)),
    "no header": Refusal(text_of(good_rows()).split("\n", 1)[1].encode(), ("header", "carrier")),
    "one line without end": Refusal(b"x," * 700_000, ("header", "first line")),
    "a needed column is missing": Refusal(without("temp"), ("temp", "missing")),
    "another name": Refusal(bytes_of(good_rows(), renamed(temp="tmp")), ("tmp → temp?",)),
    "letters that look alike": Refusal(bytes_of(good_rows(), renamed(temp="t\u0435mp")), ("temp", "look alike")),
    "header of another encoding": Refusal(
        text_of(good_rows(), renamed(dest="d\xe9st")).encode("cp1252"), ("dest", "UTF-8")
    ),
    "two columns of one name": Refusal(widened(["temp"], "1"), ("temp", "duplicate")),
    "two spellings of one name": Refusal(
        bytes_of([[*r, "1"] for r in good_rows()], [*renamed(temp="Temp"), "TEMP"]), ("duplicate", '"Temp"', '"TEMP"')
    ),
    "prose": Refusal(b"Dear all, please find\nthe file attached.\n", ("missing", "carrier")),
    "most rows have another width": Refusal(ragged(short=10), ("11 of 20 rows", "row 10", "line 11")),
    "every row one cell wider": Refusal(
        bytes_of([["0", *row] for row in good_rows()]), ("20 of 20 rows", "has no name")
    ),
    "a quotation mark left open": Refusal(text_of(good_rows()).replace("F0", '"F0', 1).encode(), ("quotation mark",)),
    "every row set aside": Refusal(
        bytes_of(with_cells("distance", *[""] * ROWS)), ("no rows can be scored", "distance")
    ),
    "PNG": Refusal(b"\x89PNG\r\n\x1a\n" + bytes(50), ("PNG", "CSV")),
    "PDF": Refusal(b"%PDF-1.7\n%\xe2\xe3", ("PDF",)),
    "Excel": Refusal(zipped("[Content_Types].xml", "xl/workbook.xml"), ("Excel",)),
    "OpenDocument": Refusal(
        b"PK\x03\x04" + bytes(26) + b"mimetypeapplication/vnd.oasis.opendocument.spreadsheet", ("OpenDocument",)
    ),
    "zip": Refusal(zipped("a.csv", "b.csv"), ("zip",)),
    "HTML": Refusal(b"<!DOCTYPE html><html><body>Sign in</body></html>", ("HTML",)),
    "JSON": Refusal(json.dumps([{"temp": 1}]).encode(), ("JSON",)),
    "gzip in gzip": Refusal(gzip.compress(gzip.compress(GOOD)), ("gzip",)),
    "gzip cut off": Refusal(gzip.compress(GOOD)[:60], ("damaged or cut-off",)),
    "gzip of an image": Refusal(gzip.compress(b"\x89PNG\r\n\x1a\n"), ("PNG",)),
    "NUL bytes": Refusal(GOOD.replace(b"BOS", b"B\x00S", 1), ("NUL", "line 2")),
    "UTF-16 without mark": Refusal(text_of(good_rows()).encode("utf-16-le"), ("NUL",)),
    "UTF-16 with half a character": Refusal(text_of(good_rows()).encode("utf-16")[:-1], ("encoding",)),
    "bytes that are not UTF-8 in a needed column": Refusal(
        text_of(with_cells("dest", "x", "Orl\xe9ans")).encode("cp1252"), ("dest", "row 2", "encoding")
    ),
    "Parquet without rows": Refusal(parquet(typed().slice(0, 0)), ("no rows",)),
    "Parquet cut off": Refusal(parquet(typed())[:-20], ("Parquet", "cut-off")),
    "Parquet of lists": Refusal(parquet(typed().set_column(4, "temp", pa.array([[1.0]] * ROWS))), ("temp", "list")),
    "Parquet without a needed column": Refusal(parquet(typed().drop_columns(["temp"])), ("temp",)),
}
