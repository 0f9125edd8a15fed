"""From a fitted scikit-learn pipeline to an ONNX file. What comes out is only to be trusted after `parity`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitoring.contract import Contract
from monitoring.errors import ModelRefused

if TYPE_CHECKING:
    from sklearn.pipeline import Pipeline

TARGET_OPSET = {"": 21, "ai.onnx.ml": 3}
"""Operator sets that ONNX Runtime reads; what the exporter would choose by itself is newer than that."""


def export_onnx(pipeline: Pipeline, contract: Contract) -> bytes:
    """ONNX bytes of the fitted `pipeline`: one input [n, 1] per feature, outputs named as in the contract, no zipmap.

    The same pipeline gives the same bytes.

    Raises:
        ModelRefused: the pipeline holds a step that cannot be exported, or the outputs are not what the contract says.
    """
    from skl2onnx import to_onnx
    from skl2onnx.common.data_types import FloatTensorType, StringTensorType

    kinds = {"numeric": FloatTensorType, "categorical": StringTensorType}
    try:
        model = to_onnx(
            pipeline,
            name=contract.model,
            initial_types=[(f.input, kinds[f.kind]([None, 1])) for f in contract.features],
            target_opset=TARGET_OPSET,
            options={id(pipeline): {"zipmap": False}},
        )
    except Exception as error:
        reason = str(error).partition("\n")[0][:200]
        raise ModelRefused(f"The model cannot be exported to ONNX ({type(error).__name__}: {reason}).") from error
    outputs = {output.name for output in model.graph.output}
    missing = {contract.label_output, contract.probability_output} - outputs
    if missing:
        raise ModelRefused(f"The exported model gives {sorted(outputs)}; the contract needs {sorted(missing)} too.")
    data: bytes = model.SerializeToString(deterministic=True)
    return data
