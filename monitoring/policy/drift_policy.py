"""When drift matters: thresholds as a plain validated value, versioned by its content. Pure."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from monitoring.policy.policy_file import PolicyFile

Weight = Annotated[float, Field(ge=0.01, le=100, strict=True)]
"""Weight of a column in the correction for the number of tests."""


class DriftPolicy(PolicyFile):
    """Thresholds that turn measurements into a verdict.

    Attributes:
        name: how the policy is called on screen.
        alpha: largest probability of any `drift` in a check of unchanged data.
        floor: smallest effect that matters, as a share of rows.
        correction: how p-values are adjusted for the number of tests: `holm`, `by` or `bh`.
        weights: importance of a column for the model: its p-values are divided by its weight over the mean weight of
            all tests, 1 where a column is not named. Fixed before the batch is seen, else no false-alarm rate holds.
        muted: columns that are measured and shown but kept out of the verdict.
        broken_missing: jump of a column's missing share that means a broken feed.
        broken_respelled: share of rows whose category is a known one in another spelling that means a broken feed.
        broken_unseen: share of rows with categories never seen, in any spelling, that means a broken feed.
        broken_constant_rows: rows of one and the same value, where the reference has more, that mean a broken feed.
        broken_unit: whether numbers that look like those of another unit mean a broken feed.
        watch_close: part of its tolerance from which a small effect is worth watching.
    """

    CALLED: ClassVar[str] = "policy"

    name: str = "default"
    alpha: float = Field(default=0.01, ge=0.001, lt=0.5)
    floor: float = Field(default=0.05, ge=0, lt=1)
    correction: Literal["holm", "by", "bh"] = "holm"
    weights: dict[str, Weight] = Field(default_factory=dict)
    muted: tuple[str, ...] = ()
    broken_missing: float = Field(default=0.20, gt=0, le=1)
    broken_respelled: float = Field(default=0.02, gt=0, le=1)
    broken_unseen: float = Field(default=0.50, gt=0, le=1)
    broken_constant_rows: int = Field(default=30, ge=2)
    broken_unit: bool = Field(default=True, strict=True)
    watch_close: float = Field(default=0.80, gt=0, le=1)


DEFAULT = DriftPolicy()
RELAXED = DriftPolicy(name="relaxed", floor=0.10)
BUILT_IN = {policy.name: policy for policy in (DEFAULT, RELAXED)}
"""Policies that need no file, by name."""
