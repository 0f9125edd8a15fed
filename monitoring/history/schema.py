"""The tables of the history. A change here is a new `SCHEMA` in `store`, with the step from the one before."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    DateTime,
    Dialect,
    Float,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
)


class UtcTime(TypeDecorator[datetime]):
    """A moment: kept in UTC, given back aware of it; a time without zone is refused."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without zone cannot be kept")
        return value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return value.replace(tzinfo=UTC) if value else None


METADATA = MetaData()

CHECKS = Table(
    "checks",
    METADATA,
    Column("id", String, primary_key=True),
    Column("created_at", UtcTime, nullable=False),
    Column("model", String, nullable=False),
    Column("version", Integer, nullable=False),
    Column("upload", String, nullable=False),
    Column("labels", String),
    Column("file_name", String, nullable=False),
    Column("rows", Integer, nullable=False),
    Column("rows_refused", Integer, nullable=False),
    Column("verdict", String, nullable=False),
    Column("sentence", String, nullable=False),
    Column("first_time", String),
    Column("last_time", String),
    Column("drifted", JSON, nullable=False),
    Column("effects", JSON, nullable=False),
    Column("mean_prediction", Float, nullable=False),
    Column("rate", Float),
    Column("brier", Float),
    Column("auc", Float),
    Column("labelled_rows", Integer, nullable=False),
    Column("result", Text, nullable=False),
    Column("profile", LargeBinary, nullable=False),
    Index("checks_by_time", "model", "created_at"),
    Index("checks_by_upload", "upload"),
)

JOBS = Table(
    "jobs",
    METADATA,
    Column("id", String, primary_key=True),
    Column("kind", String, nullable=False),
    Column("state", String, nullable=False),
    Column("share", Float, nullable=False),
    Column("message", String, nullable=False),
    Column("log", JSON, nullable=False),
    Column("payload", JSON, nullable=False),
    Column("result", JSON(none_as_null=True)),
    Column("attempts", Integer, nullable=False),
    Column("cancel_asked", Boolean, nullable=False),
    Column("owner", String, nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Column("submitted_at", UtcTime, nullable=False),
    Column("started_at", UtcTime),
    Column("finished_at", UtcTime),
    Column("beat", Float),
    Index("jobs_by_state", "state"),
    Index("jobs_by_time", "submitted_at"),
)

SWITCHES = Table(
    "switches",
    METADATA,
    Column("id", String, primary_key=True),
    Column("position", Integer, nullable=False),
    Column("model", String, nullable=False),
    Column("version", Integer, nullable=False),
    Column("previous", Integer),
    Column("kind", String, nullable=False),
    Column("reason", String, nullable=False),
    Column("at", UtcTime, nullable=False),
    Index("switches_by_model", "model", "position"),
)

UNDECIDED = Table(  # checks whose decision is still to be made; a check is entered in the transaction that keeps it
    "undecided",
    METADATA,
    Column("position", Integer, primary_key=True),
    Column("check", String, nullable=False, unique=True),
    sqlite_autoincrement=True,
)

RETRAIN_POLICIES = Table(  # every policy that was ever put in force; the last of a model is in force
    "retrain_policies",
    METADATA,
    Column("position", Integer, primary_key=True),
    Column("model", String, nullable=False),
    Column("policy_id", String, nullable=False),
    Column("policy", Text, nullable=False),
    Column("reason", String, nullable=False),
    Column("at", UtcTime, nullable=False),
    Index("retrain_policies_by_model", "model", "position"),
    sqlite_autoincrement=True,
)

DECISIONS = Table(  # one for each occasion, with all that it rests on
    "decisions",
    METADATA,
    Column("position", Integer, primary_key=True),
    Column("id", String, nullable=False, unique=True),
    Column("occasion", String, nullable=False, unique=True),
    Column("model", String, nullable=False),
    Column("check", String),
    Column("outcome", String, nullable=False),
    Column("sentence", String, nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("recorded_at", UtcTime, nullable=False),
    Column("uploads", JSON, nullable=False),
    Column("request", String),
    Column("policy", Text, nullable=False),
    Column("evidence", Text, nullable=False),
    Column("decision", Text, nullable=False),
    Index("decisions_by_model", "model", "position"),
    Index("decisions_by_outcome", "model", "outcome", "position"),
    Index("decisions_by_check", "check"),
    sqlite_autoincrement=True,
)

REQUESTS = Table(  # the outbox: written with its decision, sent afterwards; its job has the same id
    "requests",
    METADATA,
    Column("position", Integer, primary_key=True),
    Column("id", String, nullable=False, unique=True),
    Column("model", String, nullable=False),
    Column("decision", String),
    Column("state", String, nullable=False),
    Column("by_hand", Boolean, nullable=False),
    Column("payload", JSON, nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Column("expires_at", UtcTime),
    Column("sent_at", UtcTime),
    Index("requests_by_model", "model", "position"),
    Index("requests_by_state", "state"),
    sqlite_autoincrement=True,
)

APPROVALS = Table(  # what a person answered, each answer once
    "approvals",
    METADATA,
    Column("position", Integer, primary_key=True),
    Column("request", String, nullable=False),
    Column("answer", String, nullable=False),
    Column("reason", String, nullable=False),
    Column("at", UtcTime, nullable=False),
    Index("approvals_by_request", "request"),
    sqlite_autoincrement=True,
)

INCIDENTS = Table(  # broken feeds, from the check that found one to the check or the person that ended it
    "incidents",
    METADATA,
    Column("id", String, primary_key=True),
    Column("model", String, nullable=False),
    Column("sentence", String, nullable=False),
    Column("opened_at", UtcTime, nullable=False),
    Column("closed_at", UtcTime),
    Column("closed_by", String, nullable=False),
    Index("incidents_by_model", "model", "opened_at"),
)
