"""Which files a check is of: paths, folders and patterns, as a person gives them."""

from __future__ import annotations

import glob
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from monitoring.errors import NotFound, NotPossible
from monitoring.tables.quoting import counted, listed, shown
from monitoring.tables.several import RowsFile

TABLES = frozenset(
    {
        *(".csv", ".tsv", ".tab", ".txt", ".dat", ".psv", ".json", ".jsonl", ".ndjson"),
        *(".parquet", ".pq", ".parq", ".arrow", ".feather", ".ipc", ".xlsx", ".xlsm", ".xls", ".ods"),
        *(".gz", ".gzip", ".zst", ".zstd", ".bz2", ".zip"),
    }
)
"""How the names of tables end. In a folder, files whose names end otherwise are left out; one without an ending is not.
What is in a file its bytes tell, so that a name decides nothing else."""
NAMED = 5
"""Files left out that are named in the note about them."""


@dataclass(frozen=True, slots=True)
class Gathered:
    """Files of rows that belong together.

    Attributes:
        files: in the order of their paths, each once.
        title: what all of them are called.
        left_out: names of files in folders that are no tables.
    """

    files: tuple[RowsFile, ...]
    title: str
    left_out: tuple[str, ...] = ()

    @property
    def notes(self) -> tuple[str, ...]:
        """That files were left out, in a sentence."""
        if not self.left_out:
            return ()
        were = "file was" if len(self.left_out) == 1 else "files were"
        names = listed(self.left_out, most=NAMED)
        return (f"{len(self.left_out):,} {were} left out, hidden or no table by its name: {names}.",)


def gather_files(given: Sequence[str]) -> Gathered:
    """The files that a person means by paths, folders (with all folders in them) and patterns (`*`, `?`, `**`, `[…]`).

    In a folder, what is hidden (its name or that of a folder begins with a dot or an underscore) and what is no table
    by its name is left out; what was named itself is never.

    Raises:
        NotFound: nothing is there under a name, or no file matches a pattern.
        NotPossible: a folder holds no table.
    """
    found: dict[Path, str] = {}
    left_out: list[str] = []
    for one in given:
        for path in _matches(one):
            if path.is_dir():
                _take_folder(path, found, left_out)
            else:
                found.setdefault(path.resolve(), path.name)
    paths = sorted(found, key=lambda path: (str(path.parent), path.name))
    names = _distinct([found[path] for path in paths], paths)
    files = tuple(RowsFile(path, _text(name)) for path, name in zip(paths, names, strict=True))
    return Gathered(files, _title(given, files), tuple(_text(name) for name in left_out))


def _matches(given: str) -> list[Path]:
    """The paths that are meant; whatever exists under the very name goes before a pattern."""
    path = Path(given).expanduser()
    if path.exists() or not glob.has_magic(given):
        return [path]
    hits = sorted(glob.glob(str(path), recursive=True))  # noqa: PTH207 - it may be absolute
    if not hits:
        raise NotFound(f"No file matches {shown(given, 200)}.")
    return [Path(hit) for hit in hits]


def _take_folder(folder: Path, found: dict[Path, str], left_out: list[str]) -> None:
    before = len(found)
    for root, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not _hidden(name))
        for name in sorted(names):
            path = Path(root, name)
            inside = str(path.relative_to(folder))
            if _hidden(name) or (path.suffix and path.suffix.lower() not in TABLES) or not path.is_file():
                left_out.append(inside)
            else:
                found.setdefault(path.resolve(), inside)
    if len(found) == before and not any(path.is_relative_to(folder.resolve()) for path in found):
        there = f"; there are {listed([_text(name) for name in left_out], most=NAMED)}" if left_out else ""
        raise NotPossible(f"The folder {shown(str(folder), 200)} holds no table{there}.")


def _hidden(name: str) -> bool:
    return name.startswith((".", "_"))


def _distinct(names: Sequence[str], paths: Sequence[Path]) -> list[str]:
    """The names, with as much of their folders as it takes to tell them apart."""
    if len(set(names)) == len(names):
        return list(names)
    common = os.path.commonpath([path.parent for path in paths])
    return [str(path.relative_to(common)) for path in paths]


def _title(given: Sequence[str], files: Sequence[RowsFile]) -> str:
    if len(files) == 1:
        return files[0].name
    if len(given) == 1:
        return f"{counted(len(files), 'file')} in {_text(given[0])}"
    return f"{counted(len(files), 'file')}, {files[0].name} to {files[-1].name}"


def _text(name: str) -> str:
    """A name as text, also where the system allows names that are none."""
    return os.fsencode(name).decode("utf-8", "replace")
