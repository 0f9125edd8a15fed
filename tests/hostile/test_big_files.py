"""The large hostile files through the command line: answered in seconds, in one sentence or with the same result."""

from __future__ import annotations

import json
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from monitoring.__main__ import main
from tests.hostile.cases import CASES, GOOD, REASON

pytestmark = [pytest.mark.usefixtures("data_folder"), pytest.mark.skipif(not CASES, reason=REASON)]
SECONDS = 180
"""As the list allows for the longest of them; on a quiet machine it is a tenth of that."""


def good() -> pd.DataFrame:
    return pd.read_csv(GOOD, dtype=str, keep_default_na=False)


def check(capsys: pytest.CaptureFixture[str], file: Path) -> tuple[int, dict]:
    started = time.monotonic()
    code = main(["check", str(file), "--json"])
    assert time.monotonic() - started < SECONDS
    return code, json.loads(capsys.readouterr().out)


def test_a_cell_of_10_mb(capsys, tmp_path: Path) -> None:
    rows = good()
    rows.loc[5, "dest"] = "A" * 10_000_000
    rows.to_csv(tmp_path / "b02.csv", index=False)
    code, told = check(capsys, tmp_path / "b02.csv")
    assert code == 2
    assert told["error"].startswith("b02.csv: a row after row 5 is longer than 4 MB, its longest cell stands in dest;")


def test_a_line_of_50_mb(capsys, tmp_path: Path) -> None:
    (tmp_path / "b03.csv").write_bytes(b"x," * 25_000_000)
    code, told = check(capsys, tmp_path / "b03.csv")
    assert code == 2
    assert told["error"].startswith("b03.csv has no header: its first line alone is longer than")


@pytest.mark.slow
def test_a_million_rows(capsys, tmp_path: Path) -> None:
    """Rows drawn from the good ones, with other temperatures: every other number is as far from the reference."""
    random = np.random.RandomState(1)
    rows = good()
    rows = rows.loc[random.randint(0, len(rows), 1_000_000)].reset_index(drop=True)
    rows["flight_id"] = [f"B{place:07d}" for place in range(len(rows))]
    rows["temp"] = (pd.to_numeric(rows["temp"]) + random.normal(0, 3, len(rows))).round(2)
    rows.to_csv(tmp_path / "b04.csv", index=False)
    code, told = check(capsys, tmp_path / "b04.csv")
    assert code != 2
    assert (told["rows"], told["rows_refused"], told["warnings"]) == (1_000_000, 0, [])
    _, few = check(capsys, GOOD)
    effects = [{f["column"]: f["effect"] for f in one["findings"] if f["detector"] == "ks"} for one in (told, few)]
    others = set(effects[0]) - {"temp", "prediction"}
    assert len(others) == 9
    assert max(abs(effects[0][column] - effects[1][column]) for column in others) < 0.01
