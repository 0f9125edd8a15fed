"""What is known about a version: its origin, what it was trained on, what was proved about it. Plain values."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field

from monitoring.contract import Value
from monitoring.drift.memory import Memory
from monitoring.performance.gate import Gate


class Compared(Value):
    """One group of rows scored twice, by the framework and from the exported file.

    Attributes:
        rows: rows scored.
        largest_difference: largest absolute difference of a probability among them.
    """

    rows: int = Field(ge=1)
    largest_difference: float = Field(ge=0)


class Parity(Value):
    """Proof that the exported file predicts what the trained model predicts.

    Attributes:
        real: rows as they are.
        missing: the same rows with missing values in every column that may miss; None when none may.
        unseen: the same rows with categories the model never saw; None without categorical columns.
        tolerance: largest difference that was accepted.
    """

    real: Compared
    missing: Compared | None
    unseen: Compared | None
    tolerance: float

    @property
    def largest_difference(self) -> float:
        """The largest difference in any group."""
        return max(group.largest_difference for group in (self.real, self.missing, self.unseen) if group)


class Manifest(Value):
    """The birth certificate of a version, stored as `manifest.json` beside its model.

    Attributes:
        model: name of the model.
        version: its number; 0 while staged, set when it is registered.
        created_at: UTC time of training.
        recipe: name of the recipe that trained it.
        data: which rows those are: `all`, `since-drift`, `last-90-days`.
        training_rows: labelled rows it was trained on.
        training_from: time of the earliest training row, None without timestamps.
        training_to: time of the latest.
        reference_rows: rows of its reference.
        parent: the champion that it challenges, None for the first version.
        request: id of the retrain request that led to it, None for a packaged version.
        parity: proof that the file predicts what the trained model predicts.
        gate: comparison with the parent, None for the first version.
        sources: SHA-256 of the uploads whose rows were added to the training.
        held_out_days: whole days (ISO dates) of the uploads that were kept out of the training.
        memory: how much the days of training and reference are like their neighbours, and the blocks that would do;
            None without timestamps, or when it was not measured.
        files: SHA-256 of each file of the version by name, the manifest itself aside.
    """

    model: str
    version: int = Field(ge=0)
    created_at: datetime
    recipe: str
    data: str = "all"
    training_rows: int
    training_from: datetime | None
    training_to: datetime | None
    reference_rows: int
    parent: int | None
    request: str | None
    parity: Parity
    gate: Gate | None
    sources: tuple[str, ...] = ()
    held_out_days: tuple[str, ...] = ()
    memory: Memory | None = None
    files: dict[str, str]
