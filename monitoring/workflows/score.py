"""Batch scoring: the rows of a file with their predictions, as CSV, Excel or Parquet."""

from __future__ import annotations

import contextlib
import os
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from monitoring.contract import PREDICTION, Contract
from monitoring.errors import NotPossible, StoreFailed
from monitoring.progress import Progress, silent
from monitoring.scoring.scorer import Scorer, with_predictions
from monitoring.tables.limits import LIMITS, Limits
from monitoring.tables.quoting import shown
from monitoring.tables.reader import RowReader, read_rows
from monitoring.tables.reading import AS_FOUND, Reading
from monitoring.tables.report import ReadReport
from monitoring.tables.row_writers import SUFFIXES, open_writer

THRESHOLD = 0.5
"""A row whose probability is above it is predicted to be of the positive class."""


def score_file(
    model_file: Path,
    contract: Contract,
    source: Path,
    output: Path,
    progress: Progress = silent,
    *,
    reading: Reading = AS_FOUND,
    limits: Limits = LIMITS,
) -> ReadReport:
    """Write the usable rows of a file with their predictions; the output appears complete or not at all.

    The columns are id, time and outcome where the file has them, the model's inputs, `prediction` (the probability of
    the positive class) and `predicted_<outcome>` (the class). In CSV and Excel, text that a spreadsheet would take for
    a formula gets an apostrophe in front, and is read again without it.

    Args:
        model_file: the ONNX file.
        contract: what the model needs and gives.
        source: the file of rows.
        output: a path ending in `.csv`, `.xlsx` or `.parquet`.
        progress: is told the rows read.
        reading: what a person says about the source.
        limits: how much the source may unpack to.

    Returns:
        What happened while reading, with the rows that were set aside.

    Raises:
        NotPossible: the output's name ends in something else, it is the source, or there is more than Excel holds.
        TableRefused: the rows cannot be used.
        ModelRefused: the model cannot be used.
        StoreFailed: the output cannot be written.
    """
    _check_output(source, output)
    scorer = Scorer(model_file, contract)
    names, options = reading.names, reading.options
    reader = read_rows(
        source, contract, name=source.name, progress=progress, names=names, options=options, limits=limits
    )
    try:
        with _replacing(output) as unfinished:
            _write(reader, scorer, contract, unfinished, label=output.name)
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno else "the disk does not take it"
        raise StoreFailed(f"{shown(output.name, 120)} cannot be written: {reason}.") from error
    return reader.report


def label_column(contract: Contract) -> str:
    """Name of the column with the predicted class."""
    return f"predicted_{contract.target.name}"


def _check_output(source: Path, output: Path) -> None:
    if output.suffix.lower() not in SUFFIXES:
        raise NotPossible(f"{shown(output.name, 120)} cannot be written: end its name in .csv, .xlsx or .parquet.")
    if not output.absolute().parent.is_dir():
        raise NotPossible(f"{shown(output.name, 120)} cannot be written: its folder is not there; make it first.")
    if output.exists() and source.exists() and output.samefile(source):
        raise NotPossible(f"{shown(output.name, 120)} is the file of rows itself: give the output another name.")


def _write(reader: RowReader, scorer: Scorer, contract: Contract, path: Path, *, label: str) -> None:
    schema = _output_schema(reader.schema, contract)
    with open_writer(path, schema, label=label) as writer:
        for batch in reader.batches():
            writer.write_batch(_scored(batch, scorer, contract, schema))


def _output_schema(schema: Any, contract: Contract) -> Any:
    """Id, time and outcome first, then the inputs, then what the model says."""
    others = (contract.id, contract.timestamp, contract.target.name)
    first = [schema.field(name) for name in others if name is not None and name in schema.names]
    inputs = [schema.field(name) for name in contract.feature_names]
    given = [pa.field(PREDICTION, pa.float64()), pa.field(label_column(contract), pa.int64())]
    return pa.schema([*first, *inputs, *given])


def _scored(batch: Any, scorer: Scorer, contract: Contract, schema: Any) -> Any:
    probabilities = scorer.score(batch)
    negative, positive = contract.classes
    labels = pa.array(np.where(probabilities > THRESHOLD, positive, negative), pa.int64())
    scored = with_predictions(batch, probabilities).append_column(label_column(contract), labels)
    return scored.select(schema.names)


@contextlib.contextmanager
def _replacing(output: Path) -> Iterator[Path]:
    """A new file beside `output` that takes its place when the block ends well, and vanishes when it does not."""
    unfinished = output.with_name(f".{output.stem}-{os.getpid()}-{secrets.token_hex(4)}{output.suffix}")
    try:
        yield unfinished
        with unfinished.open("rb") as file:
            os.fsync(file.fileno())
        unfinished.replace(output)
    finally:
        unfinished.unlink(missing_ok=True)
