"""How one file was read, as a value to store: a file that is read again must give the same rows."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import Field, field_validator

from monitoring.contract import Value
from monitoring.tables.reading_options import FOUND_OUT, ReadOptions


class Reading(Value):
    """What a person said about a file of rows.

    Attributes:
        names: columns as the file calls them → the contract's columns that they are; only those that decide something.
        options: how the file is written, where that was not left to be found out.
    """

    names: Mapping[str, str] = Field(default_factory=dict)
    options: ReadOptions = FOUND_OUT

    @field_validator("names")
    @classmethod
    def _sorted(cls, names: Mapping[str, str]) -> Mapping[str, str]:
        return dict(sorted(names.items()))

    @property
    def identity(self) -> str:
        """Text that is the same for the same reading, '' where nothing was said."""
        return self.model_dump_json(exclude_defaults=True) if self != AS_FOUND else ""


AS_FOUND = Reading()
"""Nothing was said: columns go by their names, everything else is found out."""
