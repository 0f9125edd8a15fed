"""`check --labels` and `look --labels`: how the file of outcomes is read, said on the command line."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from monitoring.__main__ import main
from tests.command_line.test_command_line import SAMPLES, run_json
from tests.tables.ways_to_write import excel

WEEK = SAMPLES / "quiet-week.csv"


@pytest.fixture
def outcomes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Outcomes on the second sheet of a workbook, below a title, the id under another name."""
    monkeypatch.setenv("DRIFTLINE_DATA", str(tmp_path / "data"))
    known = pd.read_csv(SAMPLES / "quiet-week-labels.csv")
    path = tmp_path / "outcomes.xlsx"
    table = [["July"], ["Flug", "late"], *known.astype(object).to_numpy().tolist()]
    path.write_bytes(excel([["About"]], table, titles=("About", "Data")))
    return path


def test_a_sheet_a_header_and_a_column_are_said(capsys: pytest.CaptureFixture[str], outcomes: Path) -> None:
    code, told = run_json(capsys, "check", WEEK, "--labels", outcomes)
    assert code == 2
    assert "Choose another sheet (--labels-sheet): Data." in told["error"]
    code, told = run_json(capsys, "check", WEEK, "--labels", outcomes, "--labels-sheet", "Data")
    assert (code, "Line 2 names late: if that is the header, say so (--labels-header-line 2)." in told["error"]) == (
        2, True,
    )  # fmt: skip
    said = ["--labels-sheet", "Data", "--labels-header-line", "2"]
    code, told = run_json(capsys, "check", WEEK, "--labels", outcomes, *said)
    assert (code, "a needed column is missing: flight_id" in told["error"]) == (2, True)
    code, told = run_json(capsys, "check", WEEK, "--labels", outcomes, *said, "--map", "Flug=flight_id")
    assert code == 0
    assert told["labelled_rows"] == len(pd.read_csv(SAMPLES / "quiet-week-labels.csv"))
    assert (told["read_as"], told["outcomes_read_as"]) == ("CSV, utf-8, comma", "Excel, header in line 2")
    assert run_json(capsys, "names")[1]["names"] == {"Flug": "flight_id"}
    assert main(["check", str(WEEK), "--labels", str(outcomes), *said]) == 0
    assert "Outcomes read as Excel, header in line 2.\n" in capsys.readouterr().out


def test_both_files_are_looked_at_as_they_would_be_read(capsys: pytest.CaptureFixture[str], outcomes: Path) -> None:
    said = ["--labels-sheet", "Data", "--labels-header-line", "2"]
    assert main(["look", str(WEEK), "--labels", str(outcomes), *said]) == 0
    rows, _, told = capsys.readouterr().out.partition("\nOutcomes in outcomes.xlsx:\n")
    assert rows.startswith("CSV, utf-8, comma; 15 columns")
    assert told.startswith("Excel, header in line 2; 2 columns")
    assert "  missing    flight_id" in told
    assert "  there      late" in told


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--labels-sheet", "Data"], "--labels-sheet says how outcomes are read: name their file (--labels FILE)."),
        (["--labels", str(WEEK), "--labels-encoding", "klingon"], "--labels-encoding cannot be understood: klingon"),
        (["--labels", str(WEEK), "--labels-header-line", "0"], "--labels-header-line cannot be understood"),
    ],
)
def test_what_cannot_be_is_refused(
    arguments: list[str], words: str, capsys: pytest.CaptureFixture[str], outcomes: Path
) -> None:
    code, told = run_json(capsys, "check", WEEK, *arguments)
    assert code == 2
    assert words in told["error"]
