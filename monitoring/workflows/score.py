"""Batch scoring: the rows of a file with their predictions, as CSV or Parquet."""

from __future__ import annotations

import contextlib
import os
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet

from monitoring.contract import PREDICTION, Contract
from monitoring.errors import NotPossible, StoreFailed
from monitoring.progress import Progress, silent
from monitoring.scoring.scorer import Scorer, with_predictions
from monitoring.tables.export import escape_formulas
from monitoring.tables.limits import LIMITS, Limits
from monitoring.tables.quoting import shown
from monitoring.tables.reader import RowReader, read_rows
from monitoring.tables.reading import AS_FOUND, Reading
from monitoring.tables.report import ReadReport

THRESHOLD = 0.5
"""A row whose probability is above it is predicted to be of the positive class."""


class _Writer(Protocol):
    def write_batch(self, batch: Any) -> None: ...


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
    the positive class) and `predicted_<outcome>` (the class). In CSV, text that a spreadsheet would take for a formula
    gets an apostrophe in front.

    Args:
        model_file: the ONNX file.
        contract: what the model needs and gives.
        source: CSV or Parquet.
        output: a path ending in `.csv` or `.parquet`.
        progress: is told the rows read.
        reading: what a person says about the source.
        limits: how much the source may unpack to.

    Returns:
        What happened while reading, with the rows that were set aside.

    Raises:
        NotPossible: the output's name ends in something else, or it is the source.
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
            _write(reader, scorer, contract, unfinished, output.suffix.lower())
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno else "the disk does not take it"
        raise StoreFailed(f"{shown(output.name, 120)} cannot be written: {reason}.") from error
    return reader.report


def label_column(contract: Contract) -> str:
    """Name of the column with the predicted class."""
    return f"predicted_{contract.target.name}"


def _check_output(source: Path, output: Path) -> None:
    if output.suffix.lower() not in (".csv", ".parquet"):
        raise NotPossible(f"{shown(output.name, 120)} cannot be written: end its name in .csv or .parquet.")
    if not output.absolute().parent.is_dir():
        raise NotPossible(f"{shown(output.name, 120)} cannot be written: its folder is not there; make it first.")
    if output.exists() and source.exists() and output.samefile(source):
        raise NotPossible(f"{shown(output.name, 120)} is the file of rows itself: give the output another name.")


def _write(reader: RowReader, scorer: Scorer, contract: Contract, path: Path, suffix: str) -> None:
    schema = _output_schema(reader.schema, contract)
    as_text = suffix == ".csv"
    with contextlib.ExitStack() as stack:
        writer: _Writer
        if as_text:
            writer = stack.enter_context(pyarrow.csv.CSVWriter(str(path), _text_schema(schema)))
        else:
            writer = stack.enter_context(pyarrow.parquet.ParquetWriter(path, schema, compression="zstd"))
        for batch in reader.batches():
            scored = _scored(batch, scorer, contract, schema)
            writer.write_batch(_as_text(scored) if as_text else scored)


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


def _text_schema(schema: Any) -> Any:
    """The columns of a CSV file: times as text."""
    return pa.schema([pa.field(f.name, pa.string()) if pa.types.is_timestamp(f.type) else f for f in schema])


def _as_text(batch: Any) -> Any:
    """The batch as it goes into a CSV file: whole seconds without a fraction, no formulas."""
    columns = []
    for column in batch.columns:
        if pa.types.is_timestamp(column.type):
            text = column.cast(pa.string())
            columns.append(pc.replace_substring_regex(text, r"\.0+$", ""))
        else:
            columns.append(escape_formulas(column) if pa.types.is_string(column.type) else column)
    return pa.record_batch(columns, schema=_text_schema(batch.schema))


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
