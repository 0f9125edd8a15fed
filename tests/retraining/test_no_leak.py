"""Rows used for training never appear in the gate: by hash, for every candidate, recipe and version over the year; and
who leaks on purpose is refused."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from monitoring.errors import ModelRefused
from monitoring.history.uploads import Uploads
from monitoring.progress import silent
from monitoring.registry.manifest import Manifest
from monitoring.registry.registry import Registry
from monitoring.registry.version import hash_files
from monitoring.retraining import candidates
from monitoring.retraining.hooks import local
from monitoring.retraining.hooks.local import LocalTrainer
from monitoring.retraining.limits import WorkLimits
from monitoring.retraining.request import Evidence, RetrainRequest, Source, TrainingData
from monitoring.retraining.script_recipe import ScriptRecipe
from monitoring.retraining.splits import Split
from monitoring.retraining.staging import write_rows, write_value
from monitoring.retraining.training import train
from tests.retraining.flights import DATA, MODELS, PROJECT, SAMPLES, contract, few_rows

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
MODEL = "flight-delay"
CODES = ("all", "last-60-days", "since-drift")


def hashes(rows: pa.Table) -> set[bytes]:
    """SHA-256 of each row's id, time, outcome and features."""
    names = sorted(rows.column_names)
    return {sha256(repr([row[name] for name in names]).encode()).digest() for row in rows.to_pylist()}


def names_of(rows: pa.Table) -> set[str]:
    return set(rows["flight_id"].to_pylist())


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The packaged model trained on one row in eighteen."""
    root = tmp_path_factory.mktemp("package")
    reference = pq.read_table(DATA / MODEL / "1" / "reference.parquet")
    lay_out(root, few_rows(), reference.take(pa.array(range(0, reference.num_rows, 6))))
    return root


def lay_out(root: Path, training: pa.Table, reference: pa.Table) -> None:
    model, rows = root / "models" / MODEL / "1", root / "data" / MODEL / "1"
    model.mkdir(parents=True)
    rows.mkdir(parents=True)
    trained = train(contract(), training, model_file=model / "model.onnx")
    write_value(trained.contract, model / "contract.json")
    write_rows(training, rows / "training.parquet")
    write_rows(reference, rows / "reference.parquet")
    manifest = Manifest.model_validate_json((MODELS / MODEL / "1" / "manifest.json").read_text())
    changes = {"parity": trained.parity, "training_rows": trained.rows, "files": hash_files(model, rows)}
    write_value(manifest.model_copy(update=changes), model / "manifest.json")


class Loop:
    """A registry of its own, to which months come one after the other; each challenger is put into use."""

    def __init__(self, folder: Path, package: Path, recipe: ScriptRecipe | None = None) -> None:
        self.registry = Registry(package / "models", package / "data", folder)
        self.uploads = Uploads(folder / "uploads")
        more = {} if recipe is None else {"recipe": recipe}
        self.trainer = LocalTrainer(self.registry, self.uploads, now=lambda: NOW, **more)  # type: ignore[arg-type]
        self.sources: list[Source] = []

    def learn(self, name: str, rows: pa.Table, codes: tuple[str, ...] = CODES) -> None:
        sink = pa.BufferOutputStream()
        pq.write_table(rows, sink)
        self.sources.append(
            Source(
                check=name,
                file_name=f"{name}.parquet",
                upload=self.uploads.save(sink.getvalue().to_pybytes()),
                labels=None,
                first_time=None,
                last_time=None,
            )
        )
        champion = self.registry.champion(MODEL).number
        request = RetrainRequest(
            model=MODEL,
            champion=champion,
            check=name,
            evidence=Evidence(verdict="drift", sentence="It moved.", drifted=()),
            sources=tuple(self.sources),
            data=tuple(TrainingData.from_code(code) for code in codes),
            drift_began="2013-06-01",
        )
        version = self.trainer.run(request, silent).version
        assert version is not None
        self.registry.promote(MODEL, version, reason="", now=NOW)


def months(a_month: int) -> list[tuple[str, pa.Table]]:
    """`a_month` flights of each month from April to December, over all its days."""
    year = pq.read_table(SAMPLES / "year.parquet")
    number = pc.month(year["scheduled_departure"]).to_numpy()
    found = []
    for month in range(4, 13):
        places = np.flatnonzero(number == month)
        chosen = places[np.linspace(0, len(places) - 1, a_month).astype(int)]
        found.append((f"2013-{month:02}", year.take(pa.array(chosen))))
    return found


class Spy:
    """Sees what each training was given, and what each gate compared on."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.trained: list[pa.Table] = []
        self.compared: list[pa.Table] = []
        for trainer in (candidates.RecipeTrainer, ScriptRecipe):
            monkeypatch.setattr(trainer, "train", self._seeing(trainer.train))
        choose = candidates.train_challenger
        monkeypatch.setattr(local, "train_challenger", lambda *given: (self._see_gate(given[2]), choose(*given))[1])

    def _seeing(self, trains: Callable[..., Any]) -> Callable[..., Any]:
        def see(trainer: Any, known: Any, rows: pa.Table, **more: Any) -> Any:
            self.trained.append(rows)
            return trains(trainer, known, rows, **more)

        return see

    def _see_gate(self, split: Split) -> None:
        self.compared += [split.gate, split.hold_out]


def assert_apart(spy: Spy, registry: Registry) -> None:
    """Of the whole history: no row that any training or any version saw is among those that any gate compared on."""
    trained = list(spy.trained)
    for version in registry.versions(MODEL):
        assert version.training_file is not None
        trained.append(pq.read_table(version.training_file))
    names = [name for name in spy.compared[0].column_names if all(name in rows.column_names for rows in trained)]
    seen = set().union(*(hashes(rows.select(names)) for rows in trained))
    compared = set().union(*(hashes(rows.select(names)) for rows in spy.compared))
    assert len(seen) > 1_000 and len(compared) > 300
    assert not seen & compared
    assert not set().union(*map(names_of, trained)) & set().union(*map(names_of, spy.compared))


@pytest.mark.slow
def test_over_the_year_no_row_is_both_trained_and_compared_on(
    tmp_path: Path, package: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nine versions, each trained on three choices of rows, each compared on the newest window and the hold-out."""
    spy, loop = Spy(monkeypatch), Loop(tmp_path, package)
    for name, rows in months(900):
        loop.learn(name, rows)
    assert len(loop.registry.versions(MODEL)) == 10
    assert len(spy.trained) >= 25, "nine months with three candidates each, but those that are alike"
    assert {version.manifest.data for version in loop.registry.versions(MODEL)} != {"all"}
    assert_apart(spy, loop.registry)


@pytest.mark.slow
def test_a_recipe_of_ones_own_sees_no_row_of_the_gate(
    tmp_path: Path, package: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    recipe = ScriptRecipe(PROJECT / "docs" / "examples" / "train.py", WorkLimits())
    spy, loop = Spy(monkeypatch), Loop(tmp_path, package, recipe)
    for name, rows in months(900)[:2]:
        loop.learn(name, rows, ("all",))
    version = loop.registry.version(MODEL, 3)
    assert (version.manifest.recipe, version.folder / "recipe.py" in version.folder.iterdir()) == ("train.py", True)
    assert_apart(spy, loop.registry)


def test_a_candidate_that_takes_rows_of_the_gate_is_refused(
    tmp_path: Path, package: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One row of the gate among the training rows, on purpose: nothing is trained, nothing registered."""

    def leak(split: Split, *_: Any) -> pa.Table:
        return pa.concat_tables([split.training, split.gate.slice(0, 1)])

    monkeypatch.setattr(candidates, "select_rows", leak)
    spy, loop = Spy(monkeypatch), Loop(tmp_path, package)
    with pytest.raises(
        ModelRefused, match=r"1 rows to train on are also among the rows kept away.*nothing was trained"
    ):
        loop.learn(*months(900)[0], ("all",))
    assert spy.trained == []
    assert [version.number for version in loop.registry.versions(MODEL)] == [1]


def test_a_candidate_that_takes_rows_of_the_hold_out_is_refused(
    tmp_path: Path, package: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def leak(split: Split, *_: Any) -> pa.Table:
        return pa.concat_tables([split.training, split.hold_out.slice(0, 1)])

    monkeypatch.setattr(candidates, "select_rows", leak)
    with pytest.raises(ModelRefused, match="nothing was trained"):
        Loop(tmp_path, package).learn(*months(900)[0], ("all",))


def test_a_version_that_was_trained_on_its_own_reference_challenges_nobody(tmp_path: Path) -> None:
    reference = pq.read_table(DATA / MODEL / "1" / "reference.parquet").slice(0, 2_000)
    lay_out(tmp_path, pa.concat_tables([few_rows(), reference.slice(0, 5).select(few_rows().column_names)]), reference)
    with pytest.raises(
        ModelRefused, match="5 rows of the reference are also among the rows that a version was trained"
    ):
        Loop(tmp_path / "loop", tmp_path).learn(*months(900)[0], ("all",))
