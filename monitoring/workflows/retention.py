"""What lies in the data folder, and deleting of it: by age, by check, all; by hand or once a day.

Checks stay readable after their upload went. Each file is removed by itself, what was made of a file before the file:
a sweep that is killed leaves whole files, and the next one goes on. Two processes may sweep at once.
"""

from __future__ import annotations

import logging
import threading
import weakref
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from monitoring.durable import locked, storing
from monitoring.errors import DriftlineError, NotFound
from monitoring.history.forgetting import checks_with_rows, forget_check_rows
from monitoring.history.records import Job
from monitoring.history.retention import Kind
from monitoring.workflows.column import forget_columns
from monitoring.workflows.parts import Driftline

SWEEP_SECONDS: Final = 24 * 60 * 60
FRESH: Final = timedelta(minutes=10)
"""How young a file that nothing names yet is left alone: its job may be about to be submitted."""
_logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class StorageLine:
    """One kind of content of the data folder: a stable code, its files and bytes."""

    kind: str
    files: int
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptFile:
    """An uploaded file (rows or labels).

    Attributes:
        sha: its SHA-256; names: what people called it, oldest check first.
        came: when it came last, UTC; size: in bytes.
        checks: ids of the checks that it belongs to.
        needed: whether a job that runs or waits reads it: it is not deleted now.
    """

    sha: str
    names: tuple[str, ...]
    came: datetime
    size: int
    checks: tuple[str, ...]
    needed: bool


@dataclass(frozen=True, slots=True)
class Deletion:
    """What a deletion would take (`files`), and what it would leave because a job needs it."""

    files: tuple[KeptFile, ...]
    left: tuple[KeptFile, ...]

    @property
    def size(self) -> int:
        return sum(file.size for file in self.files)

    @property
    def checks(self) -> int:
        """How many checks lose a file."""
        return len({check for file in self.files for check in file.checks})


def storage(driftline: Driftline) -> tuple[StorageLine, ...]:
    """What lies in the data folder, by kind; what is nobody's kind is `other`."""
    sizes: defaultdict[str, list[int]] = defaultdict(list)
    data = driftline.settings.data
    for path in data.rglob("*") if data.is_dir() else ():
        try:
            if path.is_file() and not path.is_symlink():
                sizes[_kind(path.relative_to(data))].append(path.stat().st_size)
        except FileNotFoundError:  # removed this moment by somebody else
            continue
    known = [StorageLine(kind, len(sizes[kind]), sum(sizes[kind])) for kind in STORED]
    return tuple(line for line in known if line.files or line.kind != "other")


STORED: Final = ("history", "uploads", "columns", "reports", "models", "logs", "other")
"""Kinds of content, by the folder it lies in; `history` is the database."""


def kept_files(driftline: Driftline) -> tuple[KeptFile, ...]:
    """Every uploaded file, the oldest first."""
    names: defaultdict[str, list[str]] = defaultdict(list)
    checks: defaultdict[str, list[str]] = defaultdict(list)
    for check in reversed(driftline.history.checks()):
        for sha in _files_of(driftline, check.id):
            names[sha].append(check.file_name)
            checks[sha].append(check.id)
    needed = _needed(driftline.jobs.jobs(limit=None))
    found = []
    for sha in driftline.uploads.kept(until=float("inf")):
        try:
            stat = driftline.uploads.path(sha).stat()
        except (NotFound, FileNotFoundError):
            continue
        found.append(
            KeptFile(
                sha=sha,
                names=tuple(dict.fromkeys(names[sha])),
                came=datetime.fromtimestamp(stat.st_mtime, UTC),
                size=stat.st_size,
                checks=tuple(checks[sha]),
                needed=any(sha in payload for payload in needed),
            )
        )
    return tuple(sorted(found, key=lambda file: (file.came, file.sha)))


def plan_deletion(driftline: Driftline, *, older_than: timedelta | None = None, check: str | None = None) -> Deletion:
    """What would go: files that came longer ago than `older_than`, those of one `check`, or all when neither is given.

    Files that a running or waiting job needs stay; so do files that came just now and belong to nothing yet.
    """
    now = driftline.now()
    chosen = [
        file
        for file in kept_files(driftline)
        if (older_than is None or file.came < now - older_than)
        and (check is None or check in file.checks)
        and (file.checks or file.came < now - FRESH)
    ]
    return Deletion(
        files=tuple(file for file in chosen if not file.needed), left=tuple(file for file in chosen if file.needed)
    )


def delete_files(driftline: Driftline, files: Iterable[KeptFile]) -> int:
    """Remove uploads and what was made of their rows: example rows and rows kept by their checks. Returns how many.

    A file that a job needs by now stays.

    Raises:
        StoreFailed: something could not be removed; what was removed stays removed.
    """
    removed = 0
    for file in files:
        needed = _needed(driftline.jobs.jobs(limit=None))
        if any(file.sha in payload for payload in needed):
            continue
        for check in file.checks:
            _forget_rows(driftline, check)
        driftline.uploads.delete(file.sha)
        removed += 1
        _logger.info("Upload %s is deleted; its %d checks stay", file.sha[:16], len(file.checks))
    return removed


def sweep(driftline: Driftline) -> int:
    """Delete what is kept longer than is set. Returns how many uploads went. Of several processes one does it.

    Raises:
        StoreFailed: what is set cannot be read, or something could not be removed.
    """
    with storing("The sweep"), locked(driftline.settings.data / ".sweep.lock"):
        retention = driftline.retention.in_force()
        removed = 0
        if retention.uploads is not None:
            limit = timedelta(days=retention.uploads)
            removed = delete_files(driftline, plan_deletion(driftline, older_than=limit).files)
        if retention.rows is not None:
            until = driftline.now() - timedelta(days=retention.rows)
            for check in rows_due(driftline, until):
                _forget_rows(driftline, check)
        return removed


def rows_due(driftline: Driftline, until: datetime) -> tuple[str, ...]:
    """Checks that keep rows (their own, example rows, an Evidently page) and whose rows came before `until`."""
    folders = (driftline.settings.columns, driftline.settings.reports)
    old = {path.stem for folder in folders for path in _files_in(folder) if path.stat().st_mtime < until.timestamp()}
    looked_at = {job.payload["check"] for job in driftline.jobs.jobs("column", limit=None) if job.id in old}
    written = {check.id for check in driftline.history.checks() if check.id in old}
    return tuple(sorted({*checks_with_rows(driftline.history.engine, until=until), *looked_at, *written}))


def sweep_daily(driftline: Driftline, *, seconds: float = SWEEP_SECONDS) -> threading.Thread:
    """Sweep now and once a day from now on, in a thread, for as long as somebody holds this engine."""
    waiting, held = threading.Event(), weakref.ref(driftline)
    del driftline

    def run() -> None:
        while (driftline := held()) is not None:
            try:
                sweep(driftline)
            except DriftlineError as error:
                _logger.warning("Old files were not deleted: %s", error)
            except Exception:
                _logger.exception("Old files were not deleted")
            del driftline
            waiting.wait(seconds)

    thread = threading.Thread(target=run, name="sweep", daemon=True)
    thread.start()
    return thread


def due(driftline: Driftline, kind: Kind, days: int | None) -> tuple[int, int]:
    """What the next sweep would take if a kind were kept for so long: files (or checks' rows), and their bytes."""
    if days is None:
        return 0, 0
    if kind == "uploads":
        deletion = plan_deletion(driftline, older_than=timedelta(days=days))
        return len(deletion.files), deletion.size
    return len(rows_due(driftline, driftline.now() - timedelta(days=days))), 0


def _forget_rows(driftline: Driftline, check_id: str) -> None:
    """Remove the rows of a check that lie outside its upload; each step may be done again."""
    forget_columns(driftline, check_id)
    with storing("The removal of a report"):
        (driftline.settings.reports / f"{check_id}.html").unlink(missing_ok=True)
    forget_check_rows(driftline.history.engine, check_id)


def _files_of(driftline: Driftline, check_id: str) -> tuple[str, ...]:
    try:
        return driftline.history.files(check_id)
    except NotFound:  # deleted this moment by somebody else
        return ()


def _needed(jobs: Iterable[Job]) -> tuple[str, ...]:
    """What jobs that wait or run are to do, as text: it holds the SHA-256 of the files that they read."""
    return tuple(str(job.payload) for job in jobs if job.active)


def _files_in(folder: Path) -> list[Path]:
    return [path for path in folder.iterdir() if path.is_file()] if folder.is_dir() else []


def _kind(path: Path) -> str:
    first = path.parts[0]
    if first.startswith("driftline.db"):
        return "history"
    return first if first in STORED and len(path.parts) > 1 else "other"
