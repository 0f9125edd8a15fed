"""`python -m monitoring.retraining.recipe_child train.py FOLDER`: runs a recipe's `train` and proves its model.

The folder holds `rows.parquet` and `contract.json`; it gets `model.onnx` and `result.json`. Exit code 0 when the model
is proved, 1 when it was refused; the reason is in the result.
"""

from __future__ import annotations

import importlib.util
import json
import sys
import tempfile
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from monitoring.contract import Contract
from monitoring.errors import ModelRefused
from monitoring.registry.manifest import Parity
from monitoring.retraining.parity import prove_parity
from monitoring.retraining.script_recipe import CONTRACT_FILE, MODEL_FILE, RESULT_FILE, ROWS_FILE, ChildResult
from monitoring.retraining.staging import write_value
from monitoring.retraining.training import score_rows
from monitoring.scoring.scorer import Scorer


def main(arguments: Sequence[str]) -> int:
    """Run the recipe that the arguments name. Returns the exit code."""
    script, folder = Path(arguments[0]), Path(arguments[1])
    try:
        result = ChildResult(parity=_train_and_prove(script, folder))
    except ModelRefused as error:
        result = ChildResult(refusal=str(error))
    write_value(result, folder / RESULT_FILE)
    return 1 if result.refusal else 0


def _train_and_prove(script: Path, folder: Path) -> Parity:
    contract = Contract.model_validate_json((folder / CONTRACT_FILE).read_bytes())
    predict = _call(script, lambda: _load(script)(folder / ROWS_FILE, _as_dict(contract), folder / MODEL_FILE))
    if not callable(predict):
        raise ModelRefused(f"{script.name}: train must return a function that predicts; see docs/training.md.")
    if not (folder / MODEL_FILE).is_file():
        raise ModelRefused(f"{script.name} ended without a model: train must write it to the path that it is given.")
    sys.stdout.write("Proving that the exported model predicts the same\n")
    sys.stdout.flush()
    scorer = Scorer(folder / MODEL_FILE, contract)
    rows = pq.read_table(folder / ROWS_FILE)
    return prove_parity(
        lambda some: _predict(script, predict, some, folder), lambda some: score_rows(scorer, some), rows, contract
    )


def _load(script: Path) -> Callable[..., Any]:
    spec = importlib.util.spec_from_file_location("driftline_recipe", script)
    if spec is None or spec.loader is None:
        raise ModelRefused(f"{script.name} is not a Python file.")
    module = importlib.util.module_from_spec(spec)
    sys.dont_write_bytecode = True  # nothing of ours in the operator's folder
    sys.path.insert(0, str(script.parent))  # what lies beside it may be imported, as when it is run itself
    spec.loader.exec_module(module)
    train: Callable[..., Any] = module.train
    return train


def _predict(script: Path, predict: Callable[..., Any], rows: pa.Table, folder: Path) -> NDArray[np.float64]:
    with tempfile.NamedTemporaryFile(dir=folder, suffix=".parquet") as file:
        pq.write_table(rows, file.name)
        given = _call(script, lambda: predict(Path(file.name)))
    scores: NDArray[np.float64] = np.asarray(given, dtype=np.float64).reshape(-1)
    if len(scores) != rows.num_rows:
        raise ModelRefused(f"{script.name}: its function predicted {len(scores):,} rows of {rows.num_rows:,}.")
    return scores


def _call(script: Path, action: Callable[[], Any]) -> Any:
    """What the script's code returns; whatever it raises becomes a sentence with its line."""
    try:
        return action()
    except (ModelRefused, MemoryError):
        raise
    except BaseException as error:
        lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == str(script)]
        where = f" in line {lines[-1]}" if lines else ""
        traceback.print_exc()
        words = str(error).partition("\n")[0][:200]
        raise ModelRefused(
            f"{script.name} failed{where}: {type(error).__name__}{': ' + words if words else ''}."
        ) from error


def _as_dict(contract: Contract) -> dict[str, Any]:
    value: dict[str, Any] = json.loads(contract.model_dump_json())
    return value


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
