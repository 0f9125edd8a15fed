"""The numbers of the packaged flights, computed with pandas, scipy and scikit-learn alone: nothing of ours is used."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
from scipy import stats
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import brier_score_loss, roc_auc_score
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

DATA = Path(__file__).parent.parent.parent / "reference_data" / "flight-delay"
SAMPLES = DATA / "samples"
CATEGORIES = ["carrier", "origin", "dest"]
NUMBERS = [
    "sched_dep_min",
    "dow",
    "distance",
    "temp",
    "dewp",
    "humid",
    "wind_speed",
    "precip",
    "pressure",
    "visib",
]


def rows(name: str) -> pd.DataFrame:
    """Training, reference or a sample with its labels."""
    if name in ("training", "reference"):
        frame = pd.read_parquet(DATA / "1" / f"{name}.parquet")
    else:
        frame = pd.read_csv(SAMPLES / f"{name}.csv")
        frame = frame.merge(pd.read_csv(SAMPLES / f"{name}-labels.csv"), on="flight_id", how="left")
    return frame.astype(dict.fromkeys([*NUMBERS, "late"], float))


@dataclass(frozen=True)
class Quality:
    auc: float
    brier: float


@cache
def champion() -> Pipeline:
    """A logistic regression fitted to the packaged training rows."""
    return fitted(rows("training"))


@cache
def challenger() -> Pipeline:
    """The same, fitted with July's labelled rows outside the held-out days as well."""
    july = rows("july")
    return fitted(pd.concat([rows("training"), july[~held_out(july)]]))


def fitted(frame: pd.DataFrame) -> Pipeline:
    known = frame[frame.late.notna()]
    numbers = make_pipeline(SimpleImputer(strategy="median"), StandardScaler())
    columns = ColumnTransformer([("n", numbers, NUMBERS), ("c", OneHotEncoder(handle_unknown="ignore"), CATEGORIES)])
    model = LogisticRegression(solver="newton-cg", max_iter=200, tol=1e-8)
    return make_pipeline(columns, model).fit(known[NUMBERS + CATEGORIES], known.late)


def predicted(model: Pipeline, frame: pd.DataFrame) -> np.ndarray:
    return model.predict_proba(frame[NUMBERS + CATEGORIES])[:, 1]


def held_out(frame: pd.DataFrame) -> np.ndarray:
    """Every third calendar day."""
    days = pd.to_datetime(frame.scheduled_departure).dt.date
    return np.array([date.toordinal(day) % 3 == 0 for day in days])


def quality(model: Pipeline) -> Quality:
    """On July's held-out labelled rows."""
    july = rows("july")
    gate = july[held_out(july) & july.late.notna()]
    p = predicted(model, gate)
    return Quality(float(roc_auc_score(gate.late, p)), float(brier_score_loss(gate.late, p)))


def gap(column: str, sample: str = "july") -> float:
    """KS distance of a column of a sample from the reference; of the champion's predictions for `prediction`."""
    old, new = rows("reference"), rows(sample)
    if column == "prediction":
        a, b = predicted(champion(), old), predicted(champion(), new)
    else:
        a, b = old[column].dropna(), new[column].dropna()
    return float(stats.ks_2samp(a, b, method="asymp").statistic)
