"""A hook that hands the request to a command of the person's own: a script, a queue's client, a scheduler's."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from monitoring.errors import HookFailed
from monitoring.progress import Progress
from monitoring.retraining.child_process import run_program
from monitoring.retraining.limits import DEFAULT_LIMITS, WorkLimits
from monitoring.retraining.request import Outcome, RetrainRequest


class CommandHook:
    """Runs a command with the request as JSON on its standard input.

    What it prints, line by line, is shown as progress. Exit code 0 means that the request was delivered. The
    environment is passed on, with `DRIFTLINE_REQUEST_ID` in it: a job that was interrupted runs the command again
    with the same id, so a command that may not act twice has what it needs to notice. When a person tries the hook,
    `DRIFTLINE_DRY_RUN` is `1` and the request's `dry_run` is true: the command must then train nothing. Neither the
    environment nor the arguments are ever shown or logged.

    Args:
        argv: program and arguments; no shell reads them.
        limits: time and memory of the command and all it starts.
        name: what the hook is called.
    """

    def __init__(self, argv: tuple[str, ...], limits: WorkLimits = DEFAULT_LIMITS, *, name: str = "command") -> None:
        self._name = name
        self._argv = argv
        self._limits = limits

    @property
    def name(self) -> str:
        return self._name

    def describe(self, request: RetrainRequest) -> str:
        """What will happen when the person says yes."""
        files = f"{len(request.sources)} file{'s' if len(request.sources) > 1 else ''} with outcomes"
        return (
            f"Hands a request to retrain {request.model} to the command {self._program}, with the reasons and the "
            f"names of {files}. What becomes of it is decided there; nothing changes here."
        )

    def validate(self) -> tuple[str, ...]:
        """A sentence when the program is not there or cannot be run."""
        if self._argv and shutil.which(self._argv[0]):
            return ()
        called = f"'{self._program}'" if self._argv else "(none was given)"
        return (
            f"The retrain command {called} is not there or cannot be run: correct "
            "DRIFTLINE_RETRAIN_COMMAND, or put the program there and make it executable.",
        )

    def try_out(self, request: RetrainRequest, progress: Progress) -> str:
        """Run the command with a dry request."""
        last = self._run(request, progress, {"DRIFTLINE_DRY_RUN": "1"})
        return f"The command {self._program} took the dry request and ended well{': ' + last if last else '.'}"

    def run(self, request: RetrainRequest, progress: Progress) -> Outcome:
        """Run the command to its end.

        Raises:
            HookFailed: it could not be started, ended with another exit code than 0, or went beyond a limit.
            Cancelled: a person asked to stop; the command and all it started in its group are ended.
        """
        last = self._run(request, progress, {})
        return Outcome(status="delivered", version=None, message=last or f"Delivered to {self._program}.")

    def _run(self, request: RetrainRequest, progress: Progress, extra: dict[str, str]) -> str:
        if problems := self.validate():
            raise HookFailed(problems[0])
        program = shutil.which(self._argv[0]) or self._argv[0]
        return run_program(
            (str(Path(program).absolute()), *self._argv[1:]),
            called=f"The command {self._program}",
            given=json.dumps({"id": request.id, **request.model_dump(mode="json")}),
            environment={"DRIFTLINE_REQUEST_ID": request.id, **extra},
            limits=self._limits,
            progress=progress,
        )

    @property
    def _program(self) -> str:
        return Path(self._argv[0]).name if self._argv else ""
