"""Whatever the bytes, the outcome is rows that meet the contract or a sentence."""

from __future__ import annotations

import os
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from monitoring.errors import DriftlineError
from monitoring.tables import conforming_schema, read_labels
from tests.tables.material import CONTRACT, HEADER, bytes_of, good_rows, opened, read
from tests.tables.spoiling import changed_byte
from tests.tables.ways_to_write import WAYS, arrow, excel, json_lines, parquet, typed

MUTATED = [
    "gzip", "zstd", "bzip2", "zip", "UTF-16 without mark", "semicolons", "single quotation marks", "spaces",
    "Windows line ends", "thousands points and decimal commas", "month/day/year, twelve hours", "Parquet",
    "Parquet with prefixes left out", "Parquet with zstd", "Feather", "Feather with zstd", "Arrow stream",
    "Arrow with dictionaries", "JSON lines", "JSON list", "Excel", "zip of Excel", "Excel before 2007", "OpenDocument",
]  # fmt: skip
"""A good file of each kind."""
EXAMPLES = int(os.environ.get("DRIFTLINE_FUZZ_EXAMPLES", "50"))
ANY = settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
CELLS = st.text(alphabet='0159.,;+-eEnaif "\n\r\té\x00:TZ/NA<>=\u202e', max_size=12)


def labels_text(rows: list[list[str]]) -> bytes:
    return bytes_of(rows, ["flight", "late"])


def check_outcome(folder: Path, data: bytes) -> None:
    """Conforming rows and a report that adds up, or a sentence that tells nothing of the server."""
    try:
        reader = opened(folder, data)
        batches = list(reader.batches())
    except DriftlineError as error:
        sentence = str(error)
        assert sentence
        assert str(folder) not in sentence
        return
    report = reader.report
    assert reader.schema.names[: len(CONTRACT.features)] == list(CONTRACT.feature_names)
    assert all(batch.schema.equals(reader.schema) for batch in batches)
    assert sum(batch.num_rows for batch in batches) == report.rows > 0
    assert report.rows_refused >= len(report.refused_rows)
    assert all(problem.count >= len(problem.examples) > 0 for problem in report.problems)
    for batch in batches:
        batch.validate(full=True)
        assert batch.column("distance").null_count == 0


@ANY
@given(st.binary(max_size=400))
def test_any_bytes(tmp_path: Path, data: bytes) -> None:
    check_outcome(tmp_path, data)


@settings(ANY, max_examples=EXAMPLES // 4)
@given(st.data())
@pytest.mark.parametrize("way", MUTATED)
def test_bytes_of_a_good_file_changed(tmp_path: Path, way: str, data: st.DataObject) -> None:
    spoiled = bytearray(WAYS[way])
    for _ in range(data.draw(st.integers(1, 6))):
        place = data.draw(st.integers(0, len(spoiled) - 1))
        spoiled[place : place + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=3))
        if not spoiled:
            break
    check_outcome(tmp_path, bytes(spoiled))


@ANY
@given(st.lists(st.lists(CELLS, min_size=6, max_size=8), min_size=1, max_size=6))
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_any_cells(tmp_path: Path, delimiter: str, rows: list[list[str]]) -> None:
    check_outcome(tmp_path, bytes_of(rows, delimiter=delimiter))


@ANY
@given(st.lists(st.lists(CELLS, min_size=0, max_size=9), max_size=5))
def test_any_header(tmp_path: Path, rows: list[list[str]]) -> None:
    check_outcome(tmp_path, bytes_of(rows, header=[*HEADER[:4], "temp ", *HEADER[5:]]))
    check_outcome(tmp_path, bytes_of([*rows, *good_rows(2)], header=rows[0] if rows else [""]))


@ANY
@given(st.binary(max_size=200) | st.lists(st.lists(CELLS, min_size=2, max_size=2)).map(labels_text))
def test_any_labels(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "labels"
    path.write_bytes(data)
    try:
        labels = read_labels(path, CONTRACT, name="labels.csv")
    except DriftlineError as error:
        assert str(error)
        return
    assert len(labels) == len(set(labels.ids.to_pylist())) > 0
    assert set(labels.values.tolist()) <= {0.0, 1.0}


NUMBERS = st.floats(-1e30, 1e30)
WORDS = st.text(alphabet="abcdefgXYZ é\"',;\t", min_size=1, max_size=8).map(lambda word: "w" + word)
ROWS = st.tuples(WORDS, st.none() | st.datetimes(), st.none() | WORDS, st.none() | NUMBERS, NUMBERS)


@ANY
@given(st.lists(ROWS, min_size=1, max_size=30), st.sampled_from([",", ";", "\t", "|"]))
def test_what_is_written_is_read_again(tmp_path: Path, rows: list[tuple[Any, ...]], delimiter: str) -> None:
    """Text with quotes, delimiters and gaps; numbers to the last bit; times to the microsecond."""
    cells = [
        [name, str(at or ""), "NA", category or "", "" if temp is None else repr(temp), "", repr(distance)]
        for name, at, category, temp, distance in rows
    ]
    table, _ = read(tmp_path, bytes_of(cells, delimiter=delimiter))
    assert table.equals(expected(rows))


def expected(rows: list[tuple[Any, ...]]) -> pa.Table:
    """What must be read again."""
    columns = list(zip(*rows, strict=True))
    return pa.table(
        [
            pa.array(["NA"] * len(rows)), pa.array(columns[2], pa.string()), pa.array(columns[3], pa.float64()),
            pa.nulls(len(rows), pa.float64()), pa.array(columns[4], pa.float64()), pa.array(columns[0]),
            pa.array(columns[1], pa.timestamp("us")),
        ],
        schema=conforming_schema(CONTRACT, id=True, timestamp=True, target=False),
    )  # fmt: skip


@ANY
@given(st.lists(ROWS, min_size=1, max_size=30))
def test_what_is_written_with_types_is_read_again(tmp_path: Path, rows: list[tuple[Any, ...]]) -> None:
    """Parquet, Arrow, JSON: numbers to the last bit, times to the microsecond."""
    table = expected(rows)
    for data in (parquet(table), arrow(table), arrow(table, compression="zstd", stream=True)):
        assert read(tmp_path, data)[0].equals(table)
    records = [{**row, "departure": row["departure"] and str(row["departure"])} for row in table.to_pylist()]
    assert read(tmp_path, json_lines(records))[0].equals(table)


DIGITS = NUMBERS.map(lambda number: float(f"{number:.15g}"))
SECONDS = st.datetimes(datetime(1950, 1, 1), datetime(2100, 1, 1)).map(lambda at: at.replace(microsecond=0))
EXCEL_ROWS = st.tuples(WORDS, st.none() | SECONDS, st.none() | WORDS, st.none() | DIGITS, DIGITS)


@ANY
@given(st.lists(EXCEL_ROWS, min_size=1, max_size=10))
def test_what_is_written_to_excel_is_read_again(tmp_path: Path, rows: list[tuple[Any, ...]]) -> None:
    """Numbers to fifteen digits, times to the second, which is what Excel keeps for certain."""
    cells = [[name, at, "NA", category, temp, None, distance] for name, at, category, temp, distance in rows]
    table, _ = read(tmp_path, excel([HEADER, *cells]))
    assert table.equals(expected(rows))


def test_a_parquet_footer_with_one_bit_changed(tmp_path: Path) -> None:
    """pyarrow ends the process when asked for a column of such a footer: Definition level histogram size mismatch."""
    good = parquet(typed())
    footer = len(good) - 8 - int.from_bytes(good[-8:-4], "little")
    for place in range(footer, footer + 800):
        check_outcome(tmp_path, changed_byte(good, place, bits=4))
