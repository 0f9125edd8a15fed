"""Several ways to choose the training rows: each is trained, all are compared on the same rows, one is chosen."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from monitoring.contract import Contract
from monitoring.errors import NotPossible
from monitoring.performance.comparison import ScoredRows, name_day
from monitoring.performance.gate import Cost, Gate, GateTerms
from monitoring.progress import Progress
from monitoring.registry.version import MODEL_FILE, Version
from monitoring.retraining.gate import ScoredCandidate, choose_candidate, compare_versions
from monitoring.retraining.limits import WorkLimits
from monitoring.retraining.names import NO_DAY, Integers, find_blocks
from monitoring.retraining.own_limits import bounded
from monitoring.retraining.recipe import Recipe
from monitoring.retraining.request import RetrainRequest, TrainingData
from monitoring.retraining.splits import Split, prove_disjoint, select_rows
from monitoring.retraining.training import Trained, score_rows, train
from monitoring.scoring.scorer import Scorer

LEAST_ROWS = 200
"""Labelled rows below which a candidate is not worth a training."""
_TIMED_ROWS, _TIMED_ROUNDS = 5_000, 5


class Trainer(Protocol):
    """Something that fits a model to rows and proves its export."""

    @property
    def name(self) -> str:
        """What it is called in a manifest."""
        ...

    def validate(self) -> tuple[str, ...]:
        """What keeps it from working, in sentences; () when nothing does."""
        ...

    def train(self, contract: Contract, rows: pa.Table, *, model_file: Path, progress: Progress) -> Trained:
        """Fit, write `model_file`, prove it. Raises ModelRefused or HookFailed."""
        ...


class RecipeTrainer:
    """Fits a recipe in this process, within limits.

    Args:
        recipe: what is fitted.
        limits: time and memory of each training.
    """

    def __init__(self, recipe: Recipe, limits: WorkLimits) -> None:
        self._recipe = recipe
        self._limits = limits

    @property
    def name(self) -> str:
        return self._recipe.name

    def validate(self) -> tuple[str, ...]:
        """The packaged recipe needs nothing."""
        return ()

    def train(self, contract: Contract, rows: pa.Table, *, model_file: Path, progress: Progress) -> Trained:
        """Fit, export, prove. Raises ModelRefused, and HookFailed at a limit."""
        with bounded("The training", self._limits):
            return train(contract, rows, model_file=model_file, recipe=self._recipe, progress=progress)


@dataclass(frozen=True, slots=True, kw_only=True)
class Challenger:
    """The candidate that was chosen.

    Attributes:
        trained: what its training gave.
        data: which rows it was trained on; rows: these.
        gate: the comparison with the champion.
    """

    trained: Trained
    data: TrainingData
    rows: pa.Table
    gate: Gate


@dataclass(frozen=True, slots=True, kw_only=True)
class _Candidate:
    data: TrainingData
    rows: pa.Table
    trained: Trained
    model_file: Path
    scores: NDArray[np.float64]


def train_challenger(
    trainer: Trainer,
    champion: Version,
    split: Split,
    request: RetrainRequest,
    folder: Path,
    terms: GateTerms,
    progress: Progress,
) -> Challenger:
    """Trains every candidate of the request, chooses one and compares it; its model lies in `folder` afterwards.

    Args:
        trainer: how a model is fitted.
        champion: the version in use.
        split: rows by what they are for.
        request: names the candidates' training data.
        folder: where the challenger's model file goes.
        terms: how versions are compared.
        progress: is told what is done.

    Raises:
        NotPossible: no candidate has enough rows, or the rows to compare on do not suffice.
        ModelRefused: a candidate could not be fitted or proved, or was trained on rows to compare on.
        HookFailed: a training went beyond its limits.
    """
    chosen_rows = _list_candidates(split, request, champion.contract)
    in_use = Scorer(champion.model_file, champion.contract)
    before = score_rows(in_use, split.gate)
    candidates = []
    for place, (data, rows) in enumerate(chosen_rows):
        for kept_away in (split.gate, split.hold_out):
            prove_disjoint(rows, kept_away, champion.contract)
        model_file = folder / f"candidate-{place}.onnx"
        part = _part(progress, place / len(chosen_rows), 0.9 / len(chosen_rows), _label(data, len(chosen_rows)))
        trained = trainer.train(champion.contract, rows, model_file=model_file, progress=part)
        scores = score_rows(Scorer(model_file, trained.contract), split.gate)
        candidates.append(_Candidate(data=data, rows=rows, trained=trained, model_file=model_file, scores=scores))
    progress(0.9, f"Comparing with version {champion.number} on {split.gate.num_rows:,} held-out rows")
    newest = _scored(split.gate, split.gate_days, before, before, champion.contract)
    compared = choose_candidate(
        [
            ScoredCandidate(
                data=one.data.code, training_rows=one.trained.rows, newest=replace(newest, challenger=one.scores)
            )
            for one in candidates
        ],
        terms,
    )
    chosen = next(one for one, told in zip(candidates, compared, strict=True) if told.chosen)
    scorer = Scorer(chosen.model_file, chosen.trained.contract)
    gate = compare_versions(
        replace(newest, challenger=chosen.scores),
        _score_hold_out(split, in_use, scorer, champion.contract),
        terms=terms,
        candidates=compared if len(compared) > 1 else (),
        cost=_measure_cost(in_use, scorer, split.gate, champion.model_file, chosen.model_file),
    )
    chosen.model_file.replace(folder / MODEL_FILE)
    for one in candidates:
        one.model_file.unlink(missing_ok=True)
    return Challenger(trained=chosen.trained, data=chosen.data, rows=chosen.rows, gate=gate)


def _list_candidates(split: Split, request: RetrainRequest, contract: Contract) -> list[tuple[TrainingData, pa.Table]]:
    """The candidates that differ and have enough rows of both outcomes, in the order of the request."""
    found: list[tuple[TrainingData, pa.Table]] = []
    for data in request.data:
        rows = select_rows(split, data, request.drift_began, contract)
        if rows is None or rows.num_rows < LEAST_ROWS or len(pc.unique(rows[contract.target.name])) < 2:
            continue
        if rows.num_rows not in {others.num_rows for _, others in found}:  # all are parts of one table, cut by time
            found.append((data, rows))
    if not found:
        wanted = ", ".join(data.code for data in request.data)
        raise NotPossible(
            f"None of the training data asked for ({wanted}) holds {LEAST_ROWS} rows whose outcome is known, "
            "with both outcomes: choose all rows, or wait for more outcomes."
        )
    return found


def _label(data: TrainingData, candidates: int) -> str:
    return "" if candidates == 1 else f" ({data.code})"


def _part(progress: Progress, start: float, width: float, label: str) -> Progress:
    return lambda share, message: progress(start + share * width, f"{message}{label}")


def _score_hold_out(split: Split, in_use: Scorer, scorer: Scorer, contract: Contract) -> ScoredRows | None:
    """The frozen hold-out scored by both; None where it has too few days or rows to tell anything."""
    rows, days = split.hold_out, split.hold_out_days
    enough = rows.num_rows >= LEAST_ROWS and len(pc.unique(rows[contract.target.name])) == 2
    if not enough or (days is not None and len(np.unique(days)) < 3):
        return None
    return _scored(rows, days, score_rows(in_use, rows), score_rows(scorer, rows), contract)


def _scored(
    rows: pa.Table,
    days: Integers | None,
    champion: NDArray[np.float64],
    challenger: NDArray[np.float64],
    contract: Contract,
) -> ScoredRows:
    single = contract.model_copy(update={"block_days": 1})
    found = find_blocks(rows, single)
    dated = found[found != NO_DAY]
    return ScoredRows(
        labels=rows[contract.target.name].to_numpy(),
        champion=champion,
        challenger=challenger,
        days=days,
        dates=(name_day(int(dated.min())), name_day(int(dated.max()))) if len(dated) else ("", ""),
        categories={name: pc.fill_null(rows[name], "").to_numpy(zero_copy_only=False) for name in contract.categorical},
    )


def _measure_cost(in_use: Scorer, scorer: Scorer, rows: pa.Table, before: Path, after: Path) -> Cost:
    """Both versions' time on the same rows, one after the other in turn; the best of some rounds."""
    some = rows.slice(0, _TIMED_ROWS).combine_chunks()
    times = [(_time(in_use, some), _time(scorer, some)) for _ in range(_TIMED_ROUNDS)]
    champion, challenger = (min(each) / some.num_rows * 1e6 for each in zip(*times, strict=True))
    return Cost(
        champion_ms=champion,
        challenger_ms=challenger,
        champion_bytes=before.stat().st_size,
        challenger_bytes=after.stat().st_size,
    )


def _time(scorer: Scorer, rows: pa.Table) -> float:
    began = time.perf_counter()
    score_rows(scorer, rows)
    return time.perf_counter() - began


def describe_data(data: Sequence[TrainingData], drift_began: str | None) -> str:
    """The candidates in words.

    >>> describe_data([TrainingData(), TrainingData(kind="recent", days=90)], None)
    'all rows so far; the rows of the last 90 days'
    """
    words = {
        "all": "all rows so far",
        "since_drift": f"the rows since drift began ({drift_began})" if drift_began else "",
    }
    told = [words[one.kind] if one.kind != "recent" else f"the rows of the last {one.days} days" for one in data]
    return "; ".join(filter(None, told))
