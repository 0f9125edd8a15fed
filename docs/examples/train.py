"""A recipe of one's own: gradient-boosted trees on one-hot categories. Set DRIFTLINE_RECIPE to the path of such a file.

`train` gets a Parquet file of labelled rows, the model's contract as a dictionary, and where the ONNX model goes. It
returns a function that gives the trained model's own probabilities for a Parquet file of such rows: Driftline compares
them with those of the ONNX model, on rows with missing values and never-seen categories as well.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
from skl2onnx import to_onnx
from skl2onnx.common.data_types import FloatTensorType, StringTensorType
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import OneHotEncoder


def train(rows: Path, contract: dict[str, Any], model: Path) -> Callable[[Path], Any]:
    """Fit to the rows, write the ONNX file, return what predicts."""
    features = contract["features"]
    numbers = [feature["name"] for feature in features if feature["kind"] == "numeric"]
    categories = [feature["name"] for feature in features if feature["kind"] == "categorical"]

    def read(file: Path) -> pd.DataFrame:
        frame = pd.read_parquet(file, columns=[feature["name"] for feature in features])
        frame[categories] = frame[categories].astype(object).where(frame[categories].notna(), "")
        return frame.astype(dict.fromkeys(numbers, "float32"))

    labels = pd.read_parquet(rows, columns=[contract["target"]["name"]]).iloc[:, 0].astype(int)
    columns = ColumnTransformer(
        [
            ("numbers", "passthrough", numbers),
            ("categories", OneHotEncoder(handle_unknown="ignore", sparse_output=False), categories),
        ]
    )
    trees = HistGradientBoostingClassifier(max_iter=40, learning_rate=0.1, max_leaf_nodes=15, random_state=0)
    pipeline = Pipeline([("columns", columns), ("trees", trees)])
    print(f"Fitting trees on {len(labels):,} rows", flush=True)  # noqa: T201 - shown as progress
    pipeline.fit(read(rows), labels)

    kinds = {"numeric": FloatTensorType, "categorical": StringTensorType}
    exported = to_onnx(
        pipeline,
        name=contract["model"],
        initial_types=[(feature["input"], kinds[feature["kind"]]([None, 1])) for feature in features],
        target_opset={"": 21, "ai.onnx.ml": 3},
        options={id(pipeline): {"zipmap": False}},
    )
    model.write_bytes(exported.SerializeToString())
    return lambda file: pipeline.predict_proba(read(file))[:, 1]
