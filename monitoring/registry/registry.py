"""The versions of every model and which one is in use. Files only; a version never changes once it is registered."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import datetime
from pathlib import Path

from monitoring.durable import abandoned, locked, replace_file, storing, sync_file, sync_folder, temporary_name
from monitoring.errors import ModelRefused, NotFound, NotPossible, StoreFailed
from monitoring.registry.aliases import Aliases, read_aliases, switched, write_aliases
from monitoring.registry.manifest import Manifest
from monitoring.registry.version import MANIFEST_FILE, NEEDED_FILES, Place, Version, hash_files, load_version
from monitoring.switch import Switch

Holding = Callable[[], AbstractContextManager[None]]
"""Entered for the moment in which a change takes effect; raises where whoever makes it may not any more."""

_MODEL_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")


class Registry:
    """Versions that came with Driftline (never written) and those made since (in the data folder).

    Args:
        packaged_models: folder with `<model>/<number>/` of models, contracts and manifests.
        packaged_reference: folder with `<model>/<number>/` of their reference and training rows.
        data: the data folder; made versions and the aliases lie in `models/<model>/` of it.
    """

    def __init__(self, packaged_models: Path, packaged_reference: Path, data: Path) -> None:
        self._packaged_models = packaged_models
        self._packaged_reference = packaged_reference
        self._made = data / "models"
        self._loaded: dict[tuple[str, int], Version] = {}

    def models(self) -> tuple[str, ...]:
        """Names of all models that have a version, sorted."""
        names = {path.name for root in (self._packaged_models, self._made) for path in _folders(root)}
        return tuple(sorted(name for name in names if self._places(name)))

    def versions(self, model: str) -> tuple[Version, ...]:
        """All versions of a model that are whole, by number; `damaged` tells the others. Raises NotFound."""
        damaged = self.damaged(model)
        return tuple(self.version(model, number) for number in self._known(model) if number not in damaged)

    def damaged(self, model: str) -> dict[int, str]:
        """Versions of a model that cannot be used any more, by number, each with a sentence. Raises NotFound."""
        damaged = {}
        for number in self._known(model):
            try:
                self.version(model, number)
            except StoreFailed as error:
                damaged[number] = str(error)
        return damaged

    def version(self, model: str, number: int) -> Version:
        """One version, its files proved when it is first asked for.

        Raises:
            NotFound: there is no such version.
            StoreFailed: it is damaged.
        """
        if loaded := self._loaded.get((model, number)):
            return loaded
        places = self._known(model)
        if number not in places:
            raise NotFound(f"There is no version {number} of {model}; there are {_listed(places)}.")
        version = load_version(places[number])
        self._loaded[model, number] = version
        return version

    def champion(self, model: str) -> Version:
        """The version in use. Raises like `version`, and NotFound when none was ever put into use."""
        number = self._champion(model, read_aliases(self._aliases(model)))
        if number is None:
            raise NotFound(f"No version of {model} is in use yet.")
        return self.version(model, number)

    def switches(self, model: str) -> tuple[Switch, ...]:
        """Every change of the champion, oldest first. Raises NotFound."""
        self._known(model)
        aliases = read_aliases(self._aliases(model))
        return aliases.switches if aliases else ()

    def made_for(self, model: str, request: str) -> Version | None:
        """The version that a retrain request made, None when it made none that is whole."""
        if not self._places(model):
            return None
        return next((version for version in self.versions(model) if version.manifest.request == request), None)

    def promote(
        self,
        model: str,
        number: int,
        *,
        reason: str,
        now: datetime,
        holding: Holding = nullcontext,
        earlier: tuple[str, ...] | None = None,
    ) -> Switch:
        """Put a version into use, while `holding` is entered. `earlier` is kept with the switch: see `Switch`.

        Raises:
            NotFound: there is no such version.
            NotPossible: it is in use already.
            StoreFailed: it is damaged, or the switch could not be kept; the old champion stays.
        """
        self.version(model, number)
        with storing(f"The switch to version {number}"), self._lock(model):
            aliases = read_aliases(self._aliases(model))
            previous = self._champion(model, aliases)
            if previous == number:
                raise NotPossible(f"Version {number} of {model} is already in use.")
            changed = switched(
                aliases,
                model=model,
                version=number,
                previous=previous,
                kind="promote",
                reason=reason,
                now=now,
                earlier=earlier,
            )
            with holding():
                write_aliases(self._aliases(model), changed)
        return changed.switches[-1]

    def roll_back(self, model: str, *, reason: str, now: datetime, undoes: str | None = None) -> Switch:
        """Bring back the champion before the present one; asked again, the one before that.

        Args:
            model: which model.
            reason: kept with the switch.
            now: UTC time.
            undoes: id of the switch that is to be undone; None for whichever is the last.

        Raises:
            NotFound: there is no such model.
            NotPossible: no version was put into use instead of another, or all of that is rolled back, or the switch to
                undo is not the last any more.
            StoreFailed: the earlier version is damaged, or the switch could not be kept.
        """
        self._known(model)
        with storing("Rolling back"), self._lock(model):
            aliases = read_aliases(self._aliases(model))
            if aliases is None or aliases.before is None:
                raise NotPossible(f"There is nothing to roll back to: {model} has had no other version in use before.")
            if undoes not in (None, aliases.switches[-1].id):
                raise NotPossible(f"Another version of {model} was put into use meanwhile: nothing is rolled back.")
            back = self.version(model, aliases.before).number
            changed = switched(
                aliases, model=model, version=back, previous=aliases.champion, kind="roll_back", reason=reason, now=now
            )
            write_aliases(self._aliases(model), changed)
        return changed.switches[-1]

    @contextmanager
    def staging(self, model: str) -> Iterator[Path]:
        """A folder in which a version is prepared; what was not registered at the end is removed."""
        if not _MODEL_NAME.fullmatch(model):
            raise ModelRefused("A model's name is made of letters, digits, - and _, 64 at most.")
        folder = self._made / model / temporary_name()
        with storing("The new version"):
            folder.mkdir(parents=True)
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def register(self, model: str, staged: Path, *, holding: Holding = nullcontext) -> Version:
        """Make a staged folder the next version, all of it or nothing, while `holding` is entered.

        The manifest gets its number and the hashes of the files here. A retrain request makes one version: a second
        folder of the same request gives the version of the first.

        Raises:
            ModelRefused: the folder is not a whole version of this model, or its exported file was not proved.
            StoreFailed: it could not be kept; nothing is registered.
        """
        manifest = _accepted(model, staged)
        with storing("The new version"), self._lock(model):
            if manifest.request and (made := self.made_for(model, manifest.request)):
                return made
            number = max(self._places(model), default=0) + 1
            sealed = manifest.model_copy(update={"version": number, "files": hash_files(staged)})
            replace_file(staged / MANIFEST_FILE, sealed.model_dump_json(indent=2).encode() + b"\n")
            _seal(staged)
            with holding():
                staged.rename(self._made / model / str(number))
            sync_folder(self._made / model)
        return self.version(model, number)

    def sweep(self) -> None:
        """Remove what processes that are gone left unfinished."""
        for folder in _folders(self._made):
            for path in abandoned(folder):
                if path.is_dir():
                    shutil.rmtree(path, ignore_errors=True)
                else:
                    path.unlink(missing_ok=True)

    def _known(self, model: str) -> dict[int, Place]:
        places = self._places(model) if _MODEL_NAME.fullmatch(model) else {}
        if not places:
            raise NotFound(f"There is no model called '{model}'; there are {_listed(self.models())}.")
        return places

    def _places(self, model: str) -> dict[int, Place]:
        """Where each version lies, by number. A made one hides a packaged one that came later under its number."""
        packaged = {
            number: Place(
                model=model,
                number=number,
                folder=folder,
                reference_folder=self._packaged_reference / model / str(number),
                packaged=True,
            )
            for number, folder in _numbered(self._packaged_models / model)
        }
        made = {
            number: Place(model=model, number=number, folder=folder, reference_folder=folder, packaged=False)
            for number, folder in _numbered(self._made / model)
        }
        return dict(sorted({**packaged, **made}.items()))

    def _champion(self, model: str, aliases: Aliases | None) -> int | None:
        if aliases:
            return aliases.champion
        return max((number for number, place in self._known(model).items() if place.packaged), default=None)

    def _aliases(self, model: str) -> Path:
        return self._made / model / "aliases.json"

    @contextmanager
    def _lock(self, model: str) -> Iterator[None]:
        with locked(self._made / model / ".lock"):
            yield


def _accepted(model: str, staged: Path) -> Manifest:
    for name in (*NEEDED_FILES, MANIFEST_FILE):
        if not (staged / name).is_file():
            raise ModelRefused(f"The new version of {model} lacks {name} and was not registered.")
    try:
        manifest = Manifest.model_validate_json((staged / MANIFEST_FILE).read_bytes())
    except ValueError as error:
        raise ModelRefused(f"The manifest of the new version of {model} cannot be understood.") from error
    if manifest.model != model:
        raise ModelRefused(f"The new version belongs to {manifest.model}, not to {model}.")
    if manifest.parity.largest_difference > manifest.parity.tolerance:
        raise ModelRefused(
            "The exported file of the new version predicts something else than the trained model: probabilities differ "
            f"by up to {manifest.parity.largest_difference:.2g}, {manifest.parity.tolerance:.2g} is accepted."
        )
    return manifest


def _seal(folder: Path) -> None:
    """Nobody may write the files any more, and all of them are on the disk."""
    for path in folder.iterdir():
        path.chmod(path.stat().st_mode & ~0o222)
        sync_file(path)
    sync_folder(folder)


def _folders(root: Path) -> list[Path]:
    return sorted(path for path in root.iterdir() if path.is_dir()) if root.is_dir() else []


def _numbered(root: Path) -> list[tuple[int, Path]]:
    named = [(path.name, path) for path in _folders(root)]
    return [(int(name), path) for name, path in named if re.fullmatch("[1-9][0-9]{0,8}", name)]


def _listed(names: Iterable[object]) -> str:
    return ", ".join(str(name) for name in names) or "none"
