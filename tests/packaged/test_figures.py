"""The packaged model's figures month by month, against those that were measured apart from this project.

`MONTHS` was measured with a model that was also trained on the quiet week; it must agree to about .01. Statistics here
are scipy's and scikit-learn's.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd
import pytest
from scipy.stats import ks_2samp
from sklearn.compose import make_column_transformer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import brier_score_loss, roc_auc_score
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from tests.packaged.flights import INPUTS, contract, month, read, score


class Measured(NamedTuple):
    rows: int
    late: float
    auc: float
    brier: float
    mean: float
    ks: float
    inputs: dict[str, float]


MONTHS = {
    4: Measured(28330, 0.279, 0.647, 0.203, 0.159, 0.288, {"temp": 0.704, "dewp": 0.437, "pressure": 0.314}),
    5: Measured(28796, 0.220, 0.679, 0.165, 0.138, 0.356, {"temp": 0.937, "dewp": 0.799, "wind_speed": 0.301}),
    6: Measured(28243, 0.308, 0.672, 0.238, 0.111, 0.498, {"temp": 0.998, "dewp": 0.958, "humid": 0.269}),
    7: Measured(29425, 0.315, 0.685, 0.258, 0.082, 0.610, {"temp": 1.0, "dewp": 0.999, "wind_speed": 0.341}),
    8: Measured(29327, 0.238, 0.671, 0.195, 0.089, 0.587, {"temp": 1.0, "dewp": 0.989, "wind_speed": 0.374}),
    9: Measured(27574, 0.132, 0.618, 0.114, 0.099, 0.538, {"temp": 0.97, "dewp": 0.928, "wind_speed": 0.369}),
    10: Measured(28889, 0.168, 0.648, 0.135, 0.126, 0.406, {"temp": 0.892, "dewp": 0.695, "wind_speed": 0.295}),
    11: Measured(27268, 0.174, 0.642, 0.137, 0.176, 0.210, {"temp": 0.429, "pressure": 0.4, "dewp": 0.26}),
    12: Measured(28135, 0.326, 0.687, 0.207, 0.230, 0.050, {"pressure": 0.338, "wind_speed": 0.287, "humid": 0.284}),
}
LOOSE = 0.013
"""What leaving out the quiet week changes at most: .012, the KS of December's predictions."""


def ks(name: str, rows: pd.DataFrame) -> float:
    statistic: float = ks_2samp(read("reference")[name].dropna(), rows[name].dropna()).statistic
    return statistic


@pytest.fixture(scope="module")
def reference_scores() -> np.ndarray:
    return score(read("reference"))


@pytest.mark.parametrize("number", MONTHS)
def test_each_month(number: int, reference_scores: np.ndarray) -> None:
    rows, measured = month(number), MONTHS[number]
    scores, known = score(rows), rows.late.notna()
    assert len(rows) == measured.rows
    assert rows.late.mean() == pytest.approx(measured.late, abs=5e-4)
    assert scores.mean() == pytest.approx(measured.mean, abs=0.01)
    assert roc_auc_score(rows.late[known], scores[known]) == pytest.approx(measured.auc, abs=0.01)
    assert brier_score_loss(rows.late[known], scores[known]) == pytest.approx(measured.brier, abs=0.01)
    assert ks_2samp(reference_scores, scores).statistic == pytest.approx(measured.ks, abs=LOOSE)
    for name, statistic in measured.inputs.items():
        assert ks(name, rows) == pytest.approx(statistic, abs=6e-4)


def test_the_reference(reference_scores: np.ndarray) -> None:
    known = read("reference").late.notna()
    assert reference_scores.mean() == pytest.approx(0.239, abs=0.01)
    assert roc_auc_score(read("reference").late[known], reference_scores[known]) == pytest.approx(0.688, abs=0.01)


def test_july_as_a_sample(reference_scores: np.ndarray) -> None:
    rows = read("july")
    assert ks("temp", rows) > 0.99
    assert ks("dewp", rows) > 0.99
    assert ks("wind_speed", rows) > 0.3
    assert ks_2samp(reference_scores, score(rows)).statistic == pytest.approx(0.61, abs=0.01)
    assert score(rows).mean() == pytest.approx(0.08, abs=0.01)


def test_the_quiet_week_moves_little(reference_scores: np.ndarray) -> None:
    rows = read("quiet-week")
    assert max(ks(name, rows) for name in contract().numeric) == pytest.approx(0.23, abs=0.005)
    assert ks_2samp(reference_scores, score(rows)).statistic == pytest.approx(0.07, abs=0.005)


def test_the_celsius_feed_is_colder_than_the_reference() -> None:
    temperatures, known = read("april-celsius").temp, read("reference").temp
    assert ((temperatures < known.min()) | (temperatures > known.max())).mean() == pytest.approx(0.69, abs=0.005)


def test_the_broken_feed_has_unknown_carriers_and_little_pressure() -> None:
    rows, known = read("april-broken-feed"), read("reference")
    assert not set(rows.carrier) & set(contract().feature("carrier").categories)
    assert set(rows.carrier.str.upper()) <= set(contract().feature("carrier").categories)
    assert round(100 * rows.pressure.isna().mean()) == 44
    assert round(100 * known.pressure.isna().mean()) == 9


def fit(rows: pd.DataFrame) -> Pipeline:
    """A logistic regression by scikit-learn alone, with a solver of its own."""
    numbers = make_pipeline(SimpleImputer(strategy="median"), StandardScaler())
    encoder = OneHotEncoder(handle_unknown="ignore")
    columns = make_column_transformer((numbers, list(contract().numeric)), (encoder, list(contract().categorical)))
    model = LogisticRegression(solver="newton-cg", tol=1e-10, max_iter=1_000)
    labelled = rows.dropna(subset="late")
    return make_pipeline(columns, model).fit(labelled[list(INPUTS)], labelled.late)


def test_the_packaged_model_is_the_one_that_its_training_rows_give() -> None:
    by_hand = fit(read("training")).predict_proba(month(7)[list(INPUTS)])[:, 1]
    assert np.max(np.abs(by_hand - score(month(7)))) < 1e-6


@pytest.mark.slow
def test_retrained_on_january_to_june_july_is_told_better() -> None:
    spring = read("year")[read("year").scheduled_departure < "2013-07"]
    retrained = fit(pd.concat([read("training"), spring]))
    july = month(7).dropna(subset="late")
    before, after = score(july), retrained.predict_proba(july[list(INPUTS)])[:, 1]
    assert roc_auc_score(july.late, before) == pytest.approx(0.685, abs=0.01)
    assert roc_auc_score(july.late, after) == pytest.approx(0.731, abs=0.01)
    assert retrained.predict_proba(month(7)[list(INPUTS)])[:, 1].mean() == pytest.approx(0.28, abs=0.01)
