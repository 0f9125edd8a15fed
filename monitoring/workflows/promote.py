"""Putting a version into use and bringing the one before back. The registry decides, the history remembers."""

from __future__ import annotations

import logging
from contextlib import nullcontext
from dataclasses import replace
from datetime import datetime

from monitoring.errors import StoreFailed
from monitoring.history.history import History
from monitoring.policy.promotion_decision import PromotionDecision, decide_promotion
from monitoring.registry.registry import Holding, Registry
from monitoring.registry.version import Version
from monitoring.switch import Switch
from monitoring.workflows.parts import Driftline

_logger = logging.getLogger(__name__)


def promote(
    registry: Registry,
    history: History,
    model: str,
    number: int,
    *,
    reason: str,
    now: datetime,
    holding: Holding = nullcontext,
) -> Switch:
    """Put a version into use, while `holding` is entered.

    Raises:
        NotFound: there is no such version.
        NotPossible: it is in use already.
        StoreFailed: it is damaged, its checks cannot be listed, or the switch could not be kept; the old champion
            stays.
    """
    earlier = tuple(check.id for check in history.labelled_checks(model, number))
    switch = registry.promote(model, number, reason=reason, now=now, holding=holding, earlier=earlier)
    _remember(registry, history, model)
    return switch


def decide_version(driftline: Driftline, version: Version) -> PromotionDecision | None:
    """What the promotion policy makes of a version; None for one that was never compared."""
    gate, parity = version.manifest.gate, version.manifest.parity
    if gate is None:
        return None
    return decide_promotion(gate, driftline.promotion, parity=parity.largest_difference, tolerance=parity.tolerance)


def settle_challenger(
    driftline: Driftline, model: str, number: int, *, holding: Holding = nullcontext
) -> PromotionDecision:
    """Decide on a challenger that was just registered, and put it into use where the policy says so.

    A challenger of a version that is no longer in use is never put into use by itself: it was not compared with what is
    in use now. Asked again, nothing is done twice: one that was in use before and was taken back stays back.

    Raises:
        NotFound: there is no such version.
        Cancelled: `holding` says that this is no longer this process's to do.
        StoreFailed: the switch could not be kept; the old champion stays.
    """
    version = driftline.registry.version(model, number)
    decision = decide_version(driftline, version)
    if decision is None:
        return _unproved(driftline)
    if decision.outcome != "promote" or driftline.registry.champion(model).number == number:
        return decision
    if driftline.registry.champion(model).number != version.manifest.parent:
        sentence = (
            f"It was compared with version {version.manifest.parent}, which is no longer in use: a person decides."
        )
        return replace(decision, outcome="ask", sentence=sentence)
    if any(switch.version == number for switch in driftline.registry.switches(model)):
        return replace(decision, outcome="ask", sentence="It was in use and was taken back: a person decides.")
    reason = f"By the promotion policy {decision.policy}: {decision.sentence}"
    now = driftline.now()
    promote(driftline.registry, driftline.history, model, number, reason=reason, now=now, holding=holding)
    return decision


def _unproved(driftline: Driftline) -> PromotionDecision:
    return PromotionDecision(
        outcome="ask",
        sentence="It was not compared with the version in use: a person decides.",
        requirements=(),
        policy=driftline.promotion.name,
        policy_id=driftline.promotion.id,
    )


def roll_back(
    registry: Registry, history: History, model: str, *, reason: str, now: datetime, undoes: str | None = None
) -> Switch:
    """Bring back the champion before the present one; asked again, the one before that.

    Args:
        registry: the versions.
        history: remembers the switch.
        model: which model.
        reason: kept with the switch.
        now: UTC time.
        undoes: id of the switch that is to be undone; None for whichever is the last.

    Raises:
        NotFound: there is no such model.
        NotPossible: there is nothing to roll back to, or the switch to undo is not the last any more.
        StoreFailed: the earlier version is damaged, or the switch could not be kept.
    """
    switch = registry.roll_back(model, reason=reason, now=now, undoes=undoes)
    _remember(registry, history, model)
    return switch


def sync_switches(registry: Registry, history: History) -> None:
    """Bring the history's record of switches up to the registry's, which is the truth. Called at start-up."""
    for model in registry.models():
        _remember(registry, history, model)


def _remember(registry: Registry, history: History, model: str) -> None:
    """A switch that took effect is not undone because the history cannot be written now: the next start adds it."""
    try:
        history.record_switches(registry.switches(model))
    except StoreFailed as error:
        _logger.warning("The switches of %s are not in the history yet: %s", model, error)
