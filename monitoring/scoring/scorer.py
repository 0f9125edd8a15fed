"""ONNX Runtime behind one small class: a model file and its contract → the probability of the positive class."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from monitoring.contract import PREDICTION, Contract
from monitoring.errors import ModelRefused
from monitoring.scoring.text_tables import CutModel, LookedUp

CHUNK_ROWS = 4_096
ROWS_BEFORE_CUT = 100_000
"""Rows after which it pays to look up what the model makes of its texts: cutting it takes some tenths of a second."""
_TYPES = {"numeric": ("tensor(float)", "tensor(double)"), "categorical": ("tensor(string)",)}
_NOISE = re.compile(
    r"^\[ONNXRuntimeError\] : \d+ : \w+ : |Load model from .*? failed:"
    r"|\S+\.(?:cc|h):\d+ (?:[^()]*\(.*?\) (?=[A-Z\"])|\S+ )"
)
_PATH = re.compile(r"(?:[A-Za-z]:|\.\.)?(?:[\\/][^\s\\/\"':;,]+){2,}[\\/]?")
_SLACK = 1e-5


class Scorer:
    """A loaded model.

    Args:
        model: the ONNX file.
        contract: what the model needs and gives.
        threads: threads that one call may use.

    Raises:
        ModelRefused: the file cannot be loaded, or its inputs and outputs are not the contract's.
    """

    def __init__(self, model: Path, contract: Contract, *, threads: int = 1) -> None:
        self._contract = contract
        self.path = model
        """The file it was loaded from."""
        self._threads = threads
        self._scored = 0
        self._cut: CutModel | None = None
        self._cutting = Lock()
        try:
            self._session = self._opened(str(model))
        except Exception as error:  # the runtime raises a dozen classes of its own, without a common root
            raise ModelRefused(f"The model file {model.name} cannot be loaded: {without_paths(str(error))}.") from error
        self._inputs = {given.name: given for given in self._session.get_inputs()}
        self._check_inputs()
        self._check_outputs()
        self._chunk = self._chunk_rows()

    def score(self, batch: Any) -> NDArray[np.float64]:
        """Probability of the positive class for every row of a conforming batch, in its order.

        Raises:
            ModelRefused: the model fails on the rows or gives something else than one probability for each.
        """
        scores = self._score(batch, self._cut)
        self._scored += batch.num_rows
        if self._scored >= ROWS_BEFORE_CUT and batch.num_rows and self._cutting.acquire(blocking=False):
            self._cut = self._cut_model(batch.slice(0, self._chunk), scores[: self._chunk])  # once: it stays locked
        self._check_probabilities(scores)
        return scores

    def _score(self, batch: Any, cut: CutModel | None) -> NDArray[np.float64]:
        """The probabilities as they come."""
        columns: dict[str, NDArray[Any] | LookedUp] = {}
        for feature in self._features:
            column = batch.column(feature.name)
            if cut is not None and feature.input in cut.encoders:
                coded = column if pa.types.is_dictionary(column.type) else column.dictionary_encode()
                columns |= cut.look_up(feature.input, coded)
            else:
                columns[feature.input] = self._fed(column, feature.input)
        session = self._session if cut is None else cut.rest
        scores = np.empty(batch.num_rows, dtype=np.float64)
        for start in range(0, batch.num_rows, self._chunk):
            rows = slice(start, min(start + self._chunk, batch.num_rows))
            given = {name: values[rows] for name, values in columns.items()}
            scores[rows] = self._run(session, given, rows.stop - rows.start)
        return scores

    def _cut_model(self, batch: Any, scores: NDArray[np.float64]) -> CutModel | None:
        """The model in two parts, if it can be cut and then gives these scores of these rows to the last bit."""
        texts = [feature.input for feature in self._features if feature.kind == "categorical"]
        try:
            cut = CutModel.of(self.path, texts, self._opened)
            return cut if cut is not None and np.array_equal(self._score(batch, cut), scores) else None
        except Exception:  # of the runtime and of onnx, which have a dozen classes: the model as it is goes on
            return None

    def _opened(self, model: str | bytes) -> Any:
        """A session of ONNX Runtime."""
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = self._threads
        options.inter_op_num_threads = 1
        options.log_severity_level = 4
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        return onnxruntime.InferenceSession(model, sess_options=options, providers=["CPUExecutionProvider"])

    @property
    def _features(self) -> tuple[Any, ...]:
        return self._contract.features

    def _fed(self, column: Any, name: str) -> NDArray[Any]:
        """A column as the runtime wants it: [n, 1], no None, missing as NaN or ''."""
        if pa.types.is_dictionary(column.type):
            return _texts(column).reshape(-1, 1)
        if pa.types.is_string(column.type):
            return np.asarray(pc.fill_null(column, "").to_numpy(zero_copy_only=False), dtype=object).reshape(-1, 1)
        kind = np.float64 if self._inputs[name].type == "tensor(double)" else np.float32
        with np.errstate(over="ignore"):
            return np.asarray(column.to_numpy(zero_copy_only=False), dtype=np.float64).astype(kind).reshape(-1, 1)

    def _run(self, session: Any, feed: Mapping[str, NDArray[Any]], rows: int) -> NDArray[np.float64]:
        try:
            (output,) = session.run([self._contract.probability_output], feed)
        except Exception as error:
            raise ModelRefused(f"The model failed on the rows: {without_paths(str(error))}.") from error
        scores = _positive(output, self._contract.classes)
        if scores.shape != (rows,):
            raise ModelRefused(f"The model gave {len(scores):,} probabilities for {rows:,} rows.")
        return scores

    def _check_inputs(self) -> None:
        wanted = {feature.input: feature for feature in self._features}
        if len(wanted) != len(self._features) or set(wanted) != set(self._inputs):
            missing, extra = sorted(set(wanted) - set(self._inputs)), sorted(set(self._inputs) - set(wanted))
            raise ModelRefused(
                f"The model's inputs are not the contract's: it has {len(self._inputs)}, the contract {len(wanted)}"
                f"{'; not in the model: ' + ', '.join(missing) if missing else ''}"
                f"{'; not in the contract: ' + ', '.join(extra) if extra else ''}."
            )
        for name, given in self._inputs.items():
            kind = wanted[name].kind
            if given.type not in _TYPES[kind]:
                raise ModelRefused(f"The model's input {name} takes {given.type}, the contract says it is {kind}.")
            if len(given.shape) != 2 or (given.shape[1] not in (1, None) and not isinstance(given.shape[1], str)):
                raise ModelRefused(f"The model's input {name} has shape {given.shape}, not one value a row ([n, 1]).")

    def _check_outputs(self) -> None:
        names = [given.name for given in self._session.get_outputs()]
        if self._contract.probability_output not in names:
            raise ModelRefused(
                f"The model has no output {self._contract.probability_output} with probabilities; "
                f"it gives {', '.join(names)}."
            )

    def _chunk_rows(self) -> int:
        """Rows a call: what the model's fixed batch size asks for, else `CHUNK_ROWS`."""
        fixed = {given.shape[0] for given in self._inputs.values() if isinstance(given.shape[0], int)}
        if fixed - {1}:
            raise ModelRefused(f"The model takes exactly {max(fixed)} rows a call; export it with a free batch size.")
        return 1 if fixed else CHUNK_ROWS

    def _check_probabilities(self, scores: NDArray[np.float64]) -> None:
        bad = ~((scores >= -_SLACK) & (scores <= 1 + _SLACK))
        if bad.any():
            first = int(np.argmax(bad))
            raise ModelRefused(
                f"The model gave no probability between 0 and 1 for {int(bad.sum()):,} of {len(scores):,} rows "
                f"({scores[first]} for the first of them)."
            )
        np.clip(scores, 0.0, 1.0, out=scores)


def with_predictions(batch: Any, probabilities: NDArray[np.float64]) -> Any:
    """The batch with the column `prediction` at its end."""
    return batch.append_column(pa.field(PREDICTION, pa.float64()), pa.array(probabilities, pa.float64()))


def without_paths(message: str) -> str:
    """A message of the runtime on one line, without the server's paths, error codes and C++ signatures.

    >>> without_paths("[ONNXRuntimeError] : 1 : FAIL : Load model from /srv/m.onnx failed:No graph was found.")
    'No graph was found'
    """
    line = re.sub(r"\s+", " ", _PATH.sub("…", _NOISE.sub("", message))).strip()
    return line[:300].rstrip(".")


def _texts(coded: Any) -> NDArray[Any]:
    """Dictionary-encoded text (n,) as objects, one for each distinct text, missing as ''."""
    levels = np.array([*coded.dictionary.to_pylist(), ""], dtype=object)
    codes = pc.fill_null(coded.indices, len(levels) - 1).to_numpy(zero_copy_only=False)
    return np.asarray(levels[codes], dtype=object)


def _positive(output: Any, classes: tuple[int, int]) -> NDArray[np.float64]:
    """Probabilities of the last class from a tensor [n, 2] or from one dictionary a row (zipmap)."""
    if isinstance(output, list):
        key = next((key for key in (classes[-1], str(classes[-1])) if output and key in output[0]), None)
        if output and key is None:
            raise ModelRefused(f"The model's probabilities do not name the class {classes[-1]}.")
        return np.array([row[key] for row in output], dtype=np.float64)
    scores = np.asarray(output, dtype=np.float64)
    if scores.ndim != 2 or scores.shape[1] != len(classes):
        raise ModelRefused(f"The model's probabilities have shape {list(scores.shape)}, not [rows, {len(classes)}].")
    return scores[:, -1]
