"""Decisions about retraining: the policies in force, each decision with its inputs, and the incidents of broken feeds.

A decision and its request are written in one transaction, in which the evidence was read as well: two processes that
decide on the same occasion make one decision, and of two occasions the later one sees what came of the earlier.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import UTC, datetime
from typing import Any

from pydantic import ValidationError
from sqlalchemy import ColumnElement, Connection, Engine, RowMapping, Select, and_, delete, func, or_, select, update
from sqlalchemy.dialects.sqlite import insert

from monitoring.errors import NotFound, StoreFailed
from monitoring.history.retrain_evidence_rows import read_asked, read_batches, read_labelled, read_subject
from monitoring.history.retrain_records import DecisionLine, Incident, Judged, KeptDecision, KeptPolicy, Outgoing
from monitoring.history.schema import CHECKS, DECISIONS, INCIDENTS, REQUESTS, RETRAIN_POLICIES, UNDECIDED
from monitoring.history.store import reading, writing
from monitoring.policy.retrain_decision import Decision
from monitoring.policy.retrain_evidence import Asked, Batch, Labelled, Occasion, RetrainEvidence
from monitoring.policy.retrain_policy import DEFAULT_RETRAIN, RetrainPolicy


def _utc_now() -> datetime:
    return datetime.now(UTC)


class Desk:
    """What a decision may look at while it is made: all of it in the transaction that keeps it."""

    def __init__(self, connection: Connection, model: str, now: datetime) -> None:
        self._connection = connection
        self._model = model
        self._now = now

    def policy(self) -> RetrainPolicy:
        """The policy in force."""
        return _in_force(self._connection, self._model)

    def subject(self, check_id: str) -> tuple[Batch, int] | None:
        """The batch of a check and its place in the order of record, None when the check was deleted."""
        return read_subject(self._connection, check_id)

    def batches(self, version: int, *, until: int | None) -> tuple[Batch, ...]:
        """The version's batches, those recorded up to a place."""
        return read_batches(self._connection, self._model, version, until=until)

    def labelled(self, learnt: Collection[str], *, until: int | None) -> tuple[Labelled, ...]:
        """Uploads with outcomes that the champion has not learnt, those recorded up to a place."""
        return read_labelled(self._connection, self._model, learnt, until=until)

    def asked(self) -> tuple[Asked, ...]:
        """Earlier requests."""
        return read_asked(self._connection, self._model)

    def request_state(self, request_id: str) -> tuple[str, datetime] | None:
        """State of a request and when it was made, None when it was never made or nobody answered it in time."""
        names = (REQUESTS.c.state, REQUESTS.c.created_at, REQUESTS.c.expires_at)
        row = self._connection.execute(select(*names).where(REQUESTS.c.id == request_id)).first()
        if row is None or row[0] == "expired" or (row[0] == "waiting" and row[2] is not None and row[2] <= self._now):
            return None
        return (row[0], row[1])


class Decisions:
    """The decisions of a data folder. Every method raises StoreFailed when the database fails.

    Args:
        engine: the database, from `History.engine`.
        clock: tells the UTC time of a record.
    """

    def __init__(self, engine: Engine, *, clock: Callable[[], datetime] = _utc_now) -> None:
        self._engine = engine
        self._clock = clock

    def policy(self, model: str) -> RetrainPolicy:
        """The policy in force for a model: the last that was put in force, else the default, which only tries out."""
        with reading(self._engine) as connection:
            return _in_force(connection, model)

    def put_in_force(self, model: str, policy: RetrainPolicy, *, reason: str) -> None:
        """Let a policy decide from now on. One that is in force already stays as it is."""
        with writing(self._engine) as connection:
            if _in_force(connection, model) == policy:
                return
            row = {"model": model, "policy_id": policy.id, "policy": policy.model_dump_json()}
            connection.execute(insert(RETRAIN_POLICIES).values(row | {"reason": reason, "at": self._clock()}))

    def policies(self, model: str) -> tuple[KeptPolicy, ...]:
        """Every policy that was put in force for a model, the newest first."""
        query = select(RETRAIN_POLICIES).where(RETRAIN_POLICIES.c.model == model)
        with reading(self._engine) as connection:
            rows = connection.execute(query.order_by(RETRAIN_POLICIES.c.position.desc())).mappings().all()
        return tuple(KeptPolicy(policy=_policy(row["policy"]), reason=row["reason"], at=row["at"]) for row in rows)

    def undecided(self) -> tuple[tuple[str, str], ...]:
        """Id and model of the checks whose decision is still to be made, in the order in which they were kept."""
        query = select(UNDECIDED.c.check, CHECKS.c.model).join_from(UNDECIDED, CHECKS, CHECKS.c.id == UNDECIDED.c.check)
        with reading(self._engine) as connection:
            rows = connection.execute(query.order_by(UNDECIDED.c.position)).all()
        return tuple((check, model) for check, model in rows)

    def decide(self, occasion: Occasion, model: str, judge: Callable[[Desk], Judged | None]) -> KeptDecision | None:
        """Make the decision of an occasion, unless it was made: then that one is given back.

        Args:
            occasion: why now; one decision is kept for each key.
            model: which model.
            judge: makes the decision from what the desk shows; None when there is nothing to decide any more.
        """
        with writing(self._engine) as connection:
            found = connection.execute(_decisions().where(DECISIONS.c.occasion == occasion.key)).mappings().first()
            judged = None if found else judge(Desk(connection, model, self._clock()))
            if judged is not None:
                self._keep(connection, judged)
                query = _decisions().where(DECISIONS.c.occasion == occasion.key)
                found = connection.execute(query).mappings().one()
            if occasion.kind == "check":
                connection.execute(delete(UNDECIDED).where(UNDECIDED.c.check == occasion.check))
            return _kept(found) if found else None

    def decision(self, decision_id: str) -> KeptDecision:
        """A decision with all that it rests on. Raises NotFound."""
        with reading(self._engine) as connection:
            row = connection.execute(_decisions().where(DECISIONS.c.id == decision_id)).mappings().first()
        if row is None:
            raise NotFound(f"There is no decision {decision_id[:64]}.")
        return _kept(row)

    def decision_of(self, check_id: str) -> KeptDecision | None:
        """The decision that was made when a check was recorded, None before."""
        query = _decisions().where(DECISIONS.c.occasion == check_occasion(check_id))
        with reading(self._engine) as connection:
            row = connection.execute(query).mappings().first()
        return _kept(row) if row else None

    def hand_occasion(self, request_id: str) -> str:
        """Key of the occasion that a person asks for a request: asked again it is the same, after a refusal a new one.

        So a request is made once however often it is asked for, and what was refused is decided anew.
        """
        key = f"hand:{request_id}"
        own = or_(DECISIONS.c.occasion == key, DECISIONS.c.occasion.startswith(f"{key}:"))
        refused = select(func.count()).where(own, DECISIONS.c.outcome.not_in(("approval", "request")))
        with reading(self._engine) as connection:
            refusals = int(connection.execute(refused).scalar_one())
        return f"{key}:{refusals + 1}" if refusals else key

    def decisions(
        self, model: str | None = None, *, outcomes: tuple[str, ...] = (), limit: int | None = None, skip: int = 0
    ) -> tuple[DecisionLine, ...]:
        """One line for each decision, the newest first; `outcomes` () for all."""
        names = ("id", "model", "check", "outcome", "sentence", "at", "recorded_at", "request")
        query = select(*(DECISIONS.c[name] for name in names)).order_by(DECISIONS.c.position.desc())
        query = query if model is None else query.where(DECISIONS.c.model == model)
        query = query.where(DECISIONS.c.outcome.in_(outcomes)) if outcomes else query
        with reading(self._engine) as connection:
            rows = connection.execute(query.limit(limit).offset(skip)).mappings().all()
        return tuple(DecisionLine(**row) for row in rows)

    def latest(self, model: str) -> KeptDecision | None:
        """The last decision on a check or on time, None before the first."""
        query = _decisions().where(DECISIONS.c.model == model, ~DECISIONS.c.occasion.startswith("hand:"))
        with reading(self._engine) as connection:
            row = connection.execute(query.order_by(DECISIONS.c.position.desc()).limit(1)).mappings().first()
        return _kept(row) if row else None

    def incidents(self, model: str, *, limit: int | None = 50) -> tuple[Incident, ...]:
        """Broken feeds of a model, those that are open first, then the newest first."""
        query = select(INCIDENTS).where(INCIDENTS.c.model == model)
        query = query.order_by(INCIDENTS.c.closed_at.is_not(None), INCIDENTS.c.opened_at.desc()).limit(limit)
        with reading(self._engine) as connection:
            return tuple(Incident(**row) for row in connection.execute(query).mappings())

    def close_incident(self, incident_id: str, reason: str) -> None:
        """Say that a feed is repaired. Raises NotFound when there is no open incident of this id."""
        with writing(self._engine) as connection:
            found = update(INCIDENTS).where(INCIDENTS.c.id == incident_id, INCIDENTS.c.closed_at.is_(None))
            if not connection.execute(found.values(closed_at=self._clock(), closed_by=reason)).rowcount:
                raise NotFound("There is no such incident, or it is closed already.")

    def _keep(self, connection: Connection, judged: Judged) -> None:
        decision, now = judged.decision, self._clock()
        request = judged.outgoing.id if judged.outgoing and decision.asks else None
        connection.execute(
            insert(DECISIONS).values(
                id=decision.id,
                occasion=decision.occasion,
                model=decision.model,
                check=decision.check,
                outcome=decision.outcome,
                sentence=decision.sentence,
                at=decision.at,
                recorded_at=now,
                uploads=list(decision.uploads),
                request=request,
                policy=judged.policy.model_dump_json(),
                evidence=judged.evidence.model_dump_json(),
                decision=decision.model_dump_json(),
            )
        )
        if judged.outgoing and decision.asks:
            _enter(connection, decision, judged.outgoing, now)
        _note_feed(connection, judged, now)


def check_occasion(check_id: str) -> str:
    """Key of the occasion that a recorded check is."""
    return f"check:{check_id}"


def _enter(connection: Connection, decision: Decision, outgoing: Outgoing, now: datetime) -> None:
    """Put a request into the outbox, or ask again what nobody answered in time; any other stays as it is.

    A person who asks for what waits for approval, or was refused, approves it. Approval expires on the wall clock,
    whichever clock the policy's days are measured on.
    """
    values = {
        "decision": decision.id,
        "state": "waiting" if decision.outcome == "approval" else "ready",
        "by_hand": decision.kind == "hand",
        "payload": outgoing.payload,
        "at": decision.at,
        "created_at": now,
        "expires_at": now + (decision.expires - decision.at) if decision.expires else None,
        "sent_at": None,
    }
    row = insert(REQUESTS).values(id=outgoing.id, model=decision.model, **values)
    again: ColumnElement[bool] = or_(
        REQUESTS.c.state == "expired", and_(REQUESTS.c.state == "waiting", REQUESTS.c.expires_at <= now)
    )
    if decision.kind == "hand":
        again = REQUESTS.c.state.in_(("expired", "waiting", "refused"))
    connection.execute(row.on_conflict_do_update(index_elements=["id"], set_=values, where=again))


def _note_feed(connection: Connection, judged: Judged, now: datetime) -> None:
    """Open an incident for a broken feed; a whole one that comes later ends those that are open."""
    decision, subject = judged.decision, judged.evidence.subject
    if subject is None or decision.kind != "check":
        return
    if decision.outcome == "incident":
        row = {"id": subject.check, "model": decision.model, "sentence": decision.sentence, "opened_at": now}
        connection.execute(insert(INCIDENTS).values(row | {"closed_by": ""}).on_conflict_do_nothing())
        return
    still = update(INCIDENTS).where(INCIDENTS.c.model == decision.model, INCIDENTS.c.closed_at.is_(None))
    connection.execute(still.values(closed_at=now, closed_by=subject.check))


def _in_force(connection: Connection, model: str) -> RetrainPolicy:
    query = select(RETRAIN_POLICIES.c.policy).where(RETRAIN_POLICIES.c.model == model)
    text = connection.execute(query.order_by(RETRAIN_POLICIES.c.position.desc()).limit(1)).scalar()
    return DEFAULT_RETRAIN if text is None else _policy(text)


def _policy(text: str) -> RetrainPolicy:
    try:
        return RetrainPolicy.model_validate_json(text)
    except ValidationError as error:
        raise StoreFailed(
            "The retrain policy that is in force was written by another Driftline and cannot be read: put one in force "
            "anew with python -m monitoring policy --set FILE."
        ) from error


def _decisions() -> Select[Any]:
    """Decisions with the state of the request that was written with each, if that is still its decision."""
    state = REQUESTS.c.state.label("request_state")
    return select(DECISIONS, state).join_from(DECISIONS, REQUESTS, REQUESTS.c.decision == DECISIONS.c.id, isouter=True)


def _kept(row: RowMapping) -> KeptDecision:
    try:
        return KeptDecision(
            decision=Decision.model_validate_json(row["decision"]),
            policy=RetrainPolicy.model_validate_json(row["policy"]),
            evidence=RetrainEvidence.model_validate_json(row["evidence"]),
            request=row["request"],
            request_state=row["request_state"],
            recorded_at=row["recorded_at"],
        )
    except ValidationError as error:
        raise StoreFailed("This decision was kept by another Driftline and cannot be shown.") from error
