"""A record of JSON has only the values that it has: columns that begin late are read, or said."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from monitoring.errors import TableRefused
from monitoring.tables.json_keys import OTHERS_NAMED, LateNames
from monitoring.tables.json_source import _SAMPLE_RECORDS
from tests.tables.material import read
from tests.tables.ways_to_write import json_lines, records

LATE = _SAMPLE_RECORDS + 500
ROWS = LATE + 600


def rows(**changed: Any) -> list[dict[str, Any]]:
    """Many good records; from the late ones on, each is changed by what is given: a value, or a new name for one."""
    many = [{**record, "flight": f"F{place}"} for place, record in enumerate(records() * (ROWS // 20))]
    return [{**row, **changed} if place >= LATE else row for place, row in enumerate(many)]


@pytest.mark.parametrize("write", [json_lines, lambda many: json.dumps(many).encode()], ids=["lines", "a list"])
def test_outcomes_that_only_late_records_have_are_read(tmp_path: Path, write: Any) -> None:
    table, report = read(tmp_path, write(rows(late=1)))
    assert table.num_rows == ROWS
    assert table["late"].to_pylist() == [None] * LATE + [1.0] * (ROWS - LATE)
    assert not [said for said in report.warnings if "late" in said]


def test_a_column_that_the_first_records_leave_out_is_not_missing(tmp_path: Path) -> None:
    many = [{k: v for k, v in row.items() if k != "wind_speed" or i >= LATE} for i, row in enumerate(rows())]
    table, _ = read(tmp_path, json_lines(many))
    assert table["wind_speed"].null_count == LATE
    assert table["wind_speed"].to_pylist()[-1] == 7.25


def test_how_a_late_column_is_written_is_found_in_it(tmp_path: Path) -> None:
    many = rows(departure="31.07.2013 14:05")
    for row in many[:LATE]:
        del row["departure"]
    table, _ = read(tmp_path, json_lines(many))
    assert table["departure"].null_count == LATE
    assert table["departure"].to_pylist()[-1] == datetime(2013, 7, 31, 14, 5)


def test_a_late_record_that_spells_a_column_otherwise_is_refused_by_number(tmp_path: Path) -> None:
    many = rows()
    many[LATE] = {("Temp" if key == "temp" else key): value for key, value in many[LATE].items()}
    with pytest.raises(TableRefused, match=f"record {LATE + 1:,} names “Temp” what the records before it name “temp”"):
        read(tmp_path, json_lines(many))


def test_a_wanted_column_that_comes_late_and_is_spelled_otherwise_is_said(tmp_path: Path) -> None:
    table, report = read(tmp_path, json_lines(rows(Late=1)))
    assert "late" not in table.schema.names
    (said,) = [said for said in report.warnings if "Late" in said]
    assert f"“Late” stands in {ROWS - LATE:,} records, the first of them record {LATE + 1:,}, and was not read" in said


def test_columns_that_nobody_asks_for_are_named_when_they_come_late(tmp_path: Path) -> None:
    _, report = read(tmp_path, json_lines(rows(gate="A1", note={"late": 1})))
    assert "Columns that only later records have were not looked at: gate, note." in report.warnings


def test_a_name_within_a_value_makes_no_column(tmp_path: Path) -> None:
    table, _ = read(tmp_path, json_lines(rows(note={"late": 1}, gate="late")))
    assert "late" not in table.schema.names


def test_of_many_late_names_the_wanted_are_kept() -> None:
    late = LateNames(("temp",), {"temp", "late"})
    late.look_at([{f"x{number}": 1 for number in range(3 * OTHERS_NAMED)}, {"LATE": 1}], 10)
    assert late.notes[0].startswith("“LATE” stands in 1 record, the first of them record 12,")
    assert "and 45 more" in late.notes[1]
