"""The large hostile files through the command line: answered in seconds, in one sentence or with the same result."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from monitoring.__main__ import main
from tests.hostile.big_files import MILLION, SECONDS, write_long_cell, write_long_line, write_million_rows
from tests.hostile.cases import CASES, GOOD, REASON

pytestmark = [pytest.mark.usefixtures("data_folder"), pytest.mark.skipif(not CASES, reason=REASON)]


def check(capsys: pytest.CaptureFixture[str], file: Path) -> tuple[int, dict]:
    started = time.monotonic()
    code = main(["check", str(file), "--json"])
    assert time.monotonic() - started < SECONDS
    return code, json.loads(capsys.readouterr().out)


def test_a_cell_of_10_mb(capsys, tmp_path: Path) -> None:
    code, told = check(capsys, write_long_cell(tmp_path))
    assert code == 2
    assert told["error"].startswith("b02.csv: a row after row 5 is longer than 4 MB, its longest cell stands in dest;")


def test_a_line_of_50_mb(capsys, tmp_path: Path) -> None:
    code, told = check(capsys, write_long_line(tmp_path))
    assert code == 2
    assert told["error"].startswith("b03.csv has no header: its first line alone is longer than")


@pytest.mark.slow
def test_a_million_rows(capsys, tmp_path: Path) -> None:
    code, told = check(capsys, write_million_rows(tmp_path))
    assert code != 2
    assert (told["rows"], told["rows_refused"], told["warnings"]) == (MILLION, 0, [])
    _, few = check(capsys, GOOD)
    effects = [{f["column"]: f["effect"] for f in one["findings"] if f["detector"] == "ks"} for one in (told, few)]
    others = set(effects[0]) - {"temp", "prediction"}
    assert len(others) == 9
    assert max(abs(effects[0][column] - effects[1][column]) for column in others) < 0.01
