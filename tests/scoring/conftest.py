"""Models trained once for all tests of scoring."""

from __future__ import annotations

from pathlib import Path

import pytest
from sklearn.pipeline import Pipeline

from monitoring.contract import Contract
from tests.scoring.models import CONTRACT, ZIPMAP, export, trained

Model = tuple[Path, Contract]


@pytest.fixture(scope="session")
def pipeline() -> Pipeline:
    return trained()


@pytest.fixture(scope="session", params=[CONTRACT, ZIPMAP], ids=["tensor", "zipmap"])
def model(request: pytest.FixtureRequest, pipeline: Pipeline, tmp_path_factory: pytest.TempPathFactory) -> Model:
    """The same model with its probabilities as a tensor and as one dictionary a row, each with its contract."""
    path = tmp_path_factory.mktemp("model") / "model.onnx"
    return export(pipeline, path, zipmap=request.param is ZIPMAP), request.param
