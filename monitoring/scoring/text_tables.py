"""A model in two parts: what it makes of each text, looked up, and the rest, which takes numbers only.

Of a million rows a column of categories holds a few texts. ONNX Runtime is handed each of them as a Python string and
looks it up anew, row by row; of a model that encodes its texts one by one (`OneHotEncoder`, `LabelEncoder`) these nodes
can be cut off, run once for each distinct text, and their results be taken by the codes of the rows. The nodes that are
left see the same numbers as before, so that predictions are the same to the last bit.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.compute as pc
from numpy.typing import NDArray

ENCODERS = frozenset({"OneHotEncoder", "LabelEncoder"})
"""Nodes that give each text its numbers, whatever the other texts are."""
PASSING = frozenset({"Identity", "Gather"})
"""Nodes in front of them that hand the texts on; exporters let a column be chosen from the only one there is."""
_ML = "ai.onnx.ml"
_TENSORS = {"tensor(float)": "FLOAT", "tensor(double)": "DOUBLE", "tensor(int64)": "INT64"}

Session = Any
"""An `onnxruntime.InferenceSession`."""


@dataclass(frozen=True, slots=True)
class LookedUp:
    """The rows of a column as what the model makes of their texts; sliced like an array.

    Attributes:
        table: (levels, ...) what it makes of each distinct text.
        codes: (n,) the text of each row.
    """

    table: NDArray[Any]
    codes: NDArray[np.integer]

    def __getitem__(self, rows: slice) -> NDArray[Any]:
        return self.table.take(self.codes[rows], axis=0)


@dataclass(frozen=True, slots=True)
class CutModel:
    """A model whose texts are encoded apart.

    Attributes:
        rest: the session of what is left; it takes the outputs of the encoders in the place of the texts.
        encoders: for each text input the names of these outputs and a session that gives them.
    """

    rest: Session
    encoders: Mapping[str, tuple[tuple[str, ...], Session]]

    @classmethod
    def of(cls, model: Path, texts: Collection[str], opened: Callable[[bytes], Session]) -> CutModel | None:
        """The two parts of a model; None where a text goes anywhere else than into encoders of its own.

        Args:
            model: the ONNX file.
            texts: its text inputs.
            opened: a session for the bytes of a model.
        """
        import onnx

        whole = onnx.load(model)
        paths = _paths(whole.graph, texts)
        if paths is None or not texts or whole.functions or whole.graph.sparse_initializer:
            return None
        encoders = {name: _encoder(whole, name, path, opened) for name, path in paths.items()}
        return cls(opened(_rest(whole, paths, encoders)), encoders)

    def look_up(self, name: str, coded: Any) -> dict[str, LookedUp]:
        """What the rest takes in the place of the text input `name`, for dictionary-encoded text (n,)."""
        outputs, session = self.encoders[name]
        levels = np.array([*coded.dictionary.to_pylist(), ""], dtype=object).reshape(-1, 1)
        codes = pc.fill_null(coded.indices, len(levels) - 1).to_numpy(zero_copy_only=False)
        tables = session.run(list(outputs), {name: levels})
        return {output: LookedUp(table, codes) for output, table in zip(outputs, tables, strict=True)}


@dataclass(frozen=True, slots=True)
class _Path:
    """What a text goes through: the nodes by their places, and the outputs of the encoders at the end."""

    nodes: list[int]
    outputs: list[str]


def _paths(graph: Any, texts: Collection[str]) -> dict[str, _Path] | None:
    """The path of each text; None where one goes anywhere else than through encoders of its own."""
    paths, source = {name: _Path([], []) for name in texts}, {name: name for name in texts}
    shown, constants = {output.name for output in graph.output}, {given.name for given in graph.initializer}
    for place, node in enumerate(graph.node):
        if any(attribute.HasField("g") or attribute.graphs for attribute in node.attribute):
            return None  # a graph within the graph may use the texts as well
        taken = [name for name in node.input if name in source]
        if not taken:
            continue
        path = paths[source[taken[0]]]
        if not shown.isdisjoint(node.output) or taken != [node.input[0]] or not constants.issuperset(node.input[1:]):
            return None
        path.nodes.append(place)
        if node.domain == _ML and node.op_type in ENCODERS:
            path.outputs.extend(node.output)
        elif not node.domain and node.op_type in PASSING and _keeps_rows(node):
            source[node.output[0]] = source[taken[0]]
        else:
            return None
    return paths if all(path.outputs for path in paths.values()) else None


def _keeps_rows(node: Any) -> bool:
    return node.op_type != "Gather" or any(a.name == "axis" and a.i == 1 for a in node.attribute)


def _encoder(model: Any, name: str, path: _Path, opened: Callable[[bytes], Session]) -> tuple[tuple[str, ...], Session]:
    """A model of the nodes alone that encode a text, and their outputs."""
    from onnx import helper

    nodes = [model.graph.node[place] for place in path.nodes]
    used = {given for node in nodes for given in node.input}
    given = [info for info in model.graph.input if info.name == name]
    infos = [helper.make_empty_tensor_value_info(output) for output in path.outputs]
    constants = [constant for constant in model.graph.initializer if constant.name in used]
    return tuple(path.outputs), opened(_like(model, helper.make_graph(nodes, "encoder", given, infos, constants)))


def _rest(model: Any, paths: Mapping[str, _Path], encoders: Mapping[str, tuple[tuple[str, ...], Session]]) -> bytes:
    """The model without the encoders, which takes their outputs in the place of the texts."""
    from onnx import TensorProto, helper

    graph = model.graph
    given = [info for info in graph.input if info.name not in paths]
    for _, session in encoders.values():
        for info in session.get_outputs():
            kind = getattr(TensorProto, _TENSORS[info.type])
            given.append(helper.make_tensor_value_info(info.name, kind, [None, *info.shape[1:]]))
    left_out = {place for path in paths.values() for place in path.nodes}
    kept = [node for place, node in enumerate(graph.node) if place not in left_out]
    used = {name for node in kept for name in node.input}
    constants = [constant for constant in graph.initializer if constant.name in used]
    return _like(model, helper.make_graph(kept, graph.name, given, list(graph.output), constants))


def _like(model: Any, graph: Any) -> bytes:
    """A graph as a model of the same versions."""
    from onnx import helper

    made = helper.make_model(graph, opset_imports=list(model.opset_import), ir_version=model.ir_version)
    return bytes(made.SerializeToString())
