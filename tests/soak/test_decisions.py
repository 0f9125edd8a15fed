"""A thousand decisions with random kills of page and workers end with a consistent log."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from monitoring.workflows.decide import keep_up
from monitoring.workflows.parts import Driftline
from monitoring.workflows.replay import replay
from tests.processes import PROJECT
from tests.soak.watching import tell
from tests.workflows.retraining_material import MODEL, check, environment, opened, runs

pytestmark = pytest.mark.soak

DECISIONS = int(os.environ.get("DRIFTLINE_SOAK_DECISIONS", "1000"))
LIVES = 25
"""Most decisions that a page makes before it is killed in the middle of the next."""


def live(folder: Path, rng: random.Random | None) -> int:
    """Decide day after day, in processes that are killed after some decisions; `rng` None: in one that is not."""
    kills = 0
    while not _one_life(folder, rng):
        kills += 1
        if kills % 2:
            _kill_workers(opened(folder))
    return kills


def _one_life(folder: Path, rng: random.Random | None) -> bool:
    """Whether the process came to its end."""
    command = [sys.executable, "-m", "tests.workflows.decide_children", str(folder), "0", str(DECISIONS)]
    settings = {**os.environ, **environment(folder)}
    made = sum(1 for line in opened(folder).decisions.decisions(MODEL) if line.check)
    with subprocess.Popen(command, cwd=PROJECT, env=settings, stdout=subprocess.PIPE, text=True) as page:
        assert page.stdout is not None
        last = made + rng.randint(1, LIVES) if rng else DECISIONS
        for line in page.stdout:
            if line.strip() == "done":
                break
            if rng and int(line) >= last:
                time.sleep(0.1 * rng.random())
                page.kill()
        page.wait()
        return page.returncode == 0


def _kill_workers(driftline: Driftline) -> None:
    """The workers of this folder, by the number that their job names."""
    for job in driftline.jobs.jobs("retrain"):
        if worker := driftline.jobs.runner(job.id):
            os.kill(worker.pid, signal.SIGKILL)


def _settle(driftline: Driftline) -> None:
    deadline = time.monotonic() + 300
    while time.monotonic() < deadline:
        keep_up(driftline)
        states = {job.state for job in driftline.jobs.jobs("retrain", limit=None)}
        if not states & {"queued", "running", "interrupted"} and not driftline.requests.ready():
            return
        time.sleep(0.5)
    pytest.fail("it did not settle")


def _log(driftline: Driftline) -> list[tuple[object, ...]]:
    """What was decided, in order: but for the states of jobs, which depend on how quick the machine is."""
    return [
        (line.check, line.outcome, line.at, line.request is not None)
        for line in reversed(driftline.decisions.decisions(MODEL))
        if line.check
    ]


def test_random_kills_change_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rng = random.Random(6)
    killed, quiet = tmp_path / "killed", tmp_path / "quiet"
    for folder in (killed, quiet):
        for name, value in environment(folder).items():
            monkeypatch.setenv(name, value)
        kills = live(folder, rng if folder == killed else None)
        driftline = opened(folder)
        _settle(driftline)
        requests = [one.id for one in driftline.requests.requests(MODEL, limit=None)]
        jobs = driftline.jobs.jobs("retrain", limit=None)
        assert sorted(requests) == sorted(job.id for job in jobs) == sorted(set(runs(folder)))
        assert {job.state for job in jobs} == {"done"}
        assert all(driftline.decisions.decision_of(check(day).id) is not None for day in range(DECISIONS))
        lines = driftline.decisions.decisions(MODEL)
        assert all(replay(driftline.decisions.decision(line.id)).same for line in lines)
        twice = len(runs(folder)) - len(requests)
        tell(f"{folder.name}: requests out of {len(lines):,} decisions, each one job", len(requests), "")
        tell(f"{folder.name}: kills of the page", kills, "")
        tell(f"{folder.name}: runs again of a request whose worker was killed", twice, "")
    assert _log(opened(killed)) == _log(opened(quiet))
