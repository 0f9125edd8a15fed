"""Checks to keep: complete results with values that a test can choose."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from monitoring.drift.measurement import Detector, NumericShift, Role
from monitoring.history.records import CheckResult
from monitoring.performance.realised import Realised
from monitoring.policy.verdict import Finding, Reason, State, Verdict, VerdictName
from monitoring.profiles.picture import NumericPicture
from monitoring.tables.report import ReadReport
from monitoring.wiring import open_driftline
from monitoring.workflows.parts import Driftline, Settings

DAY = datetime(2026, 3, 1, 12, tzinfo=UTC)


def make_finding(
    column: str,
    effect: float = 0.2,
    *,
    state: State = "stable",
    role: Role = "input",
    detector: Detector = "ks",
    p_value: float | None = 0.5,
) -> Finding:
    """One judged measurement."""
    return Finding(
        column=column,
        role=role,
        detector=detector,
        state=state,
        statistic=effect,
        p_value=p_value,
        p_adjusted=p_value,
        p_rows=p_value,
        p_days=None,
        effect=effect,
        effect_low=effect / 2,
        effect_high=min(1.0, effect * 2),
        tolerance=0.05,
        natural_variation=None,
        outside_every_block=False,
        n_reference=100,
        n_batch=50,
        muted=False,
        note="",
        evidence=NumericShift(
            median_reference=1.0, median_batch=2.0, mean_reference=1.5, mean_batch=2.5, location=1.25
        ),
    )


def make_check(
    check_id: str = "c" * 16,
    *,
    model: str = "model",
    upload: str = "a" * 64,
    labels: str | None = None,
    labelled_rows: int = 0,
    verdict: VerdictName = "drift",
    findings: tuple[Finding, ...] = (),
    first_time: str | None = "2013-07-01T05:00:00",
    file_name: str = "july.csv",
    minutes: int = 0,
) -> CheckResult:
    """A complete check."""
    performance = Realised(rows=labelled_rows, rate=0.3, mean_prediction=0.1, auc=0.7, brier=0.2)
    return CheckResult(
        id=check_id,
        created_at=DAY + timedelta(minutes=minutes),
        model=model,
        version=1,
        reference_id="r" * 16,
        rows_reference=100,
        upload=upload,
        labels=labels,
        read=ReadReport(file_name=file_name, rows_read=52, rows_refused=2, first_time=first_time, last_time=None),
        verdict=Verdict(
            name=verdict,
            sentence="July looks different.",
            action="retrain",
            advice="Retrain.",
            reasons=(Reason(code="moved", column="temp", text="temp moved"),),
            caveat="",
            policy="default",
            policy_id="p" * 16,
        ),
        findings=findings or (make_finding("temp"),),
        pictures={"temp": make_picture()},
        units={"temp": "°F"},
        mean_prediction_reference=0.24,
        mean_prediction_batch=0.08,
        performance_reference=None,
        performance=performance if labelled_rows else None,
        labelled_rows=labelled_rows,
    )


def make_picture() -> NumericPicture:
    """A chart of two bins."""
    return NumericPicture(
        edges=(0.0, 1.0, 2.0),
        bins_reference=(0.5, 0.5),
        bins_batch=(0.25, 0.75),
        curve_x=(0.0, 1.0, 2.0),
        curve_reference=(0.0, 0.5, 1.0),
        curve_batch=(0.0, 0.25, 1.0),
        gap_x=1.0,
        gap_reference=0.5,
        gap_batch=0.25,
        beyond=0.0,
        missing_reference=0.0,
        missing_batch=0.1,
    )


def changed(check: CheckResult, change: Callable[[Finding], Finding]) -> CheckResult:
    """A check with every finding changed."""
    return replace(check, findings=tuple(change(finding) for finding in check.findings))


def open_in(folder: Path) -> Driftline:
    """Everything put together on a data folder, with a small packaged model beside it that is there already."""
    return open_driftline(
        Settings(
            data=folder, packaged_models=folder.parent / "models", packaged_reference=folder.parent / "reference_data"
        )
    )
