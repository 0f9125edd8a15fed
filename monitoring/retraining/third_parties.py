"""Hooks of others, found by the entry point group `driftline.retrain_hooks`. A broken one is named, breaks nothing."""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable
from contextlib import AbstractContextManager
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path

from monitoring.errors import NotPossible
from monitoring.progress import Progress
from monitoring.retraining.limits import DEFAULT_LIMITS, WorkLimits
from monitoring.retraining.own_limits import timed
from monitoring.retraining.request import Outcome, RetrainHook, RetrainRequest

GROUP = "driftline.retrain_hooks"
_NEEDED = ("describe", "validate", "try_out", "run")
_logger = logging.getLogger(__name__)


class BrokenHook:
    """Stands for a hook that could not be made: it says why, and does nothing.

    Args:
        name: what it is called.
        problem: why it is not there, in a sentence.
    """

    def __init__(self, name: str, problem: str) -> None:
        self._name = name
        self._problem = problem

    @property
    def name(self) -> str:
        return self._name

    def describe(self, request: RetrainRequest) -> str:
        """Why nothing will happen."""
        return self._problem

    def validate(self) -> tuple[str, ...]:
        """Why it is not there."""
        return (self._problem,)

    def try_out(self, request: RetrainRequest, progress: Progress) -> str:
        """Raises NotPossible."""
        raise NotPossible(self._problem)

    def run(self, request: RetrainRequest, progress: Progress) -> Outcome:
        """Raises NotPossible."""
        raise NotPossible(self._problem)


class GuardedHook:
    """A hook of others: what it raises that is not of ours becomes a sentence with its name, and its time is bounded.

    Args:
        name: name of its entry point.
        hook: the hook.
        limits: how long it may try and run.
    """

    def __init__(self, name: str, hook: RetrainHook, limits: WorkLimits = DEFAULT_LIMITS) -> None:
        self._name = name
        self._hook = hook
        self._limits = limits

    @property
    def name(self) -> str:
        return self._name

    def describe(self, request: RetrainRequest) -> str:
        """What it says; that it failed to say anything where it did."""
        try:
            return str(self._hook.describe(request))
        except Exception as error:
            return _failed(self._name, "describe", error)

    def validate(self) -> tuple[str, ...]:
        """Its problems; that it failed to name them where it did."""
        try:
            return tuple(str(problem) for problem in self._hook.validate())
        except Exception as error:
            return (_failed(self._name, "validate", error),)

    def try_out(self, request: RetrainRequest, progress: Progress) -> str:
        """Try it. Errors of its own are left to the job, which logs them. Raises HookFailed when its time is over."""
        with self._timed():
            return str(self._hook.try_out(request, progress))

    def run(self, request: RetrainRequest, progress: Progress) -> Outcome:
        """Run it. Errors of its own are left to the job, which logs them. Raises HookFailed when its time is over."""
        with self._timed():
            outcome = self._hook.run(request, progress)
        return Outcome.model_validate(outcome)

    def _timed(self) -> AbstractContextManager[None]:
        return timed(f"The retrain hook {self._name}", self._limits)


def load_hooks(
    data: Path,
    taken: Collection[str],
    entries: Iterable[EntryPoint] | None = None,
    *,
    limits: WorkLimits = DEFAULT_LIMITS,
) -> dict[str, RetrainHook]:
    """The hooks of others by name, sorted.

    An entry point names a function that is called with the data folder and returns a `RetrainHook`.

    Args:
        data: the data folder, for a hook that keeps something.
        taken: names that are ours.
        entries: the entry points; those that are installed without them.
        limits: how long each may try and run.
    """
    found = entry_points(group=GROUP) if entries is None else entries
    hooks: dict[str, RetrainHook] = {}
    for entry in sorted(found, key=lambda one: one.name):
        name = entry.name
        if name in taken or name in hooks:
            _logger.warning("A second retrain hook is called %s and is left out", name)
            name = f"{name} ({entry.value.partition(':')[0]})"
            hooks[name] = BrokenHook(name, f"A retrain hook called {entry.name} is there already: rename this one.")
        else:
            hooks[name] = _load(entry, data, limits)
    return hooks


def _load(entry: EntryPoint, data: Path, limits: WorkLimits) -> RetrainHook:
    try:
        hook = entry.load()(data)
        missing = [method for method in _NEEDED if not callable(getattr(hook, method, None))]
    except BaseException as error:  # an import may raise anything, an exit too
        if isinstance(error, KeyboardInterrupt):
            raise
        return BrokenHook(entry.name, _failed(entry.name, "load", error))
    if missing:
        return BrokenHook(
            entry.name,
            f"The retrain hook {entry.name} of {entry.value} has no {missing[0]}: it follows another protocol. Install "
            "a version that fits, or remove it.",
        )
    return GuardedHook(entry.name, hook, limits)


def _failed(name: str, action: str, error: BaseException) -> str:
    _logger.warning("The retrain hook %s failed to %s", name, action, exc_info=error)
    words = " ".join(str(error).split())[:200]
    return (
        f"The retrain hook {name} failed to {action} ({type(error).__name__}{': ' + words if words else ''}): mend or "
        "remove the package that brings it."
    )
