"""Real processes for tests: started, waited for, killed, always by their own handle."""

from __future__ import annotations

import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
LIMIT_SECONDS = 60.0


@contextmanager
def started(*arguments: str | Path) -> Iterator[subprocess.Popen[str]]:
    """A Python process with these arguments, in the project's folder; killed at the end if it still runs."""
    process = subprocess.Popen(
        [sys.executable, *map(str, arguments)],
        cwd=PROJECT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def answer(process: subprocess.Popen[str]) -> str:
    """The next line that a process prints."""
    assert process.stdout is not None
    return process.stdout.readline().strip()


def say(text: object) -> None:
    """In a child: print a line for `answer`."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def limit_files(size: int) -> None:
    """In a child: from now on no file of this process may grow beyond `size` bytes, as on a full disk."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))


def tell(process: subprocess.Popen[str]) -> None:
    """Let a process that waits for a line go on."""
    assert process.stdin is not None
    process.stdin.write("\n")
    process.stdin.flush()


def wait_until(condition: Callable[[], object], what: str, *, seconds: float = LIMIT_SECONDS) -> None:
    """Return as soon as a condition holds; fail when it does not within a generous limit."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"not within {seconds:g} s: {what}"
        time.sleep(0.02)
