"""Versions are whole or not there, never change, and the packaged ones are only read."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from monitoring.errors import ModelRefused, NotFound, StoreFailed
from monitoring.registry.registry import Registry
from monitoring.registry.version import hash_file
from tests.processes import answer, started, tell
from tests.registry.material import NOW, fill, make_contract, open_registry, package, register

CHILDREN = ("-m", "tests.registry.children")


@pytest.fixture
def registry(tmp_path: Path) -> Registry:
    package(tmp_path)
    return open_registry(tmp_path)


def contents(folder: Path) -> dict[str, str]:
    return {str(path.relative_to(folder)): hash_file(path) for path in folder.rglob("*") if path.is_file()}


def test_a_packaged_version_is_the_champion_until_another_is_promoted(registry: Registry, tmp_path: Path) -> None:
    champion = registry.champion("delay")
    assert (registry.models(), champion.number, champion.packaged) == (("delay",), 1, True)
    assert champion.contract == make_contract()
    assert champion.model_file.read_text() == "model.onnx of packaged 1"
    assert champion.reference_file.read_text() == "reference.parquet of packaged 1"
    assert champion.training_file == tmp_path / "reference_data" / "delay" / "1" / "training.parquet"
    assert registry.switches("delay") == ()
    assert not (tmp_path / "data").exists(), "reading writes nothing"


def test_a_registered_version_gets_the_next_number_its_hashes_and_nobody_may_write_it(registry: Registry) -> None:
    assert register(registry, "new") == 2
    version = registry.version("delay", 2)
    assert (version.manifest.version, version.packaged, version.folder == version.reference_folder) == (2, False, True)
    assert version.manifest.files["model.onnx"] == hashlib.sha256(b"model.onnx of new").hexdigest()
    assert set(version.manifest.files) == {"contract.json", "model.onnx", "reference.parquet", "training.parquet"}
    assert {path.stat().st_mode & 0o222 for path in version.folder.iterdir()} == {0}
    assert registry.champion("delay").number == 1
    assert [version.number for version in registry.versions("delay")] == [1, 2]


def test_packaged_folders_are_never_written(registry: Registry, tmp_path: Path) -> None:
    before = contents(tmp_path)
    register(registry, "new")
    registry.promote("delay", 2, reason="better", now=NOW)
    registry.roll_back("delay", reason="worse after all", now=NOW)
    registry.sweep()
    after = contents(tmp_path)
    assert {name: digest for name, digest in after.items() if not name.startswith("data/")} == before


def test_a_version_that_fails_while_it_is_staged_leaves_nothing(registry: Registry, tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), registry.staging("delay") as staged:
        fill(staged, "half")
        raise ZeroDivisionError
    assert contents(tmp_path / "data") == {}
    assert [version.number for version in registry.versions("delay")] == [1]


@pytest.mark.parametrize("lacking", ["model.onnx", "contract.json", "manifest.json", "reference.parquet"])
def test_a_folder_without_a_needed_file_is_refused(registry: Registry, lacking: str) -> None:
    with registry.staging("delay") as staged:
        fill(staged, "new")
        (staged / lacking).unlink()
        with pytest.raises(ModelRefused, match=f"lacks {lacking} and was not registered"):
            registry.register("delay", staged)
    assert [version.number for version in registry.versions("delay")] == [1]


def test_a_version_of_another_model_is_refused(registry: Registry) -> None:
    with registry.staging("delay") as staged:
        fill(staged, "new", "other")
        with pytest.raises(ModelRefused, match="belongs to other, not to delay"):
            registry.register("delay", staged)


def test_a_version_whose_export_was_not_proved_is_refused(registry: Registry) -> None:
    with registry.staging("delay") as staged:
        fill(staged, "new", difference=0.02)
        with pytest.raises(ModelRefused, match=r"differ by up to 0\.02, 1e-05 is accepted"):
            registry.register("delay", staged)


def test_a_manifest_that_is_none_is_refused(registry: Registry) -> None:
    with registry.staging("delay") as staged:
        fill(staged, "new")
        (staged / "manifest.json").write_text('{"model": "delay"}')
        with pytest.raises(ModelRefused, match="manifest of the new version"):
            registry.register("delay", staged)


@pytest.mark.parametrize("name", ["model.onnx", "contract.json", "reference.parquet", "training.parquet"])
def test_a_changed_file_is_noticed_and_the_other_versions_stay_usable(
    registry: Registry, tmp_path: Path, name: str
) -> None:
    register(registry, "new")
    file = tmp_path / "data" / "models" / "delay" / "2" / name
    file.chmod(0o644)
    file.write_text(file.read_text().replace("e", "3", 1))
    opened_again = open_registry(tmp_path)
    with pytest.raises(StoreFailed, match=f"Version 2 of delay is damaged: {name} is not the file that was registered"):
        opened_again.version("delay", 2)
    assert [version.number for version in opened_again.versions("delay")] == [1]
    assert list(opened_again.damaged("delay")) == [2]
    with pytest.raises(StoreFailed, match="damaged"):
        opened_again.promote("delay", 2, reason="", now=NOW)


def test_a_missing_file_is_named(registry: Registry, tmp_path: Path) -> None:
    (tmp_path / "reference_data" / "delay" / "1" / "reference.parquet").unlink()
    with pytest.raises(StoreFailed, match=r"Version 1 of delay is damaged: reference\.parquet is missing"):
        registry.champion("delay")


def test_a_damaged_champion_can_be_rolled_back(registry: Registry, tmp_path: Path) -> None:
    register(registry, "new")
    registry.promote("delay", 2, reason="", now=NOW)
    (tmp_path / "data" / "models" / "delay" / "2" / "model.onnx").unlink()
    opened_again = open_registry(tmp_path)
    with pytest.raises(StoreFailed, match="damaged"):
        opened_again.champion("delay")
    opened_again.roll_back("delay", reason="damaged", now=NOW)
    assert opened_again.champion("delay").number == 1


def test_a_version_that_came_under_a_made_ones_number_does_not_replace_it(registry: Registry, tmp_path: Path) -> None:
    register(registry, "made here")
    package(tmp_path, number=2)
    opened_again = open_registry(tmp_path)
    assert opened_again.version("delay", 2).model_file.read_text() == "model.onnx of made here"
    assert opened_again.champion("delay").number == 1
    package(tmp_path, number=3)
    assert opened_again.champion("delay").number == 3
    assert register(opened_again, "next") == 4


@pytest.mark.parametrize("name", ["", "..", "../models", "delay/1", "no such", "x" * 65, "nobody"])
def test_a_model_that_is_not_there_is_said_to_be_not_there(registry: Registry, name: str) -> None:
    for ask in (registry.versions, registry.champion, registry.switches):
        with pytest.raises(NotFound, match=r"There is no model called .*; there are delay"):
            ask(name)
    with pytest.raises(NotFound):
        registry.roll_back(name, reason="", now=NOW)


def test_a_version_that_is_not_there_is_said_to_be_not_there(registry: Registry) -> None:
    with pytest.raises(NotFound, match="There is no version 7 of delay; there are 1"):
        registry.promote("delay", 7, reason="", now=NOW)


@pytest.mark.parametrize("name", ["", "..", "a/b", ".hidden", "x" * 65])
def test_a_model_cannot_be_staged_under_any_name(registry: Registry, name: str) -> None:
    with pytest.raises(ModelRefused, match="letters, digits"), registry.staging(name):
        pass


def test_a_killed_trainer_leaves_nothing_that_counts_and_its_folder_is_swept(
    registry: Registry, tmp_path: Path
) -> None:
    made = tmp_path / "data" / "models" / "delay"
    with started(*CHILDREN, "stage", tmp_path) as child:
        assert answer(child) == "staged"
        registry.sweep()
        assert len(list(made.iterdir())) == 1, "what a living process stages must stay"
        child.kill()
        child.wait()
    assert [version.number for version in registry.versions("delay")] == [1]
    registry.sweep()
    assert list(made.iterdir()) == []
    assert register(registry, "the next one") == 2


def test_racing_writers_get_different_numbers_and_all_versions_are_whole(registry: Registry, tmp_path: Path) -> None:
    with started(*CHILDREN, "race", tmp_path) as one, started(*CHILDREN, "race", tmp_path) as other:
        assert [answer(child) for child in (one, other)] == ["ready", "ready"]
        for child in (one, other):
            tell(child)
        numbers = [int(number) for child in (one, other) for number in answer(child).split()]
    assert sorted(numbers) == list(range(2, 12))
    assert [version.number for version in registry.versions("delay")] == list(range(1, 12))
    assert registry.damaged("delay") == {}


def test_a_full_disk_changes_nothing(registry: Registry, tmp_path: Path) -> None:
    register(registry, "new")
    before = contents(tmp_path)
    with started(*CHILDREN, "fill_disk", tmp_path) as child:
        said, _ = child.communicate()
    cause = "could not be kept in the data folder: the file would be larger than the system allows."
    assert said.splitlines() == [f"The switch to version 2 {cause}", f"The new version {cause}"]
    assert contents(tmp_path) == before
    assert open_registry(tmp_path).champion("delay").number == 1
