"""What child processes of the tests do: `python -m tests.history.children TASK FOLDER`."""

from __future__ import annotations

import sys
from pathlib import Path

from monitoring.errors import StoreFailed
from monitoring.history.history import History
from tests.history.material import make_check
from tests.processes import limit_files, say


def record_on_full_disk(folder: Path) -> None:
    """Record checks until the disk is full."""
    history = History(f"sqlite:///{folder / 'history.db'}")
    history.record_check(make_check("kept"), b"small")
    limit_files((folder / "history.db-wal").stat().st_size + 10_000)
    try:
        history.record_check(make_check("lost"), b"x" * 200_000)
    except StoreFailed as error:
        say(error)


def open_history(folder: Path) -> None:
    """Open the same database as others, at the same moment."""
    say("ready")
    sys.stdin.readline()
    History(f"sqlite:///{folder / 'history.db'}").record_check(make_check(), b"")
    say("opened")


if __name__ == "__main__":
    tasks = {task.__name__: task for task in (record_on_full_disk, open_history)}
    tasks[sys.argv[1]](Path(sys.argv[2]))
