"""What child processes of the tests do: `python -m tests.history.retention_children TASK FOLDER`."""

from __future__ import annotations

import sys
from pathlib import Path

from monitoring.history.retention import RetentionFile
from monitoring.workflows.retention import sweep
from tests.history.material import open_in
from tests.processes import say


def sweep_and_stop_half_way(folder: Path) -> None:
    """Delete what is due, and stop after the second file, as a machine that loses its power would."""
    driftline = open_in(folder)
    delete, deleted = driftline.uploads.delete, []

    def delete_some(sha: str) -> None:
        delete(sha)
        deleted.append(sha)
        if len(deleted) == 2:
            say("two")
            sys.stdin.readline()

    driftline.uploads.delete = delete_some  # type: ignore[method-assign] # the moment of the crash is chosen here
    sweep(driftline)


def sweep_with_others(folder: Path) -> None:
    """Sweep at the same moment as others."""
    driftline = open_in(folder)
    say("ready")
    sys.stdin.readline()
    say(sweep(driftline))


def set_uploads(folder: Path) -> None:
    """Set one of the two values many times, while another process sets the other."""
    file = RetentionFile(folder / "retention.json", {})
    kind = "uploads" if sys.argv[3] == "uploads" else "rows"
    say("ready")
    sys.stdin.readline()
    lost = 0
    for days in range(1, 61):
        file.keep(kind, days)
        lost += file.kept().days(kind) != days
    say(lost)


if __name__ == "__main__":
    tasks = {task.__name__: task for task in (sweep_and_stop_half_way, sweep_with_others, set_uploads)}
    tasks[sys.argv[1]](Path(sys.argv[2]))
