"""Every hostile file through the command line: read with what was mended said, or refused in one sentence."""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from monitoring.__main__ import main
from monitoring.tables.formulas import is_formula
from tests.hostile.cases import CASES, FOLDER, GOOD, REASON, Case, outcome, require

pytestmark = [pytest.mark.usefixtures("data_folder"), pytest.mark.skipif(not CASES, reason=REASON)]


def check(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, dict]:
    code = main(["check", *map(str, arguments), "--json"])
    captured = capsys.readouterr()
    assert "Traceback" not in captured.out + captured.err
    return code, json.loads(captured.out)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_as_wanted(case: Case, capsys, tmp_path: Path) -> None:
    file = tmp_path / case.upload_as
    shutil.copy(case.file, file)
    code, told = check(capsys, *((GOOD, "--labels", file) if case.labels else (file,)))
    assert code in (0, 1, 2, 3, 4)
    if code == 2:
        sentence = told["error"]
        require(case, "reject", sentence)
        assert sentence.startswith(case.upload_as)
        assert sentence.endswith(".")
        assert "\n" not in sentence
        return
    came = outcome(refused=False, notes=told["warnings"], sentence=told["sentence"])
    require(case, came, " ".join([told["sentence"], told["caveat"] or "", *told["warnings"]]))
    if case.outcomes == ("accept",):
        assert told["warnings"] == []
    if case.labels:
        assert told["rows"] == 200
    elif case.rows is not None:
        assert told["rows"] == case.rows
    counts = [problem["count"] for problem in told["problems"] if problem["column"] == case.column]
    assert sum(counts) <= case.touched
    if "accept" not in case.outcomes and case.touched:
        assert sum(counts) > 0 or any(str(case.column) in warning for warning in told["warnings"])


@pytest.mark.parametrize(
    ("file", "words"),
    {
        "c06_utf16le_bom.csv": "utf-16-le",
        "c54_xlsx_renamed.csv": "Excel",
        "c55_parquet_renamed.csv": "Parquet",
        "c58_types.parquet": "Parquet",
        "c63_good.csv.gz": "gzip",
    }.items(),
)
def test_how_it_was_read_is_said(file: str, words: str, capsys) -> None:
    assert main(["check", str(FOLDER / "csv" / file)]) != 2
    assert any(line.startswith("Read as") and words in line for line in capsys.readouterr().out.splitlines())


def test_half_of_the_labels_is_a_fact(capsys) -> None:
    _, told = check(capsys, GOOD, "--labels", FOLDER / "csv" / "l01_labels_half.csv")
    assert told["facts"] == ["100 of 200 rows have an outcome (50 %)."]


SCORED = [case for case in CASES if case.same_as_good]


@pytest.mark.parametrize("case", SCORED, ids=lambda case: case.id)
def test_the_same_predictions_as_of_the_good_file(case: Case, tmp_path: Path) -> None:
    predictions = {}
    for file in (GOOD, case.file):
        output = tmp_path / f"{file.stem}.parquet"
        assert main(["score", str(file), "--output", str(output)]) == 0
        table = pq.read_table(output).to_pandas()
        predictions[file] = table.set_index("flight_id").prediction.sort_index()
    good, other = predictions.values()
    assert list(good.index) == list(other.index)
    assert np.allclose(good, other, atol=1e-3 if case.file.suffix == ".parquet" else 0)


def test_formulas_come_out_quoted(tmp_path: Path, capsys) -> None:
    file = FOLDER / "csv" / "c47_formula_injection.csv"
    assert main(["score", str(file), "--output", str(tmp_path / "scored.csv")]) == 0
    capsys.readouterr()
    header, *rows = csv.reader(file.read_text().splitlines())
    for row in rows:
        row[header.index("temp")] = "warm"
    spoilt = tmp_path / "spoilt.csv"
    with spoilt.open("w", newline="") as stream:
        csv.writer(stream).writerows([header, *rows])
    check(capsys, spoilt, "--misfits", tmp_path / "misfits.csv")
    formulas = 0
    for name in ("scored.csv", "misfits.csv"):
        with (tmp_path / name).open(newline="") as stream:
            cells = [cell for row in csv.reader(stream) for cell in row]
        assert list(filter(is_formula, cells)) == []
        formulas += sum(cell.startswith("'=") for cell in cells)
    assert formulas > 0


def test_nothing_is_written_outside_the_data_folder() -> None:
    assert list(Path("/tmp").glob("pwned_*")) == []
