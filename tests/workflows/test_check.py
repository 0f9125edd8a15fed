"""A check of the packaged samples: numbers against scipy, verdicts, what is kept and what is not."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from sklearn.metrics import brier_score_loss, roc_auc_score

from monitoring.drift.measurement import NumericShift
from monitoring.errors import NotFound, TableRefused
from monitoring.history.records import CheckResult
from monitoring.policy.verdict import Finding
from monitoring.profiles.codec import decode_profile
from monitoring.profiles.sample import RowSample
from monitoring.progress import silent
from monitoring.wiring import PROJECT, open_driftline, settings_from_environment
from monitoring.workflows.check import CheckOrder, check_and_record, order_check, run_check
from monitoring.workflows.delete import delete_check
from monitoring.workflows.parts import Driftline
from monitoring.workflows.samples import check_year, list_samples, start_sample, start_year
from tests.processes import wait_until

MODEL = "flight-delay"
SAMPLES = PROJECT / "reference_data" / MODEL / "samples"


@pytest.fixture(scope="module")
def driftline(tmp_path_factory: pytest.TempPathFactory) -> Driftline:
    return open_driftline(settings_from_environment({"DRIFTLINE_DATA": str(tmp_path_factory.mktemp("data"))}))


def order_of(driftline: Driftline, file: Path, labels: Path | None = None) -> CheckOrder:
    return order_check(
        driftline,
        upload=driftline.uploads.save(file.read_bytes()),
        file_name=file.name,
        labels=driftline.uploads.save(labels.read_bytes()) if labels else None,
        labels_name=labels.name if labels else None,
        model=MODEL,
    )


def checked(driftline: Driftline, name: str) -> CheckResult:
    labels = SAMPLES / f"{name}-labels.csv"
    order = order_of(driftline, SAMPLES / f"{name}.csv", labels if labels.exists() else None)
    if not driftline.history.has_check(order.id):
        check_and_record(driftline, order, silent)
    return driftline.history.check(order.id)


@pytest.fixture(scope="module")
def july(driftline: Driftline) -> CheckResult:
    return checked(driftline, "july")


def states(result: CheckResult, state: str) -> set[tuple[str, str]]:
    return {(f.column, f.detector) for f in result.findings if f.state == state and f.role != "target"}


def test_july_is_drift_in_temp_dewp_wind_speed_and_the_predictions(july: CheckResult) -> None:
    assert july.verdict.name == "drift"
    assert states(july, "drift") == {("temp", "ks"), ("dewp", "ks"), ("wind_speed", "ks"), ("prediction", "ks")}
    assert "3 of 13 inputs" in july.verdict.sentence
    assert "predictions fell from 24 % to 8 % late" in july.verdict.sentence


def numbers(result: CheckResult) -> Iterator[tuple[Finding, pd.Series, pd.Series]]:
    """The KS finding of each numeric input of July, with the values of both sides."""
    reference = pd.read_parquet(PROJECT / "reference_data" / MODEL / "1" / "reference.parquet")
    batch = pd.read_csv(SAMPLES / "july.csv")
    numeric = [f for f in result.findings if f.detector == "ks" and f.role == "input"]
    assert len(numeric) == 10
    for finding in numeric:
        yield finding, reference[finding.column].dropna().astype(float), batch[finding.column].dropna().astype(float)


def test_the_medians_of_july_are_those_of_its_rows(july: CheckResult) -> None:
    """Beyond the reference's values counts alone would leave them open."""
    for finding, *both in numbers(july):
        medians = [side.quantile(0.5, interpolation="lower") for side in both]
        assert isinstance(finding.evidence, NumericShift)
        assert [finding.evidence.median_reference, finding.evidence.median_batch] == pytest.approx(medians)
        assert finding.evidence.median_error == 0


def test_every_statistic_of_july_is_scipys(july: CheckResult) -> None:
    for finding, old, new in numbers(july):
        wanted = stats.ks_2samp(old, new, method="asymp")
        assert finding.statistic == pytest.approx(wanted.statistic, abs=1e-12)
        assert (finding.n_reference, finding.n_batch) == (len(old), len(new))
        assert finding.p_rows == pytest.approx(wanted.pvalue, rel=0.02, abs=1e-12)
    batch = pd.read_csv(SAMPLES / "july.csv")
    for finding in july.findings:
        if finding.detector == "missing":
            assert finding.statistic == pytest.approx(batch[finding.column].isna().mean())


def test_realised_performance_is_scikit_learns(driftline: Driftline, july: CheckResult) -> None:
    rows, outcomes = pd.read_csv(SAMPLES / "july.csv"), pd.read_csv(SAMPLES / "july-labels.csv")
    version = driftline.registry.champion(MODEL)
    loaded = driftline.loaded.get(version)
    from monitoring.tables.reader import read_rows

    reader = read_rows(SAMPLES / "july.csv", version.contract, name="july.csv")
    predictions = np.concatenate([loaded.scorer.score(batch) for batch in reader.batches()])
    both = rows.assign(prediction=predictions).merge(outcomes, on="flight_id")
    assert july.performance is not None
    assert july.performance.rows == july.labelled_rows == len(both)
    assert july.performance.auc == pytest.approx(roc_auc_score(both.late, both.prediction))
    assert july.performance.brier == pytest.approx(brier_score_loss(both.late, both.prediction))
    assert july.mean_prediction_batch == pytest.approx(predictions.mean())


def test_the_quiet_week_is_quiet(driftline: Driftline) -> None:
    result = checked(driftline, "quiet-week")
    assert result.verdict.name in ("stable", "watch")
    assert states(result, "drift") == set()
    assert result.read.rows == 6_122


def test_the_broken_feed_is_broken_and_says_what_is_wrong(driftline: Driftline) -> None:
    result = checked(driftline, "april-broken-feed")
    assert result.verdict.name == "broken"
    assert result.verdict.action == "repair_feed"
    assert "carrier: 'ua' is not known, 'UA' is" in result.verdict.sentence
    assert "pressure: 44 % missing, usually 9 %" in result.verdict.sentence


def test_the_celsius_feed_is_broken_and_names_both_units(driftline: Driftline) -> None:
    result = checked(driftline, "april-celsius")
    assert (result.verdict.name, result.verdict.action) == ("broken", "repair_feed")
    assert [(reason.code, reason.column) for reason in result.verdict.reasons] == [
        ("another_unit", "temp"),
        ("another_unit", "dewp"),
    ]
    assert "temp: the values look like °C instead of °F (median" in result.verdict.sentence
    assert driftline.history.check(result.id) == result


def test_a_file_of_which_only_a_sample_is_at_hand_tells_its_unit_too(
    driftline: Driftline, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    whole = checked(driftline, "april-celsius").verdict
    monkeypatch.setattr(RowSample, "complete", property(lambda self: False))
    other = tmp_path / "again.csv"
    other.write_bytes((SAMPLES / "april-celsius.csv").read_bytes() + b"\n")
    result, _ = run_check(driftline, order_of(driftline, other), silent)
    assert [reason.text for reason in result.verdict.reasons] == [reason.text for reason in whole.reasons]


def test_december_has_no_input_in_drift(driftline: Driftline) -> None:
    assert states(checked(driftline, "december"), "drift") == set()


def test_april_has_temp_and_the_predictions_in_drift(driftline: Driftline) -> None:
    drifted = states(checked(driftline, "april"), "drift")
    assert {("temp", "ks"), ("prediction", "ks")} <= drifted


def test_the_kept_profile_is_that_of_all_rows(driftline: Driftline, july: CheckResult) -> None:
    kept = driftline.history.profile(july.id)
    assert len(kept) < 64_000
    profile = decode_profile(kept)
    assert profile.rows == july.read.rows == 6_000
    assert profile.reference == july.reference_id


def test_the_same_content_is_the_same_check_whatever_its_name(driftline: Driftline, july: CheckResult) -> None:
    rows, labels = SAMPLES / "july.csv", SAMPLES / "july-labels.csv"
    order = order_of(driftline, rows, labels)
    assert order.id == july.id
    assert order.model_copy(update={"file_name": "renamed.csv"}).id == july.id
    assert order_of(driftline, rows).id != july.id


def test_a_refused_file_leaves_nothing(driftline: Driftline, tmp_path: Path) -> None:
    file = tmp_path / "without.csv"
    pd.read_csv(SAMPLES / "july.csv").drop(columns="temp").to_csv(file, index=False)
    order = order_of(driftline, file)
    before = driftline.history.checks()
    with pytest.raises(TableRefused, match="temp"):
        check_and_record(driftline, order, silent)
    assert driftline.history.checks() == before
    with pytest.raises(NotFound):
        driftline.uploads.path(order.upload)


def test_another_policy_is_another_check(driftline: Driftline) -> None:
    order = order_of(driftline, SAMPLES / "july.csv").model_copy(update={"policy": "another"})
    with pytest.raises(NotFound, match="policy"):
        run_check(driftline, order, silent)


@pytest.mark.slow
def test_the_year_fills_the_history_month_by_month(driftline: Driftline) -> None:
    year = next(sample for sample in list_samples(driftline, MODEL) if sample.kind == "year")
    checks = check_year(driftline, MODEL, year, silent)["checks"]
    results = [driftline.history.check(check) for check in checks]
    assert [result.read.first_time[:7] for result in results] == [f"2013-{month:02}" for month in range(4, 13)]
    assert all(result.performance for result in results)
    for result in results:
        if result.read.first_time[:7] in ("2013-07", "2013-08", "2013-09"):
            assert {("temp", "ks"), ("dewp", "ks"), ("wind_speed", "ks"), ("prediction", "ks")} <= states(
                result, "drift"
            )
    assert check_year(driftline, MODEL, year, silent)["checks"] == checks
    job = start_year(driftline, MODEL, year)
    wait_until(lambda: not driftline.jobs.job(job.id).active, "the year is checked")
    delete_check(driftline, checks[0])
    start_year(driftline, MODEL, year)
    wait_until(lambda: not driftline.jobs.job(job.id).active, "the year is checked again")
    assert driftline.history.has_check(checks[0])


def test_rows_without_a_time_are_told(driftline: Driftline, tmp_path: Path) -> None:
    rows = pd.read_csv(SAMPLES / "july.csv")
    rows.loc[::2, "scheduled_departure"] = ""
    rows.to_csv(tmp_path / "half.csv", index=False)
    order = order_of(driftline, tmp_path / "half.csv")
    check_and_record(driftline, order, silent)
    warnings = driftline.history.check(order.id).read.warnings
    assert any("3,000 of 6,000 rows have no scheduled_departure" in warning for warning in warnings)


def test_unknown_samples_are_refused(driftline: Driftline) -> None:
    with pytest.raises(NotFound):
        start_sample(driftline, MODEL, "../../etc")
