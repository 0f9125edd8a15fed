"""`python -m monitoring`: exit codes and the object that scripts rely on."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from sklearn.metrics import roc_auc_score

from monitoring.__main__ import main
from monitoring.wiring import PROJECT

MODEL = "flight-delay"
SAMPLES = PROJECT / "reference_data" / MODEL / "samples"
FINDING = {
    "column",
    "role",
    "detector",
    "state",
    "statistic",
    "p_value",
    "effect",
    "effect_low",
    "effect_high",
    "tolerance",
    "n_reference",
    "n_batch",
}
OBJECT = {"verdict", "sentence", "action", "model", "version", "rows", "rows_refused", "warnings", "findings"}
pytestmark = pytest.mark.usefixtures("data_folder")


def run_json(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, dict]:
    code = main([*map(str, arguments), "--json"])
    return code, json.loads(capsys.readouterr().out)


@pytest.mark.parametrize(
    ("sample", "verdict", "code"),
    [("july", "drift", 1), ("april-broken-feed", "broken", 3), ("december", "watch", 0)],
)
def test_the_verdict_is_the_exit_code(capsys, sample: str, verdict: str, code: int) -> None:
    exit_code, told = run_json(capsys, "check", SAMPLES / f"{sample}.csv")
    assert (exit_code, told["verdict"]) == (code, verdict)
    assert set(told) >= OBJECT
    assert all(set(finding) >= FINDING for finding in told["findings"])


def test_one_day_is_undecided(capsys, tmp_path: Path) -> None:
    rows = pd.read_csv(SAMPLES / "july.csv")
    rows[rows.scheduled_departure.str.startswith("2013-07-04")].to_csv(tmp_path / "day.csv", index=False)
    code, told = run_json(capsys, "check", tmp_path / "day.csv")
    assert (code, told["verdict"]) == (4, "undecided")
    assert not any(finding["state"] == "drift" for finding in told["findings"])


def test_the_numbers_are_scipys(capsys) -> None:
    _, told = run_json(capsys, "check", SAMPLES / "july.csv")
    reference = pd.read_parquet(PROJECT / "reference_data" / MODEL / "1" / "reference.parquet")
    batch = pd.read_csv(SAMPLES / "july.csv")
    found = {f["column"]: f for f in told["findings"] if f["detector"] == "ks"}
    for column in ("temp", "dewp", "pressure", "distance"):
        old, new = reference[column].dropna().astype(float), batch[column].dropna().astype(float)
        wanted = stats.ks_2samp(old, new, method="asymp").statistic
        assert found[column]["statistic"] == pytest.approx(wanted, abs=1e-12)
        assert found[column]["effect_low"] <= found[column]["effect"] <= found[column]["effect_high"]
    assert told["rows"] == len(batch)


def test_refused_input_is_code_2_and_one_sentence(capsys, tmp_path: Path) -> None:
    without = tmp_path / "without.csv"
    pd.read_csv(SAMPLES / "july.csv").drop(columns="temp").to_csv(without, index=False)
    code, told = run_json(capsys, "check", without)
    assert code == 2
    assert set(told) == {"error"}
    assert "temp" in told["error"]
    assert main(["check", str(tmp_path / "nowhere.csv")]) == 2
    captured = capsys.readouterr()
    assert "nowhere.csv" in captured.err
    assert captured.out == ""


def test_a_refused_call_leaves_no_upload(data_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DRIFTLINE_DATA", str(tmp_path))
    file = str(SAMPLES / "july.csv")
    assert main(["check", file, "--model", "nope"]) == 2
    assert main(["check", file, "--labels", str(tmp_path / "nowhere.csv")]) == 2
    assert [path for path in (tmp_path / "uploads").rglob("*") if path.is_file()] == []


def test_the_verdict_stands_when_the_reader_closes_the_pipe(data_folder: Path) -> None:
    command = f"{sys.executable} -m monitoring check {SAMPLES / 'july.csv'} | head -1; exit ${{PIPESTATUS[0]}}"
    ended = subprocess.run(["bash", "-c", command], capture_output=True, text=True, cwd=PROJECT, check=False)
    assert ended.stdout.startswith("DRIFT: July 2013")
    assert ended.returncode == 1


def with_other_names(folder: Path) -> Path:
    file = folder / "other-names.csv"
    pd.read_csv(SAMPLES / "quiet-week.csv").rename(columns={"temp": "tmp"}).to_csv(file, index=False)
    return file


def test_a_name_that_is_given_is_remembered_for_the_model(capsys, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setenv("DRIFTLINE_DATA", str(tmp_path / "data"))
    file = with_other_names(tmp_path)
    code, told = run_json(capsys, "check", file)
    assert code == 2
    assert "tmp → temp?" in told["error"]
    assert [path for path in (tmp_path / "data" / "uploads").rglob("*") if path.is_file()] == []
    code, told = run_json(capsys, "check", file, "--map", "tmp=temp", "--once")
    assert (code, told["rows"]) == (0, 6_122)
    assert any('"tmp" was taken for temp' in warning for warning in told["warnings"])
    assert run_json(capsys, "names")[1]["names"] == {}
    once = told["check"]
    _, told = run_json(capsys, "check", file, "--map", "tmp=temp")
    assert told["check"] == once, "the same rows read in the same way are the same check"
    assert "was checked before" in told["warnings"][0]
    assert run_json(capsys, "names")[1]["names"] == {"tmp": "temp"}
    assert run_json(capsys, "check", file)[1]["check"] == once
    quiet = run_json(capsys, "check", SAMPLES / "quiet-week.csv")[1]
    assert quiet["check"] != once
    monkeypatch.setenv("DRIFTLINE_DATA", str(tmp_path / "other"))
    unnamed = run_json(capsys, "check", SAMPLES / "quiet-week.csv")[1]
    assert unnamed["check"] == quiet["check"], "a name that decides nothing is no part of a check"
    assert unnamed["findings"] == quiet["findings"]
    monkeypatch.setenv("DRIFTLINE_DATA", str(tmp_path / "data"))
    assert run_json(capsys, "names", "--forget", "tmp")[1]["names"] == {}
    assert main(["names", "--forget", "tmp"]) == 2
    assert run_json(capsys, "check", file)[0] == 2


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--map", "tpm=temp"], "no column tpm"),
        (["--map", "tmp=tempp"], "(temp?)"),
        (["--map", "tmp"], "--map tmp cannot be understood"),
        (["--encoding", "latin-99"], "--encoding cannot be understood"),
        (["--encoding", "rot13"], "--encoding cannot be understood"),
        (["--encoding", "unicode_escape"], "--encoding cannot be understood"),
        (["--delimiter", "##"], "--delimiter cannot be understood"),
        (["--delimiter", "é"], "--delimiter cannot be understood"),
        (["--header-line", "0"], "--header-line cannot be understood"),
    ],
)
def test_what_is_said_of_a_file_and_cannot_be_is_refused(capsys, tmp_path: Path, arguments, words, monkeypatch) -> None:
    monkeypatch.setenv("DRIFTLINE_DATA", str(tmp_path / "data"))
    code, told = run_json(capsys, "check", with_other_names(tmp_path), *arguments)
    assert code == 2
    assert words in told["error"]
    assert [path for path in (tmp_path / "data").rglob("uploads/*") if path.is_file()] == []


def test_a_file_can_be_looked_at(capsys, tmp_path: Path) -> None:
    assert main(["look", str(with_other_names(tmp_path))]) == 0
    told = capsys.readouterr().out
    assert "CSV" in told
    assert "closest: tmp" in told
    assert "| tmp" in told


def test_rows_that_did_not_fit_are_written(capsys, tmp_path: Path) -> None:
    rows = pd.read_csv(SAMPLES / "quiet-week.csv").astype({"temp": object})
    rows.loc[[2, 5], "temp"] = "=warm"
    rows.to_csv(tmp_path / "warm.csv", index=False)
    code, told = run_json(capsys, "check", tmp_path / "warm.csv", "--misfits", tmp_path / "misfits.csv")
    assert code == 0
    assert told["problems"] == [
        {
            "column": "temp",
            "rule": "not_a_number",
            "count": 2,
            "sets_row_aside": False,
            "first_row": 3,
            "first_line": 4,
            "first_file": None,
        }
    ]
    written = pd.read_csv(tmp_path / "misfits.csv")
    assert written[["row", "line", "fate", "temp"]].to_numpy().tolist() == [
        [3, 4, "scored", "'=warm"],
        [6, 7, "scored", "'=warm"],
    ]
    assert main(["check", str(tmp_path / "warm.csv"), "--misfits", str(tmp_path / "no" / "x.csv")]) == 2


def test_wrong_usage_is_code_2() -> None:
    with pytest.raises(SystemExit) as stop:
        main(["check"])
    assert stop.value.code == 2


def test_an_error_of_ours_is_code_70_never_drift(capsys, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("monitoring.__main__.order_files", fails)
    code, told = run_json(capsys, "check", SAMPLES / "july.csv")
    assert code == 70
    assert "An error of ours" in told["error"]


def test_scoring_writes_every_row_with_its_prediction(capsys, tmp_path: Path) -> None:
    for name in ("scored.csv", "scored.parquet"):
        assert main(["score", str(SAMPLES / "july.csv"), "--output", str(tmp_path / name)]) == 0
    table, parquet = pd.read_csv(tmp_path / "scored.csv"), pd.read_parquet(tmp_path / "scored.parquet")
    outcomes = pd.read_csv(SAMPLES / "july-labels.csv")
    both = table.merge(outcomes, on="flight_id")
    assert len(table) == len(parquet) == 6_000
    assert np.allclose(table.prediction, parquet.prediction)
    assert roc_auc_score(both.late, both.prediction) == pytest.approx(0.685, abs=0.015)


def test_retrain_needs_labels_and_says_so(capsys, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DRIFTLINE_DATA", str(tmp_path))
    assert main(["retrain"]) == 2
    assert "labels" in capsys.readouterr().err


def test_nothing_to_roll_back_to_is_code_2(capsys, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DRIFTLINE_DATA", str(tmp_path))
    assert main(["rollback"]) == 2
    assert main(["promote", "9"]) == 2
    assert "version 9" in capsys.readouterr().err


@pytest.mark.slow
def test_from_check_to_retrain_to_promote_and_back(capsys) -> None:
    """The whole loop in a process of its own, as a script would run it."""

    def run(*arguments: object) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "monitoring", *map(str, arguments)]
        return subprocess.run(command, capture_output=True, text=True, cwd=PROJECT, env=os.environ, check=False)

    first = run("check", SAMPLES / "july.csv", "--labels", SAMPLES / "july-labels.csv", "--json")
    assert first.returncode == 1, first.stderr
    assert json.loads(first.stdout)["version"] == 1
    retrained = run("retrain")
    assert retrained.returncode == 0, retrained.stderr
    assert run("retrain").stdout == retrained.stdout
    assert run("promote", 2).returncode == 0
    second = run("check", SAMPLES / "july.csv", "--labels", SAMPLES / "july-labels.csv", "--json")
    assert json.loads(second.stdout)["version"] == 2
    assert run("rollback").returncode == 0
    assert run("rollback").returncode == 2
    code, listed = run_json(capsys, "models")
    assert code == 0
    assert [(m["version"], m["champion"]) for m in listed["models"]] == [(1, True), (2, False)]
    assert listed["models"][1]["gate"] == "better"
