"""A scorer gives what the trained model gives, row by row, or refuses the model in a sentence."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnxruntime
import pyarrow as pa
import pytest
from onnx import TensorProto, helper
from sklearn.pipeline import Pipeline

from monitoring.contract import Contract, Feature
from monitoring.errors import ModelRefused
from monitoring.scoring import Scorer, with_predictions
from monitoring.scoring.scorer import CHUNK_ROWS, without_paths
from tests.scoring.conftest import Model
from tests.scoring.models import CONTRACT, NUMBERS, ZIPMAP, frame_of, graph, joined, rows_of


def numbers(x: list[float | None], size: list[float | None]) -> pa.RecordBatch:
    return pa.record_batch({"x": pa.array(x, pa.float64()), "size": pa.array(size, pa.float64())})


@pytest.mark.parametrize("count", [0, 1, CHUNK_ROWS, 2 * CHUNK_ROWS + 5])
def test_parity_with_scikit_learn(model: Model, pipeline: Pipeline, count: int) -> None:
    """Missing numbers, missing text and unseen categories included, across chunks."""
    batch = rows_of(count)
    scores = Scorer(*model).score(batch)
    assert scores.dtype == np.float64
    expected = pipeline.predict_proba(frame_of(batch))[:, 1] if count else np.empty(0)
    np.testing.assert_allclose(scores, expected, atol=1e-6)
    if count > 1_000:
        assert scores.std() > 0.1


def test_the_export_reads_its_probabilities_as_declared(model: Model) -> None:
    """Both kinds of output are really met by the tests above."""
    path, contract = model
    types = {output.name: output.type for output in onnxruntime.InferenceSession(path).get_outputs()}
    assert types[contract.probability_output].startswith("seq(map(" if contract is ZIPMAP else "tensor(")


def test_threads_do_not_change_the_scores(model: Model) -> None:
    batch = rows_of(5_000)
    one, two = (Scorer(*model, threads=threads).score(batch) for threads in (1, 2))
    np.testing.assert_array_equal(one, two)


def test_a_slice_of_a_batch_scores_like_its_rows(model: Model) -> None:
    batch = rows_of(300)
    scorer = Scorer(*model)
    np.testing.assert_array_equal(scorer.score(batch.slice(100, 50)), scorer.score(batch)[100:150])


def test_more_columns_and_another_order_do_not_matter(model: Model) -> None:
    batch = rows_of(50)
    other = batch.select(["size", "x", "colour"]).append_column("note", pa.array(["n"] * 50))
    scorer = Scorer(*model)
    np.testing.assert_array_equal(scorer.score(other), scorer.score(batch))


def test_with_predictions() -> None:
    batch = numbers([1.0], [2.0])
    scored = with_predictions(batch, np.array([0.25]))
    assert scored.schema.names == ["x", "size", "prediction"]
    assert scored.column("prediction").to_pylist() == [0.25]
    assert batch.num_columns == 2


def test_a_fixed_batch_of_one_is_scored_row_by_row(tmp_path: Path) -> None:
    model = graph(tmp_path / "one.onnx", joined(), batch=1)
    assert Scorer(model, NUMBERS).score(numbers([0.75, 0.5], [0.25, 0.5])).tolist() == [0.25, 0.5]


def test_double_inputs_keep_their_digits(tmp_path: Path) -> None:
    model = graph(tmp_path / "double.onnx", joined(), kind=TensorProto.DOUBLE)
    third = 1 / 3
    assert Scorer(model, NUMBERS).score(numbers([1 - third], [third])).tolist() == [third]


def only(*names: str) -> Contract:
    return Contract(**{**NUMBERS.model_dump(), "features": tuple(f for f in NUMBERS.features if f.input in names)})


def test_refuses_what_is_no_model(tmp_path: Path) -> None:
    for name, data in {"empty": b"", "text": b"not a model", "noise": bytes(range(256)) * 4}.items():
        path = tmp_path / f"{name}.onnx"
        path.write_bytes(data)
        with pytest.raises(ModelRefused, match=rf"The model file {name}\.onnx cannot be loaded: ") as refused:
            Scorer(path, NUMBERS)
        assert str(tmp_path) not in str(refused.value)
        assert "\n" not in str(refused.value)


def test_refuses_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ModelRefused, match="cannot be loaded") as refused:
        Scorer(tmp_path / "gone.onnx", NUMBERS)
    assert str(tmp_path) not in str(refused.value)


def test_refuses_inputs_that_are_not_the_contracts(tmp_path: Path) -> None:
    path = graph(tmp_path / "m.onnx", joined())
    with pytest.raises(ModelRefused, match=r"it has 2, the contract 3; not in the model: colour\."):
        Scorer(path, CONTRACT)
    with pytest.raises(ModelRefused, match=r"it has 2, the contract 1; not in the contract: z\."):
        Scorer(path, only("x"))
    text = Feature(name="x", kind="categorical", input="x")
    with pytest.raises(ModelRefused, match=r"input x takes tensor\(float\), the contract says it is categorical"):
        Scorer(path, Contract(**{**NUMBERS.model_dump(), "features": (text, NUMBERS.features[1])}))


def test_refuses_shapes_that_are_not_one_value_a_row(tmp_path: Path) -> None:
    wide = graph(tmp_path / "wide.onnx", joined(), shape=[None, 5])
    with pytest.raises(ModelRefused, match=r"input x has shape \[None, 5\]"):
        Scorer(wide, NUMBERS)
    fixed = graph(tmp_path / "fixed.onnx", joined(), batch=3)
    with pytest.raises(ModelRefused, match="exactly 3 rows a call"):
        Scorer(fixed, NUMBERS)


def test_refuses_a_model_without_probabilities(tmp_path: Path) -> None:
    path = graph(tmp_path / "label.onnx", joined(output="label"), output="label")
    with pytest.raises(ModelRefused, match="no output probabilities with probabilities; it gives label"):
        Scorer(path, NUMBERS)


def test_refuses_probabilities_of_more_classes(tmp_path: Path) -> None:
    path = graph(tmp_path / "four.onnx", joined(times=2), width=4)
    with pytest.raises(ModelRefused, match=r"shape \[1, 4\], not \[rows, 2\]"):
        Scorer(path, NUMBERS).score(numbers([0.5], [0.5]))


@pytest.mark.parametrize("bad", [1.5, -0.5, None, 1e30])
def test_refuses_what_is_no_probability(bad: float | None, tmp_path: Path) -> None:
    scorer = Scorer(graph(tmp_path / "m.onnx", joined()), NUMBERS)
    with pytest.raises(ModelRefused, match="no probability between 0 and 1 for 1 of 3 rows"):
        scorer.score(numbers([0.5, 0.5, 0.5], [0.5, bad, 0.5]))


def test_rounding_beyond_the_ends_is_cut_off(tmp_path: Path) -> None:
    scorer = Scorer(graph(tmp_path / "m.onnx", joined()), NUMBERS)
    assert scorer.score(numbers([0.0, 1.0], [1.0000001, -1e-7])).tolist() == [1.0, 0.0]


def test_refuses_an_answer_for_fewer_rows(tmp_path: Path) -> None:
    first = [
        helper.make_node("Concat", ["x", "z"], ["both"], axis=1),
        helper.make_node("Constant", [], ["row"], value_ints=[0]),
        helper.make_node("Gather", ["both", "row"], ["probabilities"], axis=0),
    ]
    scorer = Scorer(graph(tmp_path / "m.onnx", first), NUMBERS)
    with pytest.raises(ModelRefused, match="gave 1 probabilities for 2 rows"):
        scorer.score(numbers([0.5, 0.5], [0.5, 0.5]))


def test_a_failure_while_running_is_told(tmp_path: Path) -> None:
    reshape = [
        helper.make_node("Concat", ["x", "z"], ["both"], axis=1),
        helper.make_node("Constant", [], ["shape"], value_ints=[7, 2]),
        helper.make_node("Reshape", ["both", "shape"], ["probabilities"]),
    ]
    scorer = Scorer(graph(tmp_path / "m.onnx", reshape), NUMBERS)
    with pytest.raises(ModelRefused, match="The model failed on the rows: ") as refused:
        scorer.score(numbers([0.5], [0.5]))
    assert str(tmp_path) not in str(refused.value)


@pytest.mark.parametrize(
    ("message", "told"),
    [
        (
            "[ONNXRuntimeError] : 7 : INVALID_PROTOBUF : Load model from /a b/c.onnx failed:Parsing failed.",
            "Parsing failed",
        ),
        (
            "/src/core/model.cc:256 ns::Model::Model(a::B&&, const c::D*) Unsupported IR version: 99",
            "Unsupported IR version: 99",
        ),
        ('path does not exist: "/srv/data/weights.bin"', 'path does not exist: "…"'),
        (r"cannot open C:\Users\me\model.onnx here", "cannot open … here"),
        ("two\nlines  and\tspace", "two lines and space"),
        ("shape [1, 2]/[3, 4] mismatch", "shape [1, 2]/[3, 4] mismatch"),
    ],
)
def test_messages_lose_paths_and_signatures(message: str, told: str) -> None:
    assert without_paths(message) == told
