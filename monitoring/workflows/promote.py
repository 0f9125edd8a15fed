"""Putting a version into use and bringing the one before back. The registry decides, the history remembers."""

from __future__ import annotations

import logging
from datetime import datetime

from monitoring.errors import StoreFailed
from monitoring.history.history import History
from monitoring.registry.registry import Registry
from monitoring.switch import Switch

_logger = logging.getLogger(__name__)


def promote(registry: Registry, history: History, model: str, number: int, *, reason: str, now: datetime) -> Switch:
    """Put a version into use.

    Raises:
        NotFound: there is no such version.
        NotPossible: it is in use already.
        StoreFailed: it is damaged, or the switch could not be kept; the old champion stays.
    """
    switch = registry.promote(model, number, reason=reason, now=now)
    _remember(registry, history, model)
    return switch


def roll_back(registry: Registry, history: History, model: str, *, reason: str, now: datetime) -> Switch:
    """Bring back the champion before the present one; asked again, the one before that.

    Raises:
        NotFound: there is no such model.
        NotPossible: there is nothing to roll back to.
        StoreFailed: the earlier version is damaged, or the switch could not be kept.
    """
    switch = registry.roll_back(model, reason=reason, now=now)
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
