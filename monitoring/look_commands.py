"""`look` and `names`: what a file would be read as, and the names of columns that are remembered."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from pathlib import Path

from monitoring.errors import NotFound, Refused
from monitoring.reading_arguments import add_labels_arguments, add_reading_arguments, reading_from
from monitoring.retrain_commands import the_model
from monitoring.tables.quoting import shown
from monitoring.workflows.looking import FileLook, look_at, look_at_labels
from monitoring.workflows.parts import Driftline

Add = Callable[[str, Callable[[Driftline, argparse.Namespace], int], str], argparse.ArgumentParser]


def add_look_commands(add: Add) -> None:
    """Add the commands with `add`, which takes a name, a function and a description."""
    look = add("look", _look, "Show how a file would be read, its columns and its first rows; nothing is scored.")
    look.add_argument("file", type=Path, metavar="FILE")
    add_reading_arguments(look)
    add_labels_arguments(look)
    names = add("names", _names, "List the names of columns that are remembered for a model (see check --map).")
    names.add_argument("--forget", metavar="COLUMN", help="forget the name of the file's COLUMN")
    names.add_argument("--json", action="store_true")


def file_title(file: Path) -> str:
    """The name of a file as text, also where the system allows names that are none."""
    return file.name.encode("utf-8", "replace").decode()


def require_readable(file: Path) -> None:
    """Raises NotFound for a file that cannot be opened."""
    try:
        with file.open("rb"):
            pass
    except OSError as error:
        raise NotFound(f"{file.name} cannot be read: {error.strerror}.") from error


def _look(driftline: Driftline, options: argparse.Namespace) -> int:
    model = the_model(driftline, options)
    contract = driftline.registry.champion(model).contract
    files = [file for file in (options.file, options.labels) if file is not None]
    for file in files:
        require_readable(file)
    given = reading_from(options, contract)
    reading = given.model_copy(update={"names": {**driftline.column_names.of(model), **given.names}})
    limits, joined = driftline.settings.limits, options.labels is not None
    _print_look(look_at(files[0], contract, name=file_title(files[0]), reading=reading, joined=joined, limits=limits))
    if joined:
        print(f"\nOutcomes in {file_title(files[1])}:")
        said = reading.of_labels
        _print_look(look_at_labels(files[1], contract, name=file_title(files[1]), reading=said, limits=limits))
    return 0


def _print_look(look: FileLook) -> None:
    if look.preview is None:
        raise Refused(look.refusal)
    print(f"{look.preview.sniffed.words()}; {look.preview.columns:,} columns")
    for note in look.preview.notes:
        print(f"note: {note}")
    for column in look.columns:
        there = ", ".join(f'"{shown(look.header[place])}"' for place in column.places)
        close = f"; closest: {shown(column.suggestion)}" if column.suggestion else ""
        print(f"  {column.state:<10} {column.name:<24} {there}{close}")
    for row in (look.preview.header, *look.preview.rows[:5]):
        print("  | " + " | ".join(shown(cell, 24) for cell in row[:20]))


def _names(driftline: Driftline, options: argparse.Namespace) -> int:
    model = the_model(driftline, options)
    if options.forget is not None:
        driftline.column_names.forget(model, options.forget)
    names = driftline.column_names.of(model)
    if options.json:
        print(json.dumps({"model": model, "names": names}, allow_nan=False))
        return 0
    for column, name in names.items():
        print(f'{model}: the column "{shown(column, 100)}" is {name}')
    if not names:
        print(f"No names of columns are remembered for {model}.")
    return 0
