"""A hook that hands the request to a command of the person's own: a script, a queue's client, a scheduler's."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from monitoring.errors import HookFailed, NotPossible
from monitoring.progress import Progress
from monitoring.retraining.request import Outcome, RetrainRequest

LINE_LENGTH = 300
_PAUSE = 0.2
_LAST_LINES_SECONDS = 2.0
_LINES_KEPT = 100


class CommandHook:
    """Runs a command with the request as JSON on its standard input.

    What it prints, line by line, is shown as progress. Exit code 0 means that the request was delivered. The
    environment is passed on, with `DRIFTLINE_REQUEST_ID` in it: a job that was interrupted runs the command again
    with the same id, so a command that may not act twice has what it needs to notice. Neither the environment nor the
    arguments are ever shown or logged.

    Args:
        argv: program and arguments; no shell reads them.
        timeout: seconds after which the command is stopped.
        name: what the hook is called.

    Raises:
        NotPossible: the program is not there or cannot be run.
    """

    def __init__(self, argv: tuple[str, ...], timeout: float = 3600.0, *, name: str = "command") -> None:
        program = shutil.which(argv[0]) if argv else None
        if program is None:
            called = f"'{Path(argv[0]).name}'" if argv else "(none was given)"
            raise NotPossible(f"The retrain command {called} is not there or cannot be run.")
        self.name = name
        self._argv = (str(Path(program).absolute()), *argv[1:])
        self._timeout = timeout

    def describe(self, request: RetrainRequest) -> str:
        """What will happen when the person says yes."""
        files = f"{len(request.sources)} labelled file{'s' if len(request.sources) > 1 else ''}"
        return (
            f"Hands a request to retrain {request.model} to the command {self._program}, with the reasons and the "
            f"names of {files}. What becomes of it is decided there; nothing changes here."
        )

    def run(self, request: RetrainRequest, progress: Progress) -> Outcome:
        """Run the command to its end.

        Raises:
            HookFailed: it could not be started, ended with another exit code than 0, or took too long.
            Cancelled: a person asked to stop; the command and all it started in its group are ended.
        """
        text = json.dumps({"id": request.id, **request.model_dump(mode="json")})
        with self._started(request.id) as process:
            last = self._follow(process, _talk(process, text), progress)
        if process.returncode:
            raise HookFailed(f"The command {self._program} {_ending(process.returncode)}{': ' + last if last else '.'}")
        return Outcome(status="delivered", version=None, message=last or f"Delivered to {self._program}.")

    @property
    def _program(self) -> str:
        return Path(self._argv[0]).name

    @contextmanager
    def _started(self, request_id: str) -> Iterator[subprocess.Popen[str]]:
        """The running command, in a process group of its own; an exception in the block ends the whole group."""
        try:
            process = subprocess.Popen(  # noqa: S603 - the command is the operator's own setting
                self._argv,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                encoding="utf-8",
                errors="replace",
                env={**os.environ, "DRIFTLINE_REQUEST_ID": request_id},
                process_group=0,
            )
        except OSError as error:
            raise HookFailed(f"The command {self._program} could not be started: {error.strerror}.") from error
        try:
            yield process
        except BaseException:
            _end_group(process)
            raise

    def _follow(self, process: subprocess.Popen[str], output: _Output, progress: Progress) -> str:
        """Pass on what the command prints until it ends. Returns its last line."""
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
            progress(0.0, last or f"Running {self._program}.")
            for line in output.taken():
                last = line
                progress(0.0, line)
            if over:
                return last
            if ended_at is None and now - began > self._timeout:
                raise HookFailed(f"The command {self._program} did not end within {self._timeout:g} s and was stopped.")


class _Output:
    """The latest lines that a command printed and nobody has taken yet."""

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
    """Give the command its input and take its output, each in a thread: neither side can block the other."""
    output = _Output()
    if process.stdin is None or process.stdout is None:
        raise HookFailed("The command has no input or output.")
    threading.Thread(target=_write, args=(process.stdin, text), daemon=True).start()
    threading.Thread(target=output.read, args=(process.stdout,), daemon=True).start()
    return output


def _write(stream: IO[str], text: str) -> None:
    with suppress(OSError, ValueError):  # a command may end without reading
        stream.write(text)
    with suppress(OSError, ValueError):
        stream.close()


def _wait(process: subprocess.Popen[str], output: _Output) -> None:
    if output.closed.is_set():
        with suppress(subprocess.TimeoutExpired):
            process.wait(_PAUSE)
    else:
        output.closed.wait(_PAUSE)


def _end_group(process: subprocess.Popen[str]) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _ending(code: int) -> str:
    return f"was ended by signal {-code}" if code < 0 else f"ended with exit code {code}"
