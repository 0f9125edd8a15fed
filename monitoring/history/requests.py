"""The outbox of retrain requests: approved or refused by a person, expired, sent. A request's job has the same id.

A request is entered with its decision, in one transaction (`Decisions.decide`). Sending it is done as often as needed:
its job is submitted under the request's own id, which makes it one job, and only then the request counts as sent.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from sqlalchemy import Connection, Engine, RowMapping, Select, select, update
from sqlalchemy.dialects.sqlite import insert

from monitoring.errors import NotFound, NotPossible
from monitoring.history.retrain_records import Answer, KeptRequest
from monitoring.history.schema import APPROVALS, REQUESTS
from monitoring.history.store import reading, writing


def _utc_now() -> datetime:
    return datetime.now(UTC)


class Requests:
    """The requests of a data folder. Every method raises StoreFailed when the database fails.

    Args:
        engine: the database, from `History.engine`.
        clock: tells the UTC time.
    """

    def __init__(self, engine: Engine, *, clock: Callable[[], datetime] = _utc_now) -> None:
        self._engine = engine
        self._clock = clock

    def request(self, request_id: str) -> KeptRequest:
        """A request as it is now. Raises NotFound."""
        with reading(self._engine) as connection:
            row = connection.execute(_requests().where(REQUESTS.c.id == request_id)).mappings().first()
            if row is None:
                raise _no_request(request_id)
            return _told(row, _answers(connection, [request_id]))

    def requests(self, model: str | None = None, *, limit: int | None = 50) -> tuple[KeptRequest, ...]:
        """Requests, the newest first."""
        query = _requests().order_by(REQUESTS.c.position.desc()).limit(limit)
        query = query if model is None else query.where(REQUESTS.c.model == model)
        with reading(self._engine) as connection:
            rows = connection.execute(query).mappings().all()
            answers = _answers(connection, [row["id"] for row in rows])
        return tuple(_told(row, answers) for row in rows)

    def ready(self) -> tuple[KeptRequest, ...]:
        """Requests that are to be sent, the oldest first."""
        query = _requests().where(REQUESTS.c.state == "ready").order_by(REQUESTS.c.position)
        with reading(self._engine) as connection:
            return tuple(_told(row, {}) for row in connection.execute(query).mappings())

    def sent(self, request_id: str) -> None:
        """Say that a request's job is submitted."""
        with writing(self._engine) as connection:
            ready = update(REQUESTS).where(REQUESTS.c.id == request_id, REQUESTS.c.state == "ready")
            connection.execute(ready.values(state="sent", sent_at=self._clock()))

    def answer(self, request_id: str, answer: Answer, reason: str) -> KeptRequest:
        """Approve or refuse a request that waits. The same answer twice is one answer.

        Raises:
            NotFound: there is no such request.
            NotPossible: it expired, or was answered otherwise.
        """
        late: KeptRequest | None = None
        with writing(self._engine) as connection:
            row = connection.execute(select(REQUESTS).where(REQUESTS.c.id == request_id)).mappings().first()
            if row is None:
                raise _no_request(request_id)
            now = self._clock()
            if row["state"] == "waiting" and _is_over(row, now):
                _set(connection, request_id, "expired")
                late = _told(row, {})
            elif row["state"] == "waiting":
                _set(connection, request_id, "ready" if answer == "approved" else "refused")
                values = {"request": request_id, "answer": answer, "reason": reason, "at": now}
                connection.execute(insert(APPROVALS).values(values))
            else:
                _must_agree(row["state"], answer)
        if late is not None:
            raise NotPossible("This request expired before it was answered. The next check decides anew.")
        return self.request(request_id)

    def expire(self) -> tuple[str, ...]:
        """End what nobody answered in time. Returns the ids of those requests."""
        waiting = select(REQUESTS.c.id, REQUESTS.c.expires_at).where(REQUESTS.c.state == "waiting")
        with reading(self._engine) as connection:
            if not any(_is_over(row, self._clock()) for row in connection.execute(waiting).mappings()):
                return ()
        with writing(self._engine) as connection:
            rows = connection.execute(waiting).mappings().all()
            over = tuple(row["id"] for row in rows if _is_over(row, self._clock()))
            for request_id in over:
                _set(connection, request_id, "expired")
        return over


def _requests() -> Select[tuple[object, ...]]:
    names = ("id", "model", "decision", "state", "by_hand", "payload", "created_at", "expires_at")
    return select(*(REQUESTS.c[name] for name in names))


def _answers(connection: Connection, requests: list[str]) -> dict[str, RowMapping]:
    """The last answer to each request."""
    query = select(APPROVALS).where(APPROVALS.c.request.in_(requests)).order_by(APPROVALS.c.position)
    return {row["request"]: row for row in connection.execute(query).mappings()}


def _told(row: RowMapping, answers: Mapping[str, RowMapping]) -> KeptRequest:
    answer = answers.get(row["id"])
    names = ("id", "model", "decision", "state", "by_hand", "payload", "created_at", "expires_at")
    values = {name: row[name] for name in names}
    if answer is None:
        return KeptRequest(**values)
    return KeptRequest(**values, answer=answer["answer"], answered_at=answer["at"], reason=answer["reason"])


def _is_over(row: RowMapping, now: datetime) -> bool:
    return row["expires_at"] is not None and row["expires_at"] <= now


def _set(connection: Connection, request_id: str, state: str) -> None:
    connection.execute(update(REQUESTS).where(REQUESTS.c.id == request_id).values(state=state))


def _must_agree(state: str, answer: Answer) -> None:
    if answer == "approved" and state in ("ready", "sent"):
        return
    if answer == "refused" and state == "refused":
        return
    words = {"expired": "expired before it was answered", "refused": "was refused", "ready": "was approved"}
    raise NotPossible(f"This request {words.get(state, 'was sent')} already.")


def _no_request(request_id: str) -> NotFound:
    return NotFound(f"There is no retrain request {request_id[:64]}.")
