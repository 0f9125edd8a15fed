"""What a retrain hook receives and gives back. Plain values; no I/O."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Sequence
from typing import Literal, Protocol, Self

from pydantic import Field, model_validator

from monitoring.contract import Value
from monitoring.progress import Progress
from monitoring.tables.reading import AS_FOUND, Reading

_RECENT = re.compile(r"last-([1-9][0-9]{0,4})-days")


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


DataKind = Literal["all", "recent", "since_drift"]


class TrainingData(Value):
    """Which labelled rows a candidate is trained on; held-out days are never among them.

    Attributes:
        kind: `all` rows behind the versions so far and of the uploads; the `recent` ones; those `since_drift` began.
        days: how many days `recent` goes back from the newest row to train on; None for the others.
    """

    kind: DataKind = "all"
    days: int | None = Field(default=None, ge=1)

    @model_validator(mode="after")
    def _recent_has_days(self) -> Self:
        if (self.kind == "recent") != (self.days is not None):
            raise ValueError("a number of days belongs to recent rows, and to them alone")
        return self

    @property
    def code(self) -> str:
        """Its name in settings and records: `all`, `since-drift`, `last-90-days`."""
        return f"last-{self.days}-days" if self.kind == "recent" else self.kind.replace("_", "-")

    @classmethod
    def from_code(cls, code: str) -> TrainingData:
        """The data that a code names. Raises ValueError for another text.

        >>> TrainingData.from_code("last-90-days").days
        90
        """
        if found := _RECENT.fullmatch(code):
            return cls(kind="recent", days=int(found[1]))
        kinds: dict[str, DataKind] = {"all": "all", "since-drift": "since_drift"}
        if code not in kinds:
            raise ValueError(f"training data is all, since-drift or last-N-days, not {code[:40]!r}")
        return cls(kind=kinds[code])


class RetrainRequest(Value):
    """Who asks, for which version, on what evidence, with which data.

    Attributes:
        model: the model to retrain.
        champion: the version in use when it was asked.
        check: the check on whose page it was asked; the gate's rows come from its batch.
        evidence: what that check found.
        sources: every labelled upload in the store that may be trained on, oldest first; that of `check` is the last.
        hook: name of the hook that is to act.
        data: what the candidates are trained on, one after the other; the gate compares them all.
        drift_began: ISO day from which the batches have been in drift without a break, None when that is not known.
        dry_run: nothing is to be trained: a person tries whether the hook works.
    """

    model: str
    champion: int
    check: str
    evidence: Evidence
    sources: tuple[Source, ...] = Field(min_length=1)
    hook: str = "local"
    data: tuple[TrainingData, ...] = Field(default=(TrainingData(),), min_length=1)
    drift_began: str | None = None
    dry_run: bool = False

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
    """Something that acts on a request. Implementations are one file each in `monitoring/retraining/hooks/`; those of
    others are found by their entry point (group `driftline.retrain_hooks`)."""

    @property
    def name(self) -> str:
        """What it is called in settings, requests and on the page."""
        ...

    def describe(self, request: RetrainRequest) -> str:
        """What will happen when the person says yes, in one or two sentences."""
        ...

    def validate(self) -> tuple[str, ...]:
        """What keeps it from working, each problem in a sentence that says how to mend it; () when nothing does.

        Looks at its settings only: asked at start and whenever a page is drawn, so it must be quick and change nothing.
        """
        ...

    def try_out(self, request: RetrainRequest, progress: Progress) -> str:
        """Go the whole way with a request whose `dry_run` is set, but train nothing. Returns a sentence: what happened.

        Raises `HookFailed` or `Refused` with a sentence; lets `Cancelled` from `progress` pass.
        """
        ...

    def run(self, request: RetrainRequest, progress: Progress) -> Outcome:
        """Act. Raises `HookFailed` or `Refused` with a sentence; lets `Cancelled` from `progress` pass."""
        ...


def choose_sources(
    request: RetrainRequest, others: Sequence[Source], taken: Callable[[Source], bool]
) -> RetrainRequest:
    """The request with those of its sources, and of `others`, that are `taken`, the oldest period first.

    The last source, whose check it is asked from, stays: the gate compares on its rows.
    """
    *before, newest = request.sources
    added = [source for source in others if taken(source)]
    chosen = [source for source in before if taken(source)] + added
    if added:
        chosen.sort(key=lambda source: source.first_time or "")
    return request.model_copy(update={"sources": (*chosen, newest)})


def dry_request(model: str, champion: int, hook: str) -> RetrainRequest:
    """The request with which a hook is tried: it names no real rows, and asks for nothing to be trained."""
    nothing = "0" * 64
    return RetrainRequest(
        model=model,
        champion=champion,
        check=nothing[:16],
        evidence=Evidence(verdict="undecided", sentence="A person tries this hook.", drifted=()),
        sources=(
            Source(
                check=nothing[:16],
                file_name="try-out.csv",
                upload=nothing,
                labels=None,
                first_time=None,
                last_time=None,
            ),
        ),
        hook=hook,
        dry_run=True,
    )
