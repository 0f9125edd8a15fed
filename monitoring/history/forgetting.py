"""Rows that checks keep: those that did not fit, and the values named as examples. They can be forgotten."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from sqlalchemy import Engine, func, or_, select, update

from monitoring.history.records import CheckResult, from_json, to_json
from monitoring.history.schema import CHECKS
from monitoring.history.store import reading, writing
from monitoring.tables.report import ReadReport


def checks_with_rows(engine: Engine, *, until: datetime) -> tuple[str, ...]:
    """Ids of checks made before `until` that keep rows or values of their file. Raises StoreFailed."""
    told = CHECKS.c.result
    lists = (func.json_array_length(told, f"$.read.{name}") for name in ("refused_rows", "flawed_rows", "problems"))
    may_hold = or_(*(func.coalesce(length, 0) > 0 for length in lists))
    with reading(engine) as connection:
        rows = connection.execute(select(CHECKS.c.id, told).where(CHECKS.c.created_at < until, may_hold)).all()
    return tuple(check for check, text in rows if _holds_rows(from_json(CheckResult, text).read))


def forget_check_rows(engine: Engine, check_id: str) -> None:
    """Remove rows and example values from what a check keeps; counts, rules and all else stay. Raises StoreFailed."""
    with writing(engine) as connection:
        text = connection.execute(select(CHECKS.c.result).where(CHECKS.c.id == check_id)).scalar()
        if text is None:
            return
        result = from_json(CheckResult, text)
        values = {"result": to_json(replace(result, read=_without_rows(result.read)))}
        connection.execute(update(CHECKS).where(CHECKS.c.id == check_id).values(values))


def _holds_rows(read: ReadReport) -> bool:
    return bool(read.refused_rows or read.flawed_rows or any(problem.examples for problem in read.problems))


def _without_rows(read: ReadReport) -> ReadReport:
    problems = tuple(replace(problem, examples=()) for problem in read.problems)
    return replace(read, refused_rows=(), flawed_rows=(), problems=problems)
