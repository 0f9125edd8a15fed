"""From the tables of version 1 to those of decisions; the outbox and the approvals of their own."""

from __future__ import annotations

import sqlite3
from datetime import timedelta
from pathlib import Path

import pytest

from monitoring.errors import NotFound
from monitoring.history.decisions import Decisions
from monitoring.history.history import History
from monitoring.history.jobs import Jobs
from monitoring.history.requests import Requests
from monitoring.history.retrain_evidence_rows import read_asked, read_batches, read_labelled
from monitoring.history.store import SCHEMA, reading
from monitoring.policy.retrain_evidence import NAMED, WINDOW
from monitoring.policy.retrain_policy import DEFAULT_RETRAIN, RetrainPolicy
from tests.history.material import DAY, make_check

NEW_TABLES = ("undecided", "retrain_policies", "decisions", "requests", "approvals", "incidents")
PAYLOAD = {"model": "model", "check": "c" * 16}


def version_one(file: Path) -> None:
    """A database as version 1 left it: one check, one retraining that was done."""
    history = History(f"sqlite:///{file}")
    history.record_check(make_check(), b"")
    jobs = Jobs(history.engine)
    jobs.submit("retrain-1", "retrain", PAYLOAD)
    jobs.submit("check-1", "check", {})
    history.engine.dispose()
    with sqlite3.connect(file) as connection:
        for table in NEW_TABLES:
            connection.execute(f"DROP TABLE {table}")
        connection.execute("ALTER TABLE jobs DROP COLUMN beat")
        connection.execute("PRAGMA user_version=1")
    connection.close()


def test_a_database_of_version_one_is_brought_up_to_date(tmp_path: Path) -> None:
    file = tmp_path / "history.db"
    version_one(file)
    history = History(f"sqlite:///{file}")
    with history.engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA user_version").scalar_one() == SCHEMA
    assert history.check("c" * 16) == make_check()
    (request,) = Requests(history.engine).requests("model")
    assert (request.id, request.state, request.by_hand, request.payload) == ("retrain-1", "sent", True, PAYLOAD)
    assert Decisions(history.engine).undecided() == (), "checks from before are not decided now"
    assert Jobs(history.engine).claim("retrain-1")
    assert History(f"sqlite:///{file}").check("c" * 16) == make_check(), "opened again, nothing is done twice"


def test_a_step_that_fails_leaves_the_old_tables(tmp_path: Path) -> None:
    file = tmp_path / "history.db"
    version_one(file)
    with sqlite3.connect(file) as connection:
        connection.execute("CREATE TABLE requests (something TEXT)")
    connection.close()
    with pytest.raises(Exception, match="cannot be read or written"):
        History(f"sqlite:///{file}")
    connection = sqlite3.connect(file)
    assert connection.execute("PRAGMA user_version").fetchone() == (1,)
    assert "beat" not in [row[1] for row in connection.execute("PRAGMA table_info(jobs)")]
    connection.close()


def test_the_policy_in_force_is_the_last(tmp_path: Path) -> None:
    decisions = Decisions(History(f"sqlite:///{tmp_path / 'history.db'}").engine)
    ours = RetrainPolicy(name="ours")
    assert decisions.policy("model") == DEFAULT_RETRAIN
    for policy in (ours, DEFAULT_RETRAIN, DEFAULT_RETRAIN, ours):
        decisions.put_in_force("model", policy, reason="try")
    assert decisions.policy("model") == ours
    assert decisions.policy("other") == DEFAULT_RETRAIN
    assert [kept.policy.name for kept in decisions.policies("model")] == ["ours", "default", "ours"]


def test_batches_are_read_by_the_time_of_their_rows_each_upload_once(tmp_path: Path) -> None:
    history = History(f"sqlite:///{tmp_path / 'history.db'}")
    for place, day in enumerate([3, 1, 2]):
        base = make_check(f"{day:016x}", upload=f"{day:064x}", minutes=place)
        read = base.read.__class__(file_name="", rows_read=1, rows_refused=0, last_time=f"2026-01-0{day}T00:00:00")
        values = {name: getattr(base, name) for name in base.__dataclass_fields__}
        history.record_check(base.__class__(**values | {"read": read}), b"")
        history.record_check(
            base.__class__(**values | {"read": read, "id": f"{day + 8:016x}", "labelled_rows": 50 * (day == 2)}), b""
        )
    with reading(history.engine) as connection:
        batches = read_batches(connection, "model", 1)
        early = read_batches(connection, "model", 1, until=2)
        labelled = read_labelled(connection, "model", ())
        learnt = read_labelled(connection, "model", [f"{2:064x}"])
        assert read_asked(connection, "model") == ()
    assert [batch.upload for batch in batches] == [f"{day:064x}"[:NAMED] for day in (1, 2, 3)]
    assert batches[1].labelled_rows == 50
    assert [batch.check for batch in early] == [f"{11:016x}"]
    assert [(one.rows, one.learnt) for one in labelled] == [(50, False)]
    assert learnt == ()


def test_a_decision_looks_at_the_newest_batches_only(tmp_path: Path) -> None:
    history = History(f"sqlite:///{tmp_path / 'history.db'}")
    for number in range(WINDOW + 5):
        history.record_check(make_check(f"{number:016x}", upload=f"{number:064d}", minutes=number), b"")
    with reading(history.engine) as connection:
        batches = read_batches(connection, "model", 1)
    assert len(batches) == WINDOW
    assert batches[-1].at == DAY + timedelta(minutes=WINDOW + 4)


def test_answers_to_nothing_are_told(tmp_path: Path) -> None:
    requests = Requests(History(f"sqlite:///{tmp_path / 'history.db'}").engine)
    with pytest.raises(NotFound, match="no retrain request"):
        requests.answer("nothing", "approved", "")
    with pytest.raises(NotFound):
        requests.request("nothing")
    assert requests.expire() == ()
