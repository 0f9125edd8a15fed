"""A worker holds its job by a lease: silent too long it loses it, and what it says afterwards is not taken."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from monitoring.errors import Cancelled, StoreFailed
from monitoring.history.history import History
from monitoring.history.jobs import LEASE_SECONDS, Jobs
from tests.processes import answer, started, tell

WORKS = """
import sys
from monitoring.errors import Cancelled
from monitoring.history.history import History
from monitoring.history.jobs import Jobs
from tests.processes import say

ticks = [0.0]
jobs = Jobs(History(sys.argv[1]).engine, pause=0, ticks=lambda: ticks[0])
jobs.claim("job")
jobs.beat("job")
say("working")
sys.stdin.readline()
say(jobs.beat("job"))
try:
    jobs.report("job", 0.5, "still here")
    say("went on")
except Cancelled:
    say("let go")
try:
    with jobs.holding("job"):
        say("did it")
except Cancelled:
    say("kept off")
jobs.finish("job", {"by": "the first"})
say(jobs.job("job").result)
sys.stdin.readline()
"""


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'history.db'}"


@pytest.mark.parametrize(("silent", "taken"), [(LEASE_SECONDS + 1, True), (LEASE_SECONDS - 1, False)])
def test_a_silent_worker_loses_its_job_and_its_word(url: str, silent: float, taken: bool) -> None:
    ticks = [0.0]
    jobs = Jobs(History(url).engine, ticks=lambda: ticks[0])
    jobs.submit("job", "retrain", {})
    with started("-c", WORKS, url) as first:
        assert answer(first) == "working"
        os.kill(first.pid, signal.SIGSTOP)
        ticks[0] = silent
        assert jobs.job("job").state == ("interrupted" if taken else "running")
        assert jobs.claim("job") is taken
        if taken:
            jobs.finish("job", {"by": "the second"})
        os.kill(first.pid, signal.SIGCONT)
        tell(first)
        assert answer(first) == str(not taken), "whether the job is still its own"
        assert answer(first) == ("let go" if taken else "went on")
        assert answer(first) == ("kept off" if taken else "did it")
        assert answer(first) == str({"by": "the second" if taken else "the first"})
    assert jobs.job("job").state == "done"
    assert jobs.job("job").attempts == 1 + taken


def test_a_beat_renews_the_lease(url: str) -> None:
    ticks = [0.0]
    jobs, other = (Jobs(History(url).engine, ticks=lambda: ticks[0]) for _ in range(2))
    jobs.submit("job", "retrain", {})
    assert not jobs.beat("job"), "nobody has claimed it"
    jobs.claim("job")
    for _ in range(5):
        ticks[0] += LEASE_SECONDS - 1
        assert jobs.beat("job")
        assert other.job("job").state == "running"


def test_an_earlier_attempt_of_the_same_process_ends_nothing(url: str) -> None:
    engine = History(url).engine
    first, second = Jobs(engine), Jobs(engine)
    first.submit("job", "retrain", {})
    first.claim("job")
    first.fail("job", "interrupted", "stopped")
    assert second.claim("job")
    first.finish("job", {"by": "the first"})
    assert second.job("job").state == "running"
    with pytest.raises(Cancelled):
        first.report("job", 0.5, "still here")
    second.finish("job", {"by": "the second"})
    assert second.job("job").result == {"by": "the second"}


def test_while_a_job_is_held_nobody_else_begins_it(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the block does cannot be overtaken: the other one waits for the database, and finds the job as it is."""
    monkeypatch.setattr("monitoring.history.store._BUSY_SECONDS", 0.1)
    ticks = [0.0]
    jobs, other = (Jobs(History(url).engine, ticks=lambda: ticks[0]) for _ in range(2))
    jobs.submit("job", "retrain", {})
    jobs.claim("job")
    with jobs.holding("job"):
        for change in (other.claim, other.cancel):
            with pytest.raises(StoreFailed, match="another process keeps it busy"):
                change("job")
    assert not other.claim("job")


@pytest.mark.parametrize("state", ["queued", "done", "cancelling"])
def test_only_what_runs_is_held(url: str, state: str) -> None:
    jobs = Jobs(History(url).engine)
    jobs.submit("job", "retrain", {})
    if state != "queued":
        jobs.claim("job")
    if state == "done":
        jobs.finish("job", {})
    if state == "cancelling":
        jobs.cancel("job")
    with pytest.raises(Cancelled), jobs.holding("job"):
        pytest.fail("it was entered")
