"""Check a batch: read, score, count, compare, judge, record."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from monitoring.contract import PREDICTION, Contract, Value
from monitoring.drift.compare import Drawn, compare
from monitoring.errors import NotFound, NotPossible, Refused
from monitoring.history.records import CheckResult, Job
from monitoring.policy.judge import judge
from monitoring.policy.phrases import period_name
from monitoring.profiles.coarse import coarsen
from monitoring.profiles.codec import encode_profile
from monitoring.profiles.counts import NumericCounts
from monitoring.profiles.profile import Profile
from monitoring.progress import Progress
from monitoring.tables.labels import Labels, read_labels
from monitoring.tables.quoting import shown
from monitoring.tables.reader import RowReader, read_rows
from monitoring.tables.reading import AS_FOUND, Reading
from monitoring.tables.reading_options import FOUND_OUT
from monitoring.workflows.batch import Batch, read_batch, working_threads
from monitoring.workflows.decide import after_check
from monitoring.workflows.gathering import Gathered
from monitoring.workflows.loaded import Loaded
from monitoring.workflows.local_files import (
    KEPT_BYTES,
    OrderedFile,
    content_id,
    identify_files,
    keeping_rows,
    open_files,
    refuse_changed,
    sample_note,
)
from monitoring.workflows.looking import may_be_mended
from monitoring.workflows.naming import settle_names
from monitoring.workflows.noticing import with_repeats
from monitoring.workflows.parts import Driftline
from monitoring.workflows.pictures import draw_columns

ENGINE = "5"
"""Part of a check's id: raised when the same rows would get another result from the same model and policy."""
REFUSED_KEPT = timedelta(hours=1)
"""How long a refused file may be read differently on its page."""
READING = 0.8
"""Part of the work that reading, scoring and counting take."""


class CheckOrder(Value):
    """What is to be checked, and by what; the content that a check's id is derived from.

    Attributes:
        upload: SHA-256 of the stored file of rows; file_name: its name.
        labels: SHA-256 of the stored file of labels, None without one; labels_name: its name.
        model, version: what scores the rows.
        policy: content hash of the policy.
        reading: what a person said about the files: names of columns, how they are written.
        files: the files of rows where they lie, when they are not stored; `upload` then identifies their content.
        notes: what was found out about these files before they were read.
    """

    upload: str
    file_name: str
    labels: str | None = None
    labels_name: str | None = None
    model: str
    version: int
    policy: str
    reading: Reading = AS_FOUND
    files: tuple[OrderedFile, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        """The same rows, read in the same way, labels, version and policy are the same check, whatever the files are
        called."""
        parts = [ENGINE, self.upload, self.labels or "", self.model, str(self.version), self.policy]
        if self.reading != AS_FOUND:
            parts.append(self.reading.identity)
        return hashlib.sha256("|".join(parts).encode()).hexdigest()[:16]


def order_check(
    driftline: Driftline,
    *,
    upload: str,
    file_name: str,
    labels: str | None = None,
    labels_name: str | None = None,
    model: str,
    reading: Reading = AS_FOUND,
) -> CheckOrder:
    """The order for a check of stored files by the champion of `model`.

    Of the names of columns, those given in `reading` and those remembered for the model, it holds the ones that decide
    something in these files.

    Raises:
        NotPossible: a name was given that the model has not, or to a column that the file has not; or what is stored is
            only a sample of the rows.
    """
    champion = driftline.registry.champion(model)
    if rows := driftline.history.rows_sampled(upload):
        raise NotPossible(
            f"Of {shown(file_name, 120)} only {rows:,} rows are kept: check the files themselves again, where they lie."
        )
    reading = reading if labels else reading.model_copy(update={"labels": FOUND_OUT})
    remembered = driftline.column_names.of(model)
    if remembered or reading.names:
        paths = [driftline.uploads.path(sha) for sha in (upload, labels) if sha is not None]
        try:
            reading = settle_names(remembered, reading, champion.contract, paths, file_name=file_name)
        except Refused:
            forget_uploads(driftline, upload, labels)
            raise
    return CheckOrder(
        upload=upload,
        file_name=file_name,
        labels=labels,
        labels_name=labels_name,
        model=model,
        version=champion.number,
        policy=driftline.policy.id,
        reading=reading,
    )


def order_files(
    driftline: Driftline,
    gathered: Gathered,
    progress: Progress,
    *,
    labels: Path | None = None,
    model: str,
    reading: Reading = AS_FOUND,
) -> CheckOrder:
    """The order for a check of files where they lie, several as one batch, by the champion of `model`.

    A single file that is not too large is stored and ordered as an upload is. Files with the same content count once.

    Raises:
        NotFound: a file cannot be read.
        NotPossible: a name was given that the model has not, or to a column that no file has.
    """
    labels_name = labels.name if labels else None
    only = gathered.files[0]
    if len(gathered.files) == 1 and only.path.is_file() and only.path.stat().st_size <= KEPT_BYTES:
        order = order_check(
            driftline,
            upload=_stored(driftline, only.path),
            file_name=only.name,
            labels=_stored(driftline, labels) if labels else None,
            labels_name=labels_name,
            model=model,
            reading=reading,
        )
        return order.model_copy(update={"notes": gathered.notes})
    champion = driftline.registry.champion(model)
    files, notes = identify_files(gathered, progress)
    remembered = driftline.column_names.of(model)
    if remembered or reading.names:
        paths = [*(Path(file.path) for file in files), *filter(None, [labels])]
        reading = settle_names(
            remembered, reading, champion.contract, paths, file_name=gathered.title, files=len(files)
        )
    return CheckOrder(
        upload=content_id(files),
        file_name=gathered.title,
        labels=_stored(driftline, labels) if labels else None,
        labels_name=labels_name,
        model=model,
        version=champion.number,
        policy=driftline.policy.id,
        reading=reading,
        files=files,
        notes=notes,
    )


def _stored(driftline: Driftline, path: Path) -> str:
    try:
        with path.open("rb") as stream:
            return driftline.uploads.save(stream)
    except OSError as error:
        raise NotFound(f"{shown(path.name, 120)} cannot be read: {error.strerror}.") from error


def submit_check(driftline: Driftline, order: CheckOrder) -> Job:
    """Start a check in this process, unless it runs or is done already. The job's id is the check's id."""
    job = enlist_check(driftline, order)
    driftline.runner.run(job.id, lambda progress: check_and_record(driftline, order, progress, mendable=True))
    return driftline.jobs.job(job.id)


def enlist_check(driftline: Driftline, order: CheckOrder) -> Job:
    """The job of a check, waiting to be run unless it runs or is done. A job whose check was deleted starts anew."""
    deleted = not driftline.history.has_check(order.id)
    return driftline.jobs.submit(order.id, "check", order.model_dump(), redo=deleted)


def check_and_record(
    driftline: Driftline, order: CheckOrder, progress: Progress, *, mendable: bool = False
) -> dict[str, Any]:
    """Run a check and keep its result and its coarse profile, without sampled rows; returns what its job tells.

    An upload that is refused is forgotten; where it is `mendable`, by a person who looks at the refusal, one that may
    be read when it is read differently stays for a while (see `forget_refused`).
    """
    try:
        result, profile = run_check(driftline, order, progress)
    except Refused:
        if not (mendable and _may_be_mended(driftline, order)):
            forget_files(driftline, order)
        _sweep_refused(driftline)
        raise
    result = with_repeats(driftline, result)
    reference = driftline.loaded.get(driftline.registry.version(order.model, order.version)).reference
    stored = replace(coarsen(profile, reference), sample=None)
    driftline.history.record_check(result, encode_profile(stored))
    after_check(driftline, result.id, result.model)
    return {"check": result.id, "verdict": result.verdict.name}


def forget_files(driftline: Driftline, order: CheckOrder) -> None:
    """Remove the files of an order that no check and no other job needs."""
    forget_uploads(driftline, order.upload, order.labels, besides=order.id)


def forget_uploads(driftline: Driftline, *files: str | None, besides: str | None = None) -> None:
    """Remove files that no check and no job but `besides` needs."""
    for sha in filter(None, files):
        if not driftline.history.upload_in_use(sha, besides=besides):
            driftline.uploads.delete(sha)


def forget_refused(driftline: Driftline, job_id: str) -> None:
    """Remove the files of a check that was refused, if they are still there. Raises NotFound."""
    job = driftline.jobs.job(job_id)
    if job.kind == "check" and job.state == "refused":
        forget_files(driftline, CheckOrder.model_validate(job.payload))


def _may_be_mended(driftline: Driftline, order: CheckOrder) -> bool:
    try:
        return may_be_mended(driftline.uploads.path(order.upload))
    except (NotFound, OSError):
        return False


def _sweep_refused(driftline: Driftline) -> None:
    """Remove what was refused so long ago that nobody looks at it any more."""
    until = driftline.now() - REFUSED_KEPT
    for job in driftline.jobs.jobs("check"):
        if job.state == "refused" and job.finished_at is not None and job.finished_at < until:
            forget_refused(driftline, job.id)


def run_check(driftline: Driftline, order: CheckOrder, progress: Progress) -> tuple[CheckResult, Profile]:
    """The result of a check and the profile of its batch. Records nothing.

    Raises:
        TableRefused: the rows cannot be used.
        LabelsRefused: the labels cannot be used.
        NotFound: the model, its version or the upload is not there.
    """
    if order.policy != driftline.policy.id:
        raise NotFound("The policy of this check is no longer in use: start the check again.")
    progress(0.0, "Loading the model")
    loaded = driftline.loaded.get(driftline.registry.version(order.model, order.version))
    contract = loaded.version.contract
    labels = _read_labels(driftline, order, contract)
    if order.files:
        batch, kept = _read_files(driftline, order, loaded, labels, _part_of(progress))
    else:
        batch = read_batch(_open_upload(driftline, order, contract, _part_of(progress)), loaded, labels)
        kept = _Kept(order.upload, order.reading)
    batch.report = replace(batch.report, warnings=(*batch.report.warnings, *order.notes))
    progress(READING, f"Comparing {batch.profile.rows:,} rows with the reference")
    return _conclude(driftline, order, loaded, batch, kept), batch.profile


@dataclass(frozen=True, slots=True)
class _Kept:
    """What a check keeps of its rows: a stored file, how to read it again, and its rows where it is but a sample."""

    upload: str
    reading: Reading
    rows: int | None = None


def _part_of(progress: Progress) -> Progress:
    return lambda share, message: progress(READING * share, message)


def _open_upload(driftline: Driftline, order: CheckOrder, contract: Contract, progress: Progress) -> RowReader:
    return read_rows(
        driftline.uploads.path(order.upload),
        contract,
        name=order.file_name,
        progress=progress,
        names=order.reading.names,
        options=order.reading.options,
        limits=driftline.settings.limits,
    )


def _read_files(
    driftline: Driftline, order: CheckOrder, loaded: Loaded, labels: Labels | None, progress: Progress
) -> tuple[Batch, _Kept]:
    """Read files where they lie, and keep their rows, or a sample, in the place of an upload."""
    reader = open_files(
        order.files,
        loaded.version.contract,
        title=order.file_name,
        progress=progress,
        reading=order.reading,
        limits=driftline.settings.limits,
    )
    with keeping_rows(driftline.uploads, order.files, reader.schema) as (rows, upload):
        batch = read_batch(reader, loaded, labels, rows)
        refuse_changed(order.files)
    if rows.rows_kept is not None:
        note = sample_note(order.files, batch.report, rows.rows_kept)
        batch.report = replace(batch.report, warnings=(*batch.report.warnings, note))
    reading = Reading(names=labels.names, labels=order.reading.labels) if labels else AS_FOUND
    return batch, _Kept(upload.sha256, reading, rows.rows_kept)


def _read_labels(driftline: Driftline, order: CheckOrder, contract: Contract) -> Labels | None:
    if order.labels is None:
        return None
    name = order.labels_name or "labels"
    path, said = driftline.uploads.path(order.labels), order.reading.of_labels
    limits = driftline.settings.limits
    return read_labels(path, contract, name=name, names=said.names, options=said.options, limits=limits)


def _conclude(driftline: Driftline, order: CheckOrder, loaded: Loaded, batch: Batch, kept: _Kept) -> CheckResult:
    contract, reference = loaded.version.contract, loaded.reference
    values = batch.values(contract)
    comparison = compare(
        reference,
        batch.profile,
        level=driftline.policy.alpha,
        weights=driftline.policy.weights,
        values=values if batch.sample.complete else Drawn(values),
    )
    subject = period_name(batch.report.first_time, batch.report.last_time)
    verdict, findings = judge(comparison, driftline.policy, contract, subject, memory=loaded.version.manifest.memory)
    return CheckResult(
        id=order.id,
        created_at=driftline.now(),
        model=order.model,
        version=order.version,
        reference_id=reference.grids.reference,
        rows_reference=reference.profile.rows,
        upload=kept.upload,
        labels=order.labels,
        read=batch.report,
        reading=kept.reading,
        rows_kept=kept.rows,
        verdict=verdict,
        findings=findings,
        pictures=draw_columns(reference, batch.profile, values, threads=working_threads()),
        units={name: contract.unit(name) for name in contract.numeric},
        mean_prediction_reference=_mean(reference.profile, PREDICTION),
        mean_prediction_batch=_mean(batch.profile, PREDICTION),
        performance_reference=reference.performance,
        performance=batch.performance.measured(),
        labelled_rows=batch.performance.rows,
    )


def _mean(profile: Profile, column: str) -> float:
    counts = profile.columns[column]
    return counts.mean if isinstance(counts, NumericCounts) else 0.0
