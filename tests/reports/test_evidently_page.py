"""The page says what the findings say, whatever the rows it is drawn from."""

import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest
from scipy.stats import ks_2samp

from monitoring.errors import NotPossible
from monitoring.reports.evidently_page import write_evidently_page
from tests.reports.material import CONTRACT, make_rows, measure, shown_tests, widgets

COLUMNS = ("weight", "prediction", "depot", "height")


@pytest.fixture(scope="module")
def sides() -> tuple[pa.Table, pa.Table]:
    rng = np.random.default_rng(7)
    return make_rows(rng, 3_000), make_rows(rng, 2_000, shift=1.5)


@pytest.fixture(scope="module")
def page(sides: tuple[pa.Table, pa.Table]) -> str:
    """A page drawn from 400 of the rows, with findings of all of them."""
    reference, batch = sides
    findings = [
        measure(reference, batch, "weight", "drift", tolerance=0.31),
        measure(reference, batch, "prediction", "small", tolerance=0.9),
        measure(reference, batch, "depot", "drift", tolerance=0.07),
        measure(reference, batch, "height", "undecided", tolerance=0.05),
    ]
    return write_evidently_page(
        CONTRACT,
        reference[:400],
        batch[:400],
        findings,
        title="Report: a.csv",
        sentence="It moved.",
        notes=["n1"],
    )


def test_numbers_show_the_ks_distance_of_all_rows(page: str, sides: tuple[pa.Table, pa.Table]) -> None:
    for column in ("weight", "prediction", "height"):
        whole = ks_2samp(*(rows[column].drop_null().to_numpy() for rows in sides)).statistic
        sampled = ks_2samp(*(rows[column][:400].drop_null().to_numpy() for rows in sides)).statistic
        assert abs(whole - sampled) > 0.005, "the sample must not give the same answer by itself"
        assert f"Drift score is {whole:0.2f}." in shown_tests(page)[column]["description"]
        assert _score(page, column) == round(whole, 3)


def test_categories_show_the_share_that_changed(page: str, sides: tuple[pa.Table, pa.Table]) -> None:
    shares = [[rows["depot"].to_pylist().count(d) / len(rows) for d in ("North", "South", "West")] for rows in sides]
    distance = float(np.abs(np.subtract(shares[0], shares[1])).sum() / 2)
    assert _score(page, "depot") == pytest.approx(distance, abs=5e-4)


def test_detected_is_exactly_our_state_drift(page: str) -> None:
    assert {column: test["state"] for column, test in shown_tests(page).items()} == {
        "weight": "fail",
        "prediction": "success",
        "depot": "fail",
        "height": "success",
    }
    assert "Driftline's state: undecided" in shown_tests(page)["height"]["description"]


def test_thresholds_are_our_tolerances(page: str) -> None:
    thresholds = {c: re.findall(r"threshold is ([\d.]+)\.", t["description"]) for c, t in shown_tests(page).items()}
    assert thresholds == {"weight": ["0.31"], "prediction": ["0.90"], "depot": ["0.07"], "height": ["0.05"]}


def test_there_is_no_other_test_than_one_a_column_in_the_order_of_the_findings(page: str) -> None:
    assert list(shown_tests(page)) == list(COLUMNS)
    headings = [counter["value"] for widget in widgets(page, "counter") for counter in widget["params"]["counters"]]
    drawn = [heading for heading in reversed(headings) if heading.startswith("Drift in")]
    assert drawn == [f"Drift in column '{column}'" for column in COLUMNS]


def test_the_heading_tells_what_the_page_is_about(page: str) -> None:
    assert "<h1>Report: a.csv</h1><p>It moved.</p><ul><li>n1</li></ul>" in page


def test_two_reports_at_once_do_not_mix(sides: tuple[pa.Table, pa.Table]) -> None:
    reference, batch = sides

    def draw(distance: float) -> str:
        finding = replace(measure(reference, batch, "height", "drift"), statistic=distance)
        return write_evidently_page(CONTRACT, reference[:100], batch[:100], [finding], title="x")

    distances = [0.11, 0.22, 0.33, 0.44]
    with ThreadPoolExecutor(4) as threads:
        assert [_score(page, "height") for page in threads.map(draw, distances)] == distances


def test_a_column_that_evidently_cannot_draw_is_lost_alone(sides: tuple[pa.Table, pa.Table]) -> None:
    reference, batch = sides
    huge = pa.array([1.7e308, -1.7e308] * (len(batch) // 2))
    findings = [measure(reference, batch, c, "drift") for c in ("weight", "height")]
    page = write_evidently_page(
        CONTRACT,
        reference,
        batch.set_column(batch.schema.get_field_index("weight"), "weight", huge),
        findings,
        title="x",
    )
    assert list(shown_tests(page)) == ["height"]
    assert "<li>weight is left out: Evidently cannot draw it (" in page


def test_nothing_to_show_is_said(sides: tuple[pa.Table, pa.Table]) -> None:
    with pytest.raises(NotPossible, match="no column of this check was compared"):
        write_evidently_page(CONTRACT, *sides, [], title="x")


def _score(page: str, column: str) -> float:
    (label,) = [
        counter["label"]
        for widget in widgets(page, "counter")
        for counter in widget["params"]["counters"]
        if counter["value"] == f"Drift in column '{column}'"
    ]
    return float(label.rpartition("Drift score: ")[2])
