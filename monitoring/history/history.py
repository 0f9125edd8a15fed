"""Checks and promotions that happened, kept to come back to."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, fields
from typing import Any

from pydantic import ValidationError
from sqlalchemy import Engine, RowMapping, Text, and_, cast, delete, func, literal_column, or_, select
from sqlalchemy.dialects.sqlite import insert

from monitoring.errors import NotFound, StoreFailed
from monitoring.history.job_states import ACTIVE
from monitoring.history.records import (
    CheckResult,
    CheckSummary,
    LabelledUpload,
    Switch,
    from_json,
    summarise,
    to_json,
)
from monitoring.history.schema import CHECKS, JOBS, REQUESTS, SWITCHES, UNDECIDED
from monitoring.history.store import open_store, reading, writing
from monitoring.tables.reading import AS_FOUND, Reading

_SWITCH_FIELDS = tuple(field.name for field in fields(Switch) if field.name != "earlier")
_ROWS_KEPT = func.json_extract(CHECKS.c.result, "$.rows_kept")


class History:
    """The store of checks and switches. Every method raises StoreFailed when the database fails.

    Args:
        url: address of the database: "sqlite:///" and the path of its file, which is made when it is not there.
    """

    def __init__(self, url: str) -> None:
        self.engine: Engine = open_store(url)

    def record_check(self, result: CheckResult, profile: bytes) -> None:
        """Keep a check with the profile of its batch. A check that is kept already stays as it is.

        In the same transaction it is entered among those whose decision is to be made: see `Decisions`.

        Raises:
            StoreFailed: it holds something that could not be read back, or the database failed; nothing is kept.
        """
        text = to_json(result)
        _must_read_back(text)
        summary = asdict(summarise(result))
        row = summary | {"labels": result.labels, "result": text, "profile": profile}
        with writing(self.engine) as connection:
            if connection.execute(insert(CHECKS).values(row).on_conflict_do_nothing()).rowcount:
                connection.execute(insert(UNDECIDED).values(check=result.id).on_conflict_do_nothing())

    def check(self, check_id: str) -> CheckResult:
        """A check with everything a page tells about it. Raises NotFound."""
        with reading(self.engine) as connection:
            text = connection.execute(select(CHECKS.c.result).where(CHECKS.c.id == check_id)).scalar()
        if text is None:
            raise _no_check(check_id)
        try:
            return from_json(CheckResult, text)
        except ValidationError as error:
            raise StoreFailed("This check was kept by another Driftline and cannot be shown: check again.") from error

    def has_check(self, check_id: str) -> bool:
        """Whether a check is kept."""
        with reading(self.engine) as connection:
            return connection.execute(select(CHECKS.c.id).where(CHECKS.c.id == check_id)).first() is not None

    def files(self, check_id: str) -> tuple[str, ...]:
        """SHA-256 of the files that a kept check was given: its rows, and its labels if they came apart.

        Raises:
            NotFound: there is no such check.
        """
        query = select(CHECKS.c.upload, CHECKS.c.labels).where(CHECKS.c.id == check_id)
        with reading(self.engine) as connection:
            row = connection.execute(query).first()
        if row is None:
            raise _no_check(check_id)
        return tuple(sha for sha in row if sha is not None)

    def checks(self, model: str | None = None, limit: int | None = None) -> tuple[CheckSummary, ...]:
        """One line for each check, newest first."""
        query = select(*(CHECKS.c[field.name] for field in fields(CheckSummary)))
        query = query.order_by(CHECKS.c.created_at.desc(), CHECKS.c.id).limit(limit)
        if model is not None:
            query = query.where(CHECKS.c.model == model)
        with reading(self.engine) as connection:
            rows = connection.execute(query).mappings().all()
        return tuple(_summary(row) for row in rows)

    def labelled_checks(self, model: str, version: int) -> tuple[CheckSummary, ...]:
        """One line for each check by a version that has labelled rows, in the order in which they were kept."""
        query = select(*(CHECKS.c[field.name] for field in fields(CheckSummary)))
        query = query.where(CHECKS.c.model == model, CHECKS.c.version == version, CHECKS.c.labelled_rows > 0)
        with reading(self.engine) as connection:
            rows = connection.execute(query.order_by(literal_column("checks.rowid"))).mappings().all()
        return tuple(_summary(row) for row in rows)

    def check_with_outcomes(self, result: CheckResult) -> CheckSummary | None:
        """The check of the same rows by the same model that knows most outcomes, the newest of those that know as many.

        None where no check knows more outcomes than `result` does.
        """
        query = select(*(CHECKS.c[field.name] for field in fields(CheckSummary)))
        query = query.where(CHECKS.c.model == result.model, CHECKS.c.upload == result.upload)
        query = query.where(CHECKS.c.labelled_rows > result.labelled_rows)
        query = query.order_by(CHECKS.c.labelled_rows.desc(), CHECKS.c.created_at.desc(), CHECKS.c.id)
        with reading(self.engine) as connection:
            row = connection.execute(query.limit(1)).mappings().first()
        return None if row is None else _summary(row)

    def profile(self, check_id: str) -> bytes:
        """The profile of a check's batch, as it was kept. Raises NotFound."""
        with reading(self.engine) as connection:
            profile = connection.execute(select(CHECKS.c.profile).where(CHECKS.c.id == check_id)).scalar()
        if profile is None:
            raise _no_check(check_id)
        return bytes(profile)

    def delete_check(self, check_id: str) -> None:
        """Forget a check. Its files and its job are not touched: see `workflows.delete`. Raises NotFound."""
        with writing(self.engine) as connection:
            if not connection.execute(delete(CHECKS).where(CHECKS.c.id == check_id)).rowcount:
                raise _no_check(check_id)
            connection.execute(delete(UNDECIDED).where(UNDECIDED.c.check == check_id))

    def upload_in_use(self, sha: str, *, besides: str | None = None) -> bool:
        """Whether a check, a request that is not sent, or a job not at its end needs an upload or a file of labels.

        Args:
            sha: SHA-256 of the file.
            besides: id of a check, and of its job, that do not count.
        """
        checks = select(CHECKS.c.id).where(or_(CHECKS.c.upload == sha, CHECKS.c.labels == sha))
        # a check that was interrupted needs its file to start again; a retraining says that a file of it was deleted
        waiting = and_(JOBS.c.state == "interrupted", JOBS.c.kind == "check")
        jobs = select(JOBS.c.id).where(or_(JOBS.c.state.in_(ACTIVE), waiting))
        jobs = jobs.where(cast(JOBS.c.payload, Text).contains(sha, autoescape=True))
        asked = select(REQUESTS.c.id).where(REQUESTS.c.state.in_(("waiting", "ready")))
        asked = asked.where(cast(REQUESTS.c.payload, Text).contains(sha, autoescape=True))
        with reading(self.engine) as connection:
            users = {one for query in (checks, jobs, asked) for one in connection.execute(query).scalars()}
        return bool(users - {besides})

    def labelled_uploads(self, model: str) -> tuple[LabelledUpload, ...]:
        """Every upload of a model whose outcomes are known, oldest period first, with its best labelled check.

        Uploads that are but a sample of the rows checked are none to learn from.
        """
        columns = [CHECKS.c[f.name] for f in fields(LabelledUpload) if f.name not in ("check", "reading")]
        said = func.json_extract(CHECKS.c.result, "$.reading").label("reading")
        query = select(CHECKS.c.id.label("check"), *columns, said)
        query = query.where(CHECKS.c.model == model, CHECKS.c.labelled_rows > 0, _ROWS_KEPT.is_(None))
        query = query.order_by(CHECKS.c.labelled_rows, CHECKS.c.created_at, CHECKS.c.id)
        with reading(self.engine) as connection:
            rows = [_labelled(row) for row in connection.execute(query).mappings()]
        best = {row.upload: row for row in rows}
        by_age = sorted(best.values(), key=lambda row: row.created_at)
        return tuple(sorted(by_age, key=lambda row: row.first_time or row.created_at.isoformat()))

    def rows_sampled(self, sha: str) -> int | None:
        """Rows of a stored file that is but a sample of the rows of a check; None for any other file."""
        query = select(_ROWS_KEPT).where(CHECKS.c.upload == sha, _ROWS_KEPT.is_not(None))
        with reading(self.engine) as connection:
            return connection.execute(query).scalars().first()

    def record_switches(self, switches: Iterable[Switch]) -> None:
        """Keep changes of the champion, in their order; those that are kept already stay as they are."""
        with writing(self.engine) as connection:
            known = set(connection.execute(select(SWITCHES.c.id)).scalars())
            position = connection.execute(select(func.coalesce(func.max(SWITCHES.c.position), 0))).scalar_one()
            for switch in switches:
                if switch.id not in known:
                    position += 1
                    known.add(switch.id)
                    row = {name: getattr(switch, name) for name in _SWITCH_FIELDS} | {"position": position}
                    connection.execute(insert(SWITCHES), [row])

    def switches(self, model: str | None = None) -> tuple[Switch, ...]:
        """Changes of the champion, newest first."""
        query = select(*(SWITCHES.c[name] for name in _SWITCH_FIELDS)).order_by(SWITCHES.c.position.desc())
        if model is not None:
            query = query.where(SWITCHES.c.model == model)
        with reading(self.engine) as connection:
            rows = connection.execute(query).mappings().all()
        return tuple(Switch(**row) for row in rows)


def _summary(row: RowMapping) -> CheckSummary:
    values: dict[str, Any] = dict(row)
    return CheckSummary(**values | {"drifted": tuple(values["drifted"])})


def _labelled(row: RowMapping) -> LabelledUpload:
    reading = Reading.model_validate_json(row["reading"]) if row["reading"] else AS_FOUND
    return LabelledUpload(**dict(row) | {"reading": reading})


def _must_read_back(text: str) -> None:
    try:
        from_json(CheckResult, text)
    except ValidationError as error:
        where = ".".join(str(part) for part in error.errors()[0]["loc"])
        raise StoreFailed(f"The result of this check holds no number at {where} and was not kept.") from error


def _no_check(check_id: str) -> NotFound:
    return NotFound(f"There is no check {check_id[:32]}; it may have been deleted.")
