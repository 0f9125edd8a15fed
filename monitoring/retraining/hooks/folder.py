"""A hook that drops the request into a folder that another system watches, and waits there for its answer."""

from __future__ import annotations

import json
import os
import time
from contextlib import suppress
from pathlib import Path
from typing import Literal

from pydantic import Field, ValidationError

from monitoring.contract import Value
from monitoring.durable import replace_file, storing
from monitoring.errors import HookFailed
from monitoring.progress import Progress
from monitoring.retraining.request import Outcome, RetrainRequest

REQUEST_SUFFIX, ANSWER_SUFFIX = ".request.json", ".answer.json"
ANSWERED = "answered"
"""Folder inside, to which request and answer are moved when the answer was taken."""
LARGEST_ANSWER = 65_536
WAIT_SECONDS, TRY_SECONDS = 24 * 3_600.0, 10.0
"""How long an answer is waited for, and how long that to a dry request."""
_PAUSE = 0.5
_HALF_WRITTEN_SECONDS = 5.0
"""How long an answer may be no valid one: whoever writes it may not have renamed it into its place."""


class Answer(Value):
    """What the other system says. `working` may be followed by another answer under the same name."""

    status: Literal["working", "done", "failed"]
    message: str = Field(default="", max_length=10_000)
    share: float = Field(default=0.0, ge=0, le=1)


class FolderHook:
    """Writes `<id>.request.json` into a folder, atomically, and waits for `<id>.answer.json`.

    The answer is `{"status": "done", "message": "…"}`, or `failed`, or `working` with a `share` from 0 to 1. A job that
    was interrupted finds its request, or the answer, where it left them. When it is cancelled the request is taken
    back, unless the other system has taken it already.

    Args:
        folder: the watched folder; made when it is not there.
        wait: seconds to wait for an answer.
        name: what the hook is called.
    """

    def __init__(self, folder: Path, wait: float = WAIT_SECONDS, *, name: str = "folder") -> None:
        self._folder = folder
        self._wait = wait
        self._name = name

    @property
    def name(self) -> str:
        return self._name

    def describe(self, request: RetrainRequest) -> str:
        """What will happen when the person says yes."""
        files = f"{len(request.sources)} file{'s' if len(request.sources) > 1 else ''} with outcomes"
        return (
            f"Drops a request to retrain {request.model} into the folder {self._folder.name}, with the reasons and the "
            f"names of {files}, and waits for the answer of the system that watches it. Nothing changes here."
        )

    def validate(self) -> tuple[str, ...]:
        """A sentence when the folder cannot be written to. It is made on first use, so it need not be there."""
        there = self._folder
        while not there.exists() and there != there.parent:
            there = there.parent
        if there.is_dir() and os.access(there, os.W_OK | os.X_OK):
            return ()
        what = "is not a folder" if there.exists() and not there.is_dir() else "cannot be written to"
        return (f"The folder for retrain requests, {self._folder.name}, {what}: correct DRIFTLINE_RETRAIN_FOLDER.",)

    def try_out(self, request: RetrainRequest, progress: Progress) -> str:
        """Drop a dry request and take it back after a while; whoever watches may answer it."""
        try:
            answer = self._exchange(request, progress, TRY_SECONDS)
        except _NoAnswerError:
            return (
                f"A dry request lay in the folder {self._folder.name} for {TRY_SECONDS:.0f} s and was taken back; "
                "nobody answered it. Requests are waited for longer."
            )
        return (
            f"The dry request was answered: {answer.status}{': ' + _plain(answer.message) if answer.message else '.'}"
        )

    def run(self, request: RetrainRequest, progress: Progress) -> Outcome:
        """Drop the request and wait for the answer.

        Raises:
            HookFailed: the answer is `failed` or no answer at all, or none came in time.
            StoreFailed: the request could not be written.
            Cancelled: a person asked to stop; the request is taken back.
        """
        try:
            answer = self._exchange(request, progress, self._wait)
        except _NoAnswerError:
            raise HookFailed(
                f"Nobody answered the request in the folder {self._folder.name} within {self._wait / 3600:g} hours; it "
                "was taken back. Look whether the system that watches the folder runs."
            ) from None
        if answer.status == "failed":
            raise HookFailed(
                f"The system that watches {self._folder.name} failed: {_plain(answer.message) or 'no word'}."
            )
        message = _plain(answer.message) or f"Answered in {self._folder.name}."
        return Outcome(status="delivered", version=None, message=message)

    def _exchange(self, request: RetrainRequest, progress: Progress, seconds: float) -> Answer:
        asked, answered = (self._folder / f"{request.id}{end}" for end in (REQUEST_SUFFIX, ANSWER_SUFFIX))
        if not answered.exists():
            with storing("The request"):
                text = json.dumps({"id": request.id, **request.model_dump(mode="json")}, indent=1)
                replace_file(asked, text.encode() + b"\n")
        try:
            answer = self._wait_for(answered, progress, seconds)
        except BaseException:
            with suppress(OSError):
                asked.unlink(missing_ok=True)
            raise
        self._put_away(asked, answered)
        return answer

    def _wait_for(self, file: Path, progress: Progress, seconds: float) -> Answer:
        began = time.monotonic()
        unreadable: float | None = None
        while True:
            answer, problem = _read(file)
            now = time.monotonic()
            if answer is not None and answer.status != "working":
                return answer
            if answer is not None:
                progress(answer.share, _plain(answer.message) or "The other system works on it.")
            else:
                progress(0.0, f"Waiting for an answer in {self._folder.name}.")
            unreadable = (unreadable or now) if problem else None
            if unreadable is not None and now - unreadable > _HALF_WRITTEN_SECONDS:
                raise HookFailed(f"The answer {file.name} cannot be used: {problem}.")
            if now - began > seconds:
                raise _NoAnswerError
            time.sleep(_PAUSE)

    def _put_away(self, *files: Path) -> None:
        place = self._folder / ANSWERED
        with suppress(OSError):
            place.mkdir(exist_ok=True)
            for file in files:
                if file.exists():
                    file.replace(place / file.name)


class _NoAnswerError(Exception):
    """Nobody answered in time."""


def _read(file: Path) -> tuple[Answer | None, str]:
    """The answer, or why there is none yet; both are empty while nothing is there."""
    try:
        with file.open("rb") as stream:
            content = stream.read(LARGEST_ANSWER + 1)
    except FileNotFoundError:
        return None, ""
    except OSError as error:
        return None, error.strerror or "it cannot be read"
    if len(content) > LARGEST_ANSWER:
        return None, f"it has more than {LARGEST_ANSWER:,} bytes"
    try:
        return Answer.model_validate_json(content), ""
    except ValidationError as error:
        return None, f"{'.'.join(map(str, error.errors()[0]['loc'])) or 'JSON'}: {error.errors()[0]['msg']}"


def _plain(text: str) -> str:
    return "".join(letter if letter.isprintable() else " " for letter in text).strip()[:300].rstrip(".")
