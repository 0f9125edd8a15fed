"""How one column moved from check to check, read from what the checks keep, without reading the checks whole."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Engine, text

from monitoring.history.store import reading
from monitoring.policy.verdict import State

_QUERY = text(
    """
    SELECT checks.id, checks.file_name, checks.version, checks.first_time, checks.last_time,
           finding.value ->> '$.state' AS state, finding.value ->> '$.effect' AS effect,
           finding.value ->> '$.tolerance' AS tolerance, finding.value ->> '$.n_batch' AS rows
    FROM checks, json_each(checks.result, '$.findings') AS finding
    WHERE checks.model = :model AND finding.value ->> '$.column' = :column
      AND finding.value ->> '$.detector' IN ('ks', 'chi2')
    ORDER BY checks.last_time IS NULL, substr(checks.last_time, 1, 10), checks.version, checks.created_at, checks.id
    """
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CoursePoint:
    """One check's finding about a column.

    Attributes:
        check: id of the check; file_name: its file; version: what scored the rows.
        first_time, last_time: of the rows, ISO 8601, None without timestamps.
        state, effect, tolerance: of the column's test; rows: of the batch with a value.
    """

    check: str
    file_name: str
    version: int
    first_time: str | None
    last_time: str | None
    state: State
    effect: float
    tolerance: float
    rows: int


def column_course(engine: Engine, model: str, column: str) -> tuple[CoursePoint, ...]:
    """Every check of a model that tested a column, by the last day of its rows as on the time line, the others last.

    Raises StoreFailed.

    Args:
        engine: the database, from `History.engine`.
        model: the model; column: the column.
    """
    with reading(engine) as connection:
        rows = connection.execute(_QUERY, {"model": model, "column": column}).mappings().all()
    return tuple(
        CoursePoint(
            check=row["id"],
            file_name=row["file_name"],
            version=row["version"],
            first_time=row["first_time"],
            last_time=row["last_time"],
            state=row["state"],
            effect=row["effect"],
            tolerance=row["tolerance"],
            rows=row["rows"],
        )
        for row in rows
    )
