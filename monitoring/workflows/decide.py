"""After a check: is the model to be retrained? The decision, its request, the job; nothing twice, nothing lost.

A check is entered as undecided in the transaction that keeps it. Its decision is made afterwards, outside of that
transaction: a policy that cannot be read or a busy database never loses a check, and what was not decided is found by
`keep_up`. A decision and its request are one transaction; the request is sent afterwards, as often as it takes, under
an id derived from its content, which makes it one job.
"""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta

from pydantic import ValidationError

from monitoring.errors import DriftlineError, NotFound, NotPossible
from monitoring.history.decisions import Desk, check_occasion
from monitoring.history.records import Job
from monitoring.history.retrain_records import Judged, KeptDecision, KeptRequest, Outgoing, starts_again
from monitoring.policy.retrain_decision import decide
from monitoring.policy.retrain_evidence import Batch, Champion, Occasion, Plan, RetrainEvidence
from monitoring.policy.retrain_policy import RetrainPolicy
from monitoring.registry.version import Version
from monitoring.retraining.request import RetrainRequest
from monitoring.workflows.parts import Driftline
from monitoring.workflows.retrain import plan_retrain, request_retrain
from monitoring.workflows.watch import keep_watch

_logger = logging.getLogger(__name__)

_CLOCKS_DIFFER = timedelta(minutes=1)
"""Processes may be so far apart without a clock having been set back."""


def decide_check(driftline: Driftline, check_id: str, model: str) -> KeptDecision | None:
    """Decide on a recorded check, once: asked again, the same decision comes back. None when the check was deleted.

    Raises:
        NotFound: there is no such model.
        StoreFailed: the database failed; nothing is decided.
    """
    occasion = Occasion(kind="check", key=check_occasion(check_id), check=check_id)
    return _decide(driftline, occasion, model)


def after_check(driftline: Driftline, check_id: str, model: str) -> None:
    """Decide on a check that was just recorded, and send what is asked for. Never fails: `keep_up` makes it good."""
    try:
        decide_check(driftline, check_id, model)
        send_requests(driftline)
    except DriftlineError as error:
        _logger.warning("Check %s is not decided yet: %s", check_id, error)


def retrain_by_hand(driftline: Driftline, request: RetrainRequest, *, why: str = "") -> Job:
    """Start what a person asked for: a decision and its request are kept, and its job is started.

    Raises:
        NotFound: the hook is not there.
        NotPossible: the feed is broken, which is kept as a decision; or the hook's settings keep it from working.
        StoreFailed: it could not be kept, or the worker could not be started.
    """
    occasion = Occasion(kind="hand", key=driftline.decisions.hand_occasion(request.id), check=request.check, why=why)
    kept = _decide(driftline, occasion, request.model, request)
    if kept is None:
        raise NotFound("The check that this was asked from was deleted.")
    if not kept.decision.asks:
        raise NotPossible(kept.decision.sentence)
    return _send(driftline, driftline.requests.request(request.id))


def put_in_force(driftline: Driftline, model: str, policy: RetrainPolicy, *, reason: str) -> None:
    """Let a policy decide from now on, first of all about what is there now.

    Raises:
        NotFound: there is no such model, or no hook of the name that the policy gives.
        StoreFailed: it could not be kept.
    """
    driftline.registry.champion(model)
    if policy.hook and policy.hook not in driftline.hooks:
        raise NotFound(
            f"hook: there is no retrain hook called '{policy.hook}'; there are {', '.join(driftline.hooks)}."
        )
    if driftline.decisions.policy(model) == policy:
        return
    driftline.decisions.put_in_force(model, policy, reason=reason)
    number = len(driftline.decisions.policies(model))
    _decide(driftline, Occasion(kind="clock", key=f"clock:{model}:policy:{number}", why=reason), model)
    send_requests(driftline)


def answer_request(driftline: Driftline, request_id: str, *, approve: bool, reason: str) -> KeptRequest:
    """Approve a request, which is then sent, or refuse it.

    Raises:
        NotFound: there is no such request.
        NotPossible: it expired, or was answered otherwise.
        StoreFailed: it could not be kept.
    """
    answered = driftline.requests.answer(request_id, "approved" if approve else "refused", reason)
    send_requests(driftline)
    return answered


def keep_up(driftline: Driftline) -> None:
    """Do what was left undone: decide, let expire, send, start again, watch. Called at start and from time to time.

    What fails is told to the log and tried again the next time.
    """
    steps = (_decide_undecided, _decide_on_time, _expire, send_requests, _restart, _keep_watches)
    for step in steps:
        try:
            step(driftline)
        except DriftlineError as error:
            _logger.warning("Retraining by policy is behind: %s", error)


def send_requests(driftline: Driftline) -> None:
    """Send every request that is ready. One that cannot be sent stays ready, and does not keep others back."""
    for request in driftline.requests.ready():
        try:
            _send(driftline, request)
        except (DriftlineError, ValidationError) as error:
            _logger.warning("Request %s was not sent: %s", request.id, error)


def _send(driftline: Driftline, request: KeptRequest) -> Job:
    """Submit a request's job, then count it as sent: stopped in between, it is submitted again, and is the same job."""
    job = request_retrain(driftline, RetrainRequest.model_validate(request.payload))
    driftline.requests.sent(request.id)
    return job


def _decide_undecided(driftline: Driftline) -> None:
    known = set(driftline.registry.models())
    for check_id, model in driftline.decisions.undecided():
        if model in known:
            decide_check(driftline, check_id, model)


def _decide_on_time(driftline: Driftline) -> None:
    """Decide anew where time alone may have changed the last decision: a cool-down that ended, an age that came.

    So does a clock that was set back: what was decided for a time that is to come waits for a time that is yet later.
    """
    for model in driftline.registry.models():
        last = driftline.decisions.latest(model)
        if last is None or last.policy.clock != "wall":
            continue
        until, now = last.decision.until, driftline.now()
        if (until is not None and until <= now) or last.decision.at > now + _CLOCKS_DIFFER:
            key = f"clock:{model}:{last.decision.id}"
            _decide(driftline, Occasion(kind="clock", key=key), model)


def _keep_watches(driftline: Driftline) -> None:
    """Compare what came in since a promotion with the version before, and roll back where the policy says so."""
    for model in driftline.registry.models():
        try:
            keep_watch(driftline, model)
        except DriftlineError as error:  # one model's batch that cannot be read keeps no other model back
            _logger.warning("The watch of %s is behind: %s", model, error)


def _expire(driftline: Driftline) -> None:
    driftline.requests.expire()


def _restart(driftline: Driftline) -> None:
    """Start a policy's requests again whose worker went away or could not use the store, a few times."""
    driftline.jobs.sweep()
    for job in driftline.jobs.jobs("retrain", limit=None, state="interrupted"):
        try:
            if starts_again(job.state, job.attempts, by_hand=driftline.requests.request(job.id).by_hand):
                request_retrain(driftline, RetrainRequest.model_validate(job.payload))
        except (DriftlineError, ValidationError) as error:
            _logger.warning("Job %s was not started again: %s", job.id, error)


def _decide(
    driftline: Driftline, occasion: Occasion, model: str, asked_for: RetrainRequest | None = None
) -> KeptDecision | None:
    champion = driftline.registry.champion(model)
    return driftline.decisions.decide(
        occasion, model, lambda desk: _judge(driftline, desk, occasion, champion, asked_for)
    )


def _judge(
    driftline: Driftline, desk: Desk, occasion: Occasion, champion: Version, asked_for: RetrainRequest | None
) -> Judged | None:
    policy = desk.policy()
    found = desk.subject(occasion.check) if occasion.check else None
    if occasion.check and found is None:
        return None
    subject, until = found or (None, None)
    until = until if occasion.kind == "check" else None
    batches = desk.batches(champion.number, until=until)
    if subject is None and batches:
        subject = batches[-1]
    request, refusal = (asked_for, "") if asked_for else _plan(driftline, desk, policy, champion, subject)
    evidence = RetrainEvidence(
        model=champion.model,
        occasion=occasion,
        champion=Champion(version=champion.number, since=_since(champion, policy)),
        subject=subject,
        batches=batches,
        asked=desk.asked(),
        labelled=desk.labelled(champion.manifest.sources, until=until),
        plan=Plan(refusal=refusal),
    )
    now = subject.at if policy.clock == "data" and subject else driftline.now()
    decision = decide(policy, evidence, now)
    outgoing = Outgoing(id=request.id, payload=request.model_dump(mode="json")) if request else None
    return Judged(decision=decision, policy=policy, evidence=evidence, outgoing=outgoing)


def _since(champion: Version, policy: RetrainPolicy) -> datetime:
    """When what the champion knows ended, on the policy's clock."""
    manifest = champion.manifest
    if policy.clock == "data" and manifest.training_to is not None:
        last = manifest.training_to
        return last if last.tzinfo else last.replace(tzinfo=UTC)
    return manifest.created_at


def _plan(
    driftline: Driftline, desk: Desk, policy: RetrainPolicy, champion: Version, subject: Batch | None
) -> tuple[RetrainRequest | None, str]:
    """What would be asked for now, or why nothing can be."""
    hook = policy.hook or next(iter(driftline.hooks))
    if hook not in driftline.hooks:
        return None, f"The policy's retrain hook '{hook}' is not set up here; there are {', '.join(driftline.hooks)}."
    if problems := driftline.hooks[hook].validate():
        return None, problems[0]
    check = _learnable(driftline, champion.model, subject)
    if check is None:
        return None, "No outcomes are known yet: add them to a check, then there is something to learn from."
    try:
        request = plan_retrain(
            driftline.history,
            driftline.registry,
            check,
            hook,
            driftline.settings.retraining.data,
            driftline.uploads.has,
        )
    except (NotPossible, NotFound) as error:
        return None, str(error)
    if known := desk.request_state(request.id):
        state, at = known
        verb = "refused by a person" if state == "refused" else "asked for"
        return None, f"The same was {verb} on {at:%-d %B %Y}, and nothing to learn from has come in since."
    return request, ""


def _learnable(driftline: Driftline, model: str, subject: Batch | None) -> str | None:
    """The check to retrain from: the one it is about, else the newest one with outcomes and a whole feed."""
    if subject is not None and subject.labelled_rows and subject.verdict != "broken":
        return subject.check
    uploads = [one for one in driftline.history.labelled_uploads(model) if one.verdict != "broken"]
    return uploads[-1].check if uploads else None
