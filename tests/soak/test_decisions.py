"""A thousand decisions, with kill -9 of page, workers or both at random and a clock that jumps: a consistent log.

The same days are decided once more without any of that, and the two logs are compared.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from pathlib import Path

import pytest

from monitoring.history.retrain_records import ATTEMPTS
from monitoring.workflows.parts import Driftline
from monitoring.workflows.replay import replay
from tests.processes import PROJECT
from tests.soak.watching import tell
from tests.workflows import decide_children
from tests.workflows.dying_pages import settle
from tests.workflows.retraining_material import MODEL, check, environment, opened, runs

pytestmark = pytest.mark.soak

DECISIONS = int(os.environ.get("DRIFTLINE_SOAK_DECISIONS", "1000"))
LIVES = 25
"""Most decisions that a page makes before it is killed in the middle of the next."""
MOST_DAYS = 365.0
"""Most days by which the clock of a page is ahead, or behind."""


class Killer:
    """Kills workers at random moments of their lives, as long as they would be started again by themselves."""

    def __init__(self, folder: Path, rng: random.Random) -> None:
        self._driftline = opened(folder)
        self._rng = rng
        self._ended = threading.Event()
        self._seen: set[tuple[str, int]] = set()
        self.kills = 0

    def run(self) -> None:
        while not self._ended.wait(0.1 * self._rng.random()):
            for job in self._driftline.jobs.jobs("retrain", limit=None, state="running"):
                if (job.id, job.attempts) not in self._seen:
                    self._seen.add((job.id, job.attempts))
                    if job.attempts < ATTEMPTS and self._rng.random() < 0.5:
                        self.kill(job.id)

    def kill(self, job_id: str) -> None:
        """Kill the worker of a job, by the number that the job names."""
        if worker := self._driftline.jobs.runner(job_id):
            os.kill(worker.pid, signal.SIGKILL)
            self.kills += 1

    def kill_all(self) -> None:
        """Kill every worker that runs and would be started again."""
        for job in self._driftline.jobs.jobs("retrain", limit=None, state="running"):
            if job.attempts < ATTEMPTS:
                self.kill(job.id)

    def end(self) -> None:
        self._ended.set()


def live(folder: Path, rng: random.Random, killer: Killer) -> Counter[str]:
    """Decide day after day in pages that are killed after some decisions. Returns how often who was killed."""
    kills: Counter[str] = Counter()
    while not _lives_to_the_end(folder, rng):
        both = rng.random() < 0.3
        if both:
            killer.kill_all()
        kills["page and its workers" if both else "page"] += 1
    return kills


def _lives_to_the_end(folder: Path, rng: random.Random) -> bool:
    """One page with a clock of its own. Whether it came to its end."""
    command = [sys.executable, "-m", "tests.workflows.decide_children", str(folder), "0", str(DECISIONS)]
    settings = {**os.environ, **environment(folder), "DAYS_AHEAD": str(rng.uniform(-MOST_DAYS, MOST_DAYS))}
    last, decided = rng.randint(1, LIVES), 0
    with subprocess.Popen(command, cwd=PROJECT, env=settings, stdout=subprocess.PIPE, text=True) as page:
        assert page.stdout is not None
        for line in page.stdout:
            if line.strip() == "done":
                break
            decided += 1
            if decided >= last:
                time.sleep(0.1 * rng.random())
                page.kill()
        page.wait()
        return page.returncode == 0


def _log(driftline: Driftline) -> list[tuple[object, ...]]:
    """What was decided, in order, and which requests were made of it."""
    return [
        (line.check, line.outcome, line.at, line.request is not None)
        for line in reversed(driftline.decisions.decisions(MODEL))
        if line.check
    ]


def _must_be_consistent(folder: Path, driftline: Driftline) -> None:
    requests = [one.id for one in driftline.requests.requests(MODEL, limit=None)]
    jobs = driftline.jobs.jobs("retrain", limit=None)
    assert sorted(requests) == sorted(job.id for job in jobs) == sorted(set(runs(folder)))
    assert {job.state for job in jobs} == {"done"}
    lines = driftline.decisions.decisions(MODEL)
    asked = [line.request for line in lines if line.outcome == "request"]
    assert sorted(map(str, asked)) == sorted(requests)
    of_checks = [line.check for line in lines if line.check]
    assert sorted(of_checks) == [check(day).id for day in range(DECISIONS)]
    assert all(replay(driftline.decisions.decision(line.id)).same for line in lines)


def test_random_kills_change_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rng = random.Random(6)
    killed, quiet = tmp_path / "killed", tmp_path / "quiet"
    for name, value in environment(killed).items():
        monkeypatch.setenv(name, value)
    began = time.monotonic()
    killer = Killer(killed, random.Random(7))
    thread = threading.Thread(target=killer.run)
    thread.start()
    try:
        kills = live(killed, rng, killer)
    finally:
        killer.end()
        thread.join()
    driftline = opened(killed)
    settle(driftline, seconds=300)
    _must_be_consistent(killed, driftline)
    requests = len(driftline.requests.requests(MODEL, limit=None))
    tell("decisions", len(driftline.decisions.decisions(MODEL)), "")
    for who, times in kills.items():
        tell(f"kills of the {who}", times, "")
    tell("kills of workers", killer.kills, "")
    tell("requests, each one job", requests, "")
    tell("deliveries again of a request whose worker was killed", len(runs(killed)) - requests, "")
    _decide_undisturbed(quiet, monkeypatch)
    tell("decisions that are otherwise than undisturbed", sum(a != b for a, b in _pairs(killed, quiet)), "")
    tell("time", (time.monotonic() - began) / 60, "min")
    assert _log(opened(killed)) == _log(opened(quiet))


def _decide_undisturbed(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In this process, and nothing is trained: the decisions do not depend on how a job ends."""
    monkeypatch.setattr("monitoring.workflows.retrain.start_worker", lambda *_: None)
    monkeypatch.setattr(decide_children, "say", lambda _: None)
    decide_children.main(folder, 0, DECISIONS, drifting=False)


def _pairs(one: Path, other: Path) -> list[tuple[object, object]]:
    return list(zip(_log(opened(one)), _log(opened(other)), strict=False))
