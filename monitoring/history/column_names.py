"""Names of columns that people gave, kept for each model: "what this exporter calls tmp is temp"."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from monitoring.durable import locked, replace_file, storing
from monitoring.errors import NotFound, StoreFailed

_Kept = dict[str, dict[str, str]]
_KEPT = TypeAdapter(_Kept)


class ColumnNames:
    """The names, in one file of the data folder that is replaced as a whole.

    Args:
        file: where they are kept; made when the first one comes.
    """

    def __init__(self, file: Path) -> None:
        self._file = file

    def of(self, model: str) -> dict[str, str]:
        """Columns as files call them → the model's columns that they are, sorted. Raises StoreFailed."""
        return dict(sorted(self._read().get(model, {}).items()))

    def remember(self, model: str, names: Mapping[str, str]) -> None:
        """Keep names beside those that are kept; a column that had a meaning has the new one. Raises StoreFailed."""
        if not names:
            return
        with self._changing() as kept:
            kept.setdefault(model, {}).update(names)

    def forget(self, model: str, column: str) -> None:
        """Let go of the name that was given to a file's column.

        Raises:
            NotFound: no name is kept for it.
            StoreFailed: the file cannot be read or written.
        """
        with self._changing() as kept:
            if column not in kept.get(model, {}):
                raise NotFound(f'No name is remembered for the column "{column[:100]}" of {model}.')
            del kept[model][column]

    @contextmanager
    def _changing(self) -> Iterator[_Kept]:
        """What is kept, to be changed by one process at a time; kept again unless an exception ends the block."""
        with storing("The names of columns"), locked(self._file.with_name(f".{self._file.name}.lock")):
            kept = self._read()
            before = json.dumps(kept)
            yield kept
            if json.dumps(kept) != before:
                replace_file(self._file, json.dumps(kept, indent=1, ensure_ascii=False).encode())

    def _read(self) -> _Kept:
        try:
            return _KEPT.validate_json(self._file.read_bytes())
        except FileNotFoundError:
            return {}
        except (OSError, ValidationError) as error:
            raise StoreFailed(
                f"The names of columns that were remembered cannot be read: remove {self._file.name} from the data "
                "folder, and they are asked for again."
            ) from error
