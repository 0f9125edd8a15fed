"""A quotation mark that is left open: where it opens and how many lines it takes is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from monitoring.errors import TableRefused
from monitoring.tables.source import Expected
from monitoring.tables.sources import open_source
from tests.tables.material import HEADER, bytes_of, good_rows, read
from tests.tables.test_said_otherwise import read_said


def opened_at(*places: tuple[int, str], rows: int = 40) -> bytes:
    """Good rows; in those of these numbers, from 1, a quotation mark opens the cell of a column."""
    lines = bytes_of(good_rows(rows)).decode().splitlines(keepends=True)
    for row, column in places:
        cells = lines[row].split(",")
        cells[HEADER.index(column)] = '"' + cells[HEADER.index(column)]
        lines[row] = ",".join(cells)
    return "".join(lines).encode()


def takes(line: int, further: str) -> str:
    lines = f"takes {further} into one cell, and each of them looks like a row: "
    return f"A quotation mark that opens in line {line} {lines}"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_rows_that_vanish_between_two_marks_are_told(encoding: str, tmp_path: Path) -> None:
    """The row has as many cells as the header, and all its numbers are numbers: nothing else tells it."""
    data = opened_at((11, "carrier"), (39, "carrier")).decode().encode(encoding)
    table, report = read(tmp_path, data)
    assert (table.num_rows, report.problems) == (12, ())
    assert [one for one in report.warnings if "quotation" in one] == [
        takes(12, "28 further lines") + "close it, or say that there are no quotation marks (--quote none)."
    ]


def test_without_quotation_marks_they_are_rows(tmp_path: Path) -> None:
    table, report = read_said(tmp_path, opened_at((11, "carrier"), (39, "carrier")), quote="")
    assert table.num_rows == 40
    assert not any("quotation" in one for one in report.warnings)


def test_a_mark_that_is_never_closed_in_the_last_column_is_told(tmp_path: Path) -> None:
    _, report = read(tmp_path, opened_at((11, "distance")))
    assert any(one.startswith(takes(12, "29 further lines")) for one in report.warnings)


def test_a_row_of_another_width_tells_where_the_mark_opens(tmp_path: Path) -> None:
    _, report = read(tmp_path, opened_at((37, "carrier")))
    (one,) = [one for one in report.warnings if "another number of fields" in one]
    assert "in row 37 (line 38); a quotation mark that opens in line 38 takes 3 further lines into one cell" in one


def test_a_file_that_is_one_row_tells_how_many_lines_it_takes(tmp_path: Path) -> None:
    with pytest.raises(TableRefused, match=r"row 1 \(line 2\) with 1; a quotation mark that opens there takes 39 fur"):
        read(tmp_path, opened_at((1, "flight")))


def test_a_row_too_long_to_read_tells_where_the_mark_opens(tmp_path: Path) -> None:
    with pytest.raises(TableRefused) as refused:
        read(tmp_path, opened_at((5_000, "carrier"), rows=200_000))
    assert "is longer than 4 MB: a quotation mark that opens in line 5,001 takes 195,000 further lines" in str(
        refused.value
    )


def test_a_comment_takes_no_rows_with_it(tmp_path: Path) -> None:
    lines = bytes_of(good_rows(40)).decode().splitlines(keepends=True)
    lines.insert(30, '#,"\n')
    _, report = read(tmp_path, "".join(lines).encode())
    assert any("a quotation mark that opens in line 31 takes 11 further lines" in one for one in report.warnings)


@pytest.mark.parametrize("mark", ["\x0b", "\x0c", "\x1d", "\x85", "\u2028"])
def test_what_breaks_a_line_within_a_text_ends_none_of_the_file(mark: str, tmp_path: Path) -> None:
    lines = bytes_of(good_rows(20)).decode().splitlines(keepends=True)
    lines[7] = lines[7].replace("\n", f",a{mark}b\n")
    lines.insert(12, f"# c{mark}d\n")
    _, report = read(tmp_path, "".join(lines).encode())
    assert not any("quotation" in one for one in report.warnings)
    assert "1 comment line was skipped." in report.warnings


def test_a_cell_that_is_closed_in_the_next_line_is_text_also_in_a_narrow_file(tmp_path: Path) -> None:
    """As in a file of outcomes with a remark: both of its lines have one delimiter, as the header has."""
    file = tmp_path / "narrow.csv"
    file.write_text('flight,remark\n1,"hello\nfoo, bar"\n2,x\n3,y\n')
    source = open_source(file, name=file.name, expected=Expected(names=("flight",)))
    assert sum(len(raw.rows) for raw in source.batches([0, 1])) == 3
    assert not any("quotation" in one for one in source.notes)


@pytest.mark.parametrize("text", ["two\nlines", "a, b\nc, d", "one\n\ntwo\nthree"])
def test_text_of_several_lines_is_no_row(text: str, tmp_path: Path) -> None:
    rows = [[*row, text] for row in good_rows(20)]
    _, report = read(tmp_path, bytes_of(rows, [*HEADER, "note"]))
    assert report.rows_read == 20
    assert not any("quotation" in one for one in report.warnings)
