"""The line that a row starts in, anywhere in a file, whatever stands in its cells."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitoring.tables.dialect import Marks
from monitoring.tables.line_numbers import count_lines, find_lines
from tests.tables.material import HEADER, good_rows, problem, read, text_of

PLAIN = st.text(alphabet="ab7é .5", min_size=1, max_size=6).map(lambda cell: f"{cell},1")
QUOTED = st.text(alphabet='a,"\né\r', max_size=6).map(lambda cell: '"' + cell.replace('"', '""') + '",1')
PIPES = st.just('5" pipe,6"')
BLANK = st.just("")


def lines_in(text: str) -> int:
    return len(text.replace("\r\n", "\n").replace("\r", "\n").split("\n"))


@given(
    st.lists(PLAIN | QUOTED | PIPES | BLANK, max_size=30),
    st.sampled_from(["\n", "\r\n", "\r"]),
    st.booleans(),
    st.integers(1, 40),
)
def test_every_row(records: list[str], end: str, ended: bool, piece: int) -> None:
    """A row takes as many lines as its cells have line ends and one; a blank line is no row."""
    text = "".join(record + end for record in records)
    expected, line = {}, 3
    for record in records:
        if record:
            expected[len(expected) + 1] = line
        line += lines_in(record)
    data = (text if ended else text.removesuffix(end)).encode()
    wanted = range(1, len(records) + 2)
    assert find_lines(io.BytesIO(data), Marks(","), wanted, first_line=3, piece=piece) == expected


@given(st.text(alphabet='a"\n\ré', max_size=40), st.integers(1, 8))
def test_lines_are_counted_unless_a_carriage_return_ends_one(text: str, piece: int) -> None:
    counted = count_lines(io.BytesIO(text.encode()), piece=piece)
    rest = text.replace("\r\n", "\n")
    assert counted == (None if "\r" in rest else len(rest.removesuffix("\n").split("\n")) if rest else 0)


@pytest.mark.parametrize(("cell", "blank"), [("two\nlines", ""), ("x", "\n"), ("x", "")])
def test_as_many_lines_as_rows_or_not(tmp_path: Path, cell: str, blank: str) -> None:
    """A cell of two lines or a blank line far above moves every row after it; without them a row is a line."""
    rows = [[*row, "x"] for row in good_rows(300)]
    rows[20][-1], rows[250][4] = cell, "999"
    text = text_of(rows, [*HEADER, "city"]).replace("\nF40,", f"\n{blank}F40,")
    _, report = read(tmp_path, text.encode())
    (example,) = problem(report, "temp", "impossible").examples
    assert text.split("\n")[int(example.line or 0) - 1].startswith("F250,")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "cp1252"])
def test_rows_far_down(tmp_path: Path, encoding: str) -> None:
    """Beyond the first megabyte, below comments, blank lines and cells of two lines."""
    rows = [[*row, "Orl\xe9ans"] for row in good_rows(40_000)]
    rows[100][-1], rows[39_000][-1] = "two\nlines", 'three\n"quoted"\nlines'
    rows[39_500][4] = "warm"
    text = "# exported\n\n" + text_of(rows, [*HEADER, "city"])
    text = text.replace("\nF200,", "\n\n\nF200,").replace("\nF39990,", "\nF39990,x,")
    _, report = read(tmp_path, text.encode(encoding))
    warm, wide = problem(report, "temp", "not_a_number"), problem(report, "", "field_count")
    lines = text.split("\n")
    for found, start in ((warm, "F39500,"), (wide, "F39990,")):
        (example,) = found.examples
        assert lines[int(example.line or 0) - 1].startswith(start)
    assert report.rows_refused == 1
    assert (report.refused_rows[0].line, report.flawed_rows[0].line) == (wide.examples[0].line, warm.examples[0].line)
