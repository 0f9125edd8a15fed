"""What is to be done by now about days that were judged: advice to retrain follows what came of it."""

from __future__ import annotations

from dashboard.wording.quantities import counted
from dashboard.wording.retraining import made_by_now
from monitoring.history.records import Job
from monitoring.policy.verdict import Verdict
from monitoring.registry.version import Version
from monitoring.workflows.parts import Driftline
from monitoring.workflows.windows import Window


def window_advice(engine: Driftline, window: Window, verdict: Verdict) -> str:
    """The advice of a window's verdict, or what came of it where a version was made from the window's files.

    Says of several files what the page of a check says of one.
    """
    if verdict.action != "retrain":
        return verdict.advice
    files = {part.check.upload for part in window.parts}
    champion = engine.registry.champion(window.model)
    learnt = files & set(champion.manifest.sources)
    jobs = engine.jobs.jobs("retrain", limit=None)
    if made := _made_of(files, engine.registry.versions(window.model)):
        return _made(engine, made, champion, jobs)
    if _under_way(window, jobs):
        return "Retraining on this data is under way."
    if learnt:
        known = f"{len(learnt)} of {counted(len(files), 'file')}"
        return f"Version {champion.number}, which is in use, has learnt from {known}. {verdict.advice}"
    return verdict.advice


def _made_of(files: set[str], versions: tuple[Version, ...]) -> Version | None:
    """The newest version that has learnt from all of the files."""
    return max(
        (one for one in versions if files <= set(one.manifest.sources)), key=lambda one: one.number, default=None
    )


def _made(engine: Driftline, made: Version, champion: Version, jobs: tuple[Job, ...]) -> str:
    job = next((job for job in jobs if (job.result or {}).get("version") == made.number), None)
    return made_by_now(
        made.number,
        champion.number,
        refused=job is not None and (job.result or {}).get("promotion") == "refuse",
        served=any(switch.version == made.number for switch in engine.registry.switches(made.model)),
    )


def _under_way(window: Window, jobs: tuple[Job, ...]) -> bool:
    checks = {part.check.id for part in window.parts}
    return any(job.active and job.payload.get("check") in checks for job in jobs)
