"""Files that are read although something is odd about them, and what is told."""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa

from tests.tables.material import HEADER, bytes_of, good_rows, text_of, with_cells
from tests.tables.other_books import ods, xls
from tests.tables.spoiling import GOOD, ROWS, ragged, widened, without
from tests.tables.ways_to_write import (
    QUIET,
    TOLD,
    arrow,
    excel,
    excel_rows,
    json_lines,
    ods_of_runs,
    parquet,
    records,
    typed,
)


@dataclass(frozen=True)
class Reading:
    """A file that is read: rows scored, rows set aside, problems by column and rule, words of the warnings."""

    data: bytes
    rows: int = ROWS
    aside: int = 0
    problems: tuple[tuple[str, str, int], ...] = ()
    words: tuple[str, ...] = ()


READINGS = {
    **{name: Reading(data) for name, data in QUIET.items()},
    **{name: Reading(data, words=words) for name, (data, words) in TOLD.items()},
    "as it should be": Reading(GOOD),
    "one row": Reading(bytes_of(good_rows(1)), rows=1),
    "extra columns": Reading(widened(["note", "score"], 'two\nlines, "quoted"', "0.5")),
    "extra column of another encoding": Reading(
        text_of([[*row, "S\xe3o"] for row in good_rows()], [*HEADER, "city"]).encode("cp1252"),
        words=("encoding cp1252",),
    ),
    "Western text in a needed column": Reading(
        text_of(with_cells("dest", "x", "Orl\xe9ans")).encode("cp1252"), words=("encoding cp1252",)
    ),
    "Western text after a megabyte of ASCII": Reading(
        bytes_of(good_rows(25_000)) + "F,2013-04-01,AA,Orl\xe9ans,1.5,1.5,1\n".encode("cp1252"),
        rows=25_001,
        words=("encoding cp1252",),
    ),
    "a broken character in a column nobody needs": Reading(
        widened(["city"], "S\xe3o").replace("S\xe3o".encode(), b"S\xe3", 1)
    ),
    "broken characters in the header, and a row that needs care": Reading(
        text_of([[*row, "x"] for row in with_cells("temp", "warm")], [*HEADER, "caf\xe9 \xe9\xe9\xe9\xe9\xe9 S\xe3o"])
        .encode()
        .replace("S\xe3o".encode(), b"S\xe3o"),
        problems=(("temp", "not_a_number", 1),),
        words=("row 1 (line 2)",),
    ),
    "dates that can be read in two ways": Reading(
        bytes_of([[row[0], f"0{i % 9 + 1}/04/2013", *row[2:]] for i, row in enumerate(good_rows())]),
        problems=(("departure", "bad_timestamp", 20),),
        words=("01/04/2013 can be read in two ways", "departure: 20 values"),
    ),
    "numbers that can be read in two ways": Reading(
        bytes_of(
            [[*row[:4], "7", "7", "1,234"] for row in good_rows(3)] + [[*r[:4], "7", "7", "7"] for r in good_rows(4)]
        ),
        rows=4,
        aside=3,
        problems=(("distance", "not_a_number", 3),),
        words=("distance: 3 values are not numbers",),
    ),
    "a total below the table": Reading(
        GOOD + b"\nTotal,20\n", aside=1, problems=(("", "field_count", 1),), words=("1 row is set aside",)
    ),
    "backslashes before quotation marks": Reading(widened(["note"], "x").replace(b",x\n", b',"he said \\"no, 5\\""\n')),
    "JSON without some values": Reading(
        json_lines([{k: v for k, v in row.items() if k != "temp" or i % 2} for i, row in enumerate(records())])
    ),
    "JSON with lists nobody needs": Reading(json_lines([{**row, "tags": ["a", {"b": 1}]} for row in records()])),
    "JSON with words among numbers": Reading(
        json_lines([{**row, "temp": "warm" if i == 4 else row["temp"]} for i, row in enumerate(records())]),
        problems=(("temp", "not_a_number", 1),),
        words=('in row 5: "warm"', "temp: 1 value"),
    ),
    "JSON with numbers too large": Reading(
        json_lines(records()).replace(b'"temp": 40.5', b'"temp": ' + b"9" * 5_000, 1),
        problems=(("temp", "infinite", 1),),
        words=("temp: 1 value is infinite",),
    ),
    "Excel with formulas that failed": Reading(
        excel([*excel_rows()[:3], *([*row[:4], "#DIV/0!", *row[5:]] for row in excel_rows()[3:])]),
        problems=(("temp", "cell_error", 18),),
        words=('row 3 (line 4): "#DIV/0!"',),
    ),
    "Excel before 2007 with formulas that failed": Reading(
        xls([*excel_rows()[:3], *([*row[:4], "#DIV/0!", *row[5:]] for row in excel_rows()[3:])]),
        problems=(("temp", "cell_error", 18),),
        words=('row 3 (line 4): "#DIV/0!"',),
    ),
    "OpenDocument with runs of equal cells and rows": Reading(
        ods_of_runs(), problems=(("flight", "duplicate_id", 18),), words=("flight: 18 duplicates", "row 3 (line 4)")
    ),
    "OpenDocument with a row that is too wide": Reading(
        ods([*excel_rows(), ["F99", *[None] * 7, "a remark"]]),
        aside=1,
        problems=(("", "field_count", 1),),
        words=("row 21 (line 22)",),
    ),
    "Excel with a row that is too wide": Reading(
        excel([*excel_rows(), ["F99", *[None] * 7, "a remark"]]),
        aside=1,
        problems=(("", "field_count", 1),),
        words=("row 21 (line 22)",),
    ),
    "Excel with letters of another script above the header and in it": Reading(
        excel([["Июль"], *([cell, "Ж"] for cell in ("1",)), *([*row, "Ω"] for row in excel_rows())]),
        words=("2 lines above",),
    ),
    "true and false where numbers belong": Reading(
        parquet(typed().set_column(5, "wind_speed", pa.array([True, False] * 10))),
        words=("wind_speed: 20 flags (true, false) where a number belongs were read as 1 and 0",),
    ),
    "true and false as text where numbers belong": Reading(
        bytes_of(with_cells("temp", "true", "False")),
        problems=(("temp", "not_a_number", 2),),
        words=('temp: 2 values are not numbers and count as missing, first in row 1 (line 2): "true"',),
    ),
    "JSON with true where a number belongs": Reading(
        json_lines([{**row, "temp": True} if i == 4 else row for i, row in enumerate(records())]),
        problems=(("temp", "not_a_number", 1),),
        words=('in row 5: "true"',),
    ),
    "formulas as exports quote them": Reading(
        bytes_of(with_cells("dest", "'=x", "''-y", "'z")), words=("dest: 2 values lost the apostrophe",)
    ),
    "Parquet with lists nobody needs": Reading(parquet(typed().append_column("tags", pa.array([["a"]] * ROWS)))),
    "Feather with lists nobody needs": Reading(arrow(typed().append_column("tags", pa.array([["a"]] * ROWS)))),
    "10,000 extra columns": Reading(
        widened([f"x{i}" for i in range(10_000)], *["1"] * 10_000), words=("10,000 columns", "x0", "9,995 more")
    ),
    "rows of another width": Reading(
        ragged(short=1), rows=18, aside=2, problems=(("", "field_count", 2),), words=("header's 7", "row 10 (line 11)")
    ),
    "a row of another width and another encoding": Reading(
        GOOD + b"F99,Orl\xe9ans\n",
        aside=1,
        problems=(("", "field_count", 1),),
        words=("row 21 (line 22)",),
    ),
    "a name and another that is spelled alike": Reading(widened(["Temp"], "1")),
    "a last row cut off": Reading(GOOD + b"F99,2013-", aside=1, problems=(("", "field_count", 1),), words=("row 21",)),
    "a quotation mark left open near the end": Reading(
        text_of(good_rows()).replace("F18", '"F18').encode(),
        rows=18,
        aside=1,
        problems=(("", "field_count", 1),),
        words=("never closed",),
    ),
    "empty rows of a spreadsheet": Reading(
        GOOD + b",,,,,,\n" * 3, aside=3, problems=(("", "empty_row", 3),), words=("3 rows are empty",)
    ),
    "words among numbers": Reading(
        bytes_of(with_cells("temp", "warm", "1", "cold")),
        problems=(("temp", "not_a_number", 2),),
        words=('temp: 2 values are not numbers and count as missing, first in row 1 (line 2): "warm"',),
    ),
    "infinite": Reading(
        bytes_of(with_cells("temp", "inf", "-Infinity", "1e999")),
        problems=(("temp", "infinite", 3),),
        words=("temp: 3 values are infinite",),
    ),
    "beyond float32": Reading(
        bytes_of(with_cells("temp", "1e39")), problems=(("temp", "infinite", 1),), words=("too large",)
    ),
    "beyond 64 bits": Reading(
        bytes_of(with_cells("temp", "9223372036854775808")),
        problems=(("temp", "impossible", 1),),
        words=("-60 to 140 °F",),
    ),
    "impossible": Reading(
        bytes_of(with_cells("wind_speed", "-1", "-2")),
        problems=(("wind_speed", "impossible", 2),),
        words=("at least 0",),
    ),
    "a needed value is missing": Reading(
        bytes_of(with_cells("distance", "", "N/A")),
        rows=18,
        aside=2,
        problems=(("distance", "missing_not_allowed", 2),),
        words=("distance: 2 values are missing",),
    ),
    "a needed value is no number": Reading(
        bytes_of(with_cells("distance", "far")),
        rows=19,
        aside=1,
        problems=(("distance", "not_a_number", 1),),
        words=("the row is set aside",),
    ),
    "dates in other formats": Reading(
        bytes_of(with_cells("departure", "01/04/2013 06:10", "2013-02-30", "41365")),
        problems=(("departure", "bad_timestamp", 3),),
        words=("departure: 3 values",),
    ),
    "time zones": Reading(
        bytes_of(with_cells("departure", "2013-04-01T06:00:00Z", "2013-04-01T06:00:00-04:00")),
        words=("time zone of 2 values",),
    ),
    "the same id twice": Reading(
        bytes_of(with_cells("flight", "F9", "F9")),
        problems=(("flight", "duplicate_id", 2),),
        words=("flight: 2 duplicates",),
    ),
    "no id": Reading(without("flight"), words=("no column flight", "outcomes in a second file")),
    "no time": Reading(without("departure"), words=("no column departure", "days")),
    "markup and formulas": Reading(
        bytes_of(with_cells("dest", "<script>alert(1)</script>", "=cmd|' /C calc'!A0", "{{7*7}}"))
    ),
    "outcomes that are none": Reading(
        bytes_of([[*row, "maybe"] for row in good_rows()], [*HEADER, "late"]),
        problems=(("late", "bad_label", 20),),
        words=("late: 20 values are none of",),
    ),
    "outcomes as words": Reading(
        bytes_of([[*row, "yes"] for row in good_rows()], [*HEADER, "late"]),
        words=("20 words", "yes, true and late as 1"),
    ),
    "Parquet named csv": Reading(parquet(typed())),
}
