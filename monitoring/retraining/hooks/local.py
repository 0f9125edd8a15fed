"""The default hook: trains a challenger here, compares it with the champion on held-out days, and registers it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from monitoring.contract import Contract
from monitoring.errors import NotFound, NotPossible
from monitoring.history.uploads import Uploads
from monitoring.progress import Progress
from monitoring.registry.manifest import Manifest
from monitoring.registry.registry import Registry
from monitoring.registry.version import CONTRACT_FILE, MANIFEST_FILE, MODEL_FILE, REFERENCE_FILE, TRAINING_FILE, Version
from monitoring.retraining.gate import Gate, compare_versions
from monitoring.retraining.recipe import PACKAGED, Recipe
from monitoring.retraining.request import Outcome, RetrainRequest, Source
from monitoring.retraining.splits import Split, complete, split_rows
from monitoring.retraining.staging import order_columns, write_rows, write_value
from monitoring.retraining.training import Trained, measure_days, score_rows, train
from monitoring.scoring.scorer import Scorer
from monitoring.tables.labels import join_labels, read_labels
from monitoring.tables.limits import LIMITS, Limits
from monitoring.tables.quoting import counted, listed, shown
from monitoring.tables.reader import read_rows

_READ, _SPLIT, _TRAINED, _COMPARED = 0.35, 0.4, 0.85, 0.9
"""Parts of the work that are done when all is read, split, trained, compared."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Challenger:
    trained: Trained
    split: Split
    gate: Gate


class LocalTrainer:
    """Trains in this process with the packaged recipe.

    Args:
        registry: where the champion comes from and the challenger goes.
        uploads: the stored files that a request names.
        now: the clock, UTC.
        recipe: what is trained.
        name: what the hook is called.
        limits: how much a stored file may unpack to.
    """

    def __init__(
        self,
        registry: Registry,
        uploads: Uploads,
        *,
        now: Callable[[], datetime],
        recipe: Recipe = PACKAGED,
        name: str = "local",
        limits: Limits = LIMITS,
    ) -> None:
        self._name = name
        self._registry = registry
        self._uploads = uploads
        self._now = now
        self._recipe = recipe
        self._limits = limits

    @property
    def name(self) -> str:
        return self._name

    def validate(self) -> tuple[str, ...]:
        """Nothing but the packaged recipe and the stored files is needed."""
        return ()

    def try_out(self, request: RetrainRequest, progress: Progress) -> str:
        """Look whether the champion is there with the rows behind it; nothing is read at length, nothing trained."""
        champion = self._registry.version(request.model, request.champion)
        if champion.training_file is None:
            raise NotPossible(_no_rows_behind(champion))
        progress(1.0, f"Version {champion.number} and its {champion.manifest.training_rows:,} training rows are there")
        return f"The local trainer is ready to challenge version {champion.number} with {self._recipe.name}."

    def describe(self, request: RetrainRequest) -> str:
        """What will happen when the person says yes."""
        champion = self._registry.version(request.model, request.champion)
        newest = shown(request.sources[-1].file_name, 120)
        others = [shown(source.file_name, 60) for source in request.sources[:-1]]
        files = newest + (f" and of {counted(len(others), 'other file')} ({listed(others)})" if others else "")
        return (
            f"Trains a new version on the {champion.manifest.training_rows:,} rows behind version {champion.number} "
            f"and the labelled rows of {files}. Every third day stays out of the training; on those days of {newest} "
            f"the new version is compared with version {champion.number}. Nothing is switched until you promote it."
        )

    def run(self, request: RetrainRequest, progress: Progress) -> Outcome:
        """Train, prove, compare, register; the same request a second time gives the version that it gave at first.

        Raises:
            NotPossible: a file is gone, or the rows do not suffice to train or to compare.
            ModelRefused: the new model must not be used: it could not be fitted, or its export predicts something else.
            TableRefused: a stored file cannot be read.
            LabelsRefused: a stored file of labels cannot be read.
            Cancelled: a person asked to stop; nothing is registered.
        """
        if made := self._find_made(request):
            return _tell(made)
        champion = self._registry.version(request.model, request.champion)
        split = self._split(champion, request, progress)
        with self._registry.staging(request.model) as folder:
            challenger = self._train(champion, split, folder, progress)
            progress(_COMPARED, f"Keeping the new version: {challenger.split.training.num_rows:,} training rows")
            self._stage(champion, challenger, request, folder)
            progress(1.0, "Registering the new version")
            made = self._find_made(request) or self._registry.register(request.model, folder)
        return _tell(made)

    def _find_made(self, request: RetrainRequest) -> Version | None:
        versions = self._registry.versions(request.model)
        return next((version for version in versions if version.manifest.request == request.id), None)

    def _split(self, champion: Version, request: RetrainRequest, progress: Progress) -> Split:
        if champion.training_file is None:
            raise NotPossible(_no_rows_behind(champion))
        width = _READ / len(request.sources)
        sources = []
        for place, source in enumerate(request.sources):
            sources.append(self._read(source, champion.contract, _part(progress, place * width, width)))
        progress(_READ, f"Choosing rows to train on from {sum(rows.num_rows for rows in sources):,}")
        training, reference = pq.read_table(champion.training_file), pq.read_table(champion.reference_file)
        split = split_rows(training, reference, sources, champion.contract)
        progress(_SPLIT, _tell_split(split))
        return split

    def _read(self, source: Source, contract: Contract, progress: Progress) -> pa.Table:
        name = shown(source.file_name, 120)

        def tell(share: float, message: str) -> None:
            progress(share, f"Reading {name}{message.removeprefix('Reading')}")

        progress(0.0, f"Reading {name}")
        try:
            rows = self._uploads.path(source.upload)
            labels_file = None if source.labels is None else self._uploads.path(source.labels)
        except NotFound as error:
            raise NotPossible(f"{name} is no longer kept: check the file again, then retrain from there.") from error
        names, options = source.reading.names, source.reading.options
        labels = None
        if labels_file is not None:
            labels = read_labels(labels_file, contract, name=f"Labels of {name}", names=names, limits=self._limits)
        reader = read_rows(
            rows, contract, name=source.file_name, progress=tell, names=names, options=options, limits=self._limits
        )
        batches = list(reader.batches())
        if labels is not None:
            batches = [join_labels(batch, labels, contract) for batch in batches]
        return complete(pa.Table.from_batches(batches), contract)

    def _train(self, champion: Version, split: Split, folder: Path, progress: Progress) -> _Challenger:
        model_file = folder / MODEL_FILE
        inside = _part(progress, _SPLIT, _TRAINED - _SPLIT)
        trained = train(champion.contract, split.training, model_file=model_file, recipe=self._recipe, progress=inside)
        progress(_TRAINED, f"Comparing with version {champion.number} on {split.gate.num_rows:,} held-out rows")
        gate = compare_versions(
            split.gate[champion.contract.target.name].to_numpy(),
            score_rows(Scorer(champion.model_file, champion.contract), split.gate),
            score_rows(Scorer(model_file, trained.contract), split.gate),
            split.gate_days,
        )
        return _Challenger(trained=trained, split=split, gate=gate)

    def _stage(self, champion: Version, challenger: _Challenger, request: RetrainRequest, folder: Path) -> None:
        trained, split = challenger.trained, challenger.split
        write_value(trained.contract, folder / CONTRACT_FILE)
        write_rows(order_columns(split.reference, trained.contract), folder / REFERENCE_FILE)
        write_rows(order_columns(split.training, trained.contract), folder / TRAINING_FILE)
        known = pa.concat_tables([split.training, split.reference], promote_options="default")
        manifest = Manifest(
            model=request.model,
            version=0,
            created_at=self._now(),
            recipe=self._recipe.name,
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
    return f"{split.added:,} new labelled rows to train on; {held} held out, {split.gate.num_rows:,} rows to compare on"


def _tell(version: Version) -> Outcome:
    gate = version.manifest.gate
    message = gate.sentence if gate else f"Version {version.number} is registered."
    return Outcome(status="registered", version=version.number, message=message)
