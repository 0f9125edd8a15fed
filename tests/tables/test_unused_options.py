"""Options count wherever there is text to read by them; where there is none, that is told."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from monitoring.tables import read_rows
from monitoring.tables.labels import read_labels
from monitoring.tables.preview import preview
from monitoring.tables.reading_options import ReadOptions
from monitoring.tables.sources import expected_columns
from tests.tables.material import CONTRACT
from tests.tables.other_books import ods, xls
from tests.tables.test_said_otherwise import firsts, read_said
from tests.tables.ways_to_write import GOOD, arrow, excel, excel_rows, json_lines, parquet, records, typed, zipped

ROWS = 20
TEXT_TYPES: dict[str, Callable[[pa.Array], pa.Array]] = {
    "text": lambda column: column,
    "large text": lambda column: column.cast(pa.large_string()),
    "text view": lambda column: column.cast(pa.string_view()),
    "codes": lambda column: column.dictionary_encode(),
    "bytes": lambda column: column.cast(pa.binary()),
}


def spelled(write: Callable[[pa.Table], bytes], kind: Callable[[pa.Array], pa.Array], **columns: str) -> bytes:
    """Good rows, some of their columns one text each."""
    table = typed()
    for name, text in columns.items():
        table = table.set_column(table.schema.get_field_index(name), name, kind(pa.array([text] * ROWS)))
    return write(table)


@pytest.mark.parametrize("write", [parquet, arrow])
@pytest.mark.parametrize("kind", TEXT_TYPES)
def test_text_of_typed_files_is_read_as_it_was_said(
    kind: str, write: Callable[[pa.Table], bytes], tmp_path: Path
) -> None:
    data = spelled(write, TEXT_TYPES[kind], departure="01/07/2013 06:30", temp="42,98", distance="1.234,5")
    table, report = read_said(tmp_path, data, decimal=",", thousands=".", dates="dmy")
    assert firsts(table, "temp", ROWS) == [42.98] * ROWS
    assert firsts(table, "distance", ROWS) == [1234.5] * ROWS
    assert firsts(table, "wind_speed", ROWS) == [7.25] * ROWS
    assert {moment.month for moment in firsts(table, "departure", ROWS)} == {7}
    assert report.problems == ()
    assert "decimal comma (temp, distance)" in report.warnings[0]
    assert any("dates are written as day, month, year" in sentence for sentence in report.warnings)
    assert report.sniffed is not None
    said = report.sniffed.options()
    assert (said.decimal, said.thousands, said.dates) == (",", ".", "dmy")


@pytest.mark.parametrize("write", [parquet, arrow])
def test_typed_columns_are_no_text(write: Callable[[pa.Table], bytes], tmp_path: Path) -> None:
    times = typed()["departure"].cast(pa.timestamp("us"))
    table = typed().set_column(1, "departure", times)
    _, report = read_said(tmp_path, write(table), decimal=",", dates="mdy")
    assert report.warnings == (
        "Decimal commas were not looked for: july.csv holds no numbers as text.",
        "The order of dates was not used: july.csv holds no dates as text.",
    )


FILES: dict[str, bytes] = {
    "CSV": GOOD,
    "JSON": json_lines(records()),
    "Parquet": parquet(typed()),
    "Arrow": arrow(typed()),
    "Excel": excel(excel_rows()),
    "Excel before 2007": xls(excel_rows()),
    "OpenDocument": ods(excel_rows()),
    "gzip": gzip.compress(GOOD),
}
BOOKS = {"Excel", "Excel before 2007", "OpenDocument"}
OPTIONS: dict[str, tuple[Any, str, set[str]]] = {
    "sheet": ("Foo", 'The sheet "Foo" was not used: july.csv has no sheets.', BOOKS),
    "member": ("Foo", 'The file "Foo" was not looked for: july.csv is no zip archive of files.', set()),
    "encoding": ("utf-8", "The encoding utf-8 was not used: july.csv is read as ", {"CSV", "gzip", "JSON"}),
    "delimiter": (",", "The delimiter was not used: july.csv is read as ", {"CSV", "gzip"}),
    "quote": ('"', "The quotation mark was not used: july.csv is read as ", {"CSV", "gzip"}),
    "header_line": (1, "The line of the header was not used: july.csv is read as ", {"CSV", "gzip", *BOOKS}),
}
"""Something to say, what is told where it does not apply, and the files that it applies to."""


@pytest.mark.parametrize("file", FILES)
@pytest.mark.parametrize("option", OPTIONS)
def test_an_option_without_use_is_told(option: str, file: str, tmp_path: Path) -> None:
    value, sentence, where = OPTIONS[option]
    if option == "sheet" and file in where:
        value = "July"
    table, report = read_said(tmp_path, FILES[file], **{option: value})
    assert table.num_rows == ROWS
    assert any(one.startswith(sentence) for one in report.warnings) == (file not in where)
    seen = preview(
        tmp_path / "upload", expected_columns(CONTRACT), name="july.csv", options=ReadOptions(**{option: value})
    )
    assert any(one.startswith(sentence) for one in seen.notes) == (file not in where)


def test_an_archive_has_members(tmp_path: Path) -> None:
    data = zipped(a_csv=GOOD, b_csv=GOOD)
    _, report = read_said(tmp_path, data, member="b.csv", sheet="Foo")
    assert report.warnings == ('The sheet "Foo" was not used: july.csv has no sheets.',)


@pytest.mark.parametrize("file", FILES)
def test_what_was_found_is_of_use(file: str, tmp_path: Path) -> None:
    """Said again, unchanged, it is no news."""
    path = tmp_path / "upload"
    path.write_bytes(FILES[file])
    found = read_rows(path, CONTRACT, name="july.csv")
    list(found.batches())
    again = read_rows(path, CONTRACT, name="july.csv", options=found.sniffed.options())
    list(again.batches())
    assert again.report.warnings == found.report.warnings


def test_labels_tell_it_too(tmp_path: Path) -> None:
    path = tmp_path / "labels"
    path.write_text("flight,late\n" + "".join(f"F{place},{place % 2}\n" for place in range(ROWS)))
    labels = read_labels(path, CONTRACT, name="labels.csv", options=ReadOptions(sheet="Foo", decimal=","))
    assert 'The sheet "Foo" was not used: labels.csv has no sheets.' in labels.warnings
    assert len(labels) == ROWS
