"""How one file was read, as a value to store: a file that is read again must give the same rows."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import Field, field_validator

from monitoring.contract import Value
from monitoring.tables.reading_options import FOUND_OUT, ReadOptions


class Reading(Value):
    """What a person said about a file of rows, and about the outcomes in a second one.

    Attributes:
        names: columns as the files call them → the contract's columns that they are; only those that decide something.
        options: how the rows are written, where that was not left to be found out.
        labels: the same of the file of outcomes, where there is one.
    """

    names: Mapping[str, str] = Field(default_factory=dict)
    options: ReadOptions = FOUND_OUT
    labels: ReadOptions = FOUND_OUT

    @field_validator("names")
    @classmethod
    def _sorted(cls, names: Mapping[str, str]) -> Mapping[str, str]:
        return dict(sorted(names.items()))

    @property
    def of_labels(self) -> Reading:
        """What was said about the file of outcomes, as if that were the file."""
        return Reading(names=self.names, options=self.labels)

    def with_labels(self, said: Reading) -> Reading:
        """The same, with what `of_labels` gave and a person has changed."""
        return Reading(names=said.names, options=self.options, labels=said.options)

    @property
    def identity(self) -> str:
        """Text that is the same for the same reading, '' where nothing was said."""
        return self.model_dump_json(exclude_defaults=True) if self != AS_FOUND else ""


AS_FOUND = Reading()
"""Nothing was said: columns go by their names, everything else is found out."""
