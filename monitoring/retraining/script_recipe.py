"""A recipe of the operator's own: `train.py`, run in a child process. `docs/training.md` documents its signature.

The file is named by a setting, never by an upload. The child runs as the same user in the same environment: its time
and memory are bounded, its network and its files are not.
"""

from __future__ import annotations

import ast
import os
import shutil
import sys
from pathlib import Path

import pyarrow as pa
from pydantic import ValidationError

import monitoring
from monitoring.contract import Contract, Value
from monitoring.errors import HookFailed, ModelRefused
from monitoring.progress import Progress
from monitoring.registry.manifest import Parity
from monitoring.retraining.child_process import run_program
from monitoring.retraining.limits import WorkLimits
from monitoring.retraining.recipe import list_known_categories
from monitoring.retraining.staging import write_rows, write_value
from monitoring.retraining.training import Trained, keep_labelled, span
from monitoring.scoring.scorer import Scorer

ROWS_FILE, CONTRACT_FILE, MODEL_FILE, RESULT_FILE = "rows.parquet", "contract.json", "model.onnx", "result.json"
ARGUMENTS = 3
"""`train(rows, contract, model)`."""


class ChildResult(Value):
    """What the child leaves beside the model: the proof, or why there is none."""

    parity: Parity | None = None
    refusal: str = ""


class ScriptRecipe:
    """Trains with the function `train` of a Python file.

    Args:
        file: the file; settings name it.
        limits: time and memory of each training.
    """

    def __init__(self, file: Path, limits: WorkLimits) -> None:
        self.file = file
        self._limits = limits

    @property
    def name(self) -> str:
        return self.file.name

    def validate(self) -> tuple[str, ...]:
        """Whether the file is there and defines `train` with three arguments. It is parsed, not run."""
        try:
            tree = ast.parse(self.file.read_text(encoding="utf-8"))
        except OSError as error:
            return (f"The recipe {self.name} cannot be read ({error.strerror}): correct DRIFTLINE_RECIPE.",)
        except (SyntaxError, ValueError) as error:
            line = f" in line {error.lineno}" if isinstance(error, SyntaxError) and error.lineno else ""
            return (f"The recipe {self.name} is not valid Python{line}: mend it, then start again.",)
        for node in tree.body:
            if isinstance(node, ast.FunctionDef) and node.name == "train":
                taken = node.args.posonlyargs + node.args.args
                if len(taken) == ARGUMENTS or node.args.vararg:
                    return ()
        return (f"The recipe {self.name} has no function train(rows, contract, model): see docs/training.md.",)

    def train(self, contract: Contract, rows: pa.Table, *, model_file: Path, progress: Progress) -> Trained:
        """Has the child fit a model to the labelled rows among `rows`, takes its `model_file` and the proof.

        Raises:
            ModelRefused: the script failed, or its model is not what the contract says or not what it trained.
            HookFailed: the script went beyond a limit, or the child could not be run.
        """
        if problems := self.validate():
            raise ModelRefused(problems[0])
        known = keep_labelled(rows, contract)
        contract = list_known_categories(known, contract)
        folder = model_file.parent / f"{model_file.stem}-child"
        folder.mkdir()
        try:
            parity = self._run(folder, known, contract, progress)
            (folder / MODEL_FILE).replace(model_file)
        finally:
            shutil.rmtree(folder, ignore_errors=True)
        Scorer(model_file, contract)
        first, last = span(known, contract)
        return Trained(contract=contract, parity=parity, rows=known.num_rows, first=first, last=last)

    def _run(self, folder: Path, rows: pa.Table, contract: Contract, progress: Progress) -> Parity:
        """Have the child train in `folder`. Returns the proof; the model lies beside it."""
        write_rows(rows, folder / ROWS_FILE)
        write_value(contract, folder / CONTRACT_FILE)
        progress(0.0, f"Running {self.name} on {rows.num_rows:,} rows")
        code = str(Path(monitoring.__path__[0]).parent)
        try:
            run_program(
                (
                    sys.executable,
                    "-P",
                    "-m",
                    "monitoring.retraining.recipe_child",
                    str(self.file.absolute()),
                    str(folder),
                ),
                called=self.name,
                given="",
                environment={"PYTHONPATH": os.pathsep.join(filter(None, (code, os.environ.get("PYTHONPATH"))))},
                limits=self._limits,
                progress=lambda _, message: progress(0.5, message),
            )
        except HookFailed as error:
            if refusal := _read_result(folder).refusal:
                raise ModelRefused(refusal) from error
            raise
        parity = _read_result(folder).parity
        if parity is None:
            raise ModelRefused(f"{self.name} left before its model was proved: it must return, not exit.")
        return parity


def _read_result(folder: Path) -> ChildResult:
    try:
        return ChildResult.model_validate_json((folder / RESULT_FILE).read_bytes())
    except (OSError, ValidationError):
        return ChildResult()
