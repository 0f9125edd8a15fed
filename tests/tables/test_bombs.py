"""Whatever a file unpacks to, reading it ends, takes less than a gigabyte of memory, and leaves nothing behind."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from monitoring.errors import Refused, TableRefused
from monitoring.tables.limits import Limits
from monitoring.tables.source import Expected
from monitoring.tables.sources import open_source
from monitoring.wiring import settings_from_environment
from tests.tables.bombs import BOMBS, MEGABYTE
from tests.tables.material import HEADER
from tests.tables.ways_to_write import QUIET

ROOT = Path(__file__).parents[2]
SMALL = {"unsuspicious": 64 * MEGABYTE, "in_memory": 64 * MEGABYTE}
"""Limits a quarter of the default ones, so that a bomb of which it is refused to unpack more is soon known as one."""
MOST_MEMORY = 512 * MEGABYTE
DEFAULT_MEMORY = 1 << 30


@pytest.fixture(scope="module")
def children(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., dict[str, Any]]]:
    """Makes and reads a bomb in processes of its own: `children(name, folder, limits)` returns what came of it."""
    errors = tmp_path_factory.mktemp("children") / "stderr"
    with errors.open("wb") as stderr:
        parent = subprocess.Popen(
            [sys.executable, "-m", "tests.tables.reading_children"],
            cwd=ROOT, env={"PATH": ""}, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=stderr, text=True,
        )  # fmt: skip
    assert parent.stdin is not None and parent.stdout is not None

    def ask(name: str, folder: Path, limits: dict[str, int]) -> dict[str, Any]:
        (folder / "data").mkdir()
        parent.stdin.write(json.dumps({"bomb": name, "folder": str(folder), "limits": limits}) + "\n")
        parent.stdin.flush()
        answer = parent.stdout.readline()
        assert errors.read_text() == ""
        return json.loads(answer)

    yield ask
    parent.stdin.close()
    assert parent.wait(10) == 0
    parent.stdout.close()


def assert_it_goes_out(name: str, told: dict[str, Any], folder: Path) -> None:
    assert "ended" not in told, told["ended"]
    assert [word for word in BOMBS[name].words if word not in told["sentence"]] == [], told
    assert bool(told["sentence"]) == bool(BOMBS[name].words), told
    assert [path.relative_to(folder) for path in folder.rglob("*")] == [Path("data"), Path("data/upload")]


@pytest.mark.slow
@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_goes_out(name: str, children: Callable[..., dict[str, Any]], tmp_path: Path) -> None:
    told = children(name, tmp_path, SMALL)
    assert_it_goes_out(name, told, tmp_path)
    assert told["peak"] < MOST_MEMORY, told


@pytest.mark.slow
@pytest.mark.parametrize("name", ["gzip of rows", "Excel with a sheet of a gigabyte", "Parquet of one value"])
def test_within_the_limits_that_hold_unless_others_are_set(
    name: str, children: Callable[..., dict[str, Any]], tmp_path: Path
) -> None:
    told = children(name, tmp_path, {})
    assert_it_goes_out(name, told, tmp_path)
    assert told["peak"] < DEFAULT_MEMORY, told


@pytest.mark.parametrize("name", ["gzip", "zstd", "bzip2", "zip"])
def test_what_may_be_unpacked_can_be_set(name: str, tmp_path: Path) -> None:
    path = tmp_path / "upload"
    path.write_bytes(QUIET[name])
    source = open_source(path, name="july.csv", expected=Expected(tuple(HEADER)), limits=Limits(unpacked=2_000))
    assert sum(len(batch.rows) for batch in source.batches([0])) == 20
    with pytest.raises(TableRefused, match="unpacks to more than 0 MB, far more than a table"):
        open_source(path, name="july.csv", expected=Expected(tuple(HEADER)), limits=Limits(unpacked=900))


def test_how_much_a_file_may_unpack_to() -> None:
    limits = Limits(unpacked=1_000 * MEGABYTE, ratio=100, unsuspicious=10 * MEGABYTE)
    assert [limits.allowed(packed * MEGABYTE) // MEGABYTE for packed in (0, 1, 5, 50)] == [10, 100, 500, 1_000]


def test_the_setting_allows_that_much_whatever_the_size() -> None:
    limits = settings_from_environment({"DRIFTLINE_UNPACKED_MB": "3000"}).limits
    assert limits.allowed(1) == limits.allowed(10_000 * MEGABYTE) == 3_000 * MEGABYTE
    assert settings_from_environment({}).limits == Limits()


@pytest.mark.parametrize("value", ["much", "-1", "1.5", "9" * 20])
def test_a_setting_that_is_no_number_is_refused(value: str) -> None:
    with pytest.raises(Refused, match="DRIFTLINE_UNPACKED_MB must be a whole number"):
        settings_from_environment({"DRIFTLINE_UNPACKED_MB": value})
