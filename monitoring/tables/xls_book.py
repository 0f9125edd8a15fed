"""A workbook of Excel before 2007 (.xls), read by xlrd in a process of its own.

Such a workbook is read into memory as a whole, by a library that was not made for what strangers send. So a child does
it, with a bound on its memory and its work; what it takes from the workbook comes back line by line.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from io import BufferedReader
from pathlib import Path
from threading import Thread
from typing import IO, Any

from monitoring.errors import TableRefused
from monitoring.tables.cells import Typed
from monitoring.tables.limits import MEGABYTE
from monitoring.tables.not_values import CellError
from monitoring.tables.packed_file import PackedFile

MEMORY_BYTES = 768 * MEGABYTE
"""What the child may take."""
SECONDS = 60
"""Work that the child may do; a full sheet of 65,536 rows takes a few seconds."""
_FILE_BYTES = 128 * MEGABYTE
_CHILD = Path(__file__).with_name("xls_child.py")
_OTHERS = (("WordDocument", "a Word document"), ("PowerPoint Document", "a PowerPoint document"))
_SEALED = ("EncryptedPackage", "EncryptionInfo")
_PIECE = 1 << 20


class XlsBook:
    """A workbook; each look into it is a child."""

    def __init__(self, packed: PackedFile) -> None:
        self._packed = packed
        with self._child(None) as lines:
            first: dict[str, list[str]] = next(lines)
        self.titles: tuple[str, ...] = tuple(first["titles"])

    def rows(self, title: str) -> Iterator[tuple[int, tuple[str | None, ...]]]:
        """(row of the sheet from 1, its cells as text), without empty rows."""
        with self._child(title) as lines:
            next(lines)
            for row, cells in lines:
                yield row, tuple(map(_as_text, cells))

    @contextmanager
    def _child(self, title: str | None) -> Iterator[Iterator[Any]]:
        """What the child says, checked; the child ends with the block."""
        command = [sys.executable, "-I", str(_CHILD), json.dumps([MEMORY_BYTES, SECONDS, title])]
        with (
            self._packed.random_access() as data,
            BufferedReader(data) as file,
            subprocess.Popen(  # noqa: S603 - our own file, no shell
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env={}
            ) as child,
        ):
            assert child.stdin is not None
            assert child.stdout is not None
            feeder = Thread(target=_feed, args=(file, child.stdin), daemon=True)
            feeder.start()
            try:
                yield self._checked(child.stdout)
            finally:
                child.kill()
                feeder.join()

    def _checked(self, lines: IO[bytes]) -> Iterator[Any]:
        """The child's lines as values, but for the last. Raises TableRefused when it did not come to its end."""
        for line in lines:
            said = json.loads(line) if line.endswith(b"\n") else {}
            if isinstance(said, dict) and "titles" not in said:
                if "end" in said:
                    return
                raise TableRefused(self._sentence(said.get("error", "")))
            yield said
        raise TableRefused(self._sentence("MemoryError"))

    def _sentence(self, error: str) -> str:
        """Why there is nothing to read."""
        label = self._packed.label
        if "encrypted" in error.lower():
            return f"{label} is protected by a password; send it without one."
        if error.startswith("MemoryError"):
            return (
                f"{label} is an old Excel file (.xls) that takes more memory or work than a table does, or a damaged "
                "one; save it as .xlsx or CSV."
            )
        return f"{label} is a damaged Excel file (.xls) or one that cannot be read here; save it as .xlsx or CSV."


@contextmanager
def open_xls(packed: PackedFile) -> Iterator[XlsBook]:
    """Open a workbook. Raises TableRefused when it is none, damaged, sealed or a bomb."""
    if packed.size > _FILE_BYTES:
        raise TableRefused(
            f"{packed.label} is an old Excel file (.xls) of more than {_FILE_BYTES // MEGABYTE} MB; save it as CSV."
        )
    _refuse_others(packed)
    yield XlsBook(packed)


def _refuse_others(packed: PackedFile) -> None:
    """The same container holds documents of other kinds and workbooks with a password: their names stand in it."""
    with packed.random_access() as data, BufferedReader(data) as file:
        names = {name: name.encode("utf-16-le") for name in (*_SEALED, *(name for name, _ in _OTHERS))}
        rest = b""
        while piece := file.read(_PIECE):
            text = rest + piece
            found = {name for name, spelled in names.items() if spelled in text}
            if found.intersection(_SEALED):
                raise TableRefused(f"{packed.label} is protected by a password; send it without one.")
            for name, words in _OTHERS:
                if name in found:
                    raise TableRefused(
                        f"{packed.label} is no CSV file: it looks like {words}; save the table as CSV, Excel (.xlsx) "
                        "or Parquet."
                    )
            rest = text[-64:]


def _feed(file: BufferedReader, pipe: IO[bytes]) -> None:
    """Give a child its input; it may end before it has taken all."""
    try:
        with pipe:
            shutil.copyfileobj(file, pipe, _PIECE)
    except (OSError, ValueError):
        pass


def _as_text(value: str | float | bool | list[str] | dict[str, str] | None) -> str | None:
    """A cell as the child tells it; a time stands in a list there, an error in an object, as no text does."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, list):
        return Typed(value[0])
    if isinstance(value, dict):
        return CellError(value["error"])
    if isinstance(value, bool):
        return Typed("true" if value else "false")
    return Typed(str(int(value)) if float(value).is_integer() and abs(value) < 1e15 else repr(value))
