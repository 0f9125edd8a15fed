"""How long files and rows are kept: set on the page, kept in one small file; the environment comes first."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Final, Literal, get_args

from pydantic import Field, ValidationError

from monitoring.contract import Value
from monitoring.durable import locked, replace_file, storing
from monitoring.errors import NotPossible, Refused, StoreFailed

Kind = Literal["uploads", "rows"]
"""`uploads`: the files that people gave. `rows`: example rows, rows that did not fit, Evidently pages."""
KINDS: Final[tuple[Kind, ...]] = get_args(Kind)
VARIABLES: Final[dict[Kind, str]] = {"uploads": "DRIFTLINE_KEEP_UPLOADS", "rows": "DRIFTLINE_KEEP_ROWS"}
"""Environment variables: a number of days, or `forever`."""
FOREVER: Final = "forever"
LONGEST: Final = 36_500
Days = Annotated[int, Field(ge=1, le=LONGEST, strict=True)]


class Retention(Value):
    """Days for which each kind is kept; None for ever."""

    uploads: Days | None = None
    rows: Days | None = None

    def days(self, kind: Kind) -> int | None:
        """Days for which a kind is kept."""
        return self.uploads if kind == "uploads" else self.rows


def retention_from(environment: Mapping[str, str]) -> dict[Kind, int | None]:
    """What the environment says about retention; kinds that it does not name are left to the page.

    Raises:
        Refused: a variable is neither a number of days nor `forever`.
    """
    said: dict[Kind, int | None] = {}
    for kind, variable in VARIABLES.items():
        text = environment.get(variable, "").strip()
        if not text:
            continue
        if text != FOREVER and not (text.isascii() and text.isdigit() and 0 < int(text[:9]) <= LONGEST):
            raise Refused(f"{variable} must be a number of days, such as 90, or the word {FOREVER}.")
        said[kind] = None if text == FOREVER else int(text)
    return said


class RetentionFile:
    """What was set on the page, in one file that is replaced as a whole.

    Args:
        file: where it is kept; without it everything is kept for ever.
        said: what the environment says, which comes first.
    """

    def __init__(self, file: Path, said: Mapping[Kind, int | None]) -> None:
        self._file = file
        self.said = dict(said)

    def in_force(self) -> Retention:
        """What holds now. Raises StoreFailed when the file cannot be read: nothing is deleted by a guess."""
        return self.kept().model_copy(update=dict[str, int | None](self.said.items()))

    def kept(self) -> Retention:
        """What was set on the page. Raises StoreFailed."""
        try:
            return Retention.model_validate_json(self._file.read_bytes())
        except FileNotFoundError:
            return Retention()
        except (OSError, ValidationError) as error:
            raise StoreFailed(
                f"How long files are kept cannot be read: remove {self._file.name} from the data folder, and they are "
                "kept for ever until you say otherwise. Nothing is deleted before."
            ) from error

    def keep(self, kind: Kind, days: int | None) -> Retention:
        """Set how long a kind is kept; returns what is kept then.

        Raises:
            NotPossible: the environment decides this one, or the number of days is none.
            StoreFailed: it could not be kept.
        """
        if kind in self.said:
            raise NotPossible(f"{VARIABLES[kind]} decides this: change it there and start Driftline again.")
        with storing("How long files are kept"), locked(self._file.with_name(f".{self._file.name}.lock")):
            try:
                kept = Retention.model_validate({**self.kept().model_dump(), kind: days})
            except ValidationError as error:
                raise NotPossible(f"Files are kept for 1 to {LONGEST:,} days, or for ever.") from error
            replace_file(self._file, kept.model_dump_json().encode())
        return kept
