"""Work that outlives a page: who does it, how far it is, how it ended. Every change of state is one transaction."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, Literal, cast

from sqlalchemy import ColumnElement, Connection, Engine, RowMapping, delete, func, select, update

from monitoring.errors import Cancelled, NotFound
from monitoring.history.job_states import ACTIVE, JobState, job_mark
from monitoring.history.records import Job, JobKind
from monitoring.history.reporting import Log, Reporter, logged
from monitoring.history.schema import JOBS
from monitoring.history.store import reading, writing
from monitoring.processes import Process, here, is_alive, process_of

_WAITING = "Waiting to start."
_GONE = "The process that worked on this is gone. Nothing of it was kept; it can be started again."
_CANCELLED = "Cancelled."
LEASE_SECONDS = 90.0
"""How long a worker may be silent before its job counts as interrupted; see `Jobs.beat`."""


def _utc_now() -> datetime:
    return datetime.now(UTC)


class Jobs:
    """The jobs of a data folder, shared by all its processes. Every method raises StoreFailed when the database fails.

    A job belongs to a process: while it waits to the one that will start it, then to the one that runs it. When that
    process is gone the job becomes `interrupted`, at the latest when somebody looks.

    A worker process holds its job by a lease: it says every few seconds that it lives (`beat`). When it has been silent
    for `LEASE_SECONDS`, stopped or stuck, the job counts as interrupted and another may claim it. The number of the
    attempt is the fencing token: what an earlier attempt reports or ends afterwards is not taken, and what it would do
    elsewhere it does while it holds the job (`holding`), or not at all. Leases are measured on the system's monotonic
    clock, which all processes share and nobody can set.

    Args:
        engine: the database, from `History.engine`.
        clock: tells the UTC time.
        pause: least seconds between two writes of a job's progress.
        ticks: tells seconds on a clock that all processes of the machine share and that never jumps.
    """

    def __init__(
        self,
        engine: Engine,
        *,
        clock: Callable[[], datetime] = _utc_now,
        pause: float = 0.2,
        ticks: Callable[[], float] = time.monotonic,
    ) -> None:
        self._engine = engine
        self._clock = clock
        self._pause = pause
        self._ticks = ticks
        self._attempts: dict[str, int] = {}
        self._reporters: dict[str, Reporter] = {}
        self._given_up: set[str] = set()

    def submit(self, job_id: str, kind: JobKind, payload: Mapping[str, Any], *, redo: bool = False) -> Job:
        """Ask for work. The same work asked for twice is one job: one that waits, runs or is done stays as it is.

        Args:
            job_id: id derived from what is to be done.
            kind: what it is.
            payload: what to do, as JSON.
            redo: do it again when it is done, because what it made is no longer there.
        """
        with writing(self._engine) as connection:
            row = self._settled(connection, job_id)
            self._given_up.discard(job_id)
            if row is None:
                connection.execute(JOBS.insert(), [self._queued(job_id, kind, payload)])
            elif row["state"] not in ACTIVE and (redo or row["state"] != "done"):
                again = self._queued(job_id, kind, payload)
                again |= {"attempts": row["attempts"], "created_at": row["created_at"]}
                connection.execute(update(JOBS).where(JOBS.c.id == job_id).values(again))
            return _job(_existing(connection, job_id))

    def hand_over(self, job_id: str, process: Process) -> None:
        """Say that another process will start a job that waits."""
        with writing(self._engine) as connection:
            waiting = update(JOBS).where(JOBS.c.id == job_id, JOBS.c.state == "queued")
            connection.execute(waiting.values(owner=str(process)))

    def claim(self, job_id: str) -> bool:
        """Begin to run a job that waits or was interrupted. Of all that try, one gets True. Raises NotFound."""
        with writing(self._engine) as connection:
            row = self._settled(connection, job_id)
            if row is None:
                raise _no_job(job_id)
            if row["state"] not in ("queued", "interrupted"):
                return False
            now, attempt = self._clock(), row["attempts"] + 1
            log = logged(row["log"], now, "Started." if attempt == 1 else f"Started again, attempt {attempt}.")
            begun = {"state": "running", "share": 0.0, "message": log[-1][1], "log": log, "attempts": attempt}
            begun |= {"cancel_asked": False, "owner": str(here()), "started_at": now, "finished_at": None, "beat": None}
            connection.execute(update(JOBS).where(JOBS.c.id == job_id).values(begun))
        self._given_up.discard(job_id)
        self._attempts[job_id] = attempt
        self._reporters[job_id] = Reporter(
            lambda share, message, lines: self._keep(job_id, share, message, lines),
            clock=self._clock,
            log=log,
            pause=self._pause,
        )
        return True

    def beat(self, job_id: str) -> bool:
        """Say that the worker of a job that this process claimed lives: its lease begins anew.

        Returns False when the job is not this process's any more, or not yet.
        """
        with writing(self._engine) as connection:
            own = update(JOBS).where(*self._own(job_id), JOBS.c.state == "running")
            return bool(connection.execute(own.values(beat=self._ticks())).rowcount)

    @contextmanager
    def holding(self, job_id: str) -> Iterator[None]:
        """Hold a job that this process claimed: within the block no other attempt begins and nobody cancels it.

        What the block does is done by the attempt that has the job, or not at all. It must be short and write nothing
        to the database, whose lock it holds.

        Raises:
            Cancelled: the job is no longer this process's, or a person asked to stop: the block is not entered.
        """
        with writing(self._engine) as connection:
            own = (*self._own(job_id), JOBS.c.state == "running", JOBS.c.cancel_asked.is_(False))
            if connection.execute(select(JOBS.c.id).where(*own)).first() is None:
                raise Cancelled("This job is not run here any more.")
            yield

    def report(self, job_id: str, share: float, message: str) -> None:
        """Tell how far a job is that this process claimed.

        Raises:
            Cancelled: a person asked to stop, or the job is no longer this process's.
        """
        reporter = self._reporters.get(job_id)
        if reporter is None:
            raise Cancelled("This job is not run here any more.")
        reporter.report(share, message)

    def finish(self, job_id: str, result: Mapping[str, Any]) -> None:
        """Keep what came out of a job that this process claimed."""
        self._end_own(job_id, {"state": "done", "share": 1.0, "result": dict(result)}, "Done.")

    def fail(self, job_id: str, state: Literal["failed", "refused", "cancelled", "interrupted"], message: str) -> None:
        """End a job that this process claimed without a result, with a sentence that says why."""
        self._end_own(job_id, {"state": state}, message)

    def give_up(self, job_id: str) -> None:
        """Let go of a job whose end could not be kept: it counts as interrupted when the database works again."""
        self._close(job_id)
        self._given_up.add(job_id)

    def cancel(self, job_id: str) -> Job:
        """Ask a job to stop: at once when it does not run, else when it next reports. Raises NotFound."""
        with writing(self._engine) as connection:
            running = update(JOBS).where(JOBS.c.id == job_id, JOBS.c.state == "running")
            connection.execute(running.values(cancel_asked=True))
            row = self._settled(connection, job_id)
            if row is not None and row["state"] in ("queued", "interrupted"):
                self._end(connection, row, "cancelled", _CANCELLED)
            return _job(_existing(connection, job_id))

    def job(self, job_id: str) -> Job:
        """A job as it is now. Raises NotFound."""
        with reading(self._engine) as connection:
            row = _existing(connection, job_id)
        if not self._is_gone(row):
            return _job(row)
        self.sweep()
        with reading(self._engine) as connection:
            return _job(_existing(connection, job_id))

    def jobs(
        self, kind: JobKind | None = None, limit: int | None = 50, *, state: JobState | None = None
    ) -> tuple[Job, ...]:
        """Jobs, the last asked for first; of one kind, in one state."""
        self.sweep()
        query = select(JOBS).order_by(JOBS.c.submitted_at.desc(), JOBS.c.id).limit(limit)
        query = query if kind is None else query.where(JOBS.c.kind == kind)
        query = query if state is None else query.where(JOBS.c.state == state)
        with reading(self._engine) as connection:
            return tuple(_job(row) for row in connection.execute(query).mappings())

    def active(self) -> int:
        """How many jobs wait or run, those of processes that are gone among them."""
        query = select(func.count()).select_from(JOBS).where(JOBS.c.state.in_(ACTIVE))
        with reading(self._engine) as connection:
            return int(connection.execute(query).scalar_one())

    def marks(self, job_ids: Collection[str]) -> dict[str, str]:
        """The marks of jobs, in one look; without those that are not there. Who has died is not looked at."""
        columns = (JOBS.c.id, JOBS.c.state, JOBS.c.share, JOBS.c.message, JOBS.c.cancel_asked, JOBS.c.attempts)
        with reading(self._engine) as connection:
            rows = connection.execute(select(*columns).where(JOBS.c.id.in_(job_ids))).all()
        return {job_id: job_mark(*seen) for job_id, *seen in rows}

    def sweep(self) -> tuple[str, ...]:
        """Mark what processes that are gone left behind. Returns the ids of those jobs."""
        active = select(JOBS).where(JOBS.c.state.in_(ACTIVE))
        with reading(self._engine) as connection:
            if not any(self._is_gone(row) for row in connection.execute(active).mappings()):
                return ()
        with writing(self._engine) as connection:
            gone = [row for row in connection.execute(active).mappings().all() if self._is_gone(row)]
            for row in gone:
                self._end_gone(connection, row)
        return tuple(row["id"] for row in gone)

    def delete(self, job_id: str) -> None:
        """Forget a job, if it is there."""
        with writing(self._engine) as connection:
            connection.execute(delete(JOBS).where(JOBS.c.id == job_id))

    def runner(self, job_id: str) -> Process | None:
        """The process that runs a job now, None when none does."""
        with reading(self._engine) as connection:
            row = _find(connection, job_id)
        if row is None or row["state"] != "running" or self._is_gone(row):
            return None
        return process_of(row["owner"])

    def _queued(self, job_id: str, kind: JobKind, payload: Mapping[str, Any]) -> dict[str, Any]:
        now = self._clock()
        return {
            "id": job_id,
            "kind": kind,
            "state": "queued",
            "share": 0.0,
            "message": _WAITING,
            "log": logged([], now, _WAITING),
            "payload": dict(payload),
            "result": None,
            "attempts": 0,
            "cancel_asked": False,
            "owner": str(here()),
            "created_at": now,
            "submitted_at": now,
            "started_at": None,
            "finished_at": None,
            "beat": None,
        }

    def _settled(self, connection: Connection, job_id: str) -> RowMapping | None:
        """A job's row, after it was ended if its process is gone."""
        row = _find(connection, job_id)
        if row is None or not self._is_gone(row):
            return row
        self._end_gone(connection, row)
        return _find(connection, job_id)

    def _is_gone(self, row: RowMapping) -> bool:
        if row["state"] not in ACTIVE:
            return False
        owner = process_of(row["owner"])
        if owner == here():
            return row["id"] in self._given_up
        if row["state"] == "running" and row["beat"] is not None and self._ticks() - row["beat"] > LEASE_SECONDS:
            return True
        return owner is None or not is_alive(owner)

    def _keep(self, job_id: str, share: float, message: str, log: Log) -> bool:
        own = (*self._own(job_id), JOBS.c.state == "running")
        values = {"share": share, "message": message, "log": log}
        with writing(self._engine) as connection:
            connection.execute(update(JOBS).where(*own).values(values))
            asked = connection.execute(select(JOBS.c.cancel_asked).where(*own)).scalar()
        return asked is False

    def _end_own(self, job_id: str, values: dict[str, Any], message: str) -> None:
        now = self._clock()
        reporter = self._reporters.get(job_id)
        log = logged(reporter.close() if reporter else [], now, message)
        own = (*self._own(job_id), JOBS.c.state.in_(("running", "interrupted")))
        values = values | {"message": message, "log": log, "finished_at": now}
        with writing(self._engine) as connection:
            connection.execute(update(JOBS).where(*own).values(values))
        self._close(job_id)

    def _own(self, job_id: str) -> tuple[ColumnElement[bool], ...]:
        """A job as long as it is this process's, by the attempt that it claimed."""
        attempt = self._attempts.get(job_id, 0)
        return (JOBS.c.id == job_id, JOBS.c.owner == str(here()), JOBS.c.attempts == attempt)

    def _end_gone(self, connection: Connection, row: RowMapping) -> None:
        if row["cancel_asked"]:
            self._end(connection, row, "cancelled", _CANCELLED)
        else:
            self._end(connection, row, "interrupted", _GONE)

    def _end(self, connection: Connection, row: RowMapping, state: JobState, message: str) -> None:
        now = self._clock()
        values = {"state": state, "message": message, "log": logged(row["log"], now, message), "finished_at": now}
        connection.execute(update(JOBS).where(JOBS.c.id == row["id"]).values(values))

    def _close(self, job_id: str) -> None:
        reporter = self._reporters.pop(job_id, None)
        if reporter:
            reporter.close()


def _find(connection: Connection, job_id: str) -> RowMapping | None:
    return connection.execute(select(JOBS).where(JOBS.c.id == job_id)).mappings().first()


def _existing(connection: Connection, job_id: str) -> RowMapping:
    row = _find(connection, job_id)
    if row is None:
        raise _no_job(job_id)
    return row


def _no_job(job_id: str) -> NotFound:
    return NotFound(f"There is no job {job_id[:64]}; it may have been deleted.")


def _job(row: RowMapping) -> Job:
    return Job(
        id=row["id"],
        kind=cast("JobKind", row["kind"]),
        state=cast("JobState", row["state"]),
        share=row["share"],
        message=row["message"],
        log=tuple((at, message) for at, message in row["log"]),
        payload=row["payload"],
        result=row["result"],
        attempts=row["attempts"],
        created_at=row["created_at"],
        started_at=row["started_at"],
        finished_at=row["finished_at"],
        cancel_asked=row["cancel_asked"],
    )
