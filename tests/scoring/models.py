"""Model files for tests: one trained and exported here, and small graphs that misbehave in one way each."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pandas as pd
import pyarrow as pa
from onnx import TensorProto, helper
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from monitoring.contract import Contract, Feature, Target

CONTRACT = Contract(
    model="test",
    features=(
        Feature(name="colour", kind="categorical", input="colour", categories=("blue", "green", "red")),
        Feature(name="x", kind="numeric", input="x"),
        Feature(name="size", kind="numeric", input="z"),
    ),
    id="name",
    timestamp="at",
    target=Target(name="y", positive="bad"),
)
NUMBERS = Contract(**{**CONTRACT.model_dump(), "features": CONTRACT.features[1:]})
"""A contract without text, for graphs made by hand."""
ZIPMAP = Contract(**{**CONTRACT.model_dump(), "probability_output": "output_probability"})
"""The same for a model exported with its probabilities as dictionaries, under the name the exporter gives them."""
OPSET = {"": 21, "ai.onnx.ml": 3}


def rows_of(count: int, *, seed: int = 7) -> pa.RecordBatch:
    """Conforming rows with missing numbers, missing and unseen categories."""
    rng = np.random.default_rng(seed)
    colours = rng.choice(np.array(["blue", "green", "red", "pink", None], dtype=object), count)
    x, size = rng.normal(size=count), rng.lognormal(size=count)
    return pa.record_batch(
        {
            "colour": pa.array(colours, pa.string()),
            "x": pa.array(x, pa.float64(), mask=rng.random(count) < 0.1),
            "size": pa.array(size, pa.float64(), mask=rng.random(count) < 0.1),
        }
    )


def frame_of(batch: pa.RecordBatch) -> pd.DataFrame:
    """The rows as scikit-learn takes them: numbers in float32 as the model sees them, missing text as ''."""
    colour = np.array([value or "" for value in batch.column("colour").to_pylist()], dtype=object)
    numbers = {
        name: batch.column(column).to_numpy(zero_copy_only=False).astype(np.float32)
        for name, column in (("x", "x"), ("z", "size"))
    }
    return pd.DataFrame({"colour": colour, **numbers})


def trained() -> Pipeline:
    """A pipeline of safe parts, fitted to rows of another seed."""
    rows = frame_of(rows_of(3_000, seed=1))
    outcome = np.random.default_rng(2).random(3_000) < 1 / (
        1 + np.exp(-rows["x"].fillna(0) - (rows["colour"] == "red"))
    )
    numbers = make_pipeline(SimpleImputer(strategy="median"), StandardScaler())
    columns = ColumnTransformer(
        [("numbers", numbers, ["x", "z"]), ("colour", OneHotEncoder(handle_unknown="ignore"), ["colour"])]
    )
    return Pipeline([("columns", columns), ("model", LogisticRegression())]).fit(rows, outcome.astype(int))


def export(pipeline: Pipeline, path: Path, *, zipmap: bool) -> Path:
    """The pipeline as an ONNX file."""
    from skl2onnx import to_onnx
    from skl2onnx.common.data_types import FloatTensorType, StringTensorType

    text, number = StringTensorType([None, 1]), FloatTensorType([None, 1])
    model = to_onnx(
        pipeline,
        initial_types=[("colour", text), ("x", number), ("z", number)],
        target_opset=OPSET,
        options={id(pipeline): {"zipmap": zipmap}},
    )
    path.write_bytes(model.SerializeToString())
    return path


def graph(path: Path, nodes: list[Any], **options: Any) -> Path:
    """A graph made by hand: inputs x and z of shape [batch, 1], the output `probabilities`."""
    batch, width = options.get("batch"), options.get("width", 2)
    kind = options.get("kind", TensorProto.FLOAT)
    names = options.get("inputs", ("x", "z"))
    inputs = [helper.make_tensor_value_info(name, kind, options.get("shape", [batch, 1])) for name in names]
    output = helper.make_tensor_value_info(options.get("output", "probabilities"), kind, [batch, width])
    made = helper.make_graph(nodes, "by hand", inputs, [output])
    model = helper.make_model(made, opset_imports=[helper.make_opsetid("", 21)], ir_version=10)
    onnx.save(model, path)
    return path


def joined(*, times: int = 1, output: str = "probabilities", names: tuple[str, ...] = ("x", "z")) -> list[Any]:
    """Nodes that give the inputs back, side by side: x is then the negative class's share and z the positive's."""
    return [helper.make_node("Concat", list(names) * times, [output], axis=1)]
