"""A job is one piece of work with one owner; its states follow each other as they should in any order of calls."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from sqlalchemy import update

from monitoring.errors import Cancelled, NotFound
from monitoring.history.history import History
from monitoring.history.jobs import Jobs
from monitoring.history.records import JobState
from monitoring.history.schema import JOBS
from monitoring.history.store import writing
from monitoring.processes import Process, here, process_with

Ending = Literal["failed", "refused", "cancelled", "interrupted"]


@pytest.fixture
def jobs(tmp_path: Path) -> Jobs:
    return Jobs(History(f"sqlite:///{tmp_path / 'history.db'}").engine, pause=0.0)


def give_to(jobs: Jobs, job_id: str, process: Process) -> None:
    """Make another process the owner of a job."""
    with writing(jobs._engine) as connection:
        connection.execute(update(JOBS).where(JOBS.c.id == job_id).values(owner=str(process)))


def gone() -> Process:
    """A process that had the number of this one before it: the number lives, the process does not."""
    return replace(here(), started=here().started + "1")


def test_marks_are_those_of_the_jobs_that_are_there(jobs: Jobs) -> None:
    jobs.submit("a", "retrain", {})
    jobs.submit("b", "report", {})
    assert jobs.claim("b")
    jobs.report("b", 0.25, "A quarter")
    jobs.cancel("b")
    assert jobs.marks(["a", "b", "gone"]) == {"a": jobs.job("a").mark, "b": jobs.job("b").mark}
    assert jobs.marks([]) == {}


def test_from_submission_to_result(jobs: Jobs) -> None:
    submitted = jobs.submit("id", "retrain", {"model": "m"})
    assert (submitted.state, submitted.attempts, submitted.payload) == ("queued", 0, {"model": "m"})
    assert jobs.claim("id")
    jobs.report("id", 0.5, "Training")
    running = jobs.job("id")
    assert (running.state, running.share, running.message, running.attempts) == ("running", 0.5, "Training", 1)
    assert running.started_at is not None
    assert running.started_at.tzinfo is UTC
    jobs.finish("id", {"version": 2})
    done = jobs.job("id")
    assert (done.state, done.share, done.result, done.active) == ("done", 1.0, {"version": 2}, False)
    assert [message for _, message in done.log] == ["Waiting to start.", "Started.", "Training", "Done."]
    assert done.finished_at is not None


def test_what_waits_and_what_runs_is_counted(jobs: Jobs) -> None:
    assert jobs.active() == 0
    for job_id in ("a", "b", "c"):
        jobs.submit(job_id, "check", {})
    jobs.claim("a")
    jobs.claim("b")
    jobs.finish("b", {})
    assert jobs.active() == 2


def test_the_same_work_asked_for_twice_is_one_job(jobs: Jobs) -> None:
    first = jobs.submit("id", "check", {"upload": "a"})
    assert jobs.submit("id", "check", {"upload": "a"}) == first
    jobs.claim("id")
    assert jobs.submit("id", "check", {}).state == "running"
    jobs.finish("id", {"check": "id"})
    assert jobs.submit("id", "check", {}).state == "done"
    assert len(jobs.jobs()) == 1


def test_what_is_done_is_done_again_only_when_that_is_asked_for(jobs: Jobs) -> None:
    jobs.submit("id", "report", {})
    jobs.claim("id")
    jobs.finish("id", {})
    again = jobs.submit("id", "report", {}, redo=True)
    assert (again.state, again.result, again.share, again.attempts) == ("queued", None, 0.0, 1)


@pytest.mark.parametrize("state", ["failed", "refused", "cancelled", "interrupted"])
def test_what_ended_without_a_result_can_be_started_again(jobs: Jobs, state: Ending) -> None:
    jobs.submit("id", "retrain", {"old": 1})
    jobs.claim("id")
    jobs.fail("id", state, "That is why.")
    assert (jobs.job("id").state, jobs.job("id").message) == (state, "That is why.")
    again = jobs.submit("id", "retrain", {"new": 2})
    assert (again.state, again.payload, again.finished_at) == ("queued", {"new": 2}, None)
    assert jobs.claim("id")
    assert jobs.job("id").attempts == 2


def test_a_job_is_claimed_once(jobs: Jobs) -> None:
    jobs.submit("id", "retrain", {})
    assert jobs.claim("id")
    assert not jobs.claim("id")


@pytest.mark.parametrize("state", ["done", "failed", "refused", "cancelled"])
def test_what_ended_is_not_claimed(jobs: Jobs, state: Literal["done", "failed", "refused", "cancelled"]) -> None:
    jobs.submit("id", "retrain", {})
    jobs.claim("id")
    if state == "done":
        jobs.finish("id", {})
    else:
        jobs.fail("id", state, "")
    assert not jobs.claim("id")


def test_a_job_that_waits_is_cancelled_at_once(jobs: Jobs) -> None:
    jobs.submit("id", "retrain", {})
    assert jobs.cancel("id").state == "cancelled"
    assert not jobs.claim("id")


def test_a_job_that_runs_learns_at_its_next_report_that_it_is_to_stop(jobs: Jobs) -> None:
    jobs.submit("id", "retrain", {})
    jobs.claim("id")
    jobs.report("id", 0.1, "Reading")
    asked = jobs.cancel("id")
    assert (asked.state, asked.cancel_asked) == ("running", True)
    with pytest.raises(Cancelled):
        jobs.report("id", 0.2, "Training")
    jobs.fail("id", "cancelled", "Cancelled.")
    assert jobs.job("id").state == "cancelled"
    again = jobs.submit("id", "retrain", {})
    assert (again.state, again.cancel_asked) == ("queued", False)


def test_cancelling_what_ended_changes_nothing(jobs: Jobs) -> None:
    jobs.submit("id", "retrain", {})
    jobs.claim("id")
    jobs.finish("id", {})
    assert jobs.cancel("id").state == "done"


@pytest.mark.parametrize("claimed", [False, True])
def test_a_job_whose_process_is_gone_is_interrupted_though_its_number_lives_on(jobs: Jobs, claimed: bool) -> None:
    jobs.submit("id", "retrain", {})
    if claimed:
        jobs.claim("id")
    give_to(jobs, "id", gone())
    assert gone().pid == os.getpid()
    assert jobs.job("id").state == "interrupted"
    assert "can be started again" in jobs.job("id").message
    assert jobs.sweep() == ()
    assert jobs.claim("id")
    assert jobs.job("id").state == "running"


def test_every_listing_sweeps(jobs: Jobs) -> None:
    jobs.submit("id", "retrain", {})
    jobs.claim("id")
    give_to(jobs, "id", gone())
    assert [job.state for job in jobs.jobs()] == ["interrupted"]


def test_a_job_whose_process_died_while_it_was_to_stop_is_cancelled(jobs: Jobs) -> None:
    jobs.submit("id", "retrain", {})
    jobs.claim("id")
    jobs.cancel("id")
    give_to(jobs, "id", gone())
    assert jobs.sweep() == ("id",)
    assert jobs.job("id").state == "cancelled"


def test_cancelling_a_job_whose_process_is_gone_cancels_it(jobs: Jobs) -> None:
    jobs.submit("id", "retrain", {})
    jobs.claim("id")
    give_to(jobs, "id", gone())
    assert jobs.cancel("id").state == "cancelled"


def test_work_that_another_process_took_over_is_told_to_stop_and_changes_nothing(jobs: Jobs) -> None:
    parent = process_with(os.getppid())
    assert parent is not None
    jobs.submit("id", "retrain", {})
    jobs.claim("id")
    give_to(jobs, "id", parent)
    with pytest.raises(Cancelled):
        jobs.report("id", 0.9, "Still here")
    jobs.finish("id", {"version": 9})
    assert (jobs.job("id").state, jobs.job("id").result) == ("running", None)
    assert jobs.runner("id") == parent


def test_a_deleted_job_tells_its_work_to_stop(jobs: Jobs) -> None:
    jobs.submit("id", "retrain", {})
    jobs.claim("id")
    jobs.delete("id")
    jobs.delete("id")
    with pytest.raises(Cancelled):
        jobs.report("id", 0.1, "Reading")
    with pytest.raises(NotFound, match="There is no job id"):
        jobs.job("id")


def test_a_job_that_was_given_up_counts_as_interrupted(jobs: Jobs) -> None:
    jobs.submit("id", "retrain", {})
    jobs.claim("id")
    assert jobs.runner("id") == here()
    jobs.give_up("id")
    assert jobs.runner("id") is None
    assert jobs.job("id").state == "interrupted"
    assert jobs.claim("id")
    assert jobs.job("id").state == "running"


def test_a_waiting_job_handed_to_a_process_that_dies_is_interrupted(jobs: Jobs) -> None:
    jobs.submit("id", "retrain", {})
    jobs.hand_over("id", gone())
    assert jobs.job("id").state == "interrupted"


def test_a_running_job_is_not_handed_over(jobs: Jobs) -> None:
    jobs.submit("id", "retrain", {})
    jobs.claim("id")
    jobs.hand_over("id", gone())
    assert jobs.runner("id") == here()


def test_jobs_are_listed_by_kind_the_last_asked_for_first(tmp_path: Path) -> None:
    times = (datetime(2026, 3, 1, tzinfo=UTC) + timedelta(seconds=number) for number in range(1_000))
    jobs = Jobs(History(f"sqlite:///{tmp_path / 'history.db'}").engine, clock=lambda: next(times))
    for job_id, kind in (("one", "check"), ("two", "retrain"), ("three", "check")):
        jobs.submit(job_id, "check" if kind == "check" else "retrain", {})
    jobs.cancel("one")
    jobs.submit("one", "check", {})
    assert [job.id for job in jobs.jobs()] == ["one", "three", "two"]
    assert [job.id for job in jobs.jobs("retrain")] == ["two"]
    assert [job.id for job in jobs.jobs(limit=1)] == ["one"]


NEXT: dict[str, dict[JobState, JobState]] = {
    "submit": {"failed": "queued", "refused": "queued", "cancelled": "queued", "interrupted": "queued"},
    "claim": {"queued": "running", "interrupted": "running"},
    "vanish": {"queued": "interrupted", "running": "interrupted"},
    "cancel": {"queued": "cancelled", "interrupted": "cancelled"},
}
"""Which state follows which when something happens; what is not named stays as it is."""


class JobLife(RuleBasedStateMachine):
    """One job under any order of calls, against the table above."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = TemporaryDirectory()
        self.history = History(f"sqlite:///{self.folder.name}/history.db")
        self.jobs = Jobs(self.history.engine, pause=0.0)
        self.jobs.submit("id", "retrain", {})
        self.state: JobState = "queued"
        self.asked = False
        self.attempts = 0

    def teardown(self) -> None:
        self.history.engine.dispose()
        self.folder.cleanup()

    def follow(self, event: str) -> None:
        self.state = NEXT[event].get(self.state, self.state)

    @rule()
    def submit(self) -> None:
        self.follow("submit")
        self.asked = self.asked and self.state != "queued"
        assert self.jobs.submit("id", "retrain", {}).state == self.state

    @rule()
    def claim(self) -> None:
        wins = self.state in NEXT["claim"]
        assert self.jobs.claim("id") is wins
        self.follow("claim")
        if wins:
            self.attempts += 1
            self.asked = False

    @rule()
    def cancel(self) -> None:
        self.asked = self.asked or self.state == "running"
        self.follow("cancel")
        self.jobs.cancel("id")

    @rule(by=st.sampled_from(["listing", "reading", "sweep"]))
    def vanish(self, by: str) -> None:
        ends_cancelled = self.state == "running" and self.asked
        self.follow("vanish")
        self.state = "cancelled" if ends_cancelled else self.state
        give_to(self.jobs, "id", gone())
        looks: dict[str, Callable[[], object]] = {
            "listing": self.jobs.jobs,
            "reading": lambda: self.jobs.job("id"),
            "sweep": self.jobs.sweep,
        }
        looks[by]()

    @rule()
    def report(self) -> None:
        if self.state == "running" and not self.asked:
            self.jobs.report("id", 0.5, "working")
        elif self.state == "running":
            with pytest.raises(Cancelled):
                self.jobs.report("id", 0.5, "working")

    @rule(ending=st.sampled_from(["done", "failed", "refused", "cancelled"]))
    def end(self, ending: Literal["done", "failed", "refused", "cancelled"]) -> None:
        if self.state != "running":
            return
        self.state = ending
        if ending == "done":
            self.jobs.finish("id", {"version": 2})
        else:
            self.jobs.fail("id", ending, "why")

    @invariant()
    def is_as_the_table_says(self) -> None:
        job = self.jobs.job("id")
        assert (job.state, job.attempts) == (self.state, self.attempts)
        assert (job.result is not None) == (self.state == "done")
        assert (job.finished_at is not None) == (self.state not in ("queued", "running"))
        assert job.log[-1][1] == job.message


JobLife.TestCase.settings = settings(max_examples=20, stateful_step_count=25, deadline=None)
TestJobLife = JobLife.TestCase
