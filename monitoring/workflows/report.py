"""Write the Evidently page of a check: a sample of the stored rows, the findings of all of them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa

from monitoring.durable import replace_file, storing
from monitoring.errors import NotFound
from monitoring.history.records import CheckResult, Job
from monitoring.profiles.sample import RowSample
from monitoring.progress import Progress
from monitoring.registry.version import Version
from monitoring.reports.report_files import report_file
from monitoring.scoring.scorer import Scorer
from monitoring.tables.labels import join_labels, read_labels
from monitoring.tables.reader import read_rows
from monitoring.workflows.jobs import start_worker
from monitoring.workflows.loaded import read_reference_rows, score_rows
from monitoring.workflows.parts import Driftline

SAMPLE_ROWS = 5_000
"""Rows that the page draws of each side."""
READ, SCORED, LOADED = 0.1, 0.15, 0.6
"""Parts of the work done when the rows are read, when the samples are scored, and when Evidently is there."""


def report_job_id(check_id: str) -> str:
    """Id of the job that writes the report of a check; a check's own job has the check's id."""
    return hashlib.sha256(f"report|{check_id}".encode()).hexdigest()[:16]


def request_report(driftline: Driftline, check_id: str) -> Job:
    """Have a worker write the report of a check, unless one does or has. Raises NotFound, StoreFailed."""
    driftline.history.check(check_id)
    job_id = report_job_id(check_id)
    if not report_file(driftline.settings.reports, check_id).exists():
        _forget_done(driftline, job_id)
    job = driftline.jobs.submit(job_id, "report", {"check": check_id})
    if job.state == "queued":
        start_worker(driftline.jobs, job_id, driftline.settings.data)
    return driftline.jobs.job(job_id)


def run_report(driftline: Driftline, payload: Mapping[str, Any], progress: Progress) -> dict[str, Any]:
    """Do a job of kind `report`; returns what its job tells. Raises like `make_report`."""
    make_report(driftline, payload["check"], progress)
    return {"check": payload["check"]}


def _forget_done(driftline: Driftline, job_id: str) -> None:
    """A job that is done keeps its work from being done again, though the page was removed since."""
    try:
        done = driftline.jobs.job(job_id).state == "done"
    except NotFound:
        return
    if done:
        driftline.jobs.delete(job_id)


def make_report(driftline: Driftline, check_id: str, progress: Progress) -> Path:
    """Write the page of a check into the folder of reports, whole or not at all.

    Raises:
        NotFound: the check, its version or its upload is not there any more.
        NotPossible: nothing was compared, so there is nothing to show.
        StoreFailed: the page could not be kept.
    """
    from monitoring.reports.evidently_page import load_evidently, write_evidently_page  # with pandas

    path = report_file(driftline.settings.reports, check_id)
    check = driftline.history.check(check_id)
    version = driftline.registry.version(check.model, check.version)
    progress(0.0, "Reading the rows again")
    batch = _sample_upload(driftline, check, version, lambda share, text: progress(READ * share, text))
    progress(READ, "Scoring a sample of both sides")
    scorer = Scorer(version.model_file, version.contract)
    reference = _sample(read_reference_rows(version))
    scored = score_rows(reference, scorer), score_rows(batch, scorer)
    progress(SCORED, "Loading Evidently")
    load_evidently()
    progress(LOADED, "Drawing the Evidently report")
    page = write_evidently_page(
        version.contract,
        *scored,
        check.findings,
        title=f"Evidently report: {check.read.file_name}",
        sentence=check.verdict.sentence,
        notes=_notes(check, len(reference), len(batch)),
    )
    progress(0.95, "Keeping the report")
    with storing("The report"):
        replace_file(path, page.encode())
    if not driftline.history.has_check(check_id):
        path.unlink(missing_ok=True)
        raise NotFound("The check was deleted while its report was written.")
    return path


def _sample_upload(driftline: Driftline, check: CheckResult, version: Version, progress: Progress) -> pa.Table:
    contract, uploads = version.contract, driftline.uploads
    names, options, said = check.reading.names, check.reading.options, check.reading.labels
    limits, labels = driftline.settings.limits, None
    if check.labels:
        file = uploads.path(check.labels)
        labels = read_labels(file, contract, name="labels", names=names, options=said, limits=limits)
    rows, name = uploads.path(check.upload), check.read.file_name
    reader = read_rows(rows, contract, name=name, progress=progress, names=names, options=options, limits=limits)
    return _sample_batches(join_labels(rows, labels, contract).batch if labels else rows for rows in reader.batches())


def _sample(rows: pa.Table) -> pa.Table:
    return _sample_batches(rows.to_batches())


def _sample_batches(batches: Iterable[pa.RecordBatch]) -> pa.Table:
    """A uniform sample, always the same of the same rows."""
    sample = RowSample(size=SAMPLE_ROWS)
    for batch in batches:
        sample.add(batch)
    rows = sample.table()
    if rows is None:
        raise NotFound("The rows of this check cannot be read any more.")
    return rows


def _notes(check: CheckResult, reference: int, batch: int) -> tuple[str, ...]:
    rows = check.read.rows
    batch_rows = f"{batch:,} of {rows:,} rows of the file" if batch < rows else f"all {rows:,} rows of the file"
    whole = check.rows_reference
    reference_rows = f"{reference:,} of {whole:,} of the reference" if reference < whole else f"all {whole:,} of it"
    return (
        f"Scores, thresholds and states are those of the check, of all rows. Drawn: {batch_rows}, {reference_rows}.",
        f"Scored by {check.model}, version {check.version}.",
    )
