"""The rows that a retrain decision rests on, read inside the transaction that keeps it."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime
from typing import Any, NamedTuple, cast

from sqlalchemy import ColumnClause, Connection, Integer, RowMapping, Select, case, func, literal_column, select

from monitoring.contract import PREDICTION
from monitoring.history.job_states import ACTIVE
from monitoring.history.retrain_records import starts_again
from monitoring.history.schema import CHECKS, DECISIONS, JOBS, REQUESTS
from monitoring.policy.retrain_evidence import ASKED, NAMED, WINDOW, Asked, AskedState, Batch, Labelled, order_batches

OLDER = "older"
"""Stands for all uploads with outcomes beyond the newest."""
_LABELLED = 100
_TOLD = ("brier", "rows", "blocks", "deviation")
"""What a check tells of its reference's realised performance."""
_LATEST = 9000
"""A year beyond all sense: rows with such a time count by when they were checked."""
_ROW: ColumnClause[int] = literal_column("checks.rowid", Integer)
"""In which order checks were kept."""


def read_batches(connection: Connection, model: str, version: int, *, until: int | None = None) -> tuple[Batch, ...]:
    """The newest batches of a version, by the time of their rows, of each upload the check that knows most outcomes.

    Args:
        connection: a transaction.
        model, version: whose.
        until: the last check in order of record that counts, None for all.
    """
    query = _batches().where(CHECKS.c.model == model, CHECKS.c.version == version)
    if until is not None:
        query = query.where(until >= _ROW)
    query = query.order_by(CHECKS.c.last_time.is_(None), CHECKS.c.last_time.desc(), _ROW.desc()).limit(4 * WINDOW)
    best: dict[str, RowMapping] = {}
    for row in connection.execute(query).mappings():
        known = best.get(row["upload"])
        if known is None or (row["labelled_rows"], row["place"]) > (known["labelled_rows"], known["place"]):
            best[row["upload"]] = row
    reference = _reference(connection, model, version)
    return order_batches(tuple(_batch(row, reference) for row in best.values()))


def read_subject(connection: Connection, check_id: str) -> tuple[Batch, int] | None:
    """The batch of a check, whichever version scored it, and its place in the order of record; None without it."""
    row = connection.execute(_batches().where(CHECKS.c.id == check_id)).mappings().first()
    if row is None:
        return None
    return _batch(row, _reference(connection, row["model"], row["version"])), int(row["place"])


def read_asked(connection: Connection, model: str) -> tuple[Asked, ...]:
    """Earlier requests, and those that dry runs would have made, oldest first.

    What followed each is told where it has an earlier time: there the clock had been set back.
    """
    later = DECISIONS.alias()
    followed = (
        select(later.c.at)
        .where(later.c.model == model, later.c.position > DECISIONS.c.position, later.c.at < DECISIONS.c.at)
        .order_by(later.c.position)
        .limit(1)
        .scalar_subquery()
        .label("followed")
    )
    told = (REQUESTS.c[name] for name in ("id", "at", "state", "by_hand", "expires_at"))  # payloads are large
    made = (
        select(*told, DECISIONS.c.uploads, JOBS.c.state.label("job"), JOBS.c.attempts, followed)
        .join_from(REQUESTS, DECISIONS, DECISIONS.c.id == REQUESTS.c.decision, isouter=True)
        .join(JOBS, JOBS.c.id == REQUESTS.c.id, isouter=True)
        .where(REQUESTS.c.model == model)
        .order_by(REQUESTS.c.position.desc())
        .limit(ASKED)
    )
    dry = (
        select(DECISIONS.c.id, DECISIONS.c.at, DECISIONS.c.uploads, followed)
        .where(DECISIONS.c.model == model, DECISIONS.c.outcome == "dry_run")
        .order_by(DECISIONS.c.position.desc())
        .limit(ASKED)
    )
    asked = [_asked(row) for row in connection.execute(made).mappings()]
    asked += [_dry(row) for row in connection.execute(dry).mappings()]
    return tuple(sorted(asked, key=lambda one: (one.at, one.id)))


def read_labelled(
    connection: Connection, model: str, learnt: Collection[str], *, until: int | None = None
) -> tuple[Labelled, ...]:
    """Uploads with outcomes whose feed was not broken and that the champion has not `learnt`, oldest rows first.

    Of more than a hundred the oldest are told as one.
    """
    told = (CHECKS.c[name] for name in ("upload", "verdict", "labelled_rows", "last_time", "created_at"))
    query = select(*told).where(CHECKS.c.model == model, CHECKS.c.labelled_rows > 0)
    if until is not None:
        query = query.where(until >= _ROW)
    best: dict[str, RowMapping] = {}
    for row in connection.execute(query.order_by(CHECKS.c.labelled_rows, _ROW)).mappings():
        best[row["upload"]] = row
    known = [row for row in best.values() if row["verdict"] != "broken" and row["upload"] not in learnt]
    found = [
        Labelled(
            upload=row["upload"][:NAMED],
            at=rows_time(row["last_time"], row["created_at"]),
            rows=row["labelled_rows"],
            learnt=False,
        )
        for row in known
    ]
    found.sort(key=lambda one: (one.at, one.upload))
    older, newest = found[:-_LABELLED], found[-_LABELLED:]
    if older:
        newest.insert(0, Labelled(upload=OLDER, at=older[-1].at, rows=sum(one.rows for one in older), learnt=False))
    return tuple(newest)


def _batches() -> Select[Any]:
    columns = ("id", "model", "version", "upload", "created_at", "last_time", "verdict", "effects", "drifted")
    numbers = ("rows", "labelled_rows", "brier")
    told = func.json_extract(CHECKS.c.result, "$.performance.blocks")
    blocks = case((CHECKS.c.labelled_rows > 0, told), else_=0.0).label("blocks")  # a result is long: read for need only
    return select(*(CHECKS.c[name] for name in (*columns, *numbers)), blocks, _ROW.label("place"))


class _Reference(NamedTuple):
    """What the checks of a version tell of its reference: see `Batch`."""

    brier: float | None = None
    rows: int = 0
    blocks: float = 0.0
    deviation: float | None = None


def _reference(connection: Connection, model: str, version: int) -> _Reference:
    """Every check of a version tells it; the newest is of the newest program, which tells most."""
    fields = [func.json_extract(CHECKS.c.result, f"$.performance_reference.{name}") for name in _TOLD]
    query = select(*fields).where(CHECKS.c.model == model, CHECKS.c.version == version).order_by(_ROW.desc()).limit(1)
    found = connection.execute(query).first()
    return _Reference(found[0], int(found[1] or 0), float(found[2] or 0.0), found[3]) if found else _Reference()


def _batch(row: RowMapping, reference: _Reference) -> Batch:
    effects: dict[str, float] = row["effects"]
    drifted: list[str] = row["drifted"]
    return Batch(
        check=row["id"],
        upload=row["upload"][:NAMED],
        at=rows_time(row["last_time"], row["created_at"]),
        verdict=row["verdict"],
        moved=effects.get(PREDICTION, 0.0),
        largest=max((effects.get(column, 0.0) for column in drifted), default=0.0),
        predictions_drifted=PREDICTION in drifted,
        rows=row["rows"],
        labelled_rows=row["labelled_rows"],
        brier=row["brier"],
        brier_reference=reference.brier,
        reference_rows=reference.rows,
        blocks=row["blocks"] or 0.0,
        reference_blocks=reference.blocks,
        deviation=reference.deviation,
    )


def rows_time(last_time: str | None, created_at: datetime) -> datetime:
    """UTC time of the newest of some rows, which have no zone; of their check when they have none that can be."""
    try:
        found = datetime.fromisoformat(last_time) if last_time else None
    except ValueError:
        found = None
    if found is None or found.year > _LATEST:
        return created_at
    return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)


def _asked(row: RowMapping) -> Asked:
    return Asked(
        id=row["id"],
        at=row["at"],
        followed=row["followed"],
        state=_state(row),
        uploads=tuple(row["uploads"] or ()),
        by_hand=row["by_hand"],
        expires=row["expires_at"],
    )


def _state(row: RowMapping) -> AskedState:
    if row["state"] != "sent":
        return cast("AskedState", row["state"])
    again = row["job"] is not None and starts_again(row["job"], row["attempts"], by_hand=row["by_hand"])
    return "running" if row["job"] in ACTIVE or again else "ended"


def _dry(row: RowMapping) -> Asked:
    return Asked(id=row["id"], at=row["at"], followed=row["followed"], state="dry", uploads=tuple(row["uploads"]))
