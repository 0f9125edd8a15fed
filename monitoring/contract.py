"""What a model needs and gives, as a plain validated value. Pure: no I/O.

A contract is stored as `contract.json` beside its model and never changes: a model with other needs is another version.
"""

from __future__ import annotations

from functools import cached_property
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

Kind = Literal["numeric", "categorical"]
PREDICTION = "prediction"
"""Name of the column that scoring adds: the probability of the positive class."""


class Value(BaseModel):
    """A frozen value that refuses unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Feature(Value):
    """One input of the model.

    Attributes:
        name: column name in the file.
        kind: `numeric` (float32 to the model) or `categorical` (string to the model).
        input: name of the ONNX input of shape [n, 1] that takes it.
        categories: categories the model was trained on, sorted; empty for numbers.
        minimum: smallest possible value in `unit`; below it a value is impossible, not merely unusual.
        maximum: largest possible value in `unit`.
        missing_allowed: whether a row may be scored without it.
        infinite_allowed: whether the model takes an infinite number; where it does not, one is no value.
        unit: unit of a number, as shown on screen.
        description: one line for a person.
    """

    name: str
    kind: Kind
    input: str
    categories: tuple[str, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    missing_allowed: bool = True
    infinite_allowed: bool = False
    unit: str = ""
    description: str = ""


class Target(Value):
    """The outcome that the model predicts and that becomes known later."""

    name: str
    positive: str = Field(description="how the positive class is called in a sentence: 'late'")
    description: str = ""


class Contract(Value):
    """What a model needs and gives.

    Attributes:
        model: name of the model the contract belongs to.
        task: only binary classification today.
        features: the inputs, in the model's order.
        id: column that names a row, if rows have names.
        timestamp: column with the time of a row (local, without zone), if there is one.
        target: the outcome.
        classes: the model's classes in the order of its probability columns; the positive one is the last.
        label_output: ONNX output with the predicted class.
        probability_output: ONNX output [n, classes] with the probabilities.
        block_days: length in days of the blocks that may be exchanged with each other; rows of one block are not
            independent (they share their weather, their campaign, their incident).
    """

    model: str
    task: Literal["binary"] = "binary"
    features: tuple[Feature, ...]
    id: str | None = None
    timestamp: str | None = None
    target: Target
    classes: tuple[int, int] = (0, 1)
    label_output: str = "label"
    probability_output: str = "probabilities"
    block_days: int = Field(default=1, ge=1)

    @model_validator(mode="after")
    def _names_are_distinct(self) -> Self:
        names = [*self.feature_names, PREDICTION, self.target.name, *filter(None, (self.id, self.timestamp))]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"column names must be distinct, these are not: {', '.join(twice)}")
        return self

    @cached_property
    def feature_names(self) -> tuple[str, ...]:
        return tuple(feature.name for feature in self.features)

    @cached_property
    def numeric(self) -> tuple[str, ...]:
        return tuple(f.name for f in self.features if f.kind == "numeric")

    @cached_property
    def categorical(self) -> tuple[str, ...]:
        return tuple(f.name for f in self.features if f.kind == "categorical")

    def feature(self, name: str) -> Feature:
        """The feature called `name`. Raises KeyError when there is none."""
        for feature in self.features:
            if feature.name == name:
                return feature
        raise KeyError(name)

    def unit(self, column: str) -> str:
        """Unit of a column, '' when it has none (predictions, categories, unknown columns)."""
        return next((f.unit for f in self.features if f.name == column), "")
