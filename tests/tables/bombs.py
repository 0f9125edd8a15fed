"""Small files that stand for far more than they are, and large ones of one piece. Each is made in a moment."""

from __future__ import annotations

import io
import json
import struct
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.ipc
import pyarrow.parquet

from tests.tables.material import HEADER, bytes_of, good_rows
from tests.tables.other_books import (
    ODS_TYPE,
    biff8,
    ods_cell,
    ods_of,
    ods_row,
    ods_table,
    ole2,
    record,
    xls,
    xls_records,
)
from tests.tables.ways_to_write import GOOD, arrow, excel, excel_rows, parquet, records, typed, zipped

MEGABYTE = 1 << 20
GOOD_HEADER = bytes_of([]).rstrip()
ROW = bytes_of(good_rows(1)).split(b"\n")[1] + b"\n"
WIDE = ROW.rstrip() + b",1" * 10_000 + b"\n"


@dataclass(frozen=True)
class Bomb:
    """A file, and words of the sentence that refuses it; without words it is read."""

    write: Callable[[Path], None]
    words: tuple[str, ...] = ()


def data(make: Callable[[], bytes]) -> Callable[[Path], None]:
    return lambda path: path.write_bytes(make()) and None


def repeated(start: bytes, piece: bytes, megabytes: int) -> bytes:
    """Bytes that begin so and repeat a piece."""
    return start + piece * (megabytes * MEGABYTE // len(piece))


def deflated(start: bytes, piece: bytes, megabytes: int) -> bytes:
    """The same, packed: after a full flush a packed megabyte is the same bytes each time, so only one is worked out."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    first = packer.compress(start) + packer.flush(zlib.Z_FULL_FLUSH)
    block = packer.compress(piece * (MEGABYTE // len(piece))) + packer.flush(zlib.Z_FULL_FLUSH)
    return first + block * megabytes + packer.flush()


def gzipped(start: bytes, piece: bytes, megabytes: int) -> bytes:
    """As one member. Its check sum is wrong, which nobody may come to know: it stands behind all that."""
    return b"\x1f\x8b\x08" + bytes(6) + b"\xff" + deflated(start, piece, megabytes) + bytes(8)


def zip_of_one(name: str, packed: bytes, *, size: int) -> bytes:
    """A zip archive with one deflated member that says it unpacks to `size` bytes. Its check sum is wrong."""
    named = name.encode()
    about = struct.pack("<HHHHHIIIHH", 20, 0, 8, 0, 33, 0, len(packed), size, len(named), 0)
    local = b"PK\x03\x04" + about + named
    central = b"PK\x01\x02" + struct.pack("<H", 20) + about + struct.pack("<HHHII", 0, 0, 0, 0, 0) + named
    end = struct.pack("<HHHHIIH", 0, 0, 1, 1, len(central), len(local) + len(packed), 0)
    return local + packed + central + b"PK\x05\x06" + end


def zstd(start: bytes, piece: bytes, megabytes: int) -> bytes:
    block = pa.compress(piece * (MEGABYTE // len(piece)), codec="zstd", asbytes=True)
    return pa.compress(start, codec="zstd", asbytes=True) + block * megabytes


def workbook_with(name: str, content: bytes, *, of: bytes | None = None) -> bytes:
    """A workbook one of whose parts is something else."""
    source = zipfile.ZipFile(io.BytesIO(of or excel(excel_rows())))
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for info in source.infolist():
            if info.filename != name:
                archive.writestr(info.filename, source.read(info))
        archive.writestr(name, content)
    return buffer.getvalue()


SHEET = "xl/worksheets/sheet1.xml"
_OPEN = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
_CLOSE = b"</sheetData></worksheet>"
_SPACES = (
    '<table:table-row><table:table-cell><text:p><text:s text:c="999999999999"/></text:p></table:table-cell>'
    "</table:table-row>"
)
_LAUGHS = (
    b'<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY a "aaaaaaaaaa">'
    + b"".join(b'<!ENTITY %c "%s">' % (98 + i, (b"&%c;" % (97 + i)) * 10) for i in range(9))
    + b"]>"
)


def sheet(rows: bytes) -> bytes:
    return _OPEN + rows + _CLOSE


def wide_rows(columns: int) -> str:
    """A header, and a run of rows of so many equal cells."""
    cells = ods_cell("x", repeated=columns)
    row = f'<table:table-row table:number-rows-repeated="1000000">{cells}</table:table-row>'
    return ods_table("July", [ods_row(HEADER), row])


def ods_of_one_text() -> bytes:
    """A million rows of one text of half a megabyte, written once."""
    row = [*good_rows(1)[0]]
    row[HEADER.index("dest")] = "A" * (MEGABYTE // 2)
    return ods_of(ods_table("July", [ods_row(HEADER), ods_row(row, repeated=1_000_000)]))


def excel_of_one_text() -> bytes:
    """Two hundred rows that name one shared text of half a megabyte."""
    strings = (
        b'<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><si><t>'
        + b"A" * (MEGABYTE // 2)
        + b"</t></si></sst>"
    )
    header = b"".join(b'<c t="inlineStr"><is><t>%s</t></is></c>' % name.encode() for name in HEADER)
    row = b"<row>" + b'<c t="s"><v>0</v></c>' * len(HEADER) + b"</row>"
    rows = b"<row>" + header + b"</row>" + row * 200
    book = workbook_with("xl/sharedStrings.xml", strings, of=workbook_with(SHEET, sheet(rows)))
    types = zipfile.ZipFile(io.BytesIO(book)).read("[Content_Types].xml")
    kind = b"application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"
    named = b'<Override PartName="/xl/sharedStrings.xml" ContentType="%s"/></Types>' % kind
    return workbook_with("[Content_Types].xml", types.replace(b"</Types>", named), of=book)


def xls_of_one_text() -> bytes:
    """Cells that name one shared text of 8,000 letters: 300 MB, written out."""
    text = record(0xFC, struct.pack("<IIHB", 1, 1, 8_000, 0) + b"A" * 8_000)
    header = xls_records(0, HEADER)
    cells = b"".join(
        record(0xFD, struct.pack("<HHHI", row, column, 0, 0))
        for row in range(1, 6_000)
        for column in range(len(HEADER))
    )
    return ole2("Workbook", biff8([("July", [header, cells])], text))


def xls_of_names() -> bytes:
    """Names each of which is the one before it, twice: the library works all of them out when it opens the file."""
    names = [_name(0, b"\x17" + struct.pack("<BB", 200, 0) + b"A" * 200)]
    for place in range(1, 60):
        one = b"\x43" + struct.pack("<H2x", place)
        names.append(_name(place, one + one + b"\x08"))
    return ole2("Workbook", biff8([("July", [xls_records(0, HEADER), xls_records(1, good_rows(1)[0])])], *names))


def _name(place: int, formula: bytes) -> bytes:
    called = f"N{place}".encode()
    return record(
        0x18, struct.pack("<HBBHHHBBBB", 0, 0, len(called), len(formula), 0, 0, 0, 0, 0, 0) + b"\0" + called + formula
    )


def xls_that_goes_round() -> bytes:
    """A container whose chain of sectors comes back to where it was."""
    good = bytearray(xls(excel_rows()))
    struct.pack_into("<I", good, 512 + 4 * 5, 3)
    return bytes(good)


def long_dictionary() -> bytes:
    """Half a million rows of one text of three megabytes: a terabyte and a half, written out."""
    column = pa.DictionaryArray.from_arrays(
        pa.repeat(pa.scalar(0, pa.int32()), 500_000), pa.array(["A" * (3 * MEGABYTE)])
    )
    return parquet(large_with("dest", column))


def large_with(name: str, column: pa.Array) -> pa.Table:
    rows = len(column)
    ones = {
        "flight": pa.array(range(rows)).cast(pa.string()),
        "departure": pa.repeat("2013-04-01", rows),
        "carrier": pa.repeat("AA", rows),
        "dest": pa.repeat("BOS", rows),
        **{number: pa.repeat(1.0, rows) for number in ("temp", "wind_speed", "distance")},
    }
    return pa.table({**ones, name: column})


def parquet_of_one_page() -> bytes:
    """A page of a hundred megabytes of one letter, packed to kilobytes."""
    column = pa.array(["A" * (4 * MEGABYTE - 1)] * 26)
    return parquet(large_with("dest", column), compression="zstd", use_dictionary=False, data_page_size=1 << 30)


def arrow_of_one_batch() -> bytes:
    column = pa.array(["A" * (4 * MEGABYTE - 1)] * 26)
    return arrow(large_with("dest", column), compression="zstd", rows=26)


def arrow_of_runs() -> bytes:
    """A billion rows in one run."""
    names = HEADER[2:]
    runs = [
        pa.RunEndEncodedArray.from_arrays(pa.array([1_000_000_000], pa.int32()), pa.array(values))
        for values in (["AA"], ["BOS"], [1.0], [1.0], [1.0])
    ]
    batch = pa.RecordBatch.from_arrays(runs, names)
    buffer = io.BytesIO()
    with pa.ipc.new_stream(buffer, batch.schema) as writer:
        writer.write_batch(batch)
    return buffer.getvalue()


def parquet_of_one_value() -> bytes:
    """Ten million rows in a few kilobytes."""
    buffer = io.BytesIO()
    few = large_with("dest", pa.repeat("BOS", 1_000_000)).drop_columns(["flight", "departure"])
    with pyarrow.parquet.ParquetWriter(buffer, few.schema) as writer:
        for _ in range(10):
            writer.write_table(few)
    return buffer.getvalue()


BOMBS = {
    "gzip of rows": Bomb(data(lambda: gzipped(GOOD, ROW, 400)), ("unpacks to more than", "MB")),
    "gzip of blank lines": Bomb(data(lambda: gzipped(bytes_of([]), b"\n", 200)), ("unpacks to more than",)),
    "gzip of one line": Bomb(data(lambda: gzipped(b"", b"x,", 1_000)), ("header",)),
    "gzip of one cell": Bomb(data(lambda: gzipped(GOOD + b'F,"', b"x", 1_000)), ("longer than 4 MB",)),
    "zstd of gigabytes": Bomb(data(lambda: zstd(GOOD, ROW, 4_000)), ("unpacks to more than",)),
    "zip of gigabytes": Bomb(
        data(lambda: zip_of_one("a.csv", deflated(GOOD, ROW, 500), size=len(GOOD) + 500 * MEGABYTE)),
        ("unpacks to more than",),
    ),
    "zip that says it is small": Bomb(
        data(lambda: zip_of_one("table.csv", deflated(b"", b"\0", 1_024), size=len(GOOD))), ("damaged",)
    ),
    "zip of a zip of a zip": Bomb(data(lambda: zipped(a_zip=zipped(b_zip=zipped(c_csv=GOOD)))), ("inside a zip",)),
    "zip of very many files": Bomb(
        data(lambda: zipped(**{f"{i:06}_csv": b"" for i in range(40_000)})), ("very many files",)
    ),
    "zip of Parquet that is large": Bomb(
        data(lambda: zip_of_one("a.parquet", deflated(b"PAR1", b"\0", 400), size=4 + 400 * MEGABYTE)),
        ("unpacks to more than",),
    ),
    "a line of 50 MB": Bomb(data(lambda: b"x," * 25_000_000), ("header",)),
    "a line of 50 MB below good ones": Bomb(data(lambda: GOOD + b"x," * 25_000_000), ("longer than 4 MB",)),
    "a cell of 10 MB": Bomb(data(lambda: GOOD + ROW.replace(b"BOS", b"A" * 10_000_000)), ("longer than 4 MB", "dest")),
    "10,000 columns": Bomb(
        data(lambda: b",".join([GOOD_HEADER, *(b"%d" % i for i in range(10_000))]) + b"\n" + WIDE * 300)
    ),
    "300,000 categories": Bomb(
        data(lambda: GOOD_HEADER + b"\n" + b"".join(ROW.replace(b"BOS", b"C%d" % i) for i in range(300_000)))
    ),
    "JSON of one deep value": Bomb(data(lambda: b'{"temp":' * 5_000_000), ("nested too deep",)),
    "JSON of one long record": Bomb(data(lambda: b'{"temp": "' + b"a" * (50 * MEGABYTE)), ("longer than 4 MB",)),
    "JSON of many long records": Bomb(
        data(lambda: b"".join(b'{"temp": "%s"}\n' % (b"a" * (3 * MEGABYTE)) for _ in range(40))), ("missing",)
    ),
    "JSON of different names": Bomb(
        data(lambda: b"".join(b'{"%s": 1, "n%d": 1}\n' % (HEADER[i % 7].encode(), i) for i in range(100_000))),
    ),
    "Excel with a sheet of a gigabyte": Bomb(
        data(lambda: workbook_with(SHEET, sheet(b"<row/>" * (150 * MEGABYTE // 6)))), ("unpacks to more than",)
    ),
    "Excel with a cell of 60 MB": Bomb(
        data(lambda: workbook_with(SHEET, sheet(b'<row><c t="inlineStr"><is><t>' + b"a" * 60_000_000))), ("a cell",)
    ),
    "Excel with a row of 60 MB": Bomb(
        data(lambda: workbook_with(SHEET, sheet(b"<row>" + b"<c/>" * 15_000_000))), ("a row",)
    ),
    "Excel with a row far down": Bomb(
        data(lambda: workbook_with(SHEET, sheet(b'<row r="1"/><row r="999999999999"><c><v>1</v></c></row>'))), ("rows",)
    ),
    "Excel with a cell far right": Bomb(
        data(lambda: workbook_with(SHEET, sheet(b'<row r="1"><c r="ZZZ1"><v>1</v></c></row>'))), ("columns",)
    ),
    "Excel with styles of 60 MB": Bomb(
        data(lambda: workbook_with("xl/styles.xml", b"<styleSheet>" + b"<xf/>" * 12_000_000)), ("xl/styles.xml",)
    ),
    "Excel with ten million strings": Bomb(
        data(lambda: workbook_with("xl/sharedStrings.xml", b"<sst>" + b"<si/>" * 10_000_000 + b"</sst>")), ("text",)
    ),
    "Excel with a billion laughs": Bomb(
        data(lambda: workbook_with(SHEET, _LAUGHS + sheet(b"<row><c><v>&j;</v></c></row>"))), ("definitions",)
    ),
    "Excel with one long text in every row": Bomb(data(excel_of_one_text), ("unpacks to more than",)),
    "OpenDocument of a billion cells": Bomb(
        data(lambda: ods_of(ods_table("July", [ods_row(HEADER), ods_row(good_rows(1)[0], repeated=1 << 40)]))),
        ("rows",),
    ),
    "OpenDocument of one row very often": Bomb(
        data(lambda: ods_of(ods_table("July", [ods_row(HEADER), ods_row(good_rows(1)[0], repeated=300_000)])))
    ),
    "OpenDocument of a million wide rows": Bomb(data(lambda: ods_of(wide_rows(16_000))), ("rows have another number",)),
    "OpenDocument with a cell far right": Bomb(data(lambda: ods_of(wide_rows(1 << 40))), ("columns",)),
    "OpenDocument of one long text": Bomb(data(ods_of_one_text), ("unpacks to more than",)),
    "OpenDocument with spaces without end": Bomb(data(lambda: ods_of(ods_table("July", [_SPACES]))), ("columns",)),
    "OpenDocument with a billion laughs": Bomb(
        data(lambda: zipped(mimetype=ODS_TYPE, content_xml=_LAUGHS + b"<a>&j;</a>")), ("definitions",)
    ),
    "OpenDocument of a gigabyte": Bomb(
        data(lambda: ods_of(ods_table("July", ["<table:table-row/>" * (64 * MEGABYTE // 18)]))),
        ("unpacks to more than",),
    ),
    "Excel before 2007 with a text that doubles": Bomb(data(xls_of_names), ("more memory", ".xlsx")),
    "Excel before 2007 with one long text in every cell": Bomb(data(xls_of_one_text), ("unpacks to more than",)),
    "Excel before 2007 whose sectors go round": Bomb(data(xls_that_goes_round), (".xls",)),
    "Parquet with a dictionary of one long text": Bomb(data(long_dictionary), ("unpacks to more than",)),
    "Parquet with a page of a hundred megabytes": Bomb(data(parquet_of_one_page), ("page",)),
    "Parquet of one value": Bomb(data(parquet_of_one_value), ("10,000,000 rows",)),
    "Arrow with a batch of a hundred megabytes": Bomb(data(arrow_of_one_batch), ("batch", "unpacks")),
    "Arrow with a billion rows in a run": Bomb(data(arrow_of_runs), ("1,000,000,000 rows",)),
    "Arrow stream that says it is long": Bomb(
        data(lambda: b"\xff\xff\xff\xff\x7f\xff\xff\x7f" + arrow(typed(), stream=True)), ("damaged",)
    ),
    "JSON list of fifty megabytes": Bomb(
        data(lambda: b"[" + b",".join([json.dumps(record).encode() for record in records()] * 17_000) + b"]")
    ),
}
