"""What the policies of the replayed year demand, by hand: files, scipy and ONNX Runtime alone, nothing of ours.

The rules are written down anew from docs/retraining.md and docs/training.md, for the two policies of `test_the_year`.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import onnxruntime
import pandas as pd
from scipy import stats

OPEN, WORSE = 0.10, 0.02
"""Share of predictions that has to move, and how much worse the Brier score has to be."""
ALPHA = 0.01
LEAST_ROWS = 1_000
COOL_DOWN = timedelta(days=45)


@dataclass(frozen=True)
class Model:
    """A version: its ONNX file, and the rows of its reference."""

    file: Path
    features: list[dict[str, str]]
    reference: pd.DataFrame

    @classmethod
    def read(cls, model_file: Path, reference_file: Path) -> Model:
        contract = json.loads((model_file.parent / "contract.json").read_text())
        return cls(model_file, contract["features"], pd.read_parquet(reference_file))

    def predict(self, rows: pd.DataFrame) -> np.ndarray:
        """Probability of being late for each row (n,)."""
        session = onnxruntime.InferenceSession(self.file, providers=["CPUExecutionProvider"])
        given = {}
        for feature in self.features:
            column = rows[feature["name"]]
            if feature["kind"] == "numeric":
                given[feature["input"]] = column.astype(float).to_numpy(np.float32).reshape(-1, 1)
            else:
                given[feature["input"]] = column.astype(object).to_numpy().reshape(-1, 1)
        (probabilities,) = session.run(["probabilities"], given)
        return np.asarray(probabilities)[:, 1].astype(float)


@dataclass(frozen=True)
class Facts:
    """A month scored by a version.

    Attributes:
        newest: time of its newest row.
        rows, labelled: how many rows, and how many with an outcome.
        moved: KS distance of the predictions from those on the reference.
        brier: Brier score; worse: how much larger it is than on the reference; chance: how much chance may explain.
    """

    newest: datetime
    rows: int
    labelled: int
    moved: float
    brier: float
    worse: float
    chance: float


@dataclass(frozen=True)
class Days:
    """How many days of equal size some rows are worth, and the variance of one day's Brier score."""

    worth: float
    variance: float


def days_of(rows: pd.DataFrame, scores: np.ndarray) -> Days:
    """Of labelled rows and their predictions."""
    losses = (scores - rows.late.to_numpy(dtype=float)) ** 2
    by_day = (
        pd.Series(losses).groupby(pd.to_datetime(rows.scheduled_departure).dt.date.to_numpy()).agg(["size", "mean"])
    )
    share = by_day["size"] / len(losses)
    worth = float(1 / (share**2).sum())
    around = float((share * (by_day["mean"] - losses.mean()) ** 2).sum())
    return Days(worth, around * worth / (worth - 1))


def measure(model: Model, month: pd.DataFrame) -> Facts:
    """What the rules look at."""
    scores, usual = model.predict(month), model.predict(model.reference)
    known, usually = month.late.notna().to_numpy(), model.reference.late.notna().to_numpy()
    brier = float(np.mean((scores[known] - month.late[known]) ** 2))
    before = float(np.mean((usual[usually] - model.reference.late[usually]) ** 2))
    n, m = int(known.sum()), int(usually.sum())
    both = (n * brier + m * before) / (n + m)
    days, usual_days = days_of(month[known], scores[known]), days_of(model.reference[usually], usual[usually])
    varies = both * (1 - both) * (1 / n + 1 / m) + usual_days.variance * (1 / days.worth + 1 / usual_days.worth)
    return Facts(
        newest=pd.to_datetime(month.scheduled_departure).max().to_pydatetime(),
        rows=len(month),
        labelled=n,
        moved=float(stats.ks_2samp(usual, scores, method="asymp").statistic),
        brier=brier,
        worse=brier - before,
        chance=float(stats.t.ppf(1 - ALPHA, usual_days.worth - 1) * np.sqrt(varies)),
    )


def outcome(facts: Facts, *, drifted: bool, asked: list[datetime]) -> str:
    """What the retrain policy demands of a month whose feed is whole.

    Args:
        facts: the month.
        drifted: whether the check found the predictions in drift.
        asked: times of the months that were retrained on before.
    """
    moved = drifted and facts.moved >= OPEN
    worse = facts.worse >= WORSE and facts.worse >= facts.chance
    if not (moved or worse):
        return "quiet"
    if asked and facts.newest < asked[-1] + COOL_DOWN:
        return "held"
    return "request" if min(facts.rows, facts.labelled) >= LEAST_ROWS else "held"


@dataclass(frozen=True)
class Gain:
    """Challenger's Brier score minus the champion's on the held-out days of a month, with its 95 % interval."""

    value: float
    low: float
    high: float
    days: int


def compare(champion: Model, challenger: Model, month: pd.DataFrame) -> Gain:
    """Both on every third calendar day; a whole day is one observation."""
    dates = pd.to_datetime(month.scheduled_departure).dt.date
    held = month[dates.map(lambda day: day.toordinal() % 3 == 0) & month.late.notna()]
    losses = [(model.predict(held) - held.late.to_numpy()) ** 2 for model in (champion, challenger)]
    difference = pd.Series(losses[1] - losses[0])
    days = pd.to_datetime(held.scheduled_departure).dt.date.to_numpy()
    sums = (difference - difference.mean()).groupby(days).sum()
    error = np.sqrt(len(sums) / (len(sums) - 1) * (sums**2).sum()) / len(difference)
    half = stats.t.ppf(0.975, len(sums) - 1) * error
    mean = float(difference.mean())
    return Gain(mean, float(mean - half), float(mean + half), len(sums))
