"""What child processes of the tests do: `python -m tests.registry.children TASK FOLDER`."""

from __future__ import annotations

import sys
from pathlib import Path

from monitoring.errors import NotPossible, StoreFailed
from tests.processes import limit_files, say
from tests.registry.material import NOW, fill, open_registry, register


def stage(root: Path) -> None:
    """Stage a whole version and wait before registering it."""
    registry = open_registry(root)
    with registry.staging("delay") as staged:
        fill(staged, "a version that was never registered")
        say("staged")
        sys.stdin.readline()


def race(root: Path) -> None:
    """Register five versions at the same moment as others."""
    registry = open_registry(root)
    say("ready")
    sys.stdin.readline()
    say(" ".join(str(register(registry, f"{root} {number}")) for number in range(5)))


def race_to_switch(root: Path) -> None:
    """Switch to and fro at the same moment as others; say how often that was possible."""
    registry = open_registry(root)
    say("ready")
    sys.stdin.readline()
    made = 0
    for number in (1, 2) * 10:
        try:
            registry.promote("delay", number, reason="", now=NOW)
        except NotPossible:
            continue
        made += 1
    say(made)


def fill_disk(root: Path) -> None:
    """Promote and register on a full disk."""
    registry = open_registry(root)
    with registry.staging("delay") as staged:
        fill(staged, "x" * 2_000)
        limit_files(100)
        for act in (
            lambda: registry.promote("delay", 2, reason="x" * 500, now=NOW),
            lambda: registry.register("delay", staged),
        ):
            try:
                act()
            except StoreFailed as error:
                say(error)


if __name__ == "__main__":
    tasks = {task.__name__: task for task in (stage, race, race_to_switch, fill_disk)}
    tasks[sys.argv[1]](Path(sys.argv[2]))
