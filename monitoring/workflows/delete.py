"""Forgetting a check with everything that came with it, and tidying what crashes left behind."""

from __future__ import annotations

import json
import logging
from datetime import datetime, timedelta
from pathlib import Path

from monitoring.durable import storing
from monitoring.errors import NotFound, NotPossible
from monitoring.history.records import Job
from monitoring.workflows.column import forget_columns
from monitoring.workflows.parts import Driftline
from monitoring.workflows.promote import sync_switches

ORPHANS_KEPT = timedelta(days=1)
"""How long a file may lie in the data folder that nothing names: its job may be about to be submitted."""

_logger = logging.getLogger(__name__)


def delete_check(driftline: Driftline, check_id: str) -> None:
    """Remove a check, its job, its report, and the files that no other check and no unfinished job needs.

    Files go first: when this is stopped half-way the check is still there to be deleted again. A check that was
    cancelled, failed or was interrupted has no record, only a job; that and its files go too.

    Raises:
        NotFound: there is neither a check nor a job of this id.
        NotPossible: it still runs, or a retraining that uses its files does.
        StoreFailed: something could not be removed.
    """
    recorded = driftline.history.has_check(check_id)
    job = _job(driftline, check_id)
    if job is None and not recorded:
        raise NotFound(f"There is no check {check_id[:32]}; it may have been deleted already.")
    if job is not None and job.active:
        raise NotPossible("This check is still running: cancel it first, then delete it.")
    files = {sha for sha in (job.payload.get("upload"), job.payload.get("labels")) if sha} if job else set()
    files |= set(driftline.history.files(check_id)) if recorded else set()
    for retraining in driftline.jobs.jobs("retrain", limit=None):
        if retraining.active and any(sha in json.dumps(retraining.payload) for sha in files):
            raise NotPossible("A retraining is learning from this file: wait for its end or cancel it, then delete.")
    for report in driftline.jobs.jobs("report", limit=None):
        if report.payload.get("check") == check_id:
            driftline.jobs.delete(report.id)
    forget_columns(driftline, check_id)
    for sha in files:
        if not driftline.history.upload_in_use(sha, besides=check_id):
            driftline.uploads.delete(sha)
    with storing("The removal of the report"):
        (driftline.settings.reports / f"{check_id}.html").unlink(missing_ok=True)
    if recorded:
        driftline.history.delete_check(check_id)
    driftline.jobs.delete(check_id)


def tidy(driftline: Driftline) -> None:
    """Put right what processes that are gone left behind. Called when Driftline starts; nothing in use is touched.

    Raises:
        StoreFailed: the data folder or its database cannot be used.
    """
    driftline.jobs.sweep()
    driftline.registry.sweep()
    driftline.uploads.sweep()
    sync_switches(driftline.registry, driftline.history)
    until = driftline.now() - ORPHANS_KEPT
    for sha in driftline.uploads.kept(until=until.timestamp()):
        if not driftline.history.upload_in_use(sha):
            _logger.info("Upload %s belongs to no check and is removed", sha[:16])
            driftline.uploads.delete(sha)
    for page in _old_files(driftline.settings.reports, "*.html", until):
        if not driftline.history.has_check(page.stem):
            page.unlink(missing_ok=True)
    looked_at = {job.id for job in driftline.jobs.jobs("column", limit=None)}
    for found in _old_files(driftline.settings.columns, "*.json", until):
        if found.stem not in looked_at:
            found.unlink(missing_ok=True)


def _job(driftline: Driftline, check_id: str) -> Job | None:
    try:
        job = driftline.jobs.job(check_id)
    except NotFound:
        return None
    return job if job.kind == "check" else None


def _old_files(folder: Path, names: str, until: datetime) -> list[Path]:
    files = sorted(folder.glob(names)) if folder.is_dir() else []
    return [file for file in files if file.stat().st_mtime < until.timestamp()]
