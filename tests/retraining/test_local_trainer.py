"""The default hook from request to registered version, on the packaged flights."""

from __future__ import annotations

import errno
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
from sklearn.compose import make_column_transformer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import brier_score_loss, roc_auc_score
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from monitoring.contract import Contract
from monitoring.errors import Cancelled, HookFailed, ModelRefused, NotFound, NotPossible, StoreFailed
from monitoring.history.history import History
from monitoring.history.jobs import Jobs
from monitoring.history.uploads import Uploads
from monitoring.performance.gate import GateTerms
from monitoring.progress import silent
from monitoring.registry.manifest import Manifest
from monitoring.registry.registry import Registry
from monitoring.registry.version import hash_files
from monitoring.retraining.hooks.local import LocalTrainer
from monitoring.retraining.recipe import Recipe
from monitoring.retraining.request import Evidence, Outcome, RetrainRequest, Source
from monitoring.retraining.staging import write_rows, write_value
from monitoring.retraining.training import score_rows, train
from monitoring.scoring.scorer import Scorer
from tests.retraining.flights import DATA, MODELS, SAMPLES, contract, few_rows

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


class Place:
    """A registry and uploads of their own, with a trainer."""

    def __init__(self, folder: Path, models: Path, data: Path) -> None:
        self.folder = folder
        self.registry = Registry(models, data, folder)
        self.uploads = Uploads(folder / "uploads")
        self.trainer = LocalTrainer(self.registry, self.uploads, now=lambda: NOW)

    def trained_by(self, jobs: Jobs) -> LocalTrainer:
        """The trainer of a worker."""
        return LocalTrainer(self.registry, self.uploads, now=lambda: NOW, holding=jobs.holding)

    def source(self, file: str, labels: str | None) -> Source:
        return Source(
            check=f"check of {file}",
            file_name=file,
            upload=self.uploads.save((SAMPLES / file).read_bytes()),
            labels=labels and self.uploads.save((SAMPLES / labels).read_bytes()),
            first_time=None,
            last_time=None,
        )

    def request(self, *sources: Source, champion: int = 1) -> RetrainRequest:
        evidence = Evidence(verdict="drift", sentence="It moved.", drifted=("temp",))
        check = sources[-1].check
        return RetrainRequest(model="flight-delay", champion=champion, check=check, evidence=evidence, sources=sources)

    def leftovers(self) -> list[str]:
        folder = self.folder / "models" / "flight-delay"
        return sorted(path.name for path in folder.glob("*") if path.name != ".lock")


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Place:
    """The packaged model with all its rows."""
    return Place(tmp_path_factory.mktemp("whole"), MODELS, DATA)


@pytest.fixture(scope="module")
def small_package(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The packaged model trained on one row in eighteen, so that a retraining takes a moment."""
    root = tmp_path_factory.mktemp("package")
    models, data = root / "models", root / "data"
    for folder in (models, data):
        (folder / "flight-delay" / "1").mkdir(parents=True)
    model, rows = models / "flight-delay" / "1", data / "flight-delay" / "1"
    trained = train(contract(), few_rows(), model_file=model / "model.onnx")
    write_value(trained.contract, model / "contract.json")
    write_rows(few_rows(), rows / "training.parquet")
    write_rows(
        pq.read_table(DATA / "flight-delay" / "1" / "reference.parquet").slice(0, 2_000), rows / "reference.parquet"
    )
    manifest = Manifest.model_validate_json((MODELS / "flight-delay" / "1" / "manifest.json").read_text())
    changes = {"parity": trained.parity, "training_rows": trained.rows, "files": hash_files(model, rows)}
    write_value(manifest.model_copy(update=changes), model / "manifest.json")
    return models, data


@pytest.fixture
def small(tmp_path: Path, small_package: tuple[Path, Path]) -> Iterator[Place]:
    yield Place(tmp_path, *small_package)


@pytest.fixture(scope="module")
def july(whole: Place) -> tuple[Outcome, list[tuple[float, str]]]:
    told: list[tuple[float, str]] = []
    request = whole.request(whole.source("july.csv", "july-labels.csv"))
    return whole.trainer.run(request, lambda share, message: told.append((share, message))), told


def test_july_gives_a_better_version_with_the_figures_of_scikit_learn(
    whole: Place, july: tuple[Outcome, list[tuple[float, str]]]
) -> None:
    """The same days, the same rows, fitted and scored here by scikit-learn alone, with another solver."""
    rows = pd.read_csv(SAMPLES / "july.csv", parse_dates=["scheduled_departure"]).merge(
        pd.read_csv(SAMPLES / "july-labels.csv"), on="flight_id"
    )
    held = rows.scheduled_departure.map(lambda time: time.date().toordinal() % 3 == 0)
    packaged = pd.read_parquet(DATA / "flight-delay" / "1" / "training.parquet").dropna(subset="late")
    challenger = fit_by_hand(pd.concat([packaged, rows[~held]]))
    champion = fit_by_hand(packaged)
    outcomes, scores = rows[held].late, [m.predict_proba(inputs(rows[held]))[:, 1] for m in (champion, challenger)]

    version = whole.registry.version("flight-delay", 2)
    reference = pq.read_table(version.reference_file)
    by_hand = challenger.predict_proba(inputs(reference.to_pandas()))[:, 1]
    by_file = score_rows(Scorer(version.model_file, version.contract), reference)
    assert np.max(np.abs(by_hand - by_file)) < 1e-5
    gate = version.manifest.gate
    assert gate is not None
    assert gate.result == "better"
    assert (gate.rows, gate.days) == (held.sum(), rows[held].scheduled_departure.dt.date.nunique())
    for told, wanted in zip((gate.champion, gate.challenger), scores, strict=True):
        assert told.brier == pytest.approx(brier_score_loss(outcomes, wanted), abs=1e-6)
        assert told.auc == pytest.approx(roc_auc_score(outcomes, wanted), abs=1e-5)
    assert july[0] == Outcome(status="registered", version=2, message=gate.sentence)


def inputs(rows: pd.DataFrame) -> pd.DataFrame:
    return rows[list(contract().feature_names)]


def fit_by_hand(rows: pd.DataFrame) -> Pipeline:
    numbers = make_pipeline(SimpleImputer(strategy="median"), StandardScaler())
    columns = make_column_transformer(
        (numbers, list(contract().numeric)), (OneHotEncoder(handle_unknown="ignore"), list(contract().categorical))
    )
    return make_pipeline(columns, LogisticRegression(solver="newton-cg", tol=1e-10, max_iter=1_000)).fit(
        inputs(rows), rows.late
    )


@pytest.mark.usefixtures("july")
def test_the_new_version_is_complete_and_says_what_it_is_made_of(whole: Place) -> None:
    version = whole.registry.version("flight-delay", 2)
    manifest = version.manifest
    assert (manifest.parent, manifest.created_at, manifest.recipe) == (1, NOW, "logistic regression")
    assert manifest.parity.largest_difference <= 1e-6
    assert manifest.sources == (whole.source("july.csv", None).upload,)
    assert len(manifest.held_out_days) == 10
    assert version.training_file is not None
    training, reference = pd.read_parquet(version.training_file), pd.read_parquet(version.reference_file)
    assert (len(training), len(reference)) == (manifest.training_rows, manifest.reference_rows)
    assert list(training.columns) == list(reference.columns)
    new = reference[reference.scheduled_departure >= "2013-04"]
    assert sorted(new.scheduled_departure.dt.date.astype(str).unique()) == list(manifest.held_out_days)
    assert not set(training.flight_id) & set(reference.flight_id)
    assert not set(training.scheduled_departure.dt.date) & set(reference.scheduled_departure.dt.date)
    known = {name: set(training[name]) for name in contract().categorical}
    assert {name: set(version.contract.feature(name).categories) for name in known} == known
    assert whole.registry.champion("flight-delay").number == 1


def test_progress_grows_to_the_end_in_sentences(july: tuple[Outcome, list[tuple[float, str]]]) -> None:
    shares, messages = zip(*july[1], strict=True)
    assert list(shares) == sorted(shares)
    assert shares[-1] == 1.0
    told = " | ".join(messages)
    for part in ("Reading july.csv: 6,000 rows", "Fitting", "ONNX", "Comparing with version 1 on 1,864 held-out rows"):
        assert part in told


def test_a_retraining_of_the_retrained_keeps_all_held_out_days_apart(small: Place) -> None:
    april, july = small.source("april.csv", "april-labels.csv"), small.source("july.csv", "july-labels.csv")
    small.trainer.run(small.request(april), silent)
    outcome = small.trainer.run(small.request(april, july, champion=2), silent)
    assert outcome.version == 3
    version = small.registry.version("flight-delay", 3)
    assert version.manifest.parent == 2
    assert {day[:7] for day in version.manifest.held_out_days} == {"2013-04", "2013-07"}
    assert version.training_file is not None
    training, reference = pd.read_parquet(version.training_file), pd.read_parquet(version.reference_file)
    assert training.flight_id.is_unique and reference.flight_id.is_unique
    months = {f"{month:%m}" for month in training.scheduled_departure}
    assert months == {"01", "02", "03", "04", "07"}
    assert not set(training.scheduled_departure.dt.date.astype(str)) & set(version.manifest.held_out_days)


def test_the_same_request_twice_is_one_version(small: Place) -> None:
    request = small.request(small.source("july.csv", "july-labels.csv"))
    first = small.trainer.run(request, silent)
    told: list[str] = []
    assert small.trainer.run(request, lambda _, message: told.append(message)) == first
    assert told == []
    assert [version.number for version in small.registry.versions("flight-delay")] == [1, 2]


class Fenced:
    """A job whose lease is lost after the last thing that its worker reports: somebody else begins it anew."""

    def __init__(self, folder: Path, request: str) -> None:
        self.engine = History(f"sqlite:///{folder / 'jobs.db'}").engine
        self.first, self.second, self.request = Jobs(self.engine), Jobs(self.engine), request
        self.first.submit(request, "retrain", {})
        self.first.claim(request)

    def report(self, share: float, message: str) -> None:
        self.first.report(self.request, share, message)
        if message == "Registering the new version":
            with self.engine.begin() as connection:
                connection.exec_driver_sql("UPDATE jobs SET state = 'interrupted'")  # as who finds it silent does
            assert self.second.claim(self.request)


def test_a_worker_that_lost_its_job_at_the_last_moment_registers_nothing(small: Place) -> None:
    request = small.request(small.source("july.csv", "july-labels.csv"))
    fenced = Fenced(small.folder, request.id)
    with pytest.raises(Cancelled):
        small.trained_by(fenced.first).run(request, fenced.report)
    assert small.leftovers() == []
    assert [version.number for version in small.registry.versions("flight-delay")] == [1]
    assert small.trained_by(fenced.second).run(request, silent).version == 2


def test_two_workers_that_both_come_to_registering_make_one_version(small: Place) -> None:
    """The second finishes while the first stands still before its last step."""
    request = small.request(small.source("july.csv", "july-labels.csv"))
    fenced = Fenced(small.folder, request.id)

    def overtaken(share: float, message: str) -> None:
        fenced.report(share, message)
        if message == "Registering the new version":
            assert small.trained_by(fenced.second).run(request, silent).version == 2

    assert small.trained_by(fenced.first).run(request, overtaken).version == 2
    assert small.leftovers() == ["2"]


def test_labels_may_stand_beside_the_rows(small: Place, tmp_path: Path) -> None:
    year = pq.read_table(SAMPLES / "year.parquet", filters=[("scheduled_departure", ">=", datetime(2013, 12, 20))])
    file = tmp_path / "late-december.parquet"
    pq.write_table(year.slice(0, 9_000), file)
    upload = small.uploads.save(file.read_bytes())
    source = Source(check="c", file_name=file.name, upload=upload, labels=None, first_time=None, last_time=None)
    assert small.trainer.run(small.request(source), silent).version == 2


class Stopper:
    """A progress that is told to stop at its n-th message."""

    def __init__(self, at: int) -> None:
        self.left = at

    def __call__(self, share: float, message: str) -> None:
        if self.left == 0:
            raise Cancelled("Asked to stop.")
        self.left -= 1


def test_stopped_anywhere_it_leaves_nothing_behind(small: Place) -> None:
    request = small.request(small.source("july.csv", "july-labels.csv"))
    stops = 0
    while True:
        try:
            small.trainer.run(request, Stopper(stops))
        except Cancelled:
            stops += 1
            assert small.leftovers() == []
            assert [version.number for version in small.registry.versions("flight-delay")] == [1]
        else:
            break
    assert stops >= 8
    assert small.leftovers() == ["2"]


def test_a_full_disk_is_a_failure_of_the_store_and_leaves_nothing_behind(
    small: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("monitoring.retraining.hooks.local.write_rows", fail)
    with pytest.raises(StoreFailed, match="The new version could not be kept in the data folder: the disk is full"):
        small.trainer.run(small.request(small.source("july.csv", "july-labels.csv")), silent)
    assert small.leftovers() == []


@pytest.mark.parametrize("step", ["read_source", "split_rows", "train_challenger", "measure_days"])
def test_no_step_of_a_retraining_goes_on_for_ever(small: Place, monkeypatch: pytest.MonkeyPatch, step: str) -> None:
    """The step in which the time is over is the one that is stopped; the limit is that of two trainings."""

    def time_is_over(*_: object) -> None:
        assert callable(signal.getsignal(signal.SIGALRM)), "nothing bounds this step"
        signal.raise_signal(signal.SIGALRM)

    monkeypatch.setattr(f"monitoring.retraining.hooks.local.{step}", time_is_over)
    with pytest.raises(HookFailed, match="The retraining did not end within 120 minutes and was stopped: DRIFTLINE_RE"):
        small.trainer.run(small.request(small.source("july.csv", "july-labels.csv")), silent)
    assert small.leftovers() == []


def test_a_model_whose_export_is_wrong_is_not_registered(small: Place) -> None:
    def build(known: Contract) -> Pipeline:
        columns = make_column_transformer(
            (SimpleImputer(strategy="median", add_indicator=True), list(known.numeric)),
            (OneHotEncoder(handle_unknown="ignore"), list(known.categorical)),
        )
        return make_pipeline(columns, LogisticRegression(solver="newton-cholesky"))

    trainer = LocalTrainer(small.registry, small.uploads, now=lambda: NOW, recipe=Recipe("lossy", build))
    with pytest.raises(ModelRefused, match="differs from the trained one"):
        trainer.run(small.request(small.source("july.csv", "july-labels.csv")), silent)
    assert small.leftovers() == []


def test_without_labels_it_says_so_and_registers_nothing(small: Place) -> None:
    with pytest.raises(NotPossible, match="None of the rows has a known outcome"):
        small.trainer.run(small.request(small.source("july.csv", None)), silent)
    assert small.leftovers() == []


def test_a_file_that_is_gone_is_named(small: Place) -> None:
    april, july = small.source("april.csv", "april-labels.csv"), small.source("july.csv", "july-labels.csv")
    small.uploads.delete(april.upload)
    with pytest.raises(NotPossible, match=r"^april\.csv is no longer kept"):
        small.trainer.run(small.request(april, july), silent)


def test_a_floor_for_a_column_that_no_model_has_is_refused_before_anything_is_trained(small: Place) -> None:
    terms = GateTerms(segment_columns=("origin", "height"))
    trainer = LocalTrainer(small.registry, small.uploads, now=lambda: NOW, terms=terms)
    problem = "segment_columns: height is no categorical column of the model; it has carrier, origin, dest."
    assert trainer.validate() == (problem,)
    with pytest.raises(NotPossible, match="height"):
        trainer.try_out(small.request(small.source("july.csv", "july-labels.csv")), silent)
    assert LocalTrainer(small.registry, small.uploads, now=lambda: NOW, terms=GateTerms()).validate() == ()


def test_an_unknown_champion_is_not_found(small: Place) -> None:
    with pytest.raises(NotFound, match="no version 9"):
        small.trainer.run(small.request(small.source("july.csv", "july-labels.csv"), champion=9), silent)


def test_it_tells_what_it_will_do(whole: Place) -> None:
    april, july = whole.source("april.csv", "april-labels.csv"), whole.source("july.csv", "july-labels.csv")
    told = whole.trainer.describe(whole.request(april, july))
    for part in (
        "54,357 rows behind version 1",
        "july.csv and of 1 other file (april.csv) whose outcome is known.",
        "Every third day",
        "until it is promoted",
    ):
        assert part in told


def test_what_trains_is_imported_only_when_it_trains() -> None:
    """The page makes the trainer at its start: that must not cost the time of its libraries."""
    heavy = ("sklearn", "skl2onnx", "onnx", "onnxruntime", "pandas")
    code = f"import monitoring.retraining.hooks.local, sys; print([m for m in {heavy} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=DATA.parent)
    assert done.stdout.strip() == "[]"
