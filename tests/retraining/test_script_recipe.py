"""A recipe of the operator's own: run in a child, bounded, its model proved as ours is."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from monitoring.errors import HookFailed, ModelRefused
from monitoring.progress import silent
from monitoring.retraining.limits import MEGABYTE, WorkLimits
from monitoring.retraining.script_recipe import ScriptRecipe
from monitoring.retraining.training import Trained, score_rows
from monitoring.scoring.scorer import Scorer
from tests.retraining.flights import PROJECT, contract, few_rows

GOOD = (PROJECT / "docs" / "examples" / "train.py").read_text()
"""The example of the documentation."""


@pytest.fixture(autouse=True)
def one_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    """The trees' threads would wait for each other on a busy machine."""
    monkeypatch.setenv("OMP_NUM_THREADS", "1")


def recipe(folder: Path, text: str, **limits: float) -> ScriptRecipe:
    file = folder / "train.py"
    file.write_text(text)
    return ScriptRecipe(file, WorkLimits(**limits))  # type: ignore[arg-type]


def run(folder: Path, text: str, rows: pa.Table | None = None, **limits: float) -> Trained:
    return recipe(folder, text, **limits).train(
        contract(), rows or few_rows(800), model_file=folder / "made.onnx", progress=silent
    )


@pytest.mark.slow
def test_the_example_of_the_documentation_trains_a_proved_model(tmp_path: Path) -> None:
    told: list[str] = []
    trained = recipe(tmp_path, GOOD).train(
        contract(),
        few_rows(),
        model_file=tmp_path / "made.onnx",
        progress=lambda _, message: told.append(message),
    )
    assert trained.parity.largest_difference < 1e-5
    assert trained.parity.unseen is not None and trained.parity.missing is not None
    scores = score_rows(Scorer(tmp_path / "made.onnx", trained.contract), few_rows(500))
    assert 0.05 < np.mean(scores) < 0.5
    assert np.std(scores) > 0.03
    assert "Fitting" in " ".join(told) and "Proving that the exported model predicts the same" in told
    assert sorted(path.name for path in tmp_path.iterdir()) == ["made.onnx", "train.py"]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (
            "def train(rows, contract, model):\n    x = 1\n    raise ValueError('no\\nGPU')",
            "failed in line 3: ValueError: no",
        ),
        ("import no_such_module_here\ndef train(rows, contract, model): ...", "failed in line 1: ModuleNotFoundError"),
        ("def train(rows, contract, model): ...", "must return a function that predicts"),
        ("def train(rows, contract, model): return lambda rows: []", "ended without a model"),
        ("import os\ndef train(rows, contract, model): os._exit(0)", "left before its model was proved"),
        ("def train(rows, contract, model):\n    model.write_bytes(b'no')\n    return len", "cannot be loaded"),
        (GOOD.replace("[:, 1]", "[:, 0]"), "differs from the trained one by up to"),
        (GOOD.replace("[:, 1]", "[:9, 1]"), "predicted 9 rows of"),
    ],
)
def test_what_the_script_does_wrong_is_a_sentence(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(ModelRefused, match=says):
        run(tmp_path, text)
    assert [path.name for path in tmp_path.iterdir()] == ["train.py"]


def test_a_script_that_takes_too_long_is_stopped_and_the_limit_named(tmp_path: Path) -> None:
    with pytest.raises(HookFailed, match=r"train\.py did not end within 6 s.*DRIFTLINE_RETRAIN_MINUTES"):
        run(tmp_path, "import time\ndef train(rows, contract, model): time.sleep(600)", seconds=6.0)


def test_a_script_that_takes_too_much_memory_is_stopped_and_the_limit_named(tmp_path: Path) -> None:
    text = "import numpy as np\ndef train(rows, contract, model): held = [np.ones(10_000_000) for _ in range(60)]"
    with pytest.raises(HookFailed, match=r"needs more than 900 MB of memory.*DRIFTLINE_RETRAIN_MEMORY_MB"):
        run(tmp_path, text, memory=900 * MEGABYTE)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("def fit(rows): ...", r"has no function train\(rows, contract, model\)"),
        ("def train(rows): ...", r"has no function train\(rows, contract, model\)"),
        ("def train(:", "is not valid Python in line 1"),
    ],
)
def test_a_script_that_cannot_be_one_is_told_without_running_it(tmp_path: Path, text: str, says: str) -> None:
    (problem,) = recipe(tmp_path, f"import os; os.abort()\n{text}" if "line 1" not in says else text).validate()
    assert says.replace("\\", "") in problem


def test_a_script_that_is_not_there_is_told(tmp_path: Path) -> None:
    assert "cannot be read" in ScriptRecipe(tmp_path / "train.py", WorkLimits()).validate()[0]


def test_the_child_sees_only_the_rows_to_train_on(tmp_path: Path) -> None:
    """Its folder holds nothing else, and no other path is handed to it."""
    seen = tmp_path / "seen"
    text = (
        f"import os\ndef train(rows, contract, model):\n    open({str(seen)!r}, 'w').write("
        "repr((sorted(os.listdir(rows.parent)), sorted(contract))))\n    raise ValueError\n"
    )
    with pytest.raises(ModelRefused):
        run(tmp_path, text)
    files, keys = eval(seen.read_text())
    assert files == ["contract.json", "rows.parquet"]
    assert {"features", "target"} <= set(keys)
    assert not (tmp_path / "made-child").exists()
