"""Figures that other projects have published, reproduced: by our detectors where the definition is the same, with the
other's binning or smoothing around them where it is not. The data lies outside the project."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from monitoring.drift.catalogue import DETECTORS
from monitoring.drift.compare import compare
from monitoring.drift.cramer_von_mises import cramer_von_mises_p_value
from monitoring.drift.jensen_shannon import jensen_shannon
from monitoring.drift.measurement import Measurement
from monitoring.profiles.profile import profile_batch
from tests.tables_of_rows import contract_of, reference_of, rows_of

ROOT = Path(__file__).parent.parent.parent
SHARED = Path(os.environ.get("DRIFTLINE_SHARED", ROOT.parent / "shared")) / "replays"
pytestmark = pytest.mark.skipif(not (SHARED / "published.json").exists(), reason="the published cases are not at hand")
CHUNKS = range(10)


@pytest.fixture(scope="module")
def published() -> dict[str, Any]:
    return json.loads((SHARED / "published.json").read_text())


@pytest.fixture(scope="module")
def loans(published: dict[str, Any]) -> tuple[pd.DataFrame, list[pd.DataFrame]]:
    """NannyML's car loans: the reference, and the analysis period in the chunks that the figures are for."""
    case = published["nannyml_car_loan_chi2"]
    reference, current = pd.read_parquet(SHARED / case["ref"]), pd.read_parquet(SHARED / case["cur"])
    return reference, [current[i * case["chunk"] : (i + 1) * case["chunk"]] for i in CHUNKS]


def numbers(reference: np.ndarray, batch: np.ndarray) -> dict[str, Measurement]:
    """Every measurement of one number."""
    built = reference_of(contract_of(("x",)), rows_of(x=reference))
    profile = profile_batch(rows_of(x=batch), built.grids)
    comparison = compare(built, profile, values={"x": batch}, detectors=DETECTORS)
    found = [item.measurement for item in comparison.measured]
    return {measurement.detector: measurement for measurement in found if measurement.column == "x"}


def printed(value: float) -> float:
    """Half a unit of the sixth significant digit, the last one printed."""
    return 0.5 * 10.0 ** (np.floor(np.log10(abs(value))) - 5)


def test_jensen_shannon_of_car_loans(published, loans) -> None:
    """NannyML cuts the reference by Doane's rule and joins both sides' outer values to the outer bins."""
    case, (reference, chunks) = published["nannyml_car_loan_js_debt_to_income"], loans
    old = reference[case["column"]].to_numpy()
    edges = np.histogram_bin_edges(old, bins="doane")
    found = []
    for chunk in chunks:
        new = chunk[case["column"]].to_numpy()
        inside, outside = np.histogram(new, edges)[0], np.array([((new < edges[0]) | (new > edges[-1])).sum()])
        counts = np.concatenate((np.histogram(old, edges)[0], [0])), np.concatenate((inside, outside))
        found.append(jensen_shannon(*counts))
    assert found == pytest.approx(case["published_js_distance_log2_doane_bins_of_ref"], abs=case["tol_js"])


def test_ks_of_car_loans(published, loans) -> None:
    """NannyML's figure is of binned data; ours is exact."""
    case, (reference, chunks) = published["nannyml_car_loan_js_debt_to_income"], loans
    old = reference[case["column"]].to_numpy()
    found = [numbers(old, chunk[case["column"]].to_numpy())["ks"].statistic for chunk in chunks]
    assert found == pytest.approx(case["published_ks_binned"], abs=case["tol_ks_binned_vs_exact"])


@pytest.mark.parametrize("column", ["salary_range", "repaid_loan_on_prev_car", "size_of_downpayment", "y_pred"])
def test_chi_square_of_car_loans(column: str, published, loans) -> None:
    """Our X² where no group and no correction is needed; with Yates' correction, which we do not make, on 2 x 2."""
    case, (reference, chunks) = published["nannyml_car_loan_chi2"], loans
    levels = sorted(reference[column].astype(str).unique())
    built = reference_of(contract_of((), {"c": levels}), rows_of(c=reference[column].astype(str)))
    for chunk, wanted in zip(chunks, case[column], strict=True):
        comparison = compare(built, profile_batch(rows_of(c=chunk[column].astype(str)), built.grids))
        (found,) = (i.measurement for i in comparison.measured if i.measurement.detector == "chi2")
        if len(levels) > 2:
            assert found.statistic == pytest.approx(wanted, abs=1.01 * printed(wanted))
            continue
        counts = [[(side[column].astype(str) == level).sum() for level in levels] for side in (reference, chunk)]
        assert found.statistic == pytest.approx(stats.chi2_contingency(counts, correction=False).statistic, rel=1e-9)
        n = np.array(counts, dtype=float)
        margins = n.sum(axis=0).prod() * n.sum(axis=1).prod()
        gap = np.sqrt(found.statistic * margins / n.sum())
        yates = n.sum() * (gap - n.sum() / 2) ** 2 / margins
        assert yates == pytest.approx(wanted, abs=1.01 * printed(wanted))


def test_two_normals_of_frouros(published) -> None:
    case = published["frouros_seed31_normals"]
    np.random.seed(31)  # the published stream
    found = numbers(np.random.normal(0, 1, 100), np.random.normal(1, 1, 100))
    assert found["ks"].statistic == pytest.approx(case["ks"][0], abs=1e-15)
    assert found["ks"].p_value == pytest.approx(case["ks"][1], rel=1e-9, abs=0)
    assert found["cvm"].statistic == pytest.approx(case["cvm"][0], abs=1e-12)
    assert found["wasserstein"].statistic == pytest.approx(case["emd"], abs=1e-12)


def test_the_p_value_that_frouros_printed_is_scipys_series_and_ours_goes_on_beyond_it(published) -> None:
    """scipy leaves terms of 1e-7 out of 1 - p: its own digits are printed, to the rounding of that difference."""
    statistic, p_value = published["frouros_seed31_normals"]["cvm"]
    np.random.seed(31)  # the published stream
    sides = np.random.normal(0, 1, 100), np.random.normal(1, 1, 100)
    scipys = stats.cramervonmises_2samp(*sides, method="asymptotic").pvalue
    assert scipys == pytest.approx(p_value, rel=0, abs=2.3e-16)
    assert cramer_von_mises_p_value(statistic, 100, 100) < p_value < 1e-7
