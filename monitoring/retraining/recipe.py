"""The packaged recipe: what is fitted to labelled rows, and how rows are handed to it.

A logistic regression on median-imputed, scaled numbers and one-hot categories: the combination whose export to ONNX is
exact, fits in seconds and gives the same predictions on any machine (the solver converges quadratically to the one
optimum of a strictly convex loss).
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from monitoring.contract import Contract
from monitoring.errors import ModelRefused

if TYPE_CHECKING:
    from pandas import DataFrame
    from sklearn.pipeline import Pipeline

MISSING_CATEGORY = ""
"""What a missing category is to a model: ONNX has no null string."""


def build_pipeline(contract: Contract) -> Pipeline:
    """An unfitted pipeline for the contract's features, each column named as its ONNX input."""
    from sklearn.compose import ColumnTransformer
    from sklearn.impute import SimpleImputer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import Pipeline
    from sklearn.preprocessing import OneHotEncoder, StandardScaler

    numbers = [f.input for f in contract.features if f.kind == "numeric"]
    categories = [f.input for f in contract.features if f.kind == "categorical"]
    scaled = Pipeline(
        [("impute", SimpleImputer(strategy="median", keep_empty_features=True)), ("scale", StandardScaler())]
    )
    steps = [("numbers", scaled, numbers), ("categories", OneHotEncoder(handle_unknown="ignore"), categories)]
    return Pipeline(
        [
            ("columns", ColumnTransformer([step for step in steps if step[2]])),
            ("model", LogisticRegression(solver="newton-cholesky", C=1.0, tol=1e-10, max_iter=100)),
        ]
    )


@dataclass(frozen=True, slots=True)
class Recipe:
    """What is trained: a name for the manifest, and how an unfitted pipeline for a contract is made."""

    name: str
    build: Callable[[Contract], Pipeline]


PACKAGED = Recipe("logistic regression", build_pipeline)


def fit(pipeline: Pipeline, rows: pa.Table, contract: Contract) -> Pipeline:
    """Fits `pipeline` to the labelled rows among `rows` (conforming, with target) and returns it.

    Raises:
        ModelRefused: the labels hold one class only, or the solver did not reach the optimum.
    """
    from sklearn.exceptions import ConvergenceWarning

    known = rows.filter(pc.is_valid(rows[contract.target.name]))
    labels = known[contract.target.name].to_numpy()
    if len(np.unique(labels)) < 2:
        raise ModelRefused(
            f"All {len(labels):,} rows with an outcome have the same one: a model needs rows that were "
            f"{contract.target.positive} and rows that were not."
        )
    frame = build_frame(known, contract)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", ConvergenceWarning)
            pipeline.fit(frame, labels.astype(np.int64))
    except ConvergenceWarning as warning:
        raise ModelRefused("The training did not settle on one answer; the model was not kept.") from warning
    return pipeline


def predict(pipeline: Pipeline, rows: pa.Table, contract: Contract) -> NDArray[np.float64]:
    """Probability of the positive class for each row (n,), by the fitted pipeline itself."""
    probabilities: NDArray[np.float64] = pipeline.predict_proba(build_frame(rows, contract))[:, -1]
    return probabilities


def build_frame(rows: pa.Table, contract: Contract) -> DataFrame:
    """The features as a data frame, columns named as ONNX inputs; missing is NaN for numbers and '' for categories."""
    from pandas import DataFrame

    columns = {}
    for feature in contract.features:
        column = rows[feature.name]
        if feature.kind == "categorical":
            column = pc.fill_null(column, MISSING_CATEGORY)
        columns[feature.input] = column.to_numpy()
    return DataFrame(columns)


def list_known_categories(rows: pa.Table, contract: Contract) -> Contract:
    """The contract with the categories of the labelled rows among `rows`: those a model fitted to them knows."""
    known = rows.filter(pc.is_valid(rows[contract.target.name]))
    features = []
    for feature in contract.features:
        if feature.kind == "categorical":
            found = pc.unique(known[feature.name]).to_pylist()
            categories = tuple(sorted(value for value in found if value))
            features.append(feature.model_copy(update={"categories": categories}))
        else:
            features.append(feature)
    return contract.model_copy(update={"features": tuple(features)})
