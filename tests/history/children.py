"""What child processes of the tests do: `python -m tests.history.children TASK FOLDER`."""

from __future__ import annotations

import resource
import sys
from pathlib import Path

from monitoring.errors import StoreFailed
from monitoring.history.history import History
from monitoring.history.uploads import Uploads
from tests.history.material import make_check
from tests.processes import say


def limit_files(size: int) -> None:
    """From now on no file of this process may grow beyond `size` bytes, as on a full disk."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))


def receive_half(folder: Path) -> None:
    """Take in a part of an upload, then wait."""
    with Uploads(folder).receiving() as writer:
        writer.write(b"half of a file\n")
        say("received")
        sys.stdin.readline()


def save_on_full_disk(folder: Path) -> None:
    """Save an upload that is larger than the disk allows."""
    limit_files(100_000)
    try:
        Uploads(folder).save(b"x" * 3_000_000)
    except StoreFailed as error:
        say(error)


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
    tasks = {task.__name__: task for task in (receive_half, save_on_full_disk, record_on_full_disk, open_history)}
    tasks[sys.argv[1]](Path(sys.argv[2]))
