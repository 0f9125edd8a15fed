"""The same twenty good rows, written in every way that programs and countries write tables."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import zipfile
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.ipc
import pyarrow.parquet
from openpyxl import Workbook

from tests.tables.material import HEADER, Rows, bytes_of, good_rows, text_of
from tests.tables.other_books import ods, ods_cell, ods_of, ods_row, ods_table, xls

NUMBERS = ("temp", "wind_speed", "distance")
GOOD = bytes_of(good_rows())


def changed(column: str, change: Callable[[str], str]) -> Rows:
    """Good rows with every cell of a column changed."""
    rows = good_rows()
    for row in rows:
        row[HEADER.index(column)] = change(row[HEADER.index(column)])
    return rows


def typed(rows: int = 20) -> pa.Table:
    """Good rows as a table, numbers as numbers."""
    cells = dict(zip(HEADER, zip(*good_rows(rows), strict=True), strict=True))
    numbers = {name: pa.array(map(float, cells[name])) for name in NUMBERS}
    texts = {name: pa.array(cells[name], pa.string()) for name in HEADER if name not in NUMBERS}
    return pa.table({**texts, **numbers})


def parquet(table: pa.Table, **options: Any) -> bytes:
    buffer = io.BytesIO()
    pyarrow.parquet.write_table(table, buffer, **options)
    return buffer.getvalue()


def arrow(table: pa.Table, *, compression: str | None = None, stream: bool = False, rows: int = 7) -> bytes:
    buffer = io.BytesIO()
    write = pa.ipc.new_stream if stream else pa.ipc.new_file
    with write(buffer, table.schema, options=pa.ipc.IpcWriteOptions(compression=compression)) as writer:
        writer.write_table(table, max_chunksize=rows)
    return buffer.getvalue()


def zipped(**files: bytes) -> bytes:
    """A zip archive; "_" in a name stands for ".", "__" for "/"."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name.replace("__", "/").replace("_", "."), data)
    return buffer.getvalue()


def excel(*sheets: list[list[Any]], titles: tuple[str, ...] = ("July", "Notes", "More")) -> bytes:
    """A workbook of these sheets, row by row."""
    book = Workbook()
    book.remove(book.active)
    for title, rows in zip(titles, sheets, strict=False):
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def excel_rows() -> list[list[Any]]:
    """Header and good rows as Excel holds them: numbers as numbers, times as times."""
    times = HEADER.index("departure")
    rows: list[list[Any]] = [list(row) for row in good_rows()]
    for row in rows:
        row[times] = datetime.fromisoformat(row[times])
        for name in NUMBERS:
            row[HEADER.index(name)] = float(row[HEADER.index(name)])
    return [list(HEADER), *rows]


def records(*, numbers: bool = True) -> list[dict[str, Any]]:
    """Good rows as JSON records."""
    return [
        {name: float(cell) if numbers and name in NUMBERS else cell for name, cell in zip(HEADER, row, strict=True)}
        for row in good_rows()
    ]


def json_lines(rows: list[dict[str, Any]]) -> bytes:
    return b"".join(json.dumps(row).encode() + b"\n" for row in rows)


def ods_with_comments() -> bytes:
    """A note at a cell, a picture above the cells, and text in two colours: nothing of them is a value."""
    note = "<office:annotation><dc:creator>me</dc:creator><text:p>sure?</text:p></office:annotation>"
    shapes = "<table:shapes><text:p>logo</text:p></table:shapes>"
    table = ods_table("July", map(ods_row, excel_rows()))
    table = table.replace("<text:p>BOS</text:p>", f"{note}<text:p>B<text:span>O</text:span>S</text:p>")
    return ods_of(table.replace("<table:table-row>", f"{shapes}<table:table-row>", 1))


def ods_of_runs() -> bytes:
    """Equal cells and rows written once: 20 rows of ones, the first of them apart."""
    header, first, *_ = excel_rows()
    once = ods_cell("F") + ods_cell("2013-04-01") + ods_cell("AA") + ods_cell("BOS") + ods_cell(1.0, repeated=3)
    row = f'<table:table-row table:number-rows-repeated="19">{once}</table:table-row>'
    return ods_of(ods_table("July", [ods_row(header), ods_row(first), row]))


def european(cell: str) -> str:
    return cell.replace(".", ",")


def all_european() -> Rows:
    return [[cell if "-" in cell else european(cell) for cell in row] for row in good_rows()]


def dated(pattern: str) -> Rows:
    return changed("departure", lambda cell: datetime.fromisoformat(cell).strftime(pattern))


def grouped(mark: str, decimal: str = ".") -> Rows:
    """Thousands separators in the distance: 1,000.0 and so on."""
    rows = changed("distance", lambda cell: f"{cell[0]}{mark}{cell[1:]}{decimal}0")
    for row in rows:
        for name in ("temp", "wind_speed"):
            row[HEADER.index(name)] = row[HEADER.index(name)].replace(".", decimal)
    return rows


def spelled(numbers: Rows, *, delimiter: str = ",", encoding: str = "utf-8") -> bytes:
    return text_of(numbers, delimiter=delimiter).encode(encoding)


QUIET: dict[str, bytes] = {
    "byte order mark": b"\xef\xbb\xbf" + GOOD,
    "UTF-16 with mark": text_of(good_rows()).encode("utf-16"),
    "UTF-16 without mark": text_of(good_rows()).encode("utf-16-le"),
    "UTF-16, the other way round, without mark": text_of(good_rows()).encode("utf-16-be"),
    "UTF-32": text_of(good_rows()).encode("utf-32"),
    "gzip": gzip.compress(GOOD),
    "gzip of two parts": gzip.compress(GOOD[:300]) + gzip.compress(GOOD[300:]),
    "gzip of UTF-16": gzip.compress(text_of(good_rows()).encode("utf-16")),
    "zstd": pa.compress(GOOD, codec="zstd", asbytes=True),
    "zstd of two parts": b"".join(pa.compress(part, codec="zstd", asbytes=True) for part in (GOOD[:300], GOOD[300:])),
    "bzip2": bz2.compress(GOOD),
    "zip": zipped(july_csv=GOOD),
    "zip from a Mac": zipped(july_csv=GOOD, __MACOSX___july_csv=b"\x00\x05\x16", _DS_Store=b"x"),
    "zip with a note beside the table": zipped(july_csv=GOOD, README_txt=b"Dear all", docs__terms_pdf=b"%PDF-1.7"),
    "zip of a file without a usual name": zipped(data=GOOD),
    "zip of Parquet": zipped(july_parquet=parquet(typed())),
    "zip of Excel": zipped(july_xlsx=excel(excel_rows())),
    "gzip of Parquet": gzip.compress(parquet(typed())),
    "gzip of JSON lines": gzip.compress(json_lines(records())),
    "semicolons": bytes_of(good_rows(), delimiter=";"),
    "tabs": bytes_of(good_rows(), delimiter="\t"),
    "bars": bytes_of(good_rows(), delimiter="|"),
    "carets": bytes_of(good_rows(), delimiter="^"),
    "control characters as delimiters": bytes_of(good_rows(), delimiter="\x01"),
    "spaces": bytes_of(good_rows(), delimiter=" "),
    "every cell in quotation marks": bytes_of([[f'"{c}"' for c in row] for row in good_rows()]).replace(b'"""', b'"'),
    "single quotation marks": bytes_of([[f"'{c}'" for c in row] for row in good_rows()], [f"'{c}'" for c in HEADER]),
    "Windows line ends": bytes_of(good_rows(), end="\r\n"),
    "old Mac line ends": bytes_of(good_rows(), end="\r"),
    "no line end at the end": GOOD.rstrip(),
    "blank lines above the header": b"\n\n" + GOOD,
    "blank lines below": GOOD + b"\n\r\n  \n\n",
    "blank lines between": GOOD.replace(b"\n", b"\n\n").replace(b"\n\n", b"\n   \n", 3),
    "nameless index column": bytes_of([["0", *row] for row in good_rows()], ["", *HEADER]),
    "index column named by pandas": bytes_of([["0", *row] for row in good_rows()], ["Unnamed: 0", *HEADER]),
    "delimiter at every line's end": bytes_of([[*row, ""] for row in good_rows()], [*HEADER, ""]),
    "delimiter at every row's end, not the header's": bytes_of([[*row, ""] for row in good_rows()]),
    "other order": bytes_of([row[::-1] for row in good_rows()], HEADER[::-1]),
    "spaces around numbers": bytes_of(changed("temp", lambda cell: f"  {cell} ")),
    "plus signs and exponents": bytes_of(changed("wind_speed", lambda cell: f"+{float(cell) * 10}e-1")),
    "year/month/day": spelled(dated("%Y/%m/%d %H:%M:%S")),
    "ISO with T": spelled(dated("%Y-%m-%dT%H:%M:%S.000")),
    "Parquet": parquet(typed()),
    "Parquet with zstd": parquet(typed(), compression="zstd"),
    "Parquet with pages of version 2": parquet(typed(), data_page_version="2.0", use_dictionary=False),
    "Parquet with prefixes left out": parquet(
        typed(), use_dictionary=False, column_encoding={"flight": "DELTA_BYTE_ARRAY", "dest": "DELTA_BYTE_ARRAY"}
    ),
    "Parquet in groups of three rows": parquet(typed(), row_group_size=3),
    "Feather": arrow(typed()),
    "Feather with LZ4": arrow(typed(), compression="lz4"),
    "Feather with zstd": arrow(typed(), compression="zstd"),
    "Arrow stream": arrow(typed(), stream=True),
    "zstd of an Arrow stream": pa.compress(arrow(typed(), stream=True), codec="zstd", asbytes=True),
    "Arrow with dictionaries": arrow(
        pa.table(
            [c.combine_chunks().dictionary_encode() if i < 4 else c for i, c in enumerate(typed().columns)], HEADER
        )
    ),
    "JSON lines": json_lines(records()),
    "JSON lines of text": json_lines(records(numbers=False)),
    "JSON lines without the last line end": json_lines(records()).rstrip(),
    "JSON list": json.dumps(records()).encode(),
    "JSON list, indented, with mark": b"\xef\xbb\xbf" + json.dumps(records(), indent=2).encode(),
    "JSON in UTF-16": json.dumps(records()).encode("utf-16"),
    "Excel": excel(excel_rows()),
    "Excel with text for numbers": excel([HEADER, *good_rows()]),
    "Excel before 2007": xls(excel_rows()),
    "Excel before 2007 with text for numbers": xls([HEADER, *good_rows()]),
    "zip of Excel before 2007": zipped(july_xls=xls(excel_rows())),
    "OpenDocument": ods(excel_rows()),
    "OpenDocument with text for numbers": ods([HEADER, *good_rows()]),
    "OpenDocument with notes, pictures and colours": ods_with_comments(),
    "gzip of OpenDocument": gzip.compress(ods(excel_rows())),
    "Excel with an index and empty rows below": excel(
        [[None if i == 0 else i, *row] for i, row in enumerate(excel_rows())] + [[None] * 9] * 4
    ),
}
"""Ways that need no word to the person."""

TOLD: dict[str, tuple[bytes, tuple[str, ...]]] = {
    "lines above the header": (b"# exported\n# by us\n" + GOOD, ("2 lines above the header",)),
    "Excel's first line": (b"sep=;\n" + bytes_of(good_rows(), delimiter=";"), ("1 line above",)),
    "comments between and below": (
        GOOD.replace(b"\nF7,", b"\n# half of it\nF7,") + b"# end\n",
        ("2 comment lines were skipped",),
    ),
    "rows numbered as R numbers them": (
        bytes_of([[str(i), *row] for i, row in enumerate(good_rows(), 1)]),
        ("one name fewer", "first column numbers the rows"),
    ),
    "case and spaces": (
        bytes_of(good_rows(), [{"dest": "DEST", "wind_speed": " Wind-Speed "}.get(name, name) for name in HEADER]),
        ('"DEST" was taken for dest', '" Wind-Speed " was taken for wind_speed'),
    ),
    "decimal commas": (spelled(all_european(), delimiter=";"), ("decimal comma", "temp", "wind_speed")),
    "decimal commas between commas": (spelled(all_european()), ("decimal comma", "temp")),
    "thousands points and decimal commas": (
        spelled(grouped(".", ","), delimiter=";"),
        ("decimal comma", "thousands separators (distance)"),
    ),
    "thousands commas": (
        spelled(grouped(",")),
        ("thousands separators (distance)", "distance: the thousands separators of 20 values"),
    ),
    "thousands spaces": (spelled(grouped(" ", ","), delimiter=";"), ("thousands separators (distance)",)),
    "thousands spaces that do not break": (spelled(grouped("\xa0", ","), delimiter=";"), ("thousands separators",)),
    "Swiss thousands": (spelled(grouped("’")), ("thousands separators (distance)",)),
    "day.month.year": (spelled(dated("%d.%m.%Y %H:%M")), ("departure: dates are written as day, month, year",)),
    "day/month/year": (spelled(dated("%d/%m/%Y %H:%M:%S")), ("departure: dates are written as day, month, year",)),
    "month/day/year, twelve hours": (
        spelled(dated("%m/%d/%Y %I:%M %p")),
        ("departure: dates are written as month, day, year",),
    ),
    "month/day/two digits": (spelled(dated("%m/%d/%y %H:%M")), ("dates are written as month, day, year",)),
    "Excel with lines above and another sheet": (
        excel([["July 2013"], [], *excel_rows()], [["nothing"]]),
        ("sheet July was read", "Notes", "2 lines above"),
    ),
    "JSON of rows in an answer": (
        json.dumps({"count": 20, "links": {"next": None}, "results": records(), "took": 1.5}).encode(),
        ('The rows are those in "results" of one JSON object.',),
    ),
    "JSON of a table as pandas writes it": (
        pd.DataFrame(records()).to_json(orient="table").encode(),
        ('"data" of one JSON object',),
    ),
    "JSON of columns, index and rows as pandas writes it": (
        pd.DataFrame(records()).to_json(orient="split").encode(),
        ('"data" of one JSON object',),
    ),
    "OpenDocument with lines above and another sheet": (
        ods([["July 2013"], [], *excel_rows()], [["nothing"]]),
        ("sheet July was read", "Notes", "2 lines above"),
    ),
    "Excel before 2007 with a line above and another sheet": (
        xls([["July 2013"], *excel_rows()], [["nothing"]]),
        ("sheet July was read", "Notes", "1 line above"),
    ),
}
"""Ways that are told, with words of the sentences."""

WAYS: dict[str, bytes] = {**QUIET, **{name: data for name, (data, _) in TOLD.items()}}
