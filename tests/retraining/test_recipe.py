"""The packaged recipe and its export, on contracts of several shapes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from sklearn.linear_model import LogisticRegression

from monitoring.contract import Contract, Feature, Target
from monitoring.errors import ModelRefused
from monitoring.retraining.export import export_onnx
from monitoring.retraining.recipe import build_pipeline, fit, list_known_categories, predict
from monitoring.retraining.training import train
from tests.retraining.flights import contract, few_rows

SMALL = Contract(
    model="small",
    features=(
        Feature(name="Size of it", kind="numeric", input="size"),
        Feature(name="never there", kind="numeric", input="never"),
        Feature(name="always 3", kind="numeric", input="three"),
        Feature(name="colour", kind="categorical", input="colour_in"),
    ),
    target=Target(name="y", positive="yes"),
)


def small_rows(count: int = 400) -> pa.Table:
    """Rows with a column that is all missing, one that is constant, and categories that may miss."""
    rng = np.random.default_rng(5)
    size = rng.normal(size=count)
    colour = rng.choice(["red", "green", None], size=count, p=[0.5, 0.3, 0.2])
    late = (rng.random(count) < 1 / (1 + np.exp(-size - (colour == "red")))).astype(float)
    size[::7] = np.nan
    return pa.table(
        {
            "Size of it": pa.array(size, pa.float64(), from_pandas=True),
            "never there": pa.nulls(count, pa.float64()),
            "always 3": pa.array(np.full(count, 3.0)),
            "colour": pa.array(colour.tolist(), pa.string()),
            "y": pa.array(late),
        }
    )


def test_another_solver_finds_the_same_predictions() -> None:
    """The optimum is one, so any machine and any solver agree on it to 1e-6."""
    rows = few_rows()
    ours = fit(build_pipeline(contract()), rows, contract())
    other = build_pipeline(contract())
    other.steps[-1] = ("model", LogisticRegression(solver="newton-cg", C=1.0, tol=1e-10, max_iter=1_000))
    theirs = fit(other, rows, contract())
    assert np.max(np.abs(predict(ours, rows, contract()) - predict(theirs, rows, contract()))) < 1e-6


def test_the_order_of_the_rows_does_not_matter() -> None:
    rows = few_rows()
    turned = rows.take(pa.array(np.random.default_rng(1).permutation(rows.num_rows)))
    ours, theirs = (fit(build_pipeline(contract()), some, contract()) for some in (rows, turned))
    assert np.max(np.abs(predict(ours, rows, contract()) - predict(theirs, rows, contract()))) < 1e-9


def test_rows_without_an_outcome_are_not_fitted_to() -> None:
    rows = few_rows()
    known = rows.filter(pc.is_valid(rows["late"]))
    assert known.num_rows < rows.num_rows
    ours, theirs = (fit(build_pipeline(contract()), some, contract()) for some in (rows, known))
    assert np.array_equal(predict(ours, rows, contract()), predict(theirs, rows, contract()))


def test_the_same_pipeline_gives_the_same_bytes() -> None:
    first, second = (fit(build_pipeline(SMALL), small_rows(), SMALL) for _ in range(2))
    assert export_onnx(first, SMALL) == export_onnx(second, SMALL)


def test_odd_columns_are_trained_on_and_exported_right(tmp_path: Path) -> None:
    trained = train(SMALL, small_rows(), model_file=tmp_path / "model.onnx")
    assert trained.parity.largest_difference < 1e-6
    assert trained.contract.feature("colour").categories == ("green", "red")
    assert (trained.rows, trained.first, trained.last) == (400, None, None)


@pytest.mark.parametrize("kind", ["numeric", "categorical"])
def test_columns_of_one_kind_only(kind: str, tmp_path: Path) -> None:
    only = Contract(model="small", features=tuple(f for f in SMALL.features if f.kind == kind), target=SMALL.target)
    trained = train(only, small_rows(), model_file=tmp_path / "model.onnx")
    assert trained.parity.largest_difference < 1e-6
    assert (trained.parity.unseen is None) == (kind == "numeric")


def test_categories_are_those_of_labelled_rows() -> None:
    rows = small_rows()
    blue = pc.if_else(pa.array(np.arange(400) == 3), "blue", rows["colour"])
    unknown = pc.if_else(pa.array(np.arange(400) == 3), pa.scalar(None, pa.float64()), rows["y"])
    rows = rows.set_column(3, "colour", blue).set_column(4, "y", unknown)
    assert list_known_categories(rows, SMALL).feature("colour").categories == ("green", "red")


def test_one_class_is_refused() -> None:
    rows = small_rows().filter(pc.equal(small_rows()["y"], 1.0))
    with pytest.raises(ModelRefused, match="rows with an outcome have the same one"):
        fit(build_pipeline(SMALL), rows, SMALL)


def test_a_training_that_does_not_settle_is_refused() -> None:
    hasty = build_pipeline(SMALL).set_params(model__max_iter=1)
    with pytest.raises(ModelRefused, match="did not settle"):
        fit(hasty, small_rows(), SMALL)
