"""From labelled rows to a proved model file: fit, export, and compare the two."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from monitoring.contract import PREDICTION, Contract
from monitoring.drift.memory import Memory, measure_memory
from monitoring.progress import Progress, silent
from monitoring.registry.manifest import Parity
from monitoring.retraining.export import export_onnx
from monitoring.retraining.parity import prove_parity
from monitoring.retraining.recipe import PACKAGED, Recipe, fit, list_known_categories, predict
from monitoring.scoring.scorer import Scorer


@dataclass(frozen=True, slots=True, kw_only=True)
class Trained:
    """What a training gave, beside the model file itself.

    Attributes:
        contract: the contract with the categories that the model knows.
        parity: proof that the file predicts what the fitted pipeline predicts.
        rows: labelled rows it was fitted to.
        first: time of the earliest of them, None without timestamps.
        last: time of the latest.
    """

    contract: Contract
    parity: Parity
    rows: int
    first: datetime | None
    last: datetime | None


def train(
    contract: Contract,
    rows: pa.Table,
    *,
    model_file: Path,
    recipe: Recipe = PACKAGED,
    progress: Progress = silent,
) -> Trained:
    """Fits a recipe's pipeline to the labelled rows among `rows`, writes `model_file` and proves it.

    Raises:
        ModelRefused: the rows cannot be learnt from, or the exported file predicts something else than the pipeline.
    """
    known = keep_labelled(rows, contract)
    contract = list_known_categories(known, contract)
    progress(0.0, f"Fitting a {len(contract.features)}-input model on {known.num_rows:,} rows")
    pipeline = fit(recipe.build(contract), known, contract)
    progress(0.6, "Exporting the model to ONNX")
    model_file.write_bytes(export_onnx(pipeline, contract))
    progress(0.7, "Proving that the exported model predicts the same")
    scorer = Scorer(model_file, contract)
    parity = prove_parity(
        lambda some: predict(pipeline, some, contract), lambda some: score_rows(scorer, some), rows, contract
    )
    first, last = span(known, contract)
    return Trained(contract=contract, parity=parity, rows=known.num_rows, first=first, last=last)


def score_rows(scorer: Scorer, rows: pa.Table) -> NDArray[np.float64]:
    """Probability of the positive class for each row of a conforming table (n,)."""
    return np.concatenate([np.empty(0), *(scorer.score(batch) for batch in rows.combine_chunks().to_batches())])


def measure_days(scorer: Scorer, rows: pa.Table, contract: Contract) -> Memory | None:
    """How much the days of a conforming table are like their neighbours, in each input and in the predictions."""
    return measure_memory(rows.append_column(PREDICTION, pa.array(score_rows(scorer, rows))), contract)


def keep_labelled(rows: pa.Table, contract: Contract) -> pa.Table:
    """The rows whose outcome is known."""
    return rows.filter(pc.is_valid(rows[contract.target.name]))


def span(rows: pa.Table, contract: Contract) -> tuple[datetime | None, datetime | None]:
    """Time of the earliest and of the latest row, None without times."""
    if contract.timestamp is None or contract.timestamp not in rows.column_names:
        return None, None
    ends = pc.min_max(rows[contract.timestamp])
    return ends["min"].as_py(), ends["max"].as_py()
