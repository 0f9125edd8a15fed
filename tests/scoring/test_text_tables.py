"""A model cut in two gives what it gave as a whole; one that cannot be cut stays as it is."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pyarrow as pa
import pytest
from onnx import TensorProto, helper
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OrdinalEncoder

from monitoring.scoring import Scorer, scorer
from monitoring.scoring.text_tables import CutModel
from tests.scoring.conftest import Model
from tests.scoring.models import CONTRACT, export, frame_of, rows_of


def coded(batch: pa.RecordBatch) -> pa.RecordBatch:
    """The same rows with their text as codes."""
    columns = [batch.column(0).dictionary_encode(), *batch.columns[1:]]
    return pa.record_batch(columns, names=batch.schema.names)


def cut(path: Path) -> CutModel | None:
    return CutModel.of(path, ["colour"], onnxruntime.InferenceSession)


def whole_and_cut(model: Model, monkeypatch: pytest.MonkeyPatch) -> tuple[Scorer, Scorer]:
    """A scorer that is never cut, and one that is after its first row."""
    whole = Scorer(*model)
    monkeypatch.setattr(scorer, "ROWS_BEFORE_CUT", 1)
    other = Scorer(*model)
    other.score(rows_of(50, seed=3))
    assert other._cut is not None
    monkeypatch.setattr(scorer, "ROWS_BEFORE_CUT", 1 << 40)
    return whole, other


@pytest.mark.parametrize("count", [0, 1, 9_000])
def test_the_parts_give_what_the_whole_gives(model: Model, count: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """To the last bit; with texts that are missing or never seen, as text and as codes, with any dictionary."""
    whole, other = whole_and_cut(model, monkeypatch)
    batch = rows_of(count)
    wanted = whole.score(batch)
    np.testing.assert_array_equal(other.score(batch), wanted)
    np.testing.assert_array_equal(other.score(coded(batch)), wanted)
    np.testing.assert_array_equal(other.score(coded(batch).slice(count // 3)), wanted[count // 3 :])


def test_ordinal_codes_are_looked_up_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    codes = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1)
    columns = ColumnTransformer([("numbers", SimpleImputer(), ["x", "z"]), ("colour", codes, ["colour"])])
    rows = frame_of(rows_of(2_000))
    outcome = (rows["x"].fillna(0) > (rows["colour"] == "red")).astype(int)
    ordinal = make_pipeline(columns, LogisticRegression()).fit(rows, outcome)
    whole, other = whole_and_cut((export(ordinal, tmp_path / "ordinal.onnx", zipmap=False), CONTRACT), monkeypatch)
    batch = rows_of(5_000)
    np.testing.assert_array_equal(other.score(coded(batch)), whole.score(batch))
    np.testing.assert_allclose(other.score(batch), ordinal.predict_proba(frame_of(batch))[:, 1], atol=1e-6)


def test_threads_share_a_scorer_that_is_being_cut(model: Model, monkeypatch: pytest.MonkeyPatch) -> None:
    batch = coded(rows_of(3_000))
    wanted = Scorer(*model).score(batch)
    monkeypatch.setattr(scorer, "ROWS_BEFORE_CUT", 5_000)
    shared = Scorer(*model)
    with ThreadPoolExecutor(4) as pool:
        for scores in pool.map(lambda _: shared.score(batch), range(24)):
            np.testing.assert_array_equal(scores, wanted)
    assert shared._cut is not None


def edited(path: Path, tmp_path: Path, edit: Any) -> Path:
    model = onnx.load(path)
    edit(model.graph)
    onnx.save(model, tmp_path / "edited.onnx")
    return tmp_path / "edited.onnx"


def text_shown(graph: Any) -> None:
    """The text is an output as well."""
    graph.node.append(helper.make_node("Identity", ["colour"], ["shown"]))
    graph.output.append(helper.make_tensor_value_info("shown", TensorProto.STRING, [None, 1]))


def encoding_shown(graph: Any) -> None:
    (node,) = [node for node in graph.node if node.op_type == "OneHotEncoder"]
    graph.output.append(helper.make_tensor_value_info(node.output[0], TensorProto.FLOAT, None))


def text_unused(graph: Any) -> None:
    (node,) = [node for node in graph.node if node.op_type == "OneHotEncoder"]
    node.input[0] = "another"
    graph.input.append(helper.make_tensor_value_info("another", TensorProto.STRING, [None, 1]))


def row_chosen(graph: Any) -> None:
    """Every row gets the text of the first."""
    (node,) = [node for node in graph.node if node.op_type == "Gather"]
    next(attribute for attribute in node.attribute if attribute.name == "axis").i = 0


def text_within(graph: Any) -> None:
    """The text goes into a graph within the graph."""
    inner = helper.make_graph(
        [helper.make_node("Identity", ["colour"], ["inner"])],
        "branch",
        [],
        [helper.make_tensor_value_info("inner", TensorProto.STRING, None)],
    )
    graph.initializer.append(helper.make_tensor("yes", TensorProto.BOOL, [], [True]))
    graph.node.append(helper.make_node("If", ["yes"], ["chosen"], then_branch=inner, else_branch=inner))


@pytest.mark.parametrize("edit", [text_shown, encoding_shown, text_unused, row_chosen, text_within])
def test_what_is_more_than_encoding_is_not_cut(model: Model, tmp_path: Path, edit: Any) -> None:
    assert cut(model[0]) is not None
    assert cut(edited(model[0], tmp_path, edit)) is None


def test_parts_that_differ_are_not_used(model: Model, monkeypatch: pytest.MonkeyPatch) -> None:
    look_up = CutModel.look_up

    def wrong(self: CutModel, name: str, texts: Any) -> Any:
        found = look_up(self, name, texts)
        next(iter(found.values())).codes[:1] += 1
        return found

    wanted = Scorer(*model).score(rows_of(500))
    monkeypatch.setattr(CutModel, "look_up", wrong)
    monkeypatch.setattr(scorer, "ROWS_BEFORE_CUT", 1)
    other = Scorer(*model)
    other.score(rows_of(50))
    assert other._cut is None
    np.testing.assert_array_equal(other.score(rows_of(500)), wanted)


def test_few_rows_are_not_worth_a_cut(model: Model, pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_: Any) -> Any:
        raise AssertionError

    monkeypatch.setattr(CutModel, "of", never)
    one = Scorer(*model)
    for _ in range(9):
        one.score(rows_of(10_000))
    assert one._cut is None
