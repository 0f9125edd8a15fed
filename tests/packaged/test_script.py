"""The script that builds the packaged files builds them again, and notices when they are not what it builds."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from monitoring.retraining.training import train
from scripts.package_flights import compare, main
from tests.packaged.flights import PROJECT, contract
from tests.retraining.flights import few_rows


@pytest.mark.slow
def test_what_is_packaged_is_what_the_script_builds(capsys: pytest.CaptureFixture[str]) -> None:
    status = main(["--check"])
    said = capsys.readouterr().out.splitlines()
    assert (status, said[-1]) == (0, "The packaged files are what this script builds.")


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    for name in ("models", "reference_data"):
        shutil.copytree(PROJECT / name, tmp_path / name)
    return tmp_path


def test_a_copy_is_the_same(copy: Path) -> None:
    assert compare(PROJECT, copy) == []


def test_one_changed_character_is_noticed(copy: Path) -> None:
    file = copy / "reference_data" / "flight-delay" / "samples" / "july.csv"
    file.write_bytes(file.read_bytes().replace(b"F166160", b"F166161", 1))
    assert compare(copy, PROJECT) == ["reference_data/flight-delay/samples/july.csv: other bytes"]


def test_a_lost_file_is_noticed(copy: Path) -> None:
    (copy / "models" / "flight-delay" / "1" / "contract.json").unlink()
    assert compare(copy, PROJECT) == ["models/flight-delay/1/contract.json: is not there"]


def test_another_model_is_noticed(copy: Path) -> None:
    train(contract(), few_rows(), model_file=copy / "models" / "flight-delay" / "1" / "model.onnx")
    (problem,) = compare(copy, PROJECT)
    assert problem.startswith("the model's predictions differ by up to 0.")
