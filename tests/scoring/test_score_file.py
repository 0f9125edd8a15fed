"""Batch scoring: the file that comes out holds the usable rows and what the model says, or there is none."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet
import pytest
from sklearn.pipeline import Pipeline

from monitoring.errors import Cancelled, ModelRefused, NotPossible, TableRefused
from monitoring.workflows.score import score_file
from tests.scoring.conftest import Model
from tests.scoring.models import frame_of, rows_of

HEADER = ["name", "at", "colour", "x", "size", "y"]
TIME = "2024-05-06 07:08:09"


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """200 good rows, one with a formula for a name, and at the end one that is cut off."""
    frame = rows_of(200).to_pandas().assign(name=[f"n{i}" for i in range(200)], at=TIME, y=1)
    frame.loc[3, ["name", "colour"]] = ["=1+1", "-3.5"]
    path = tmp_path / "rows.csv"
    path.write_text(frame[HEADER].to_csv(index=False) + "cut,off\n")
    return path


def expected(pipeline: Pipeline) -> np.ndarray:
    rows = frame_of(rows_of(200))
    rows.loc[3, "colour"] = "-3.5"
    return pipeline.predict_proba(rows)[:, 1]


def files_beside(path: Path) -> list[str]:
    return sorted(file.name for file in path.parent.iterdir())


def test_csv(source: Path, model: Model, pipeline: Pipeline, tmp_path: Path) -> None:
    output = tmp_path / "scored.csv"
    report = score_file(*model, source, output)
    assert (report.rows, report.rows_refused, report.refused_rows[0].row) == (200, 1, 201)
    scored = pd.read_csv(
        output,
        dtype={"colour": str},
        keep_default_na=False,
        na_values={"x": "", "size": ""},
        float_precision="round_trip",
    )
    assert list(scored.columns) == ["name", "at", "y", "colour", "x", "size", "prediction", "predicted_y"]
    np.testing.assert_allclose(scored["prediction"], expected(pipeline), atol=1e-6)
    assert scored["predicted_y"].tolist() == (expected(pipeline) > 0.5).astype(int).tolist()
    assert 0 < scored["predicted_y"].sum() < 200
    assert scored["at"].unique().tolist() == [TIME]
    np.testing.assert_array_equal(scored["x"], rows_of(200).column("x").to_numpy(zero_copy_only=False))
    assert scored.loc[3, ["name", "colour"]].tolist() == ["'=1+1", "-3.5"]


def test_csv_has_one_line_a_row_and_empty_cells_for_missing(source: Path, model: Model, tmp_path: Path) -> None:
    score_file(*model, source, tmp_path / "scored.csv")
    with (tmp_path / "scored.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    missing = rows_of(200).column("x").is_null().to_pylist()
    assert [row["x"] == "" for row in rows] == missing
    assert any(missing)


def test_parquet_keeps_types_and_text(source: Path, model: Model, pipeline: Pipeline, tmp_path: Path) -> None:
    output = tmp_path / "scored.PARQUET"
    score_file(*model, source, output)
    table = pyarrow.parquet.read_table(output)
    assert [str(field.type) for field in table.schema] == [
        "string", "timestamp[us]", "double", "string", "double", "double", "double", "int64",
    ]  # fmt: skip
    np.testing.assert_allclose(table["prediction"], expected(pipeline), atol=1e-6)
    assert table["name"].to_pylist()[3] == "=1+1"
    assert table["colour"].to_pylist()[4:] == rows_of(200).column("colour").to_pylist()[4:]


@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
def test_what_comes_out_can_go_in_again(suffix: str, source: Path, model: Model, tmp_path: Path) -> None:
    first, second = tmp_path / f"first{suffix}", tmp_path / f"second{suffix}"
    score_file(*model, source, first)
    report = score_file(*model, first, second)
    assert (report.rows, report.problems) == (200, ())
    assert report.ignored_columns == ("prediction", "predicted_y")
    read = pd.read_csv if suffix == ".csv" else pd.read_parquet
    pd.testing.assert_series_equal(read(first)["prediction"], read(second)["prediction"])


def test_an_older_output_is_replaced(source: Path, model: Model, tmp_path: Path) -> None:
    output = tmp_path / "scored.csv"
    output.write_text("old")
    score_file(*model, source, output)
    assert output.read_text().startswith('"name"')
    assert files_beside(output) == ["rows.csv", "scored.csv"]


def test_a_refused_file_leaves_the_older_output(model: Model, tmp_path: Path) -> None:
    output, source = tmp_path / "scored.csv", tmp_path / "rows.csv"
    output.write_text("old")
    source.write_text("colour,x,size\n" + "1\n" * 10)
    with pytest.raises(TableRefused):
        score_file(*model, source, output)
    assert output.read_text() == "old"
    assert files_beside(output) == ["rows.csv", "scored.csv"]


def test_stopping_leaves_nothing(source: Path, model: Model, tmp_path: Path) -> None:
    def stop(share: float, message: str) -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        score_file(*model, source, tmp_path / "scored.parquet", stop)
    assert files_beside(source) == ["rows.csv"]


def test_refuses_other_formats_and_the_source_itself(source: Path, model: Model, tmp_path: Path) -> None:
    with pytest.raises(NotPossible, match=r"end its name in \.csv, \.xlsx or \.parquet"):
        score_file(*model, source, tmp_path / "scored.ods")
    with pytest.raises(NotPossible, match="the file of rows itself"):
        score_file(*model, source, tmp_path / "." / "rows.csv")
    assert files_beside(source) == ["rows.csv"]


def test_a_folder_that_is_not_there_is_told(source: Path, model: Model, tmp_path: Path) -> None:
    with pytest.raises(NotPossible, match="its folder is not there"):
        score_file(*model, source, tmp_path / "nowhere" / "scored.csv")


def test_a_model_that_fails_leaves_nothing(source: Path, model: Model, tmp_path: Path) -> None:
    broken = tmp_path / "broken.onnx"
    broken.write_bytes(model[0].read_bytes()[:100])
    with pytest.raises(ModelRefused):
        score_file(broken, model[1], source, tmp_path / "scored.csv")
    assert files_beside(source) == ["broken.onnx", "rows.csv"]
