"""The database of the history: how it is opened, its transactions, and what its errors mean to a person.

SQLite in WAL mode, so that pages read while work is written. `synchronous=FULL`: a commit that was reported is on the
disk even when the power fails; commits are few (a check makes about ten, progress at most five a second), so this
costs little. `secure_delete=ON`: what a person deletes is overwritten. Transactions that write begin with
`BEGIN IMMEDIATE`: they wait for each other at their start and cannot fail half-way.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from sqlite3 import Connection as SqliteConnection

from sqlalchemy import Connection, Engine, Table, create_engine, event
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.exc import TimeoutError as PoolExhausted

from monitoring.durable import locked, storing
from monitoring.errors import StoreFailed
from monitoring.history.schema import METADATA, REQUESTS

SCHEMA = 2
"""Version of the tables. A change of the tables raises it and adds the step from the version before."""

_BUSY_SECONDS = 20


def open_store(url: str) -> Engine:
    """Open the database that `url` names ("sqlite:////folder/history.sqlite"), and make it when there is none.

    Raises:
        StoreFailed: it cannot be opened, is no database, or was written by a newer Driftline.
    """
    try:
        engine = create_engine(url, connect_args={"timeout": _BUSY_SECONDS})
    except ArgumentError as error:
        raise StoreFailed("The address of the history's database cannot be understood.") from error
    if engine.dialect.name != "sqlite" or engine.url.database in (None, "", ":memory:"):
        raise StoreFailed("The history is kept in an SQLite file: its address starts with sqlite:///.")
    event.listen(engine, "connect", _prepare_connection)
    event.listen(engine, "begin", _begin)
    file = Path(str(engine.url.database))
    with storing("The history"), locked(file.with_name(f".{file.name}.lock")):
        _make_tables(engine)
    return engine


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """A transaction that sees one state of the database. Raises StoreFailed."""
    with _explained(), engine.connect() as connection:
        yield connection


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """A transaction that is kept as a whole at the end, or not at all. Raises StoreFailed."""
    with _explained(), engine.execution_options(begin="BEGIN IMMEDIATE").begin() as connection:
        yield connection


def _prepare_connection(connection: SqliteConnection, _record: object) -> None:
    connection.isolation_level = None  # transactions begin in `_begin`, not where sqlite3 guesses
    for setting in ("synchronous=FULL", "secure_delete=ON"):
        connection.execute(f"PRAGMA {setting}")


def _begin(connection: Connection) -> None:
    statement = connection.get_execution_options().get("begin", "BEGIN")
    if statement:
        connection.exec_driver_sql(statement)


def _make_tables(engine: Engine) -> None:
    with _explained():
        with engine.execution_options(begin="").connect() as connection:  # the mode is changed outside transactions
            connection.exec_driver_sql("PRAGMA journal_mode=WAL")
            found = int(connection.exec_driver_sql("PRAGMA user_version").scalar_one())
        if found > SCHEMA:
            raise StoreFailed(
                f"The history was written by a newer Driftline (its tables have version {found}, this one knows "
                f"{SCHEMA}). Update Driftline, or choose another data folder with DRIFTLINE_DATA."
            )
        if found < SCHEMA:
            with writing(engine) as connection:
                _migrate(connection)
                METADATA.create_all(connection)
                connection.exec_driver_sql(f"PRAGMA user_version={SCHEMA}")


def _migrate(connection: Connection) -> None:
    """Take the steps from the tables' version to this one; a database without tables needs none."""
    found = int(connection.exec_driver_sql("PRAGMA user_version").scalar_one())
    for version in range(max(found, 1), SCHEMA) if found else ():
        for step in _STEPS[version]:
            if isinstance(step, str):
                connection.exec_driver_sql(step)
            else:
                step.create(connection)


_STEPS: dict[int, tuple[str | Table, ...]] = {
    1: (  # decisions; retrainings that were asked for before count as requests by hand
        "ALTER TABLE jobs ADD COLUMN beat FLOAT",
        REQUESTS,
        "INSERT INTO requests (id, model, state, by_hand, payload, at, created_at, sent_at) "
        "SELECT id, json_extract(payload, '$.model'), 'sent', 1, payload, created_at, created_at, submitted_at "
        "FROM jobs WHERE kind = 'retrain' ORDER BY created_at, id",
    ),
}
"""For each version the steps to the next: statements, and the tables they fill. Other new tables are made anyway."""


_CAUSES = {
    "disk is full": "the disk is full",
    "readonly": "Driftline may not write there",
    "unable to open": "its file cannot be opened",
    "locked": "another process keeps it busy",
    "not a database": "its file is no database",
    "malformed": "its file is damaged",
    "disk i/o error": "the disk failed or is full",
}


@contextmanager
def _explained() -> Iterator[None]:
    try:
        yield
    except (DBAPIError, PoolExhausted) as error:
        original = error.orig if isinstance(error, DBAPIError) else error
        text = str(original).lower()
        cause = next((words for part, words in _CAUSES.items() if part in text), type(original).__name__)
        raise StoreFailed(f"The history in the data folder cannot be read or written: {cause}.") from error
