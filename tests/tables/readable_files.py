"""Files that are read although something is odd about them, and what is told."""

from __future__ import annotations

import gzip
from dataclasses import dataclass

from tests.tables.material import HEADER, bytes_of, good_rows, text_of, with_cells
from tests.tables.spoiling import GOOD, ROWS, parquet, ragged, renamed, typed, widened, without


@dataclass(frozen=True)
class Reading:
    """A file that is read: rows scored, rows set aside, problems by column and rule, words of the warnings."""

    data: bytes
    rows: int = ROWS
    aside: int = 0
    problems: tuple[tuple[str, str, int], ...] = ()
    words: tuple[str, ...] = ()


READINGS = {
    "as it should be": Reading(GOOD),
    "one row": Reading(bytes_of(good_rows(1)), rows=1),
    "byte order mark": Reading(b"\xef\xbb\xbf" + GOOD),
    "UTF-16 with mark": Reading(text_of(good_rows()).encode("utf-16")),
    "gzip": Reading(gzip.compress(GOOD)),
    "gzip of two parts": Reading(gzip.compress(GOOD[:300]) + gzip.compress(GOOD[300:])),
    "semicolons": Reading(bytes_of(good_rows(), delimiter=";")),
    "tabs": Reading(bytes_of(good_rows(), delimiter="\t")),
    "bars": Reading(bytes_of(good_rows(), delimiter="|")),
    "Windows line ends": Reading(bytes_of(good_rows(), end="\r\n")),
    "old Mac line ends": Reading(bytes_of(good_rows(), end="\r")),
    "no line end at the end": Reading(GOOD.rstrip()),
    "blank lines between": Reading(GOOD.replace(b"\n", b"\n\n").replace(b"\n\n", b"\n   \n", 3)),
    "extra columns": Reading(widened(["note", "score"], 'two\nlines, "quoted"', "0.5")),
    "extra column of another encoding": Reading(
        text_of([[*row, "S\xe3o"] for row in good_rows()], [*HEADER, "city"]).encode("cp1252")
    ),
    "10,000 extra columns": Reading(
        widened([f"x{i}" for i in range(10_000)], *["1"] * 10_000), words=("10,000 columns", "x0", "9,995 more")
    ),
    "nameless index column": Reading(bytes_of([["0", *row] for row in good_rows()], ["", *HEADER])),
    "index column named by pandas": Reading(bytes_of([["0", *row] for row in good_rows()], ["Unnamed: 0", *HEADER])),
    "delimiter at every line's end": Reading(bytes_of([[*row, ""] for row in good_rows()], [*HEADER, ""])),
    "other order": Reading(bytes_of([row[::-1] for row in good_rows()], HEADER[::-1])),
    "case and spaces": Reading(
        bytes_of(good_rows(), renamed(dest="DEST", wind_speed=" Wind-Speed ")),
        words=('"DEST" was taken for dest', '" Wind-Speed " was taken for wind_speed'),
    ),
    "lines above the header": Reading(b"# exported\n# by us\n" + GOOD, words=("2 lines above the header",)),
    "Excel's first line": Reading(b"sep=;\n" + bytes_of(good_rows(), delimiter=";"), words=("1 line above",)),
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
    "thousands separators": Reading(
        bytes_of(with_cells("distance", "1,000", "1,001")), words=("thousands separators (distance)", "1,234")
    ),
    "decimal commas": Reading(
        bytes_of([[c.replace(".", ",") for c in row] for row in good_rows()], delimiter=";"),
        words=("decimal comma", "temp", "wind_speed"),
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
    "no id": Reading(without("flight"), words=("no column flight", "labels")),
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
