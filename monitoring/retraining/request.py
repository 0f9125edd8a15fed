"""What a retrain hook receives and gives back. Plain values; no I/O."""

from __future__ import annotations

import hashlib
from typing import Literal, Protocol

from pydantic import Field

from monitoring.contract import Value
from monitoring.progress import Progress
from monitoring.tables.reading import AS_FOUND, Reading


class Source(Value):
    """One stored upload with labels: rows to train on. `check` is the check it came with, `reading` what a person said
    about how the rows are to be read."""

    check: str
    file_name: str
    upload: str
    labels: str | None
    first_time: str | None
    last_time: str | None
    reading: Reading = AS_FOUND


class Evidence(Value):
    """Why: the verdict of the check that led here."""

    verdict: str
    sentence: str
    drifted: tuple[str, ...]


class RetrainRequest(Value):
    """Who asks, for which version, on what evidence, with which data.

    Attributes:
        model: the model to retrain.
        champion: the version in use when it was asked.
        check: the check on whose page it was asked; the gate's rows come from its batch.
        evidence: what that check found.
        sources: every labelled upload in the store that may be trained on, oldest first; that of `check` is the last.
        hook: name of the hook that is to act.
    """

    model: str
    champion: int
    check: str
    evidence: Evidence
    sources: tuple[Source, ...] = Field(min_length=1)
    hook: str = "local"

    @property
    def id(self) -> str:
        """Derived from the content: the same request twice is one request."""
        return "retrain-" + hashlib.sha256(self.model_dump_json().encode()).hexdigest()[:16]


class Outcome(Value):
    """How a hook ended. `version` is the challenger it registered; None when another system will bring it."""

    status: Literal["registered", "delivered"]
    version: int | None
    message: str


class RetrainHook(Protocol):
    """Something that acts on a request. Implementations are one file each in `monitoring/retraining/hooks/`."""

    name: str

    def describe(self, request: RetrainRequest) -> str:
        """What will happen when the person says yes, in one or two sentences."""
        ...

    def run(self, request: RetrainRequest, progress: Progress) -> Outcome:
        """Act. Raises `HookFailed` or `Refused` with a sentence; lets `Cancelled` from `progress` pass."""
        ...
