"""Days, weeks or months side by side: judged one after the other in a job, the newest first, each kept in memory.

What is judged is there for every page at once, while the rest is on its way, and a job that was stopped goes on from
there. Nothing of it is stored: it follows from the stored profiles, in some hundredths of a second a day.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import partial
from typing import Any

from monitoring.errors import NotFound
from monitoring.history.records import CheckSummary, Job, drifted_columns, tested_effects
from monitoring.progress import Progress
from monitoring.workflows.judged_windows import judge_window, subject_of
from monitoring.workflows.over_time import Batch
from monitoring.workflows.parts import Driftline
from monitoring.workflows.periods import Step, steps
from monitoring.workflows.window_parts import first_day, last_day
from monitoring.workflows.windows import Window, open_window, outcomes

SHOWN = 400
"""Windows that are judged, the last of all: more have no room side by side."""
JOBS_KEPT = 20
"""Ended jobs that are remembered: what they made is not theirs to keep."""


def windows_by(
    driftline: Driftline, model: str, version: int, step: Step, checks: Sequence[CheckSummary]
) -> tuple[Window, ...]:
    """The days, weeks or months in which a version scored rows, one window each, oldest first; the last `SHOWN`."""
    days = [day for check in checks if check.version == version for day in (first_day(check), last_day(check)) if day]
    if not days:
        return ()
    spans = [(first_day(check), last_day(check)) for check in checks if check.version == version]
    opened = (
        open_window(driftline, model, period, version=version, checks=checks)
        for period in steps(min(days), max(days), step)
        if any(first and last and period.meets(first, last) for first, last in spans)
    )
    return tuple(window for window in opened if window.parts)[-SHOWN:]


def judged_so_far(driftline: Driftline, windows: Sequence[Window]) -> tuple[Batch | None, ...]:
    """Each window as a place on the time line, as far as this process has judged it; None where it has not."""
    return tuple(driftline.batches.known(_key(driftline, window)) for window in windows)


def judging_job(driftline: Driftline, windows: Sequence[Window]) -> Job | None:
    """The job that judges these windows, None where none was asked for."""
    try:
        return driftline.jobs.job(_job_id(driftline, windows))
    except NotFound:
        return None


def start_judging(driftline: Driftline, step: Step, windows: Sequence[Window]) -> Job:
    """Have windows judged in a job; what was judged before is not judged again.

    Args:
        driftline: the parts.
        step: what they are, for the words of the progress.
        windows: of one version, at least one; oldest first.
    """
    for old in driftline.jobs.jobs("windows", limit=None)[JOBS_KEPT:]:
        if not old.active:
            driftline.jobs.delete(old.id)
    payload = {"model": windows[0].model, "version": windows[0].version, "step": step}
    job = driftline.jobs.submit(_job_id(driftline, windows), "windows", payload, redo=True)
    driftline.beside.run(job.id, lambda progress: judge_windows(driftline, step, windows, progress))
    return driftline.jobs.job(job.id)


def judge_again(driftline: Driftline, model: str, version: int, step: Step) -> Job:
    """Have the days, weeks or months of a version judged as they are by now. Raises NotFound where there are none."""
    windows = windows_by(driftline, model, version, step, driftline.history.checks(model))
    if not windows:
        raise NotFound(f"No rows that version {version} scored are there any more.")
    return start_judging(driftline, step, windows)


def judge_windows(driftline: Driftline, step: Step, windows: Sequence[Window], progress: Progress) -> dict[str, Any]:
    """Judge windows, the newest first, and keep each; those that are known are passed over.

    Raises:
        Cancelled: somebody asked to stop; what was judged stays.
        ProfileMismatch, StoreFailed: as `judge_window`.
    """
    missing = [window for window in reversed(windows) if _key(driftline, window) not in driftline.batches]
    known = len(windows) - len(missing)
    for done, window in enumerate(missing, known):
        progress(done / len(windows), f"Merging stored profiles: {done} of {len(windows)} {step}s, the newest first")
        driftline.batches.get(_key(driftline, window), partial(judged_batch, driftline, window))
    return {"windows": len(windows)}


def judged_batch(driftline: Driftline, window: Window) -> Batch:
    """A window, judged, as a place on the time line. Raises as `judge_window`."""
    judged, known = judge_window(driftline, window), outcomes(driftline, window)
    return Batch(
        name="",
        check=None,
        first=window.period.first,
        last=window.period.last,
        version=window.version,
        created_at=max(part.check.created_at for part in window.parts),
        verdict=judged.verdict.name,
        sentence=judged.verdict.sentence,
        rows=known.rows,
        labelled_rows=known.labelled,
        effects=tested_effects(judged.findings),
        drifted=drifted_columns(judged.findings),
        mean_prediction=known.mean_prediction,
        rate=known.rate,
        brier=known.brier,
        auc=None,
    )


def _key(driftline: Driftline, window: Window) -> tuple[str, ...]:
    """All that the place of a window on the time line follows from."""
    made = max(part.check.created_at for part in window.parts)
    period = (str(window.period.first), str(window.period.last))
    return window.key, *period, driftline.policy.id, subject_of(window), made.isoformat()


def _job_id(driftline: Driftline, windows: Sequence[Window]) -> str:
    content = "|".join(part for window in windows for part in _key(driftline, window))
    return f"windows-{hashlib.sha256(content.encode()).hexdigest()[:16]}"
