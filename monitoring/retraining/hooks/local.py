"""The default hook: trains a challenger here, compares it with the champion on held-out days, and registers it."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from datetime import datetime
from functools import partial
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from monitoring.durable import storing
from monitoring.errors import NotPossible
from monitoring.history.uploads import Uploads
from monitoring.performance.gate import GateTerms
from monitoring.progress import Progress
from monitoring.registry.lineage import list_lineage
from monitoring.registry.manifest import Manifest
from monitoring.registry.registry import Registry
from monitoring.registry.version import (
    CONTRACT_FILE,
    MANIFEST_FILE,
    MODEL_FILE,
    RECIPE_FILE,
    REFERENCE_FILE,
    TRAINING_FILE,
    Version,
)
from monitoring.retraining.candidates import Challenger, RecipeTrainer, Trainer, describe_data, train_challenger
from monitoring.retraining.limits import DEFAULT_LIMITS, WorkLimits
from monitoring.retraining.names import unite
from monitoring.retraining.own_limits import timed
from monitoring.retraining.recipe import PACKAGED, Recipe
from monitoring.retraining.request import Outcome, RetrainRequest
from monitoring.retraining.script_recipe import ScriptRecipe
from monitoring.retraining.source_rows import read_source
from monitoring.retraining.splits import Split, complete, split_rows
from monitoring.retraining.staging import order_columns, write_rows, write_value
from monitoring.retraining.training import measure_days
from monitoring.scoring.scorer import Scorer
from monitoring.tables.limits import LIMITS, Limits
from monitoring.tables.quoting import counted, listed, shown

_READ, _SPLIT, _COMPARED = 0.35, 0.4, 0.9
"""Parts of the work that are done when all is read, split, trained and compared."""


class LocalTrainer:
    """Trains with the packaged recipe in this process, or with a recipe of the operator's own in a child process.

    Args:
        registry: where the champion comes from and the challenger goes.
        uploads: the stored files that a request names.
        now: the clock, UTC.
        recipe: what is trained.
        terms: how versions are compared.
        bounds: time and memory of each training; all that comes before and after the trainings of a request has the
            time of one more.
        limits: how much a stored file may unpack to.
        holding: entered with the request's id while its version is registered; raises `Cancelled` when the request is
            no longer this process's to work on.
    """

    def __init__(
        self,
        registry: Registry,
        uploads: Uploads,
        *,
        now: Callable[[], datetime],
        recipe: Recipe | ScriptRecipe = PACKAGED,
        terms: GateTerms | None = None,
        bounds: WorkLimits = DEFAULT_LIMITS,
        limits: Limits = LIMITS,
        holding: Callable[[str], AbstractContextManager[None]] = lambda request: nullcontext(),
    ) -> None:
        self._registry = registry
        self._uploads = uploads
        self._now = now
        self._trainer: Trainer = RecipeTrainer(recipe, bounds) if isinstance(recipe, Recipe) else recipe
        self._script = None if isinstance(recipe, Recipe) else recipe.file
        self._terms = terms or GateTerms()
        self._bounds = bounds
        self._limits = limits
        self._holding = holding

    @property
    def name(self) -> str:
        return "local"

    def validate(self) -> tuple[str, ...]:
        """What is wrong with the recipe (the packaged one needs nothing), or with how versions shall be compared."""
        return (*self._trainer.validate(), *self._unknown_segments())

    def _unknown_segments(self) -> tuple[str, ...]:
        """Asked of the models only where the policy names columns: reading them takes longer than all else."""
        if not self._terms.segment_columns:
            return ()
        contracts = (self._registry.champion(model).contract for model in self._registry.models())
        return tuple(
            problem for contract in contracts for problem in self._terms.unknown_segments(contract.categorical)
        )

    def try_out(self, request: RetrainRequest, progress: Progress) -> str:
        """Look whether the champion is there with the rows behind it; nothing is read at length, nothing trained."""
        champion = self._registry.version(request.model, request.champion)
        if champion.training_file is None:
            raise NotPossible(_no_rows_behind(champion))
        progress(1.0, f"Version {champion.number} and its {champion.manifest.training_rows:,} training rows are there")
        if problems := self.validate():
            raise NotPossible(problems[0])
        return f"The local trainer is ready to challenge version {champion.number} with {self._trainer.name}."

    def describe(self, request: RetrainRequest) -> str:
        """What will happen when the person says yes."""
        champion = self._registry.version(request.model, request.champion)
        newest = shown(request.sources[-1].file_name, 120)
        others = [shown(source.file_name, 60) for source in request.sources[:-1]]
        files = newest + (f" and of {counted(len(others), 'other file')} ({listed(others)})" if others else "")
        several = ""
        if len(request.data) > 1:
            several = f"Several choices of rows are tried ({describe_data(request.data, request.drift_began)}). "
        return (
            f"Trains a new version on the {champion.manifest.training_rows:,} rows behind version {champion.number} "
            f"and the rows of {files} whose outcome is known. {several}Every third day stays out of the training; "
            f"on those days of {newest} the new version is compared with version {champion.number}. Nothing is "
            "switched until it is promoted."
        )

    def run(self, request: RetrainRequest, progress: Progress) -> Outcome:
        """Train, prove, compare, register; the same request a second time gives the version that it gave at first.

        Raises:
            NotPossible: a file is gone, or the rows do not suffice to train or to compare.
            ModelRefused: the new model must not be used: it could not be fitted, or its export predicts something else.
            TableRefused: a stored file cannot be read.
            LabelsRefused: a stored file of labels cannot be read.
            HookFailed: a training, or the retraining as a whole, went beyond its limits; nothing is registered.
            StoreFailed: the new version could not be written; nothing is registered.
            Cancelled: a person asked to stop; nothing is registered.
        """
        if made := self._registry.made_for(request.model, request.id):
            return _tell(made)
        champion = self._registry.version(request.model, request.champion)
        whole = replace(self._bounds, seconds=self._bounds.seconds * (len(request.data) + 1))
        with self._registry.staging(request.model) as folder:
            with timed("The retraining", whole):
                self._prepare(champion, request, folder, progress)
            progress(1.0, "Registering the new version")
            made = self._registry.register(request.model, folder, holding=partial(self._holding, request.id))
        return _tell(made)

    def _prepare(self, champion: Version, request: RetrainRequest, folder: Path, progress: Progress) -> None:
        """Make all of the new version in `folder`."""
        split = self._split(champion, request, progress)
        with storing("The new version"):
            inside = _part(progress, _SPLIT, _COMPARED - _SPLIT)
            challenger = train_challenger(self._trainer, champion, split, request, folder, self._terms, inside)
            progress(_COMPARED, f"Keeping the new version: {challenger.rows.num_rows:,} training rows")
            self._stage(champion, split, challenger, request, folder)

    def _split(self, champion: Version, request: RetrainRequest, progress: Progress) -> Split:
        if champion.training_file is None:
            raise NotPossible(_no_rows_behind(champion))
        width = _READ / len(request.sources)
        sources = []
        for place, source in enumerate(request.sources):
            inside = _part(progress, place * width, width)
            sources.append(read_source(self._uploads, source, champion.contract, inside, self._limits))
        progress(_READ, f"Choosing rows to train on from {sum(rows.num_rows for rows in sources):,}")
        reference = pq.read_table(champion.reference_file)
        split = split_rows(self._rows_behind(champion), reference, sources, champion.contract)
        progress(_SPLIT, _tell_split(split))
        return split

    def _rows_behind(self, champion: Version) -> pa.Table:
        """The rows that the champion and the versions before it were trained on, each row once."""
        tables = []
        for version in list_lineage(self._registry, champion):
            if version.training_file is not None:
                tables.append(complete(pq.read_table(version.training_file), champion.contract))
            if version.manifest.data == "all":
                break  # it was trained on all rows of those before it
        return unite(tables[::-1], champion.contract)

    def _stage(
        self, champion: Version, split: Split, challenger: Challenger, request: RetrainRequest, folder: Path
    ) -> None:
        trained = challenger.trained
        write_value(trained.contract, folder / CONTRACT_FILE)
        write_rows(order_columns(split.reference, trained.contract), folder / REFERENCE_FILE)
        write_rows(order_columns(challenger.rows, trained.contract), folder / TRAINING_FILE)
        if self._script is not None:
            shutil.copyfile(self._script, folder / RECIPE_FILE)
        known = pa.concat_tables([challenger.rows, split.reference], promote_options="default")
        manifest = Manifest(
            model=request.model,
            version=0,
            created_at=self._now(),
            recipe=self._trainer.name,
            data=challenger.data.code,
            training_rows=trained.rows,
            training_from=trained.first,
            training_to=trained.last,
            reference_rows=split.reference.num_rows,
            parent=champion.number,
            request=request.id,
            parity=trained.parity,
            gate=challenger.gate,
            sources=tuple(source.upload for source in request.sources),
            held_out_days=split.held_out_days,
            memory=measure_days(Scorer(folder / MODEL_FILE, trained.contract), known, trained.contract),
            files={},
        )
        write_value(manifest, folder / MANIFEST_FILE)


def _no_rows_behind(champion: Version) -> str:
    return f"Version {champion.number} came without the rows it was trained on: it cannot be retrained here."


def _part(progress: Progress, start: float, width: float) -> Progress:
    return lambda share, message: progress(start + share * width, message)


def _tell_split(split: Split) -> str:
    held = f"{len(split.held_out_days)} days" if split.held_out_days else "every third row"
    added = f"{split.added:,} new rows with an outcome to train on"
    return f"{added}; {held} held out, {split.gate.num_rows:,} rows to compare on"


def _tell(version: Version) -> Outcome:
    gate = version.manifest.gate
    message = gate.sentence if gate else f"Version {version.number} is registered."
    return Outcome(status="registered", version=version.number, message=message)
