"""What is written as CSV, Parquet or Excel is read again as it was: every row that a file can give."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from monitoring.contract import Feature
from monitoring.errors import NotPossible
from monitoring.tables import misfit_rows_csv, read_rows
from monitoring.tables.export import as_xlsx, misfit_rows_xlsx, template_xlsx
from monitoring.tables.formulas import is_formula
from monitoring.tables.row_writers import SUFFIXES, open_writer
from monitoring.tables.xlsx_writer import XlsxWriter
from tests.tables.material import CONTRACT, HEADER, bytes_of, read, with_cells
from tests.tables.test_fuzz import ANY
from tests.tables.ways_to_write import parquet


def infinite_allowed(feature: Feature) -> Feature:
    return feature.model_copy(update={"infinite_allowed": feature.kind == "numeric"})


INFINITE = CONTRACT.model_copy(update={"features": tuple(map(infinite_allowed, CONTRACT.features))})
ODD_TEXTS = [
    "=1+1", "'=1+1", "''=1", "+x", "-", "--", "@SUM(A1)", "'", "'a", "＝1", "\t=1", "\r\n=1", "007", "NA", "1e5",
    "true", "nan", "-inf", "_x000D_", "_x0041_", "_x005F_x0041_", "a\rb", "a\r\nb", "\x01", "\x1f\x7f\x85",
    "\ufffe\uffff", "\ufeffx", " x ", "  ", "é\u0301", "\u202eabc", "\U0001f600",
    "\u2028", "<b>&amp;]]>", '"', '""', "a,b;c\td|e",
    "#x", "#", "1,234", "2013-04-01", "\n", "x\ny", "\\", "\\N", "\\\"",
]  # fmt: skip
TEXTS = st.sampled_from(ODD_TEXTS) | st.text(
    st.characters(codec="utf-8", exclude_characters="\x00"), min_size=1, max_size=12
)
NUMBERS = st.none() | st.floats(allow_nan=True) | st.integers(-(2**53), 2**53).map(float)
NEEDED = st.floats(allow_nan=False)
TIMES = (
    st.none() | st.datetimes(datetime(1, 1, 1)) | st.datetimes(datetime(1899, 1, 1), datetime(1901, 1, 1))
    | st.datetimes(datetime(1950, 1, 1), datetime(2100, 1, 1)).map(lambda at: at.replace(microsecond=0))
)  # fmt: skip
ROWS = st.lists(
    st.tuples(st.none() | TEXTS, TIMES, st.none() | TEXTS, st.none() | TEXTS, NUMBERS, NUMBERS, NEEDED),
    min_size=1,
    max_size=12,
)


def rows_of(folder: Path, rows: list[tuple[Any, ...]]) -> Any:
    """The rows as reading a typed file gives them, in batches; what cannot be is missing there."""
    types = [pa.string(), pa.timestamp("us"), pa.string(), pa.string(), pa.float64(), pa.float64(), pa.float64()]
    columns = [pa.array(column, kind) for column, kind in zip(zip(*rows, strict=True), types, strict=True)]
    table, _ = read(folder, parquet(pa.table(columns, HEADER)), contract=INFINITE)
    return table


def written(folder: Path, table: Any, suffix: str) -> Path:
    path = folder / f"scored{suffix}"
    with open_writer(path, table.schema, label=path.name) as writer:
        for batch in table.to_batches(max_chunksize=5):
            writer.write_batch(batch)
    return path


def same(table: Any, other: Any) -> bool:
    """The same types and values, to the last bit; only the sign of zero is lost in Excel."""
    return bool(table.schema.equals(other.schema)) and table.to_pylist() == other.to_pylist()


@ANY
@given(ROWS)
@pytest.mark.parametrize("suffix", SUFFIXES)
def test_rows_come_back(tmp_path: Path, suffix: str, rows: list[tuple[Any, ...]]) -> None:
    table = rows_of(tmp_path, rows)
    reader = read_rows(written(tmp_path, table, suffix), INFINITE, name="scored")
    again = pa.Table.from_batches(reader.batches(), reader.schema)
    assert same(table, again), (table.to_pylist(), again.to_pylist())


@ANY
@given(ROWS)
def test_no_cell_of_a_workbook_or_csv_file_is_a_formula(tmp_path: Path, rows: list[tuple[Any, ...]]) -> None:
    table = rows_of(tmp_path, rows)
    book = load_workbook(written(tmp_path, table, ".xlsx"), read_only=True)
    cells = [cell for row in book.worksheets[0].iter_rows() for cell in row]
    assert "f" not in {cell.data_type for cell in cells}
    texts = [cell.value for cell in cells if isinstance(cell.value, str)]
    with written(tmp_path, table, ".csv").open(newline="") as file:
        texts += [cell for row in csv.reader(file) for cell in row]
    assert list(filter(is_formula, texts)) == []


def test_numbers_and_times_are_numbers_and_times_in_excel(tmp_path: Path) -> None:
    table = rows_of(tmp_path, [("F1", datetime(2013, 4, 1, 6, 30), "AA", "BOS", 0.1 + 0.2, -math.inf, 1e300)])
    (header, row) = load_workbook(written(tmp_path, table, ".xlsx")).worksheets[0].iter_rows(values_only=True)
    assert dict(zip(header, row, strict=True)) == {
        "carrier": "AA", "dest": "BOS", "temp": 0.30000000000000004, "wind_speed": "-inf", "distance": 1e300,
        "flight": "F1", "departure": datetime(2013, 4, 1, 6, 30),
    }  # fmt: skip


def test_rows_that_did_not_fit_come_back(tmp_path: Path) -> None:
    rows = with_cells("distance", "far", "", "=1+1")
    rows[0][3], rows[1][2] = "=x", "\x07"
    _, report = read(tmp_path, bytes_of(rows))
    as_text = list(csv.reader(io.StringIO(misfit_rows_csv(report))))
    cells = load_workbook(io.BytesIO(misfit_rows_xlsx(report))).worksheets[0].iter_rows(values_only=True)
    as_cells = [[cell or "" for cell in row] for row in cells]
    assert [[cell.replace("_x0007_", "\x07") for cell in row] for row in as_cells] == as_text
    place = as_text[0].index("distance")
    assert [row[place] for row in as_text[1:]] == ["far", "", "'=1+1"]
    assert as_text[1][as_text[0].index("dest")] == "'=x"


def test_the_template_is_a_workbook_that_is_accepted(tmp_path: Path) -> None:
    path = tmp_path / "template.xlsx"
    path.write_bytes(template_xlsx(CONTRACT))
    book = load_workbook(path)
    sheet = book.worksheets[0]
    assert [cell.value for cell in sheet[1]] == HEADER
    for place, value in enumerate(["F1", datetime(2013, 4, 1), "AA", "BOS", 40.5, 7.25, 1000.0], 1):
        sheet.cell(2, place).value = value
    book.save(path)
    reader = read_rows(path, CONTRACT, name="template.xlsx")
    assert pa.Table.from_batches(reader.batches(), reader.schema).num_rows == 1
    assert reader.report.warnings == ()


@pytest.mark.parametrize(
    ("text", "fits"),
    [("x" * 32_767, True), ("x" * 32_768, False), ("\U0001f600" * 16_384, False), ("=" * 32_767, False)],
)
def test_what_a_cell_can_hold(text: str, fits: bool) -> None:
    if fits:
        assert as_xlsx(["note"], [["a"], [text]], label="out.xlsx")
        return
    with pytest.raises(NotPossible, match=r"out.xlsx cannot hold note in row 2: it is longer than the 32,767 char"):
        as_xlsx(["note"], [["a"], [text]], label="out.xlsx")


def test_what_a_sheet_can_hold(tmp_path: Path) -> None:
    schema = pa.schema([("x", pa.float64())])
    rows = pa.record_batch([pa.array([1.0] * 65_536)], schema=schema)
    with XlsxWriter(tmp_path / "a.xlsx", schema, label="a.xlsx") as writer:
        for _ in range(15):
            writer.write_batch(rows)
        writer.write_batch(rows.slice(1))
        with pytest.raises(NotPossible, match=r"a.xlsx would have more than the 1,048,575 rows below a header"):
            writer.write_batch(rows.slice(0, 1))
    wide = pa.schema([(str(place), pa.string()) for place in range(16_385)])
    with pytest.raises(NotPossible, match=r"16,385 columns, more than the 16,384 that a sheet of Excel holds"):
        XlsxWriter(tmp_path / "b.xlsx", wide, label="b.xlsx")


def batches(count: int) -> Iterator[Any]:
    for start in range(count):
        yield pa.record_batch([pa.array([f"{start}-{place}" for place in range(20_000)])], ["x"])


def test_writing_keeps_nothing(tmp_path: Path) -> None:
    """Memory that Arrow holds does not grow with the rows, and nothing but the file is left."""
    schema = pa.schema([("x", pa.string())])
    held = []
    with XlsxWriter(tmp_path / "a.xlsx", schema, label="a.xlsx") as writer:
        for batch in batches(10):
            writer.write_batch(batch)
            held.append(pa.total_allocated_bytes())
    assert max(held[2:]) < 2 * held[1]
    assert [path.name for path in tmp_path.iterdir()] == ["a.xlsx"]
