"""A program run to its end beside us: input given, output shown line by line, its time and memory bounded."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import IO

import psutil

from monitoring.errors import HookFailed
from monitoring.progress import Progress
from monitoring.retraining.limits import WorkLimits, too_large, too_long

LINE_LENGTH = 300
_PAUSE = 0.2
_LAST_LINES_SECONDS = 2.0
_LINES_KEPT = 100
_BACKSTOP = 1.5
"""The system refuses memory only beyond this multiple of the limit: before it we see and say that it was exceeded."""
_OUT_OF_MEMORY = ("memoryerror", "bad_alloc", "cannot allocate memory", "unable to allocate")


def run_program(
    argv: Sequence[str],
    *,
    called: str,
    given: str,
    environment: Mapping[str, str],
    limits: WorkLimits,
    progress: Progress,
) -> str:
    """Run a program in a process group of its own and return its last line.

    Args:
        argv: program and arguments; no shell reads them.
        called: what it is called in sentences.
        given: text for its standard input.
        environment: variables in addition to ours.
        limits: its bounds; what goes beyond is ended, with everything it started.
        progress: is told each line that it prints, on either stream.

    Raises:
        HookFailed: it could not be started, ended with another exit code than 0, or went beyond a limit.
        Cancelled: a person asked to stop; it and all it started in its group are ended.
    """
    with _started(argv, called, environment) as process:
        _bound_memory(process.pid, limits)
        last = _follow(process, _talk(process, given), called, limits, progress)
    if process.returncode:
        if any(words in last.lower() for words in _OUT_OF_MEMORY):
            raise HookFailed(too_large(called, limits))
        raise HookFailed(f"{called} {_ending(process.returncode)}{': ' + last if last else '.'}")
    return last


@contextmanager
def _started(argv: Sequence[str], called: str, environment: Mapping[str, str]) -> Iterator[subprocess.Popen[str]]:
    """The running program, in a process group of its own; an exception in the block ends the whole group."""
    try:
        process = subprocess.Popen(  # noqa: S603 - the program is the operator's own setting
            argv,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            errors="replace",
            env={**os.environ, **environment},
            process_group=0,
        )
    except OSError as error:
        raise HookFailed(f"{called} could not be started: {error.strerror}.") from error
    try:
        yield process
    except BaseException:
        _end_group(process)
        raise


def _follow(
    process: subprocess.Popen[str], output: _Output, called: str, limits: WorkLimits, progress: Progress
) -> str:
    """Pass on what the program prints until it ends. Returns its last line."""
    began = time.monotonic()
    ended_at: float | None = None
    last = ""
    while True:
        _wait(process, output)
        now = time.monotonic()
        if ended_at is None and process.poll() is not None:
            ended_at = now
        # what it leaves running may keep its output open: that is not waited for
        over = ended_at is not None and (output.closed.is_set() or now - ended_at > _LAST_LINES_SECONDS)
        progress(0.0, last or f"Running {called[0].lower() + called[1:]}.")
        for line in output.taken():
            last = line
            progress(0.0, line)
        if over:
            return last
        if ended_at is None:
            if now - began > limits.seconds:
                raise HookFailed(too_long(called, limits))
            if _memory_of(process.pid) > limits.memory:
                raise HookFailed(too_large(called, limits))


class _Output:
    """The latest lines that a program printed and nobody has taken yet."""

    def __init__(self) -> None:
        self.closed = threading.Event()
        self._lines: deque[str] = deque(maxlen=_LINES_KEPT)

    def read(self, stream: IO[str]) -> None:
        """Take in lines until the stream ends."""
        with suppress(OSError, ValueError), stream:
            while line := stream.readline(LINE_LENGTH):
                if shown := "".join(letter for letter in line if letter.isprintable()).strip():
                    self._lines.append(shown)
        self.closed.set()

    def taken(self) -> Iterator[str]:
        """The lines so far, oldest first, each once."""
        with suppress(IndexError):
            while True:
                yield self._lines.popleft()


def _talk(process: subprocess.Popen[str], text: str) -> _Output:
    """Give the program its input and take its output, each in a thread: neither side can block the other."""
    output = _Output()
    if process.stdin is None or process.stdout is None:
        raise HookFailed("The program has no input or output.")
    threading.Thread(target=_write, args=(process.stdin, text), daemon=True).start()
    threading.Thread(target=output.read, args=(process.stdout,), daemon=True).start()
    return output


def _write(stream: IO[str], text: str) -> None:
    with suppress(OSError, ValueError):  # a program may end without reading
        stream.write(text)
    with suppress(OSError, ValueError):
        stream.close()


def _wait(process: subprocess.Popen[str], output: _Output) -> None:
    if output.closed.is_set():
        with suppress(subprocess.TimeoutExpired):
            process.wait(_PAUSE)
    else:
        output.closed.wait(_PAUSE)


def _bound_memory(pid: int, limits: WorkLimits) -> None:
    """Have the system refuse what would go far beyond the limit between two looks. Only Linux can do this to others."""
    if sys.platform == "linux":
        import resource

        most = int(limits.memory * _BACKSTOP)
        with suppress(OSError, ValueError):
            resource.prlimit(pid, resource.RLIMIT_DATA, (most, most))


def _memory_of(pid: int) -> int:
    """Bytes of memory that a process and all its descendants hold now."""
    total = 0
    with suppress(psutil.Error):
        process = psutil.Process(pid)
        for one in (process, *process.children(recursive=True)):
            with suppress(psutil.Error):
                total += one.memory_info().rss
    return total


def _end_group(process: subprocess.Popen[str]) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _ending(code: int) -> str:
    return f"was ended by signal {-code}" if code < 0 else f"ended with exit code {code}"
