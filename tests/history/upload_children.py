"""What child processes of the tests do: `python -m tests.history.upload_children TASK FOLDER`."""

from __future__ import annotations

import sys
from pathlib import Path

from monitoring.errors import StoreFailed
from monitoring.history.uploads import Uploads
from tests.processes import limit_files, say


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


if __name__ == "__main__":
    {task.__name__: task for task in (receive_half, save_on_full_disk)}[sys.argv[1]](Path(sys.argv[2]))
