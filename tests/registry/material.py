"""Versions to register: small files with a true contract and manifest."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from monitoring.contract import Contract, Feature, Target
from monitoring.registry.manifest import Compared, Manifest, Parity
from monitoring.registry.registry import Registry
from monitoring.registry.version import hash_files

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def make_contract(model: str = "delay") -> Contract:
    """A contract with one number."""
    return Contract(
        model=model,
        features=(Feature(name="temp", kind="numeric", input="temp"),),
        id="flight_id",
        target=Target(name="late", positive="late"),
    )


def make_manifest(model: str = "delay", *, version: int = 0, difference: float = 1e-7) -> Manifest:
    """A manifest without file hashes."""
    return Manifest(
        model=model,
        version=version,
        created_at=NOW,
        recipe="by hand",
        training_rows=10,
        training_from=None,
        training_to=None,
        reference_rows=5,
        parent=None,
        request=None,
        parity=Parity(real=Compared(rows=5, largest_difference=difference), missing=None, unseen=None, tolerance=1e-5),
        gate=None,
        files={},
    )


def fill(folder: Path, content: str, model: str = "delay", *, difference: float = 1e-7) -> None:
    """Put all files of a version into a folder, as a trainer does."""
    for name in ("model.onnx", "reference.parquet", "training.parquet"):
        (folder / name).write_text(f"{name} of {content}")
    (folder / "contract.json").write_text(make_contract(model).model_dump_json())
    (folder / "manifest.json").write_text(make_manifest(model, difference=difference).model_dump_json())


def package(root: Path, *, model: str = "delay", number: int = 1) -> None:
    """Lay out a packaged version as the project does: models and reference rows apart."""
    models, reference = root / "models" / model / str(number), root / "reference_data" / model / str(number)
    models.mkdir(parents=True)
    reference.mkdir(parents=True)
    fill(models, f"packaged {number}", model)
    for name in ("reference.parquet", "training.parquet"):
        (models / name).rename(reference / name)
    manifest = make_manifest(model, version=number).model_copy(update={"files": hash_files(models, reference)})
    (models / "manifest.json").write_text(manifest.model_dump_json())


def open_registry(root: Path) -> Registry:
    """The registry of a folder that `package` laid out."""
    return Registry(root / "models", root / "reference_data", root / "data")


def register(registry: Registry, content: str, model: str = "delay") -> int:
    """Register a new version and return its number."""
    with registry.staging(model) as staged:
        fill(staged, content, model)
        return registry.register(model, staged).number
