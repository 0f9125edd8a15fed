"""What the store holds: checks, jobs, promotions. Plain values; JSON to and from by `to_json` and `from_json`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, TypeVar

from pydantic import TypeAdapter

from monitoring.history.job_states import ACTIVE, JobState, job_mark
from monitoring.performance.realised import Realised
from monitoring.policy.verdict import Finding, Verdict
from monitoring.profiles.picture import Picture
from monitoring.switch import Switch
from monitoring.tables.reading import AS_FOUND, Reading
from monitoring.tables.report import ReadReport

__all__ = [
    "CheckResult",
    "CheckSummary",
    "Job",
    "JobKind",
    "JobState",
    "LabelledUpload",
    "Switch",
    "drifted_columns",
    "from_json",
    "summarise",
    "tested_effects",
    "to_json",
]

T = TypeVar("T")

JobKind = Literal["check", "retrain", "report", "year", "column", "try", "windows"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckResult:
    """Everything a page, a report or a script tells about one check, complete without the rows behind it.

    Attributes:
        id: content hash of upload, labels, model, version and policy: the same check has the same id.
        created_at: UTC time of the check.
        model, version: what scored the rows.
        reference_id: content hash of the reference that they were compared with.
        rows_reference: rows of that reference.
        upload: SHA-256 of the uploaded file; labels: of the file with labels, None without one.
        read: what happened while reading.
        verdict: the judgement.
        findings: all findings, most important first.
        pictures: for each column what its chart needs.
        units: unit of each numeric column.
        mean_prediction_reference, mean_prediction_batch: mean predicted probability.
        performance_reference: realised performance of this version on its reference, None without labels there.
        performance: realised performance on the labelled rows of the batch, None without labels.
        labelled_rows: rows of the batch with a label.
        reading: what a person said about the file of rows.
        rows_kept: rows of the kept file where that is but a sample of them; None where all are kept.
    """

    id: str
    created_at: datetime
    model: str
    version: int
    reference_id: str
    rows_reference: int
    upload: str
    labels: str | None
    read: ReadReport
    verdict: Verdict
    findings: tuple[Finding, ...]
    pictures: dict[str, Picture]
    units: dict[str, str]
    mean_prediction_reference: float
    mean_prediction_batch: float
    performance_reference: Realised | None
    performance: Realised | None
    labelled_rows: int
    reading: Reading = AS_FOUND
    rows_kept: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckSummary:
    """One line of the history. `drifted` names columns in state `drift`; `effects` the effect of each tested column;
    `upload` is the SHA-256 of the file of rows."""

    id: str
    created_at: datetime
    model: str
    version: int
    upload: str
    file_name: str
    rows: int
    rows_refused: int
    verdict: str
    sentence: str
    first_time: str | None
    last_time: str | None
    drifted: tuple[str, ...]
    effects: dict[str, float]
    mean_prediction: float
    rate: float | None
    brier: float | None
    auc: float | None
    labelled_rows: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """Work that outlives a page. `id` is derived from what is to be done: the same work is the same job.

    Attributes:
        id: content-derived.
        kind: what it is.
        state: `interrupted` when the process that ran it is gone, or the store failed under a retraining; `refused`
            when the input could not be used.
        share: part done in [0, 1].
        message: what it is doing, or how it ended, as a sentence.
        log: the messages so far, oldest first, each with its UTC time.
        payload: what to do (JSON).
        result: what came out (JSON), None before the end.
        attempts: how often it was started.
        cancel_asked: whether a person asked to stop it; it may still run for a moment.
    """

    id: str
    kind: JobKind
    state: JobState
    share: float
    message: str
    log: tuple[tuple[str, str], ...]
    payload: dict[str, Any]
    result: dict[str, Any] | None
    attempts: int
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    cancel_asked: bool = False

    @property
    def active(self) -> bool:
        return self.state in ACTIVE

    @property
    def mark(self) -> str:
        """Short, and another one whenever a person would see the job changed; its first word is the state."""
        return job_mark(self.state, self.share, self.message, self.cancel_asked, self.attempts)


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelledUpload:
    """An upload whose outcomes are known, with the check that knows most of them.

    Attributes:
        check: id of that check.
        created_at: UTC time of that check.
        file_name: name the person gave the file.
        upload: SHA-256 of the file; labels: of the file with labels, None when the file holds them itself.
        first_time: smallest timestamp, ISO 8601, None without timestamps.
        last_time: largest timestamp.
        labelled_rows: rows with a label.
        verdict: name of the check's verdict.
        reading: what a person said about the file of rows.
    """

    check: str
    created_at: datetime
    file_name: str
    upload: str
    labels: str | None
    first_time: str | None
    last_time: str | None
    labelled_rows: int
    verdict: str
    reading: Reading = AS_FOUND


def summarise(result: CheckResult) -> CheckSummary:
    """The line that the history shows of a check."""
    return CheckSummary(
        id=result.id,
        created_at=result.created_at,
        model=result.model,
        version=result.version,
        upload=result.upload,
        file_name=result.read.file_name,
        rows=result.read.rows,
        rows_refused=result.read.rows_refused,
        verdict=result.verdict.name,
        sentence=result.verdict.sentence,
        first_time=result.read.first_time,
        last_time=result.read.last_time,
        drifted=drifted_columns(result.findings),
        effects=tested_effects(result.findings),
        mean_prediction=result.mean_prediction_batch,
        rate=result.performance.rate if result.performance else None,
        brier=result.performance.brier if result.performance else None,
        auc=result.performance.auc if result.performance else None,
        labelled_rows=result.labelled_rows,
    )


def tested_effects(findings: Sequence[Finding]) -> dict[str, float]:
    """How far each tested column moved: the largest effect of its tests."""
    effects: dict[str, float] = {}
    for finding in findings:
        if finding.p_value is not None:
            effects[finding.column] = max(finding.effect, effects.get(finding.column, 0.0))
    return effects


def drifted_columns(findings: Sequence[Finding]) -> tuple[str, ...]:
    """Inputs in `drift`, those that moved furthest first, then the predictions where they are."""
    moved = [f for f in findings if f.state == "drift" and f.role in ("input", "prediction")]
    moved.sort(key=lambda f: (f.role != "input", -f.effect, f.column))
    return tuple(dict.fromkeys(f.column for f in moved))


def to_json(value: CheckResult | Job | Switch) -> str:
    """JSON text of one of this module's values; a NaN or an infinity becomes null."""
    return _adapter(type(value)).dump_json(value).decode()


def from_json(kind: type[T], text: str) -> T:
    """The value of `kind` that `to_json` wrote. Raises pydantic.ValidationError when the text is something else."""
    value: T = _adapter(kind).validate_json(text)
    return value


_ADAPTERS: dict[type[Any], TypeAdapter[Any]] = {}


def _adapter(kind: type[Any]) -> TypeAdapter[Any]:
    if kind not in _ADAPTERS:
        _ADAPTERS[kind] = TypeAdapter(kind)
    return _ADAPTERS[kind]
