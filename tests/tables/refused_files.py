"""Files that are refused, and what the sentence must say."""

from __future__ import annotations

import gzip
import json
from dataclasses import dataclass

import pyarrow as pa

from monitoring.tables.formats import OLE2
from tests.tables.material import HEADER, bytes_of, good_rows, text_of, with_cells
from tests.tables.other_books import ODS_TYPE, biff8, ods, ods_of, ods_row, ods_table, ole2, record, xls
from tests.tables.spoiling import GOOD, ROWS, changed_byte, named, nameless, ragged, renamed, widened, without
from tests.tables.ways_to_write import arrow, excel, excel_rows, json_lines, parquet, records, typed, zipped


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
        text_of(good_rows(), renamed(dest="d\xe9st")).encode("cp1252"), ("dest", "d\xe9st")
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
    "Excel that is none": Refusal(named("[Content_Types].xml", "xl/workbook.xml"), ("Excel",)),
    "OpenDocument without a sheet": Refusal(ods(), ("workbook without a sheet",)),
    "OpenDocument without rows": Refusal(ods([HEADER]), ("no rows",)),
    "OpenDocument without cells": Refusal(ods([[]]), ("empty", "sheet July")),
    "OpenDocument that is no XML": Refusal(zipped(mimetype=ODS_TYPE, content_xml=b"<a/><b/>"), ("OpenDocument",)),
    "OpenDocument with a count that is none": Refusal(
        ods_of(ods_table("July", [ods_row(HEADER).replace("row>", 'row table:number-rows-repeated="x">', 1)])),
        ("damaged OpenDocument",),
    ),
    "OpenDocument with a password": Refusal(
        ods_of(ods_table("July", ()), manifest="<manifest:encryption-data/>"), ("password",)
    ),
    "OpenDocument of text": Refusal(
        zipped(mimetype=b"application/vnd.oasis.opendocument.text", content_xml=b"<a/>"), ("a document",)
    ),
    "Word": Refusal(named("[Content_Types].xml", "word/document.xml"), ("Word",)),
    "zip of two tables": Refusal(zipped(a_csv=GOOD, b_tsv=GOOD), ("zip", "a.csv, b.tsv", "choose")),
    "HTML": Refusal(b"<!DOCTYPE html><html><body>Sign in</body></html>", ("HTML",)),
    "Python objects, line by line": Refusal(
        b"".join(f"{row}\n".encode() for row in records()), ("looks like", "Python objects")
    ),
    "a list of Python objects": Refusal(str(records()).encode(), ("looks like", "Python objects")),
    "JSON with a comment": Refusal(b"// July\n" + json.dumps(records()).encode(), ("JSON with comments",)),
    "JSON in a call": Refusal(b"callback(" + json.dumps(records()).encode() + b");", ("JSONP",)),
    "a JSON text sequence": Refusal(
        b"".join(b"\x1e" + json.dumps(row).encode() + b"\n" for row in records()), ("JSON text sequence",)
    ),
    "zip with a name that is no UTF-8": Refusal(
        zipped(juliä_csv=bytes_of(good_rows())).replace("juliä".encode(), b"juli\xff\xff", 1), ("damaged",)
    ),
    "JSON without the columns": Refusal(json.dumps([{"temp": 1}]).encode(), ("missing", "carrier")),
    "JSON of an answer without rows": Refusal(json.dumps({"data": [], "count": 0}).encode(), ("missing", "data")),
    "JSON of rows in an object, cut off": Refusal(
        json.dumps({"data": records()}).encode()[:-1], ("record 20", "cut off")
    ),
    "JSON of rows in an object, and more": Refusal(json.dumps({"data": records()}).encode() + b"{}", ("damaged",)),
    "JSON of rows of values, one of them short": Refusal(
        json.dumps({"columns": HEADER, "data": [*good_rows(3), ["F3"]]}).encode(), ("row 4", "fewer values", "names")
    ),
    "JSON of an object of endless text": Refusal(b'{"a": "' + b"x" * (40 << 20), ("longer than 4 MB",)),
    "JSON of columns": Refusal(
        json.dumps({"temp": {"0": 1}, "dest": {"0": "x"}}).encode(), ("column by column", "orient")
    ),
    "JSON of lists": Refusal(json.dumps([HEADER, *good_rows()]).encode(), ("JSON", "record 1 is no object")),
    "JSON of nothing": Refusal(b"[]", ("no rows",)),
    "JSON cut off": Refusal(json_lines(records())[:-20], ("beyond record 19", "cut off")),
    "JSON list cut off": Refusal(json.dumps(records()).encode()[:-1], ("record 20", "cut off")),
    "JSON with more behind it": Refusal(json.dumps(records()).encode() + b"]", ("damaged",)),
    "JSON with a value twice": Refusal(
        json_lines(records()).replace(b'"temp": 41.5', b'"temp": 1, "temp": 41.5'), ("record 2", "duplicate", "temp")
    ),
    "JSON with a list in a needed column": Refusal(
        json_lines([{**row, "temp": [1]} for row in records()]), ("temp", "list", "record 1")
    ),
    "JSON nested without end": Refusal(b'{"temp": ' + b"[" * 100_000, ("nested too deep",)),
    "JSON with NUL": Refusal(json_lines([{**row, "dest": "B\x00S"} for row in records()]), ("NUL", "dest")),
    "gzip in gzip": Refusal(gzip.compress(gzip.compress(GOOD)), ("gzip",)),
    "gzip cut off": Refusal(gzip.compress(GOOD)[:60], ("damaged or cut-off",)),
    "gzip of an image": Refusal(gzip.compress(b"\x89PNG\r\n\x1a\n"), ("PNG",)),
    "NUL bytes": Refusal(GOOD.replace(b"BOS", b"B\x00S", 1), ("NUL", "line 2")),
    "UTF-16 with half a character": Refusal(text_of(good_rows()).encode("utf-16")[:-1], ("encoding",)),
    "a broken character in a needed column": Refusal(
        text_of(with_cells("dest", "S\xe3o", "Orl\xe9ans", "M\xe1laga")).encode().replace(b"Orl\xc3\xa9", b"Orl\xe9"),
        ("dest", "row 2", "encoding"),
    ),
    "Parquet without rows": Refusal(parquet(typed().slice(0, 0)), ("no rows",)),
    "Parquet cut off": Refusal(parquet(typed())[:-20], ("Parquet", "cut-off")),
    "Parquet of lists": Refusal(parquet(typed().set_column(4, "temp", pa.array([[1.0]] * ROWS))), ("temp", "list")),
    "Parquet without a needed column": Refusal(parquet(typed().drop_columns(["temp"])), ("temp",)),
    "Feather without rows": Refusal(arrow(typed().slice(0, 0)), ("no rows",)),
    "Feather cut off": Refusal(arrow(typed())[:700], ("Arrow", "cut off")),
    "Feather of lists": Refusal(arrow(typed().set_column(4, "temp", pa.array([[1.0]] * ROWS))), ("temp", "list")),
    "Feather of the first version": Refusal(b"FEA1" + bytes(100), ("Feather file of version 1",)),
    "Excel without rows": Refusal(excel([HEADER]), ("no rows",)),
    "Excel without cells": Refusal(excel([]), ("empty", "sheet")),
    "Excel without a needed column": Refusal(excel([[c for c in row if c != "temp"] for row in [HEADER]]), ("temp",)),
    "Excel cut off": Refusal(excel([HEADER, *good_rows()])[:-100], ("cut-off",)),
    "Excel before 2007 that is none": Refusal(OLE2 + bytes(600), ("damaged Excel file (.xls)", ".xlsx or CSV")),
    "Excel before 2007 without rows": Refusal(xls([HEADER]), ("no rows",)),
    "Excel before 2007 cut off": Refusal(xls(excel_rows())[:-4_000], ("damaged",)),
    "Excel before 2007 with a password": Refusal(
        ole2("Workbook", biff8([("July", ())], record(0x2F, bytes(54)))), ("password",)
    ),
    "Excel with a password": Refusal(ole2("EncryptedPackage", bytes(5_000)), ("password",)),
    "Word before 2007": Refusal(ole2("WordDocument", bytes(5_000)), ("Word document",)),
    "binary Excel": Refusal(named("[Content_Types].xml", "xl/workbook.bin", "xl/theme.xml"), (".xlsb",)),
    "zip without a file": Refusal(zipped(), ("zip", "empty")),
    "zip of a file without a name": Refusal(nameless(zipped(a=GOOD)), ("zip", "empty")),
    "zip in zip": Refusal(zipped(a_zip=zipped(b_csv=GOOD)), ("zip file inside a zip",)),
    "zip in gzip": Refusal(gzip.compress(zipped(b_csv=GOOD)), ("zip file inside a gzip",)),
    "zip cut off": Refusal(zipped(a_csv=GOOD)[:-30], ("cut-off",)),
    "zip with a changed byte": Refusal(changed_byte(zipped(a_csv=GOOD), 80), ("damaged",)),
    "zip of an image": Refusal(zipped(a_png=b"\x89PNG\r\n\x1a\n"), ("PNG",)),
    "zstd cut off": Refusal(pa.compress(GOOD, codec="zstd", asbytes=True)[:60], ("damaged or cut-off",)),
    "tar in gzip": Refusal(gzip.compress(bytes(257) + b"ustar" + bytes(250)), ("tar",)),
    "a pickle": Refusal(b"\x80\x04\x95" + bytes(60), ("pickle",)),
    "UTF-16 of an HTML page": Refusal("<html><body>Sign in".encode("utf-16"), ("HTML",)),
}
