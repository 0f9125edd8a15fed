"""A file read in pieces by several threads gives the rows, report and refusals of one read block after block."""

from __future__ import annotations

import dataclasses
import gzip
import io
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from monitoring.errors import TableRefused
from monitoring.tables import csv_parsing, csv_source
from monitoring.tables.conforming import ConformedBatch
from monitoring.tables.pieces import cut
from monitoring.tables.reader import RowReader, read_rows
from monitoring.tables.report import ReadReport
from tests.tables.material import CONTRACT, HEADER, bytes_of, good_rows
from tests.tables.readable_files import READINGS
from tests.tables.refused_files import REFUSALS

OTHER = ["note", "remark"]
"""Columns that the contract does not know, at the end of the row: nobody converts them; a quote may be open there."""

usual = st.sampled_from(["F1", "40.5", "", "UA", "x", "2013-04-01 06:30:00"])
"""No word for a missing value: lanes that parse numbers show a row without it, the one that reads text shows it."""
odd = st.sampled_from(
    ['"a\nb"', '"a,b"', '"say ""so"""', '5" tall', '"open', 'shut"', '"', '""', "#", "warm", "1e400", "a\rb", "\\", "é"]
)
blank = st.sampled_from(["\n", "\r\n", "# a comment\n", '"\n', "1,2\n", ",,,,,,,,\n"])


def line(number: int, cells: dict[int, str], end: str) -> str:
    """A good row with some other cells."""
    row = [*good_rows(number + 1)[-1], "none", "fine"]
    for place, cell in cells.items():
        row[place] = cell
    return ",".join(row) + end


@st.composite
def texts(draw: st.DrawFn) -> str:
    """A file of rows of which some are not as they should be."""
    width, count = len(HEADER) + len(OTHER), draw(st.integers(1, 24))
    spoiled = st.dictionaries(st.integers(0, width - 1), usual | odd, max_size=2)
    end = draw(st.sampled_from(["\n", "\r\n"]))
    parts = [",".join([*HEADER, *OTHER]) + end]
    for number in range(count):
        parts.append(line(number, draw(spoiled) if draw(st.booleans()) else {}, end))
        if draw(st.integers(0, 9)) == 0:
            parts.append(draw(blank))
    text = "".join(parts)
    return text.rstrip("\r\n") if draw(st.booleans()) else text


def outcome(reader: RowReader, threads: int) -> Any:
    """The rows and the report, or the refusal; however the rows are cut into batches."""
    try:
        batches: list[ConformedBatch] = list(reader.read(threads=threads))
    except TableRefused as error:
        return str(error)
    counts: dict[str, int] = {}
    for batch in batches:
        for name, count in batch.not_numbers.items():
            counts[name] = counts.get(name, 0) + count
    rows = pa.Table.from_batches([batch.rows.cast(reader.schema) for batch in batches])
    return rows.to_pydict(), in_one_order(reader.report), counts


def in_one_order(report: ReadReport) -> ReadReport:
    """Problems are told as they are met, batch by batch and in a batch column by column."""
    problems = sorted(report.problems, key=lambda problem: (problem.column, problem.rule))
    return dataclasses.replace(report, problems=tuple(problems), warnings=tuple(sorted(report.warnings)))


@pytest.fixture
def small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csv_parsing, "PIECE_BYTES", (300, 300))


QUOTED_ROW = ",".join([*good_rows(1)[0], "none", '"a\n'])
"""A row that ends within quotation marks, and whose next line may be a row as well."""


@given(texts())
@example(",".join([*HEADER, *OTHER]) + "\n" + (QUOTED_ROW + line(1, {}, "\n")[:-1] + '"\n') * 9)
@example(",".join([*HEADER, *OTHER]) + "\n" + (QUOTED_ROW + line(1, {8: 'shut"'}, "\n") + line(2, {}, "\n")) * 9)
@settings(max_examples=100, deadline=None)
def test_pieces_change_nothing(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    path = tmp_path_factory.mktemp("pieces") / "rows.csv"
    path.write_text(text, newline="")
    whole = read(path, threads=0)
    with pytest.MonkeyPatch.context() as patch:
        for size in (120, 300, 700):
            patch.setattr(csv_parsing, "PIECE_BYTES", (size, size))
            assert read(path, threads=2) == whole


def read(path: Path, threads: int) -> Any:
    try:
        reader = read_rows(path, CONTRACT, name="rows.csv")
    except TableRefused as error:
        return str(error)
    return outcome(reader, threads)


@pytest.mark.usefixtures("small_pieces")
@pytest.mark.parametrize("case", [*READINGS.values(), *REFUSALS.values()], ids=[*READINGS, *REFUSALS])
def test_other_files_are_read_as_ever(case: Any, tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_bytes(case.data)
    assert read(path, threads=3) == read(path, threads=0)


@pytest.mark.usefixtures("small_pieces")
def test_most_of_a_file_is_read_in_pieces_and_none_twice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = good_rows(400)
    rows[300][4] = "warm"
    path = tmp_path / "rows.csv"
    path.write_bytes(bytes_of(rows))
    starts: list[int] = []
    stream = csv_source.CsvSource._stream

    def told(self: Any, positions: Any, start: Any) -> Any:
        starts.append(start.rows)
        return stream(self, positions, start)

    monkeypatch.setattr(csv_source.CsvSource, "_stream", told)
    table, report, _ = read(path, threads=2)
    assert table["flight"] == [row[0] for row in rows]
    assert 290 <= starts[0] <= 300  # the piece with the word begins there
    (problem,) = report.problems
    assert [(e.row, e.line, e.value) for e in problem.examples] == [(301, 302, "warm")]
    rows[300][4] = "40.5"
    path.write_bytes(bytes_of(rows))
    assert len(read(path, threads=2)[0]["flight"]) == 400
    assert len(starts) == 1


@pytest.mark.usefixtures("small_pieces")
def test_packed_files_are_read_in_pieces_too(tmp_path: Path) -> None:
    rows = good_rows(400)
    rows[399][4] = "-99"
    path = tmp_path / "rows.csv.gz"
    path.write_bytes(gzip.compress(bytes_of(rows)))
    found = read(path, threads=2)
    assert found == read(path, threads=0)
    assert [e.line for e in found[1].problems[0].examples] == [401]


def test_pieces_hold_the_stream_and_no_long_line() -> None:
    text = b"".join(b"%d,%s\n" % (i, b"x" * (i % 50)) for i in range(500)) + b"the,last"
    stream, found, place = io.BytesIO(text), [], 0
    for piece in cut(stream, lambda: 0.5, size=700, longest=400):
        data = piece.text.to_pybytes()
        lines = data.splitlines(keepends=True)
        assert lines[-1] == lines[0]
        assert len(lines) == piece.lines + 1
        assert (piece.start.bytes, piece.end.bytes - piece.start.bytes) == (place, len(data) - len(lines[0]))
        place = piece.end.bytes
        found.append(data[: -len(lines[0])])
        last = piece.last
        piece.release()
    assert b"".join(found) == text + b"\n"
    assert last
    assert not list(cut(io.BytesIO(b"a,b\n" + b"x" * 500 + b",1\n" * 99), lambda: 0.5, size=700, longest=400))
    assert not list(cut(io.BytesIO(b"a,b\r1,2\n3,4\n"), lambda: 0.5, size=700, longest=400))
