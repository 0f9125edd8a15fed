"""The database: opened by many, refused when newer, and whole after a full disk."""

from __future__ import annotations

import sqlite3
import threading
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import insert
from sqlalchemy.exc import StatementError

from monitoring.errors import NotFound, StoreFailed
from monitoring.history.history import History
from monitoring.history.schema import SWITCHES
from monitoring.history.store import SCHEMA, writing
from tests.history.material import make_check
from tests.processes import answer, started, tell

CHILDREN = ("-m", "tests.history.children")


def test_the_file_is_set_up_to_survive_a_crash(tmp_path: Path) -> None:
    history = History(f"sqlite:///{tmp_path / 'history.db'}")
    with history.engine.connect() as connection:
        settings = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()
            for name in ("journal_mode", "synchronous", "user_version", "secure_delete", "busy_timeout")
        }
    full = 2
    assert settings["journal_mode"] == "wal"
    assert settings["synchronous"] == full
    assert settings["user_version"] == SCHEMA
    assert settings["secure_delete"] == 1
    assert settings["busy_timeout"] >= 5_000


def test_a_database_of_a_newer_driftline_is_refused_and_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "history.db"
    with sqlite3.connect(file) as connection:
        connection.execute(f"PRAGMA user_version={SCHEMA + 6}")
        connection.execute("CREATE TABLE checks (something_new TEXT)")
    connection.close()
    with pytest.raises(StoreFailed, match=f"newer Driftline .its tables have version {SCHEMA + 6}, this one knows"):
        History(f"sqlite:///{file}")
    connection = sqlite3.connect(file)
    assert connection.execute("SELECT name FROM sqlite_master").fetchall() == [("checks",)]
    connection.close()


def test_a_file_that_is_no_database_is_said_to_be_none(tmp_path: Path) -> None:
    file = tmp_path / "history.db"
    file.write_bytes(b"This is a letter, not a database. " * 100)
    with pytest.raises(StoreFailed, match="its file is no database"):
        History(f"sqlite:///{file}")


def test_a_data_folder_that_cannot_be_made_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file where the folder should be")
    with pytest.raises(StoreFailed, match="The history could not be kept in the data folder"):
        History(f"sqlite:///{tmp_path / 'data' / 'history.db'}")


@pytest.mark.parametrize("url", ["sqlite://", "not a url", "sqlite:///:memory:"])
def test_other_addresses_are_refused(url: str) -> None:
    with pytest.raises(StoreFailed, match="address"):
        History(url)


def test_a_time_without_zone_is_refused(tmp_path: Path) -> None:
    history = History(f"sqlite:///{tmp_path / 'history.db'}")
    naive = {"id": "1", "position": 1, "model": "m", "version": 1, "kind": "promote", "reason": ""}
    with pytest.raises(StatementError, match="without zone"), writing(history.engine) as connection:
        connection.execute(insert(SWITCHES), [naive | {"at": datetime(2026, 1, 1)}])
    assert history.switches() == ()


def test_a_full_disk_is_a_sentence_and_loses_only_what_did_not_fit(tmp_path: Path) -> None:
    with started(*CHILDREN, "record_on_full_disk", tmp_path) as child:
        said, _ = child.communicate()
    assert said.startswith("The history in the data folder cannot be read or written: the disk")
    history = History(f"sqlite:///{tmp_path / 'history.db'}")
    assert history.check("kept") == make_check("kept")
    with pytest.raises(NotFound):
        history.check("lost")
    with history.engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA integrity_check").scalar_one() == "ok"
    history.record_check(make_check("lost"), b"x" * 200_000)
    assert history.has_check("lost")


def test_two_processes_that_make_the_database_at_once_share_it(tmp_path: Path) -> None:
    with started(*CHILDREN, "open_history", tmp_path) as one, started(*CHILDREN, "open_history", tmp_path) as other:
        for child in (one, other):
            assert answer(child) == "ready"
        for child in (one, other):
            tell(child)
        assert [answer(child) for child in (one, other)] == ["opened", "opened"]
    assert len(History(f"sqlite:///{tmp_path / 'history.db'}").checks()) == 1


def test_many_threads_write_without_losing_anything(tmp_path: Path) -> None:
    history = History(f"sqlite:///{tmp_path / 'history.db'}")
    failures: list[BaseException] = []

    def record(thread: int) -> None:
        try:
            for number in range(10):
                history.record_check(make_check(f"{thread}-{number}"), b"")
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=record, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert len(history.checks()) == 60
