"""From a check to a retrain request, and from a request to a job in a worker process."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import partial
from typing import Any

from monitoring.errors import NotFound, NotPossible
from monitoring.history.history import History
from monitoring.history.records import CheckResult, Job, LabelledUpload, summarise
from monitoring.progress import Progress
from monitoring.registry.registry import Registry
from monitoring.retraining.request import Evidence, RetrainHook, RetrainRequest, Source, TrainingData, dry_request
from monitoring.workflows.jobs import start_worker
from monitoring.workflows.parts import Driftline
from monitoring.workflows.promote import settle_challenger
from monitoring.workflows.retrain_settings import DEFAULT_DATA

_logger = logging.getLogger(__name__)

BROKEN = "broken"
"""Verdict of a batch whose feed is broken: nothing is learnt from it."""


def plan_retrain(
    history: History,
    registry: Registry,
    check_id: str,
    hook: str = "local",
    data: tuple[TrainingData, ...] = DEFAULT_DATA,
    kept: Callable[[str], bool] = lambda sha: True,
) -> RetrainRequest:
    """The request that retraining from a check would make.

    Its sources are all labelled uploads of the model whose feed was not broken, the oldest period first, of the same
    period the one checked first; that of the check it is asked from is the last.

    Args:
        history: the store of checks.
        registry: the versions.
        check_id: the check on whose page it is asked.
        hook: name of the hook that is to act.
        data: what candidates are trained on.
        kept: whether a file, by its SHA-256, is still there; uploads that were deleted are no sources.

    Raises:
        NotFound: there is no such check.
        NotPossible: the check's rows cannot be trained on; the sentence says why and what is missing.
    """
    check = history.check(check_id)
    champion = registry.champion(check.model)
    if check.verdict.name == BROKEN:
        raise NotPossible(
            f"{check.read.file_name} looks like a broken feed, and a model trained on it would learn the fault: repair "
            "the feed and check the repaired file."
        )
    if not check.labelled_rows:
        contract = champion.contract
        columns = f"{contract.id} and {contract.target.name}" if contract.id else contract.target.name
        raise NotPossible(f"No outcomes yet: add those of {check.read.file_name} (columns {columns}), then retrain.")
    if not all(map(kept, filter(None, (check.upload, check.labels)))):
        raise NotPossible(f"The rows of {check.read.file_name} are no longer kept: check the file again, then retrain.")
    sources = [_source(row) for row in _others(history, check, kept) if row.verdict != BROKEN]
    if {check.upload, *(source.upload for source in sources)} <= set(champion.manifest.sources):
        raise NotPossible(
            f"Version {champion.number} has learnt from every file with outcomes that is here, this one too: check "
            "newer rows with their outcomes first."
        )
    return RetrainRequest(
        model=check.model,
        champion=champion.number,
        check=check.id,
        evidence=_evidence(check),
        sources=(*sources, _newest(check)),
        hook=hook,
        data=data,
        drift_began=_drift_began(history, check),
    )


def broken_sources(
    history: History, check: CheckResult, kept: Callable[[str], bool] = lambda sha: True
) -> tuple[Source, ...]:
    """The labelled uploads that `plan_retrain` leaves out as their feed looks broken, the oldest period first."""
    return tuple(_source(row) for row in _others(history, check, kept) if row.verdict == BROKEN)


def _others(history: History, check: CheckResult, kept: Callable[[str], bool]) -> list[LabelledUpload]:
    """The labelled uploads of the model that are still there, that of the check aside, oldest period first."""
    return [
        row
        for row in history.labelled_uploads(check.model)
        if row.upload != check.upload and all(map(kept, filter(None, (row.upload, row.labels))))
    ]


def request_retrain(driftline: Driftline, request: RetrainRequest) -> Job:
    """Start a request in a worker process. The same request twice is one job.

    Raises:
        NotFound: the hook is not there.
        NotPossible: its settings keep it from working.
        StoreFailed: the job could not be kept, or the worker could not be started.
    """
    if problems := _hook(driftline, request.hook).validate():
        raise NotPossible(problems[0])
    job = driftline.jobs.submit(request.id, "retrain", request.model_dump(mode="json"))
    if job.state == "queued":
        start_worker(driftline.jobs, job.id, driftline.settings.data)
    return driftline.jobs.job(job.id)


def request_try(driftline: Driftline, model: str, hook: str) -> Job:
    """Try a hook in a worker process: a request goes through it in which nothing is to be trained.

    Tried while it is being tried, it is that try; tried again afterwards, it is done again.

    Raises:
        NotFound: the hook or the model is not there.
        NotPossible: its settings keep it from working.
        StoreFailed: the job could not be kept, or the worker could not be started.
    """
    if problems := _hook(driftline, hook).validate():
        raise NotPossible(problems[0])
    request = dry_request(model, driftline.registry.champion(model).number, hook)
    job = driftline.jobs.submit(request.id, "try", request.model_dump(mode="json"), redo=True)
    if job.state == "queued":
        start_worker(driftline.jobs, job.id, driftline.settings.data)
    return driftline.jobs.job(job.id)


def last_try(driftline: Driftline, model: str, hook: str) -> Job | None:
    """The last try of a hook with the version in use, None when there was none. Raises NotFound for the model."""
    request = dry_request(model, driftline.registry.champion(model).number, hook)
    try:
        return driftline.jobs.job(request.id)
    except NotFound:
        return None


def run_try(driftline: Driftline, payload: dict[str, Any], progress: Progress) -> dict[str, Any]:
    """Do what a job asks that tries a hook. What happened, in a sentence, is its result.

    Raises:
        NotFound: the hook is not there.
        HookFailed: it did not take the request.
        Cancelled: a person asked to stop.
    """
    request = RetrainRequest.model_validate(payload)
    return {"message": _hook(driftline, request.hook).try_out(request, progress)}


def run_retrain(driftline: Driftline, payload: dict[str, Any], progress: Progress) -> dict[str, Any]:
    """Do what a retrain job asks; what its hook tells, and what became of the challenger, is the job's result.

    Raises:
        NotPossible: the hook is not set up here.
    """
    request = RetrainRequest.model_validate(payload)
    hook = driftline.hooks.get(request.hook)
    if hook is None:
        raise NotPossible(f"The retrain hook '{request.hook}' is not set up here.")
    outcome = hook.run(request, progress)
    result = outcome.model_dump(mode="json")
    if outcome.version is not None:
        holding = partial(driftline.jobs.holding, request.id)
        settled = settle_challenger(driftline, request.model, outcome.version, holding=holding)
        result |= {"promotion": settled.outcome, "promotion_sentence": settled.sentence}
    return result


def tell_unready_hooks(driftline: Driftline) -> dict[str, str]:
    """Ask every hook what keeps it from working, and tell the log. Returns the first problem of each that has one."""
    problems = {name: found[0] for name, hook in driftline.hooks.items() if (found := hook.validate())}
    for name, problem in problems.items():
        _logger.warning("The retrain hook %s is not ready: %s", name, problem)
    return problems


def _hook(driftline: Driftline, name: str) -> RetrainHook:
    if name not in driftline.hooks:
        raise NotFound(f"There is no retrain hook called '{name}'; there are {', '.join(driftline.hooks)}.")
    return driftline.hooks[name]


def _drift_began(history: History, check: CheckResult) -> str | None:
    """The ISO day of the first batch of the unbroken row of drifting batches that ends with this one."""
    if check.verdict.name != "drift" or check.read.first_time is None:
        return None
    began = check.read.first_time
    earlier = [
        one
        for one in history.checks(check.model)
        if one.version == check.version and one.first_time is not None and one.first_time < began
    ]
    for one in sorted(earlier, key=lambda one: one.first_time or "", reverse=True):
        if one.verdict == BROKEN:
            continue
        if one.verdict != "drift":
            break
        began = one.first_time or began
    return began[:10]


def _evidence(check: CheckResult) -> Evidence:
    return Evidence(verdict=check.verdict.name, sentence=check.verdict.sentence, drifted=summarise(check).drifted)


def _newest(check: CheckResult) -> Source:
    return Source(
        check=check.id,
        file_name=check.read.file_name,
        upload=check.upload,
        labels=check.labels,
        first_time=check.read.first_time,
        last_time=check.read.last_time,
        reading=check.reading,
    )


def _source(row: LabelledUpload) -> Source:
    return Source(
        check=row.check,
        file_name=row.file_name,
        upload=row.upload,
        labels=row.labels,
        first_time=row.first_time,
        last_time=row.last_time,
        reading=row.reading,
    )
