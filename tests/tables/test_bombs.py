"""Whatever a file unpacks to, reading it ends, takes less than a gigabyte of memory, and leaves nothing behind."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

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
MOST_MEMORY = 1 << 30
PATIENCE = 120
"""Seconds after which a reading counts as hanging; each takes a few."""


@pytest.mark.slow
@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_goes_out(name: str, tmp_path: Path) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    file = folder / "upload"
    BOMBS[name].write(file)
    child = subprocess.run(
        [sys.executable, "-m", "tests.tables.reading_children", str(file)],
        cwd=ROOT, env={"TMPDIR": str(tmp_path), "PATH": ""}, capture_output=True, text=True, timeout=PATIENCE,
        check=False,
    )  # fmt: skip
    assert child.returncode == 0, child.stderr[-2000:]
    assert child.stderr == ""
    told = json.loads(child.stdout)
    assert [word for word in BOMBS[name].words if word not in told["sentence"]] == [], told
    assert bool(told["sentence"]) == bool(BOMBS[name].words), told
    assert told["peak"] < MOST_MEMORY, told
    assert [path.relative_to(tmp_path) for path in tmp_path.rglob("*")] == [Path("data"), Path("data/upload")]


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
