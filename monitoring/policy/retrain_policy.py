"""When a model is to be retrained: triggers, confirmation, gates, suppression, approval. Pure.

A plain validated value, written in TOML, versioned by its content. What it decides is in `retrain_decision`, what it
promises in `retrain_promise`; docs/retraining.md explains every key.
"""

from __future__ import annotations

from datetime import date
from typing import ClassVar, Literal, Self, get_args

from pydantic import Field, model_validator

from monitoring.contract import Value
from monitoring.policy.policy_file import PolicyFile

Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
WEEKDAYS: tuple[Weekday, ...] = get_args(Weekday)
ApprovalMode = Literal["automatic", "by_hand", "by_hand_when"]
ApprovalReason = Literal["first", "age", "performance", "large_shift", "few_labels"]


class Triggers(Value):
    """What asks for a retraining.

    Attributes:
        drift: confirmed drift: `predictions` (drift that moved the predictions), `any` (of any input or the
            predictions), `off`.
        performance: realised performance that is worse than on the version's own reference, where outcomes are known.
        age_days: days after which a champion is retrained when nobody asked meanwhile; 0 for never.
    """

    drift: Literal["predictions", "any", "off"] = "predictions"
    performance: bool = True
    age_days: int = Field(default=0, ge=0, le=3650, strict=True)


class Levels(Value):
    """How far something must move to open an episode, and to keep it open. `close` is at most `open`."""

    open: float = Field(gt=0, le=1)
    close: float = Field(ge=0, le=1)

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.close > self.open:
            raise ValueError(f"close ({self.close:g}) must not be above open ({self.open:g}): lower close")
        return self


class DriftLevels(Levels):
    """Share of predictions that moved (with `drift = "any"`: of the column that moved most)."""

    open: float = Field(default=0.10, gt=0, le=1)
    close: float = Field(default=0.05, ge=0, le=1)


class PerformanceLevels(Levels):
    """How much worse than on the reference the Brier score is.

    Attributes:
        open, close: difference of the Brier scores.
        labelled_rows: fewest rows with an outcome that make a batch count.
        alpha: largest probability that a batch counts though the score did not change, if rows are independent.
    """

    open: float = Field(default=0.02, gt=0, le=1)
    close: float = Field(default=0.01, ge=0, le=1)
    labelled_rows: int = Field(default=500, ge=30, strict=True)
    alpha: float = Field(default=0.01, ge=0.0001, lt=0.5)


class Confirmation(Value):
    """How often it must be seen: in `batches` of the last `of`; an episode ends below `keep` of them."""

    batches: int = Field(default=2, ge=1, le=20, strict=True)
    of: int = Field(default=3, ge=1, le=20, strict=True)
    keep: int = Field(default=1, ge=1, le=20, strict=True)

    @model_validator(mode="after")
    def _possible(self) -> Self:
        if self.batches > self.of:
            raise ValueError(f"batches ({self.batches}) must not be above of ({self.of}): lower batches or raise of")
        if self.keep > self.batches:
            raise ValueError(f"keep ({self.keep}) must not be above batches ({self.batches}): lower keep")
        return self


class Gates(Value):
    """What must be there before anything is learnt. A broken feed is never learnt from; that cannot be set.

    Attributes:
        rows: fewest rows of the last batches together.
        labelled_rows: fewest rows with a matured outcome that the champion has not learnt from.
        mature_days: days after which outcomes are complete enough: late ones are not like early ones.
    """

    rows: int = Field(default=1_000, ge=1, strict=True)
    labelled_rows: int = Field(default=1_000, ge=1, strict=True)
    mature_days: float = Field(default=0, ge=0, le=3650)


class Suppression(Value):
    """What holds a request back.

    Attributes:
        cool_down_days: days after a request in which no other is made.
        budget: most requests in any 30 days.
        one_in_flight: whether a request waits until the one before is done.
    """

    cool_down_days: float = Field(default=14, ge=0, le=3650)
    budget: int = Field(default=2, ge=1, le=31, strict=True)
    one_in_flight: bool = True


class Muted(Value):
    """A time in which no request is made: from `first` to `last`, both included, or on `weekdays`; UTC."""

    first: date | None = None
    last: date | None = None
    weekdays: tuple[Weekday, ...] = ()
    why: str = Field(default="", max_length=200)

    @model_validator(mode="after")
    def _says_when(self) -> Self:
        if (self.first is None) != (self.last is None):
            raise ValueError("give first and last, or neither")
        if self.first is None and not self.weekdays:
            raise ValueError('say when: first and last (dates), or weekdays = ["sat", "sun"]')
        if self.first is not None and self.last is not None and self.first > self.last:
            raise ValueError(f"first ({self.first}) is after last ({self.last}): exchange them")
        if self.first is None and set(self.weekdays) == set(WEEKDAYS):
            raise ValueError("all days of the week are muted for good: leave one out, or give first and last")
        return self

    def covers(self, day: date) -> bool:
        """Whether a day is muted. Dates and weekdays together mute those weekdays between the dates."""
        inside = self.first is None or self.last is None or self.first <= day <= self.last
        return inside and (not self.weekdays or WEEKDAYS[day.weekday()] in self.weekdays)


class Approval(Value):
    """Whether a person says yes before a request is sent.

    Attributes:
        mode: `automatic`, `by_hand`, or `by_hand_when` one of `when` holds.
        when: `first` (nothing was ever trained for this model by a policy), `age` or `performance` (this trigger alone
            asks), `large_shift` (predictions moved by at least `large_shift`), `few_labels` (fewer than `few_labels`
            matured rows to learn from).
        large_shift: share of predictions that moved; few_labels: rows.
        expires_days: days after which a request that nobody answered is void.
    """

    mode: ApprovalMode = "by_hand_when"
    when: tuple[ApprovalReason, ...] = ("first", "large_shift")
    large_shift: float = Field(default=0.5, gt=0, le=1)
    few_labels: int = Field(default=3_000, ge=1, strict=True)
    expires_days: float = Field(default=7, gt=0, le=3650)

    @model_validator(mode="after")
    def _says_when(self) -> Self:
        if self.mode == "by_hand_when" and not self.when:
            raise ValueError('by_hand_when needs a list, such as when = ["first"]; or use by_hand or automatic')
        return self


class RetrainPolicy(PolicyFile):
    """When a model is retrained.

    Attributes:
        name: how the policy is called on screen.
        dry_run: whether it only says what it would do. A new policy does, until a person switches it on.
        clock: what its days are measured on: `wall` (now) or `data` (the newest row's time: for files of the past).
        hook: name of the retrain hook; '' for the first that is set up.
        triggers, drift, performance, confirmation, gates, suppression, muted, approval: see there.
    """

    CALLED: ClassVar[str] = "retrain policy"

    name: str = Field(default="default", min_length=1, max_length=80)
    dry_run: bool = True
    clock: Literal["wall", "data"] = "wall"
    hook: str = Field(default="", max_length=80)
    triggers: Triggers = Triggers()
    drift: DriftLevels = DriftLevels()
    performance: PerformanceLevels = PerformanceLevels()
    confirmation: Confirmation = Confirmation()
    gates: Gates = Gates()
    suppression: Suppression = Suppression()
    muted: tuple[Muted, ...] = Field(default=(), max_length=50)
    approval: Approval = Approval()


DEFAULT_RETRAIN = RetrainPolicy()
"""What holds until a person puts another policy in force: it watches and says what it would do."""
