"""An exported model is kept only when it predicts what was trained: the silently wrong exports are refused."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder, StandardScaler

from monitoring.errors import ModelRefused
from monitoring.registry.manifest import Parity
from monitoring.retraining.export import export_onnx
from monitoring.retraining.parity import prove_parity, replace_categories, take_values_away
from monitoring.retraining.recipe import build_pipeline, fit, list_known_categories, predict
from monitoring.retraining.training import score_rows
from monitoring.scoring.scorer import Scorer
from tests.retraining.flights import contract, few_rows

NUMBERS, CATEGORIES = list(contract().numeric), list(contract().categorical)


def columns(numbers: Any, categories: Any) -> ColumnTransformer:
    return ColumnTransformer([("numbers", numbers, NUMBERS), ("categories", categories, CATEGORIES)])


def filled(**options: Any) -> Pipeline:
    return Pipeline([("impute", SimpleImputer(strategy="median", **options)), ("scale", StandardScaler())])


def indicator() -> Pipeline:
    """Indicator columns get lost in the export."""
    imputer = SimpleImputer(strategy="median", add_indicator=True)
    model = LogisticRegression(solver="newton-cholesky")
    return Pipeline([("columns", columns(imputer, OneHotEncoder(handle_unknown="ignore"))), ("model", model)])


def forest_with_gaps() -> Pipeline:
    """A forest that takes missing values itself: wrong on exactly the rows that have one."""
    encoder = OneHotEncoder(handle_unknown="ignore", sparse_output=False)
    model = RandomForestClassifier(n_estimators=5, max_depth=6, random_state=1)
    return Pipeline([("columns", columns("passthrough", encoder)), ("model", model)])


def native_categories() -> Pipeline:
    """Histogram boosting told which columns are categories: the export takes their codes for numbers."""
    encoder = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1)
    model = HistGradientBoostingClassifier(max_iter=20, categorical_features=[10, 11, 12], random_state=1)
    return Pipeline([("columns", columns("passthrough", encoder)), ("model", model)])


def infrequent_categories() -> Pipeline:
    """One unseen category makes the runtime give up on the whole batch."""
    encoder = OneHotEncoder(handle_unknown="infrequent_if_exist", min_frequency=50)
    return Pipeline([("columns", columns(filled(), encoder)), ("model", LogisticRegression(max_iter=500))])


def boosting_one_hot() -> Pipeline:
    """One of the exports that are right: boosting on one-hot categories, missing numbers passed through."""
    encoder = OneHotEncoder(handle_unknown="ignore", sparse_output=False)
    model = HistGradientBoostingClassifier(max_iter=20, random_state=1)
    return Pipeline([("columns", columns("passthrough", encoder)), ("model", model)])


def prove(pipeline: Pipeline, folder: Path) -> Parity:
    rows = few_rows()
    known = list_known_categories(rows, contract())
    fit(pipeline, rows, known)
    model = folder / "model.onnx"
    model.write_bytes(export_onnx(pipeline, known))
    scorer = Scorer(model, known)
    return prove_parity(lambda some: predict(pipeline, some, known), lambda some: score_rows(scorer, some), rows, known)


TREES = pytest.mark.filterwarnings("ignore:Field onnx.AttributeProto.ints:DeprecationWarning")
"""The exporter hands booleans to protobuf for trees; protobuf below 7, which is what is locked, takes them."""


@pytest.mark.parametrize(
    ("build", "says"),
    [
        pytest.param(indicator, "on real rows", id="imputer with indicators"),
        pytest.param(forest_with_gaps, "on real rows", id="forest with gaps", marks=TREES),
        pytest.param(native_categories, "on real rows", id="boosting with native categories", marks=TREES),
        pytest.param(infrequent_categories, "cannot score rows with", id="infrequent categories"),
    ],
)
def test_silently_wrong_exports_are_refused(build: Callable[[], Pipeline], says: str, tmp_path: Path) -> None:
    with pytest.raises(ModelRefused, match=says):
        prove(build(), tmp_path)


@pytest.mark.parametrize(
    "build",
    [
        pytest.param(lambda: build_pipeline(contract()), id="packaged recipe"),
        pytest.param(boosting_one_hot, id="boosting on one-hot", marks=TREES),
    ],
)
def test_right_exports_pass(build: Callable[[], Pipeline], tmp_path: Path) -> None:
    parity = prove(build(), tmp_path)
    assert parity.missing and parity.unseen
    assert parity.real.rows == parity.missing.rows == parity.unseen.rows >= 3_000
    assert parity.largest_difference <= 1e-6


@pytest.mark.parametrize("off", [0.0, 9e-6])
def test_the_largest_difference_of_a_group_is_kept(off: float) -> None:
    def exported(rows: pa.Table) -> Any:
        return np.where(np.arange(rows.num_rows) == 17, 0.5 + off, 0.5)

    parity = prove_parity(lambda rows: np.full(rows.num_rows, 0.5), exported, few_rows(), contract())
    assert parity.real.largest_difference == pytest.approx(off)
    assert parity.largest_difference == pytest.approx(off)


@pytest.mark.parametrize("wrong", [0.5 + 2e-5, np.nan])
def test_one_wrong_row_in_a_thousand_is_refused(wrong: float) -> None:
    def exported(rows: pa.Table) -> Any:
        return np.where(np.arange(rows.num_rows) == 17, wrong, 0.5)

    with pytest.raises(ModelRefused, match="real rows"):
        prove_parity(lambda rows: np.full(rows.num_rows, 0.5), exported, few_rows(), contract())


def test_values_are_taken_from_each_column_alone_and_from_all_together() -> None:
    rows = few_rows()
    taken = take_values_away(rows, contract())
    assert taken is not None
    names = contract().feature_names
    newly = np.array([(taken[n].is_null().to_numpy() & ~rows[n].is_null().to_numpy()) for n in names]).T
    assert {tuple(row) for row in np.unique(newly, axis=0)} >= {tuple(row) for row in np.eye(len(names), dtype=bool)}
    assert any(all(row[n] is None for n in names) for row in taken.to_pylist())


def test_replaced_categories_are_unseen_and_some_are_only_respelled() -> None:
    replaced = replace_categories(few_rows(), contract())
    assert replaced is not None
    for feature in contract().features:
        if feature.kind == "numeric":
            assert replaced[feature.name].equals(few_rows()[feature.name])
            continue
        unseen = set(replaced[feature.name].to_pylist()) - set(feature.categories)
        assert {"naïve ✈", "?"} <= unseen
        assert {value.upper() for value in unseen} & set(feature.categories)
    last_of_round = replaced.filter(pa.array(np.arange(replaced.num_rows) % 4 == 3))
    for name in CATEGORIES:
        assert not pc.any(pc.is_in(last_of_round[name], pa.array(contract().feature(name).categories))).as_py()
