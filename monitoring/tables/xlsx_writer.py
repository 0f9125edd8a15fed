"""Tables as Excel workbooks (.xlsx), streamed: a batch of rows goes into the archive as it comes, nothing is kept.

The rows are put together column by column with Arrow's text functions, ten and more times as fast as cell by cell.
Every number keeps all its digits (spreadsheet libraries write 16 of 17), and no temporary file is made. The parts of
the package are those that ECMA-376 asks for and no other.
"""

from __future__ import annotations

import re
import zipfile
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import IO, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from monitoring.errors import NotPossible
from monitoring.tables.formulas import escape_formulas
from monitoring.tables.quoting import shown

ROWS, COLUMNS, CELL = 1_048_576, 16_384, 32_767
"""What a sheet holds at most: rows with the header, columns, characters (UTF-16 units) of a cell."""
_SHEET_BYTES = (1 << 32) - (1 << 26)
"""XML of a sheet; more needs an extension of zip archives that some programs do not know."""
_BATCH_ROWS = 1 << 14
_DATE, _BOLD = 1, 2
_FIRST_DAY = datetime(1900, 3, 1)
"""Before it the days of Excel are off by one; such times are written as text."""
_DAY_ZERO = np.datetime64("1899-12-30T00:00:00", "us")
_DAY = 86_400_000_000
_NOT_XML = r"[^\t\n\x{20}-\x{D7FF}\x{E000}-\x{FFFD}\x{10000}-\x{10FFFF}]|_x[0-9A-Fa-f]{4}_"
_NOT_XML_CHARACTER = re.compile("[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]|_(?=x[0-9A-Fa-f]{4}_)")

_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_KIND = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_PARTS = {
    "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/>'
    f'<Override PartName="/xl/workbook.xml" ContentType="{_KIND}.sheet.main+xml"/>'
    f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{_KIND}.worksheet+xml"/>'
    f'<Override PartName="/xl/styles.xml" ContentType="{_KIND}.styles+xml"/></Types>',
    "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
    "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{_OFFICE}/worksheet" Target="worksheets/sheet1.xml"/>'
    f'<Relationship Id="rId2" Type="{_OFFICE}/styles" Target="styles.xml"/></Relationships>',
    "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>'
    '<sheet name="Rows" sheetId="1" r:id="rId1"/></sheets></workbook>',
    "xl/styles.xml": f'<styleSheet xmlns="{_MAIN}">'
    '<numFmts count="1"><numFmt numFmtId="164" formatCode="yyyy\\-mm\\-dd\\ hh:mm:ss"/></numFmts>'
    '<fonts count="2"><font><sz val="11"/><name val="Calibri"/></font>'
    '<font><b/><sz val="11"/><name val="Calibri"/></font></fonts>'
    '<fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill>'
    '</fills><borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
    '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
    '<cellXfs count="3"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>'
    '<xf numFmtId="164" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>'
    '<xf numFmtId="0" fontId="1" fillId="0" borderId="0" xfId="0" applyFont="1"/></cellXfs>'
    '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>',
}
_SHEET_START = (
    f'{_XML}<worksheet xmlns="{_MAIN}"><sheetViews><sheetView workbookViewId="0">'
    '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews>'
)
_SHEET_END = "</sheetData></worksheet>"


class XlsxWriter:
    """A workbook of one sheet that is being written; use it in a `with` statement.

    Args:
        file: where it goes: a path, or an open binary file to seek in.
        schema: the columns: text, numbers, whole numbers and times without zone.
        label: what the person calls the file, for sentences.

    Raises:
        NotPossible: there are more columns than a sheet holds.
    """

    def __init__(self, file: Path | IO[bytes], schema: Any, *, label: str) -> None:
        self._label = shown(label, 120)
        self._schema = schema
        if len(schema) > COLUMNS:
            raise NotPossible(
                f"{self._label} would have {len(schema):,} columns, more than the {COLUMNS:,} that a sheet of Excel "
                "holds: write .csv or .parquet."
            )
        self._archive = zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=1)
        self._letters = [column_letters(place) for place in range(len(schema))]
        self._row = self._bytes = 0
        for name, xml in _PARTS.items():
            self._archive.writestr(name, _XML + xml)
        self._sheet = self._archive.open("xl/worksheets/sheet1.xml", "w")
        widths = "".join(
            f'<col min="{place}" max="{place}" width="{20 if pa.types.is_timestamp(field.type) else 14}" '
            'customWidth="1"/>'
            for place, field in enumerate(schema, 1)
        )
        self._put(f"{_SHEET_START}{f'<cols>{widths}</cols>' if widths else ''}<sheetData>".encode())
        header = [pa.array([name], pa.string()) for name in schema.names]
        self._put_rows([self._texts(column, place, _BOLD) for place, column in enumerate(header)], 1)

    def __enter__(self) -> XlsxWriter:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self._put(_SHEET_END.encode())
        self._sheet.close()
        self._archive.close()

    def write_batch(self, batch: Any) -> None:
        """Write some rows.

        Raises:
            NotPossible: there are more rows, or longer texts, than a sheet holds.
        """
        if self._row + batch.num_rows > ROWS:
            raise NotPossible(
                f"{self._label} would have more than the {ROWS - 1:,} rows below a header that a sheet of Excel holds: "
                "write .csv or .parquet."
            )
        for start in range(0, batch.num_rows, _BATCH_ROWS):
            piece = batch.slice(start, _BATCH_ROWS)
            self._put_rows([self._cells(column, place) for place, column in enumerate(piece.columns)], piece.num_rows)

    def _cells(self, column: Any, place: int) -> Any:
        """A column as XML, one text a cell."""
        if pa.types.is_timestamp(column.type):
            return self._times(column, place)
        if pa.types.is_string(column.type):
            return self._texts(column, place)
        infinite = pc.fill_null(pc.is_inf(column), False) if pa.types.is_floating(column.type) else None
        cells = self._numbers(column, place)
        if infinite is None or not pc.any(infinite).as_py():
            return cells
        return pc.if_else(infinite, self._texts(column.cast(pa.string()), place), cells)

    def _numbers(self, column: Any, place: int, style: int = 0) -> Any:
        end = f'" s="{style}"><v>' if style else '"><v>'
        value = pc.binary_join_element_wise(column.cast(pa.string()), "</v></c>", "")
        cells = pc.binary_join_element_wise(self._start(place, len(column)), value, end)
        return _without_missing(cells, column)

    def _texts(self, column: Any, place: int, style: int = 0) -> Any:
        quoted = escape_formulas(column)
        self._refuse_long(quoted, self._schema.names[place])
        text = _as_xml(quoted)
        kind = f' s="{style}"' if style else ""
        cells = pc.binary_join_element_wise(
            self._start(place, len(column)),
            pc.binary_join_element_wise(text, "</t></is></c>", ""),
            f'"{kind} t="inlineStr"><is><t xml:space="preserve">',
        )
        return _without_missing(cells, column)

    def _times(self, column: Any, place: int) -> Any:
        """Whole milliseconds as Excel's days, what is finer or too early as text."""
        times = column.cast(pa.timestamp("us"))
        micros = np.asarray(pc.fill_null(times.cast(pa.int64()), 0).to_numpy(zero_copy_only=False), np.int64)
        days = (micros - _DAY_ZERO.astype(np.int64)) / _DAY
        exact = (micros % 1_000 == 0) & (micros >= np.datetime64(_FIRST_DAY, "us").astype(np.int64))
        mask = ~np.asarray(column.is_valid().to_numpy(zero_copy_only=False), np.bool_)
        cells = self._numbers(pa.array(days, pa.float64(), mask=mask), place, _DATE)
        if bool(np.all(exact | mask)):
            return cells
        text = pc.replace_substring_regex(times.cast(pa.string()), r"\.0+$", "")
        return pc.if_else(pa.array(exact), cells, self._texts(text, place))

    def _start(self, place: int, count: int) -> Any:
        """The beginning of the cells of a column, up to its address."""
        rows = pa.array(np.arange(self._row + 1, self._row + count + 1)).cast(pa.string())
        return pc.binary_join_element_wise(f'<c r="{self._letters[place]}', rows, "")

    def _put_rows(self, cells: list[Any], count: int) -> None:
        numbers = pa.array(np.arange(self._row + 1, self._row + count + 1)).cast(pa.string())
        start = pc.binary_join_element_wise('<row r="', numbers, '">', "")
        rows = pc.binary_join_element_wise(start, *cells, "</row>", "")
        self._row += count
        if count:
            self._put(rows.buffers()[2].to_pybytes())

    def _put(self, xml: bytes) -> None:
        self._bytes += len(xml)
        if self._bytes > _SHEET_BYTES:
            raise NotPossible(f"{self._label} would be larger than a workbook can be: write .csv or .parquet.")
        self._sheet.write(xml)

    def _refuse_long(self, column: Any, name: str) -> None:
        lengths = pc.utf8_length(column)
        if not len(column) or (pc.max(lengths).as_py() or 0) * 2 <= CELL:
            return
        for place, text in enumerate(column.to_pylist()):
            if text is not None and len(text.encode("utf-16-le")) // 2 > CELL:
                raise NotPossible(
                    f"{self._label} cannot hold {shown(name)} in row {max(1, self._row + place):,}: it is longer than "
                    f"the {CELL:,} characters of a cell of Excel; write .csv or .parquet."
                )


def column_letters(place: int) -> str:
    """What Excel calls a column, from 0.

    >>> column_letters(0), column_letters(25), column_letters(26), column_letters(16_383)
    ('A', 'Z', 'AA', 'XFD')
    """
    letters, rest = "", place + 1
    while rest:
        rest, letter = divmod(rest - 1, 26)
        letters = chr(ord("A") + letter) + letters
    return letters


def _without_missing(cells: Any, column: Any) -> Any:
    """Nothing for a missing value: each cell names its place."""
    return pc.fill_null(cells, "") if column.null_count else cells


def _as_xml(text: Any) -> Any:
    """Text as it stands in XML; what XML cannot hold as Excel writes it: _x000D_ (ECMA-376, ST_Xstring)."""
    if pc.any(pc.match_substring_regex(text, _NOT_XML)).as_py():
        text = pa.array([one and _NOT_XML_CHARACTER.sub(_escaped, one) for one in text.to_pylist()], pa.string())
    for mark, entity in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;")):
        text = pc.replace_substring(text, mark, entity)
    return text


def _escaped(match: re.Match[str]) -> str:
    return f"_x{ord(match[0]):04X}_"
