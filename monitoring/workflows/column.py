"""One column in depth, from the stored rows: which segment moved, and the rows behind the cells that grew.

Both read the upload once more, in a job, and keep what they found in `columns/` of the data folder. What lies there
holds rows of the upload: it goes with the upload (`workflows.delete`).
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from math import isnan
from pathlib import Path
from typing import Any, Final, Literal, TypeVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pydantic import TypeAdapter, ValidationError

from monitoring.contract import PREDICTION, Contract
from monitoring.drift.catalogue import DETECTORS
from monitoring.drift.compare import compare
from monitoring.drift.grown_cells import Cell, grown_cells, rows_in
from monitoring.drift.measurement import Detector, Measurement, ShareShift
from monitoring.durable import replace_file, storing
from monitoring.errors import NotFound, NotPossible
from monitoring.history.records import CheckResult, Job
from monitoring.policy.drift_policy import DriftPolicy
from monitoring.policy.segments import Segments, compare_segments
from monitoring.profiles.codec import decode_profile
from monitoring.profiles.grid import CategoryGrid
from monitoring.profiles.mismatch import ProfileMismatch
from monitoring.profiles.profile import as_levels
from monitoring.profiles.sample import RowSample
from monitoring.progress import Progress
from monitoring.scoring.scorer import with_predictions
from monitoring.tables.export import as_csv
from monitoring.tables.labels import join_labels, read_labels
from monitoring.tables.reader import read_rows
from monitoring.workflows.loaded import Loaded, read_reference_rows, score_rows
from monitoring.workflows.parts import Driftline

What = Literal["segments", "rows"]
T = TypeVar("T")

SEGMENT_ROWS: Final = 500_000
"""Rows of an upload that segments are compared on: a uniform sample of a larger one, so that memory stays bounded."""
ROWS_A_CELL: Final = 200
"""Example rows that are kept of each cell: the first of the file."""
VALUES_KEPT: Final = 200
"""Categories never seen that are listed with their counts."""
READ: Final = 0.8
"""Part of the work that reading is."""
LONGEST_VALUE: Final = 200
"""Characters of a value that are kept with an example row."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentsFound:
    """Segments of a column, and what they were found on: `rows_used` of the file's `rows`."""

    segments: Segments
    rows: int
    rows_used: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CellRows:
    """A cell that grew, how many rows of the file are in it, and the first of them as text."""

    cell: Cell
    count: int
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RowsFound:
    """The rows behind a column's move.

    Attributes:
        column: the column; header: names of the rows' columns.
        cells: what grew most, with rows.
        unseen: categories that were never seen, with their rows in the file, most frequent first.
        unseen_values: how many different ones there are.
        rows: rows of the file that were looked at.
    """

    column: str
    header: tuple[str, ...]
    cells: tuple[CellRows, ...]
    unseen: tuple[tuple[str, int], ...]
    unseen_values: int
    rows: int


def has_rows(driftline: Driftline, check: CheckResult) -> bool:
    """Whether the rows of a check can still be read: its upload, and its labels if they came apart."""
    return all(map(driftline.uploads.has, filter(None, (check.upload, check.labels))))


def splits_of(contract: Contract, result: CheckResult, column: str) -> tuple[str, ...]:
    """What the rows of a check can be cut by to look at a column: categorical inputs, and the outcome where known."""
    outcome = (contract.target.name,) if result.labelled_rows and result.performance_reference is not None else ()
    return tuple(name for name in (*contract.categorical, *outcome) if name != column)


def column_job_id(check_id: str, column: str, what: What, split: str = "") -> str:
    """Id of the job that looks at a column of a check."""
    text = "\n".join(("column", check_id, column, what, split))
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()[:16]


def request_column(driftline: Driftline, check_id: str, column: str, what: What, split: str = "") -> Job:
    """Have this process look at the rows behind a column, unless it does or has.

    Raises:
        NotFound: the check, its version or its upload is not there any more.
        NotPossible: the check has no such column, or cannot be cut like this.
        StoreFailed: the job could not be kept.
    """
    check = driftline.history.check(check_id)
    contract = driftline.registry.version(check.model, check.version).contract
    if all(finding.column != column for finding in check.findings) or not column:
        raise NotPossible(f"This check has no column {column[:100]}.")
    if what == "segments" and split not in splits_of(contract, check, column):
        raise NotPossible(f"The rows of this check cannot be cut by {split[:100]}.")
    driftline.uploads.path(check.upload)
    job_id = column_job_id(check_id, column, what, split)
    payload = {
        "check": check_id,
        "column": column,
        "what": what,
        "split": split,
        "upload": check.upload,
        "labels": check.labels,
        "file_name": check.read.file_name,
    }
    kind = SegmentsFound if what == "segments" else RowsFound
    job = driftline.jobs.submit(job_id, "column", payload, redo=_read(driftline, job_id, kind) is None)
    driftline.runner.run(job_id, lambda progress: run_column(driftline, job_id, payload, progress))
    return driftline.jobs.job(job.id)


def run_column(driftline: Driftline, job_id: str, payload: Mapping[str, Any], progress: Progress) -> dict[str, Any]:
    """Do a job of kind `column`. Raises like `request_column`."""
    check = driftline.history.check(payload["check"])
    if payload["what"] == "segments":
        found: SegmentsFound | RowsFound = find_segments(
            driftline, check, payload["column"], payload["split"], progress
        )
    else:
        found = find_rows(driftline, check, payload["column"], progress)
    with storing("What was found about the column"):
        replace_file(_file(driftline, job_id), TypeAdapter(type(found)).dump_json(found))
    if not (driftline.history.has_check(check.id) and has_rows(driftline, check)):
        _file(driftline, job_id).unlink(missing_ok=True)
        raise NotFound("The rows of this check were deleted while they were looked at.")
    return {"check": check.id, "column": payload["column"], "what": payload["what"]}


def segments_found(driftline: Driftline, check_id: str, column: str, split: str) -> SegmentsFound | None:
    """What the job found, None when it is not there."""
    return _read(driftline, column_job_id(check_id, column, "segments", split), SegmentsFound)


def rows_found(driftline: Driftline, check_id: str, column: str) -> RowsFound | None:
    """What the job found, None when it is not there."""
    return _read(driftline, column_job_id(check_id, column, "rows"), RowsFound)


def find_segments(
    driftline: Driftline, check: CheckResult, column: str, split: str, progress: Progress
) -> SegmentsFound:
    """Compare a column within each segment of `split`, by the policy that the check was judged by."""
    loaded = _loaded(driftline, check)
    contract = loaded.version.contract
    wanted = [name for name in (column, split, contract.timestamp) if name is not None]
    sample, rows = RowSample(size=SEGMENT_ROWS), 0
    for batch in _batches(driftline, check, loaded, progress, predict=column == PREDICTION):
        rows += batch.num_rows
        sample.add(batch.select([name for name in dict.fromkeys(wanted) if name in batch.schema.names]))
    batch_rows = sample.table()
    if batch_rows is None or not {column, split} <= set(batch_rows.schema.names):
        raise NotFound("The rows of this check cannot be cut like this any more.")
    progress(READ, f"Comparing {column if column != PREDICTION else 'the predictions'} by {split}")
    reference = score_rows(read_reference_rows(loaded.version), loaded.scorer)
    policy = check.verdict.thresholds or driftline.policy
    segments = compare_segments(
        reference,
        batch_rows,
        contract,
        column=column,
        split=split,
        policy=policy,
        progress=lambda share, text: progress(READ + (1 - READ) * share, text),
    )
    return SegmentsFound(segments=segments, rows=rows, rows_used=batch_rows.num_rows)


def find_rows(driftline: Driftline, check: CheckResult, column: str, progress: Progress) -> RowsFound:
    """The first rows of each cell that grew, and the categories that were never seen, all of them counted."""
    loaded = _loaded(driftline, check)
    grid = loaded.reference.grids.columns.get(column)
    known = grid.categories if isinstance(grid, CategoryGrid) else ()
    cells = grown_cells(
        check.pictures[column],
        out_of_range=_share(check, column, "out_of_range"),
        unseen=_share(check, column, "unseen"),
    )
    counts, kept, seen = [0] * len(cells), [list[tuple[str, ...]]() for _ in cells], Counter[str]()
    header: tuple[str, ...] = ()
    rows = 0
    for batch in _batches(driftline, check, loaded, progress, predict=True):
        header, rows = tuple(batch.schema.names), rows + batch.num_rows
        values = batch.column(column)
        for place, cell in enumerate(cells):
            inside = rows_in(cell, values, known)
            counts[place] += int(inside.sum())
            room = ROWS_A_CELL - len(kept[place])
            kept[place] += _texts(batch.take(pa.array(np.flatnonzero(inside)[:room])))
            if cell.kind == "unseen":
                found = pc.value_counts(as_levels(values.filter(pa.array(inside))))
                seen.update(
                    dict(zip(found.field("values").to_pylist(), found.field("counts").to_pylist(), strict=True))
                )
    return RowsFound(
        column=column,
        header=header,
        cells=tuple(
            CellRows(cell=cell, count=count, rows=tuple(examples))
            for cell, count, examples in zip(cells, counts, kept, strict=True)
        ),
        unseen=tuple(sorted(seen.items(), key=lambda item: (-item[1], item[0]))[:VALUES_KEPT]),
        unseen_values=len(seen),
        rows=rows,
    )


def rows_csv(found: RowsFound, labels: Mapping[int, str]) -> str:
    """The example rows as CSV, each with the cell that it stands for; formulas are quoted.

    Args:
        found: the rows.
        labels: what each cell, by its place, is called.
    """
    rows = [(labels[place], *row) for place, cell in enumerate(found.cells) for row in cell.rows]
    return as_csv(["because", *found.header], rows)


def measure_column(driftline: Driftline, check_id: str, column: str) -> tuple[Measurement, ...]:
    """Every statistic there is about a column, from the profile that was kept; none of it is part of the verdict.

    Where the counts leave a statistic open, it is an interval. Empty where the profile was kept by another Driftline.

    Raises:
        NotFound: the check or its version is not there.
    """
    check = driftline.history.check(check_id)
    reference = _loaded(driftline, check).reference
    try:
        profile = decode_profile(driftline.history.profile(check_id))
        if column not in profile.columns:
            return ()
        alone = replace(profile, columns={column: profile.columns[column]})
        compared = compare(reference, alone, level=driftline.policy.alpha, detectors=_SHOWN)
    except ProfileMismatch:
        return ()
    return tuple(item.measurement for item in compared.measured if item.measurement.column == column)


_SHOWN: Final = tuple(detector for detector in DETECTORS if not detector.default)


def files_of_check(driftline: Driftline, check_id: str) -> tuple[str, ...]:
    """Ids of the jobs that looked at columns of a check; their files lie in `columns/`."""
    return tuple(job.id for job in driftline.jobs.jobs("column", limit=None) if job.payload.get("check") == check_id)


def forget_columns(driftline: Driftline, check_id: str) -> None:
    """Remove what was found in the rows of a check, files first. Raises StoreFailed."""
    for job_id in files_of_check(driftline, check_id):
        with storing("The removal of example rows"):
            _file(driftline, job_id).unlink(missing_ok=True)
        driftline.jobs.delete(job_id)


def policy_of(driftline: Driftline, check: CheckResult) -> DriftPolicy:
    """The policy that a check was judged by; the one in use where it was not kept."""
    return check.verdict.thresholds or driftline.policy


def _file(driftline: Driftline, job_id: str) -> Path:
    return driftline.settings.columns / f"{job_id}.json"


def _read(driftline: Driftline, job_id: str, kind: type[T]) -> T | None:
    try:
        found: T = TypeAdapter(kind).validate_json(_file(driftline, job_id).read_bytes())
    except FileNotFoundError:
        return None
    except (OSError, ValidationError):
        return None  # kept by another Driftline: it is made anew when it is asked for
    return found


def _loaded(driftline: Driftline, check: CheckResult) -> Loaded:
    return driftline.loaded.get(driftline.registry.version(check.model, check.version))


def _share(check: CheckResult, column: str, detector: Detector) -> ShareShift | None:
    found = next((f for f in check.findings if f.column == column and f.detector == detector), None)
    return found.evidence if found is not None and isinstance(found.evidence, ShareShift) else None


def _batches(
    driftline: Driftline, check: CheckResult, loaded: Loaded, progress: Progress, *, predict: bool
) -> Iterator[pa.RecordBatch]:
    """The rows of a check as they were scored, from the stored upload."""
    contract, uploads, limits = loaded.version.contract, driftline.uploads, driftline.settings.limits
    names, labels = check.reading.names, None
    if check.labels:
        file, said = uploads.path(check.labels), check.reading.labels
        labels = read_labels(file, contract, name="labels", names=names, options=said, limits=limits)
    reader = read_rows(
        uploads.path(check.upload),
        contract,
        name=check.read.file_name,
        progress=lambda share, text: progress(READ * share, text),
        names=names,
        options=check.reading.options,
        limits=limits,
    )
    for batch in reader.batches():
        rows = join_labels(batch, labels, contract).batch if labels else batch
        yield with_predictions(rows, loaded.scorer.score(rows)) if predict else rows


def _texts(rows: pa.RecordBatch) -> list[tuple[str, ...]]:
    """Rows as text; '' where a value is missing."""
    return [tuple(map(_text, row.values())) for row in rows.to_pylist()]


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        return "" if isnan(value) else f"{value:.6g}"
    return str(value)[:LONGEST_VALUE]
