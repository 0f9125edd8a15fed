"""One version of a model on disk: where its files lie, and that they are still the files that were registered."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from monitoring.contract import Contract
from monitoring.errors import StoreFailed
from monitoring.registry.manifest import Manifest

MODEL_FILE = "model.onnx"
CONTRACT_FILE = "contract.json"
MANIFEST_FILE = "manifest.json"
REFERENCE_FILE = "reference.parquet"
TRAINING_FILE = "training.parquet"
RECIPE_FILE = "recipe.py"
"""The script that trained the version, where a script did."""
NEEDED_FILES = (MODEL_FILE, CONTRACT_FILE, REFERENCE_FILE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a version lies. A packaged one has its rows in a folder of their own, a made one has all in one folder."""

    model: str
    number: int
    folder: Path
    reference_folder: Path
    packaged: bool

    def file(self, name: str) -> Path:
        """Path of one of its files, whichever folder holds it."""
        beside_model = self.folder / name
        return beside_model if beside_model.exists() else self.reference_folder / name


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """A registered version. It never changes.

    Attributes:
        model: name of the model.
        number: its number, from 1.
        folder: folder with model, contract and manifest.
        reference_folder: folder with reference and training rows.
        packaged: whether it came with Driftline; made ones lie in the data folder.
        contract: what it needs and gives.
        manifest: what is known about it.
    """

    model: str
    number: int
    folder: Path
    reference_folder: Path
    packaged: bool
    contract: Contract
    manifest: Manifest

    @property
    def model_file(self) -> Path:
        return self.folder / MODEL_FILE

    @property
    def reference_file(self) -> Path:
        return self.reference_folder / REFERENCE_FILE

    @property
    def training_file(self) -> Path | None:
        file = self.reference_folder / TRAINING_FILE
        return file if file.exists() else None


def load_version(place: Place) -> Version:
    """Read a version and prove that its files are those that were registered.

    Raises:
        StoreFailed: a file is missing, unreadable or not the one that was registered.
    """
    try:
        manifest = Manifest.model_validate_json((place.folder / MANIFEST_FILE).read_bytes())
        _prove(place, manifest)
        contract = Contract.model_validate_json((place.folder / CONTRACT_FILE).read_bytes())
    except FileNotFoundError as error:
        raise _damaged(place, f"{Path(str(error.filename)).name} is missing") from error
    except OSError as error:
        raise _damaged(place, f"a file cannot be read ({error.strerror})") from error
    except ValidationError as error:
        raise _damaged(place, f"its {error.title.lower()} cannot be understood") from error
    if (manifest.model, manifest.version, contract.model) != (place.model, place.number, place.model):
        raise _damaged(place, "its manifest belongs to another version")
    return Version(
        model=place.model,
        number=place.number,
        folder=place.folder,
        reference_folder=place.reference_folder,
        packaged=place.packaged,
        contract=contract,
        manifest=manifest,
    )


def hash_files(*folders: Path) -> dict[str, str]:
    """SHA-256 of every file of a version by name, the manifest aside: what `Manifest.files` holds."""
    files = [path for folder in folders for path in folder.iterdir() if path.is_file() and path.name != MANIFEST_FILE]
    return {path.name: hash_file(path) for path in sorted(files, key=lambda path: path.name)}


def hash_file(path: Path) -> str:
    """SHA-256 of a file's content."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _prove(place: Place, manifest: Manifest) -> None:
    for name in NEEDED_FILES:
        if name not in manifest.files:
            raise _damaged(place, f"its manifest does not name {name}")
    for name, digest in manifest.files.items():
        if hash_file(place.file(name)) != digest:
            raise _damaged(place, f"{name} is not the file that was registered")


def _damaged(place: Place, what: str) -> StoreFailed:
    cure = "Install Driftline again" if place.packaged else "Bring its folder back from a backup"
    return StoreFailed(
        f"Version {place.number} of {place.model} is damaged: {what}. {cure}, or put another version into use."
    )
