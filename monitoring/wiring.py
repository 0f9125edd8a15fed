"""The only place where concrete parts are put together, from settings."""

from __future__ import annotations

import os
import shlex
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path

from threadpoolctl import threadpool_limits

from monitoring.errors import Refused
from monitoring.history.column_names import ColumnNames
from monitoring.history.decisions import Decisions
from monitoring.history.history import History
from monitoring.history.jobs import Jobs
from monitoring.history.requests import Requests
from monitoring.history.retention import retention_from
from monitoring.history.uploads import Uploads
from monitoring.history.watches import Watches
from monitoring.policy.drift_policy import BUILT_IN, DEFAULT, DriftPolicy
from monitoring.registry.registry import Registry
from monitoring.retraining.hooks.command import CommandHook
from monitoring.retraining.hooks.folder import FolderHook
from monitoring.retraining.hooks.local import LocalTrainer
from monitoring.retraining.recipe import PACKAGED
from monitoring.retraining.request import RetrainHook
from monitoring.retraining.script_recipe import ScriptRecipe
from monitoring.retraining.third_parties import load_hooks
from monitoring.tables.limits import LIMITS, MEGABYTE, Limits
from monitoring.workflows.jobs import JobRunner
from monitoring.workflows.loaded import LoadedVersions
from monitoring.workflows.parts import Driftline, Settings
from monitoring.workflows.retrain_settings import read_promotion_policy, retrain_settings

PROJECT = Path(__file__).resolve().parent.parent


def settings_from_environment(environment: Mapping[str, str] = os.environ) -> Settings:
    """Settings from `DRIFTLINE_DATA`, `DRIFTLINE_POLICY`, `DRIFTLINE_RETRAIN_COMMAND`, `DRIFTLINE_UNPACKED_MB`,
    those of `history.retention` and of `workflows.retrain_settings`.

    Raises:
        Refused: a variable cannot be understood.
    """
    policy = environment.get("DRIFTLINE_POLICY")
    try:
        command = tuple(shlex.split(environment.get("DRIFTLINE_RETRAIN_COMMAND", "")))
    except ValueError as error:
        raise Refused(f"DRIFTLINE_RETRAIN_COMMAND cannot be split into words: {error}.") from error
    return Settings(
        data=Path(environment.get("DRIFTLINE_DATA") or ".driftline").expanduser().absolute(),
        packaged_models=PROJECT / "models",
        packaged_reference=PROJECT / "reference_data",
        retrain_command=command,
        policy_file=Path(policy).expanduser() if policy else None,
        limits=_limits(environment.get("DRIFTLINE_UNPACKED_MB")),
        retraining=retrain_settings(environment),
        keep=retention_from(environment),
    )


def _limits(megabytes: str | None) -> Limits:
    if not megabytes:
        return LIMITS
    if not (megabytes.isascii() and megabytes.isdigit() and 0 < len(megabytes) < 10):
        raise Refused("DRIFTLINE_UNPACKED_MB must be a whole number of megabytes, such as 1000.")
    return Limits(unpacked=int(megabytes) * MEGABYTE, unsuspicious=int(megabytes) * MEGABYTE)


def _utc_now() -> datetime:
    return datetime.now(UTC)


def open_driftline(settings: Settings, *, clock: Callable[[], datetime] = _utc_now) -> Driftline:
    """Open the data folder (made when it is not there) and put everything together.

    Args:
        settings: where everything lies and who does what.
        clock: tells the UTC time. Leases of workers do not follow it.

    Raises:
        StoreFailed: the data folder or its database cannot be used.
        Refused: a policy file cannot be used.
    """
    threadpool_limits(1, user_api="blas")  # small products: more threads only wait for each other
    uploads = Uploads(settings.data / "uploads")
    history = History(f"sqlite:///{settings.data / 'driftline.db'}")
    registry = Registry(settings.packaged_models, settings.packaged_reference, settings.data)
    jobs = Jobs(history.engine, clock=clock)
    promotion = read_promotion_policy(settings.retraining.promotion)
    asked = settings.retraining
    local = LocalTrainer(
        registry,
        uploads,
        now=clock,
        recipe=PACKAGED if asked.recipe is None else ScriptRecipe(asked.recipe, asked.limits),
        terms=promotion.terms,
        bounds=asked.limits,
        limits=settings.limits,
        holding=jobs.holding,
    )
    return Driftline(
        settings=settings,
        registry=registry,
        history=history,
        jobs=jobs,
        decisions=Decisions(history.engine, clock=clock),
        requests=Requests(history.engine, clock=clock),
        runner=JobRunner(jobs),
        beside=JobRunner(jobs),
        uploads=uploads,
        column_names=ColumnNames(settings.data / "column-names.json"),
        loaded=LoadedVersions(),
        policy=_policy(settings.policy_file),
        hooks=_hooks(settings, local),
        now=clock,
        watches=Watches(settings.data / "watches"),
        promotion=promotion,
    )


def _policy(file: Path | None) -> DriftPolicy:
    if file is None:
        return DEFAULT
    if built_in := BUILT_IN.get(str(file)):
        return built_in
    try:
        return DriftPolicy.from_toml(file.read_text())
    except (OSError, UnicodeDecodeError) as error:
        raise Refused(f"The policy file {file.name} cannot be read.") from error


def _hooks(settings: Settings, local: LocalTrainer) -> dict[str, RetrainHook]:
    """All hooks by name; the first is the default: the command, then the folder, where one is set."""
    ours: list[RetrainHook] = []
    if settings.retrain_command:
        ours.append(CommandHook(settings.retrain_command, settings.retraining.limits))
    if settings.retraining.folder is not None:
        ours.append(FolderHook(settings.data / settings.retraining.folder))
    hooks = {hook.name: hook for hook in (*ours, local)}
    return {**hooks, **load_hooks(settings.data, {"local", "command", "folder"}, limits=settings.retraining.limits)}
