"""Where retraining from a check stands, asked of the engine; and what its buttons do."""

from __future__ import annotations

from dashboard.components.notices import keep_news, telling
from dashboard.components.retrain_panel import Challenger, RetrainActions, Retraining
from dashboard.views.starting import start_again
from monitoring.errors import DriftlineError, NotFound
from monitoring.history.records import CheckResult, Job
from monitoring.retraining.request import RetrainRequest
from monitoring.workflows.decide import retrain_by_hand
from monitoring.workflows.jobs import cancel_job
from monitoring.workflows.parts import Driftline
from monitoring.workflows.promote import promote, roll_back
from monitoring.workflows.retrain import broken_sources, plan_retrain


def retraining_from(engine: Driftline, result: CheckResult) -> Retraining:
    """What can be done from this check, what has been asked for, and what came of it."""
    request, refusal = _plan(engine, result.id)
    job, champion = _last_job(engine, result.id), engine.registry.champion(result.model)
    return Retraining(
        model=result.model,
        champion=champion.number,
        request=request,
        refusal=refusal,
        describes=engine.hooks[request.hook].describe(request) if request else "",
        job=job,
        challenger=_challenger(engine, result.model, job),
        learnt=result.upload in champion.manifest.sources,
        broken=lambda: broken_sources(engine.history, result, engine.uploads.has),
        known=tuple(champion.manifest.sources),
    )


def retrain_actions(engine: Driftline, result: CheckResult, state: Retraining) -> RetrainActions:
    """The buttons of the panel. What goes wrong is told at the top of the page."""
    job = state.job
    return RetrainActions(
        start=lambda request: start_retraining(engine, request),
        describe=lambda request: engine.hooks[request.hook].describe(request),
        again=lambda: start_again(engine, job) if job else None,
        cancel=lambda: cancel_job(engine.jobs, job.id) if job else None,
        read=lambda: engine.jobs.job(job.id if job else ""),
        promote=lambda reason: put_into_use(
            engine, result.model, state.challenger.number if state.challenger else 0, reason
        ),
        roll_back=lambda reason: bring_back(engine, result.model, reason),
    )


def start_retraining(engine: Driftline, request: RetrainRequest) -> None:
    """Start what was asked about."""
    with telling():
        job = retrain_by_hand(engine, request)
        keep_news(
            "A version was made from exactly these files before: nothing was started. See the page Models."
            if job.state == "done"
            else "Retraining has started. Follow it at the end of the page."
        )


def put_into_use(engine: Driftline, model: str, number: int, reason: str) -> None:
    """Promote a version."""
    with telling():
        promote(engine.registry, engine.history, model, number, reason=reason, now=engine.now())
        keep_news(f"Version {number} is in use from now on.")


def bring_back(engine: Driftline, model: str, reason: str) -> None:
    """Roll back."""
    with telling():
        switch = roll_back(engine.registry, engine.history, model, reason=reason, now=engine.now())
        keep_news(f"Version {switch.version} is back in use.")


def _plan(engine: Driftline, check_id: str) -> tuple[RetrainRequest | None, str]:
    try:
        return plan_retrain(
            engine.history,
            engine.registry,
            check_id,
            hook=next(iter(engine.hooks)),
            data=engine.settings.retraining.data,
            kept=engine.uploads.has,
        ), ""
    except DriftlineError as error:
        return None, str(error)


def _last_job(engine: Driftline, check_id: str) -> Job | None:
    jobs = engine.jobs.jobs("retrain", limit=None)
    return next((job for job in jobs if job.payload.get("check") == check_id), None)


def _challenger(engine: Driftline, model: str, job: Job | None) -> Challenger | None:
    number = (job.result or {}).get("version") if job is not None and job.state == "done" else None
    if job is None or number is None:
        return None
    try:
        manifest = engine.registry.version(model, int(number)).manifest
    except NotFound:
        return None
    return Challenger(
        number=int(number),
        parent=manifest.parent or int(job.payload["champion"]),
        gate=manifest.gate,
        refused=(job.result or {}).get("promotion") == "refuse",
        served=any(switch.version == number for switch in engine.registry.switches(model)),
    )
