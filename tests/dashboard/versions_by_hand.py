"""Jobs, versions and retrainings made by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from dashboard.components.retrain_panel import Challenger, Retraining
from monitoring.contract import Contract, Feature, Target
from monitoring.history.records import Job, JobState
from monitoring.performance.gate import Gate
from monitoring.performance.realised import Realised
from monitoring.registry.manifest import Compared, Manifest, Parity
from monitoring.registry.version import Version
from monitoring.retraining.request import Evidence, RetrainRequest, Source

AT = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)


def gate() -> Gate:
    """The challenger is better."""
    return Gate(
        result="better",
        sentence="Version 2 is better: Brier score 0.196 against 0.258 on 1,900 held-out rows of July.",
        rows=1_900,
        days=10,
        champion=Realised(rows=1_900, rate=0.31, mean_prediction=0.08, auc=0.685, brier=0.258),
        challenger=Realised(rows=1_900, rate=0.31, mean_prediction=0.28, auc=0.731, brier=0.196),
        brier_difference=-0.062,
        brier_low=-0.081,
        brier_high=-0.043,
        churn=0.18,
    )


def job(state: JobState, **changes: object) -> Job:
    """A retrain job in a state."""
    base = Job(
        id="retrain-0123",
        kind="retrain",
        state=state,
        share=0.4 if state == "running" else float(state == "done"),
        message="Training on 68,000 rows." if state == "running" else "",
        log=(
            ("2026-11-22T09:30:00", "Reading the training rows."),
            ("2026-11-22T09:30:04", "Training on 68,000 rows."),
        ),
        payload={},
        result=None,
        attempts=1,
        created_at=AT,
        started_at=None if state == "queued" else AT,
        finished_at=None if state in ("queued", "running") else AT.replace(minute=31),
    )
    return replace(base, **changes)  # type: ignore[arg-type] # names and types of the fields above


def version(number: int) -> Version:
    """A version with two inputs; version 2 was compared with version 1."""
    contract = Contract(
        model="flight-delay",
        features=(
            Feature(name="temp", kind="numeric", input="temp", unit="°F", description="Temperature"),
            Feature(
                name="carrier", kind="categorical", input="carrier", categories=("B6", "UA"), missing_allowed=False
            ),
        ),
        id="flight_id",
        timestamp="scheduled_departure",
        target=Target(name="late", positive="late", description="Arrived more than 15 minutes late"),
    )
    compared = Compared(rows=3_000, largest_difference=1.5e-7)
    manifest = Manifest(
        model="flight-delay",
        version=number,
        created_at=AT,
        recipe="logistic regression",
        training_rows=54_000,
        training_from=datetime(2013, 1, 1),
        training_to=datetime(2013, 3, 31),
        reference_rows=18_809,
        parent=number - 1 or None,
        request="retrain-0123" if number > 1 else None,
        parity=Parity(real=compared, missing=compared, unseen=None, tolerance=1e-5),
        gate=gate() if number > 1 else None,
        files={"model.onnx": "0" * 64},
    )
    return Version(
        model="flight-delay",
        number=number,
        folder=Path("models"),
        reference_folder=Path("reference_data"),
        packaged=number == 1,
        contract=contract,
        manifest=manifest,
    )


def challenger() -> Challenger:
    """Version 2, better than version 1."""
    return Challenger(number=2, parent=1, gate=gate())


def retraining(**changes: object) -> Retraining:
    """Retraining is possible and was not asked for yet, unless `changes` say otherwise."""
    source = Source(
        check="0123456789abcdef", file_name="july.csv", upload="a" * 64, labels=None, first_time=None, last_time=None
    )
    request = RetrainRequest(
        model="flight-delay",
        champion=1,
        check="0123456789abcdef",
        evidence=Evidence(verdict="drift", sentence="It moved.", drifted=("temp",)),
        sources=(source,),
    )
    base = Retraining(
        model="flight-delay",
        champion=1,
        request=request,
        refusal="",
        describes="Trains a new version on the rows of july.csv.",
        job=None,
        challenger=None,
    )
    return replace(base, **changes)  # type: ignore[arg-type] # names and types of the fields above
