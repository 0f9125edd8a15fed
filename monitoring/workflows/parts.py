"""The concrete parts that workflows are given. `monitoring.wiring` puts them together."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from monitoring.history.column_names import ColumnNames
from monitoring.history.decisions import Decisions
from monitoring.history.history import History
from monitoring.history.jobs import Jobs
from monitoring.history.requests import Requests
from monitoring.history.retention import Kind, RetentionFile
from monitoring.history.uploads import Uploads
from monitoring.history.watches import Watches
from monitoring.policy.drift_policy import DriftPolicy
from monitoring.policy.promotion_policy import DEFAULT_PROMOTION, PromotionPolicy
from monitoring.registry.registry import Registry
from monitoring.retraining.request import RetrainHook
from monitoring.tables.limits import LIMITS, Limits
from monitoring.workflows.jobs import JobRunner
from monitoring.workflows.kept import WorkedOut, keep_batches, keep_work
from monitoring.workflows.loaded import LoadedVersions
from monitoring.workflows.retrain_settings import DEFAULT_RETRAIN_SETTINGS, RetrainSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Where things are and how they are set.

    Attributes:
        data: the data folder; nothing is written anywhere else.
        packaged_models: models that came with Driftline, read-only.
        packaged_reference: their reference and training rows and samples, read-only.
        retrain_command: command that the hook `command` runs; () when none is set.
        limits: how much an uploaded file may unpack to.
        keep: what the environment says about how long files are kept.
        retraining: how retraining is set up.
        policy_file: TOML file of the drift policy, or the name of a built-in one; None for the default policy.
    """

    data: Path
    packaged_models: Path
    packaged_reference: Path
    retrain_command: tuple[str, ...] = ()
    policy_file: Path | None = None
    limits: Limits = LIMITS
    keep: Mapping[Kind, int | None] = field(default_factory=dict)
    retraining: RetrainSettings = DEFAULT_RETRAIN_SETTINGS

    @property
    def retention_file(self) -> Path:
        """Where it is kept how long files are kept."""
        return self.data / "retention.json"

    @property
    def reports(self) -> Path:
        """Folder of the report pages."""
        return self.data / "reports"

    @property
    def columns(self) -> Path:
        """Folder of what was found in the rows behind a column; it holds rows of uploads."""
        return self.data / "columns"


@dataclass(frozen=True, slots=True, kw_only=True, weakref_slot=True)
class Driftline:
    """Everything a workflow may need, one of each.

    Attributes:
        settings: where things are.
        registry: versions and aliases.
        history: checks, switches.
        jobs: work that outlives a page.
        decisions: retrain policies, what they decided, incidents.
        requests: the outbox of retrain requests.
        runner: runs checks in threads of this process.
        beside: runs what a page waits for some seconds for, in threads of its own: never behind checks of minutes.
        uploads: files people gave.
        column_names: names that people gave to columns of their files.
        loaded: versions in memory.
        policy: thresholds of the verdict.
        hooks: retrain hooks by name; the first is the default.
        now: the clock, UTC.
        watches: what was seen of versions since their promotion.
        promotion: what suffices to put a challenger into use.
        worked_out: stored profiles and windows in memory.
        batches: windows judged for the time line, in memory.
    """

    settings: Settings
    registry: Registry
    history: History
    jobs: Jobs
    decisions: Decisions
    requests: Requests
    runner: JobRunner
    beside: JobRunner
    uploads: Uploads
    column_names: ColumnNames
    loaded: LoadedVersions
    policy: DriftPolicy
    hooks: Mapping[str, RetrainHook]
    now: Callable[[], datetime]
    watches: Watches
    promotion: PromotionPolicy = DEFAULT_PROMOTION
    worked_out: WorkedOut = field(default_factory=keep_work)
    batches: WorkedOut = field(default_factory=keep_batches)

    @property
    def retention(self) -> RetentionFile:
        """How long files are kept."""
        return RetentionFile(self.settings.retention_file, self.settings.keep)
