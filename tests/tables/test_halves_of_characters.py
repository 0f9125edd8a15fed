"""Half of a surrogate pair, as JSON may escape it, is no text: it is counted and shown, nothing is put in its place."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow as pa
import pytest

from monitoring.errors import TableRefused
from monitoring.tables.preview import preview
from monitoring.tables.reader import read_rows
from monitoring.tables.sources import expected_columns
from tests.tables.material import CONTRACT, problem, read
from tests.tables.ways_to_write import json_lines, records

HALF = "\ud800"


def rows(**cells: object) -> list[dict[str, object]]:
    """Good records, the third of them with these values."""
    good = records()
    good[2] |= cells
    return good


@pytest.mark.parametrize("write", [json_lines, lambda rows: json.dumps(rows).encode()], ids=["lines", "list"])
def test_a_category_is_missing_and_counted(write, tmp_path: Path) -> None:
    table, report = read(tmp_path, write(rows(dest=f"BO{HALF}")))
    assert table["dest"].to_pylist()[1:4] == ["BOS", None, "BOS"]
    fault = problem(report, "dest", "not_text")
    assert (fault.count, fault.sets_row_aside, fault.examples[0].row) == (1, False, 3)
    assert fault.examples[0].value == r"BO\ud800"
    assert report.warnings[0] == (
        "dest: 1 value is no text, as half of a character stands there, and counts as missing, in row 3: "
        r'"BO\ud800"; write the whole character.'
    )
    (flawed,) = report.flawed_rows
    assert dict(flawed.cells)["dest"] == r"BO\ud800"


def test_a_number_that_is_needed_sets_the_row_aside(tmp_path: Path) -> None:
    table, report = read(tmp_path, json_lines(rows(distance=HALF, temp=HALF)))
    assert table.num_rows == 19
    assert problem(report, "distance", "not_text").sets_row_aside
    assert [one.rule for one in report.problems if one.column == "distance"] == ["not_text"]


def test_ids_that_no_text_can_hold_are_none_and_never_the_same(tmp_path: Path) -> None:
    table, report = read(tmp_path, json_lines([*rows(flight=HALF), *rows(flight="\ud801")[2:3]]))
    assert table["flight"].null_count == 2
    assert [(one.rule, one.count) for one in report.problems] == [("not_text", 2)]


def test_whole_pairs_and_escapes_are_text(tmp_path: Path) -> None:
    table, report = read(tmp_path, json_lines(rows(flight="\U0001f6eb", carrier=r"\ud800")))
    assert table["flight"].to_pylist()[2] == "\U0001f6eb"
    assert table["carrier"].to_pylist()[2] == r"\ud800"
    assert not report.problems


def test_in_the_name_of_a_column_it_is_shown_as_it_is_written(tmp_path: Path) -> None:
    _, report = read(tmp_path, json_lines([{**record, f"note{HALF}": 1} for record in records()]))
    assert report.ignored_columns == (r"note\ud800",)
    assert r"1 name of a column holds half of a character, which is no text, and is read as written: note\ud800." in (
        report.warnings
    )
    seen = preview(tmp_path / "upload", expected_columns(CONTRACT), name="july.json")
    assert seen.header[-1] == r"note\ud800"
    assert seen.rows[0][-1] == "1"


def test_it_makes_no_name_of_the_models(tmp_path: Path) -> None:
    spoilt = [{f"temp{HALF}" if key == "temp" else key: value for key, value in one.items()} for one in records()]
    with pytest.raises(TableRefused, match="a needed column is missing: temp"):
        read(tmp_path, json_lines(spoilt))


def test_names_that_come_late_and_twice_are_shown(tmp_path: Path) -> None:
    late = json_lines(records() * 101) + json_lines([{**records()[0], f"note{HALF}": 1}])
    _, report = read(tmp_path, late)
    assert any(r"later records have were not looked at: note\ud800" in said for said in report.warnings)
    with pytest.raises(TableRefused, match=r'duplicate values for "x\\ud800"'):
        read(tmp_path, rb'{"x\ud800": 1, "x\ud800": 2, "temp": 1}')


@pytest.mark.parametrize("first", [0, 2])
def test_a_list_is_refused_whether_or_not_half_a_character_stands_before_it(first: int, tmp_path: Path) -> None:
    spoilt = rows(carrier=HALF)
    spoilt[1 if first else 5]["carrier"] = ["UA"]
    with pytest.raises(TableRefused, match=f"carrier holds a list or an object in record {2 if first else 6}, "):
        read(tmp_path, json_lines(spoilt))


def test_a_mapped_name_with_half_a_character_is_read(tmp_path: Path) -> None:
    spoilt = [{f"temp{HALF}" if key == "temp" else key: value for key, value in one.items()} for one in records()[:1]]
    (tmp_path / "upload").write_bytes(json_lines(spoilt))
    reader = read_rows(tmp_path / "upload", CONTRACT, name="july.json", names={r"temp\ud800": "temp"})
    table = pa.Table.from_batches(reader.batches(), reader.schema)
    assert table["temp"].to_pylist() == [records()[0]["temp"]]
