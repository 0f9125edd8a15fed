"""Which names of columns count for a file: those given with it, those remembered for its model."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from pathlib import Path

from monitoring.contract import Contract
from monitoring.errors import NotPossible, TableRefused
from monitoring.tables.likeness import plain
from monitoring.tables.matching import Names, labels_columns, used_names, wanted_columns
from monitoring.tables.quoting import listed, shown
from monitoring.tables.reading import Reading
from monitoring.tables.sources import expected_columns, expected_labels, open_source
from monitoring.workflows.parts import Driftline


def settle_names(
    remembered: Names, reading: Reading, contract: Contract, paths: Sequence[Path], *, file_name: str, files: int = 1
) -> Reading:
    """The reading with every name that decides something in these files and no other.

    Args:
        remembered: names kept for the model; those of the reading go first.
        reading: what a person said about the files.
        contract: what the model needs.
        paths: the files of rows and, if there is one, of labels.
        file_name: what the person calls the rows.
        files: how many of the paths are files of rows.

    Raises:
        NotPossible: a name was given that the model has not, or to a column that no file has.
    """
    check_names(contract, reading.names)
    names = {**remembered, **reading.names}
    used: dict[str, str] = {}
    columns: set[str] = set()
    for place, path in enumerate(paths):
        header = _header(path, contract, names, reading, labels=place >= files)
        columns.update(header)
        wanted = wanted_columns(contract) if place < files else labels_columns(contract)
        used |= used_names(header, wanted, names)
    strangers = [column for column in reading.names if column not in columns]
    if columns and strangers:
        raise NotPossible(
            f"{shown(file_name, 120)} has no column {listed(strangers)} that could be taken for "
            f"{listed([reading.names[column] for column in strangers])}."
        )
    return reading.model_copy(update={"names": dict(sorted(used.items()))})


def still_there(reading: Reading, contract: Contract, path: Path, labels: Path | None) -> Reading:
    """The reading without names of columns that neither file has as it is read now: another sheet or header line may
    have been chosen since they were given. With a file that is refused all are kept: the check itself says why.

    Args:
        reading: what a person said about the files.
        contract: what the model needs.
        path: the file of rows; labels: that of outcomes, if there is one.
    """
    if not reading.names:
        return reading
    headers = [_header(path, contract, reading.names, reading, labels=False)]
    if labels is not None:
        headers.append(_header(labels, contract, reading.names, reading, labels=True))
    if not all(headers):
        return reading
    there = {column for header in headers for column in header}
    return reading.model_copy(update={"names": {old: new for old, new in reading.names.items() if old in there}})


def without_labels(reading: Reading, contract: Contract, path: Path) -> Reading:
    """What was said about the rows alone: another file of outcomes is written in its own way.

    Args:
        reading: what was said about the rows and the outcomes beside them.
        contract: what the model needs.
        path: the file of rows.
    """
    header = _header(path, contract, reading.names, reading, labels=False) if reading.names else ()
    return Reading(names=used_names(header, wanted_columns(contract), reading.names), options=reading.options)


def _header(path: Path, contract: Contract, names: Names, reading: Reading, *, labels: bool) -> tuple[str, ...]:
    """The columns of a file of rows or of labels; none where it is refused, as the check itself says why."""
    expected = (expected_labels if labels else expected_columns)(contract, names)
    options = reading.labels if labels else reading.options
    try:
        return open_source(path, name=path.name, expected=expected, options=options).header
    except TableRefused:
        return ()


def check_names(contract: Contract, names: Mapping[str, str]) -> None:
    """Raises NotPossible when a name is none of the model's columns; the sentence suggests the closest."""
    known = [column.name for column in wanted_columns(contract)]
    for column, name in names.items():
        if name not in known:
            close = difflib.get_close_matches(plain(name), {plain(one): one for one in known}, n=1, cutoff=0.5)
            meant = next((one for one in known if close and plain(one) == close[0]), None)
            raise NotPossible(
                f"{shown(column)} cannot be taken for {shown(name)}: the model has no such column"
                f"{f' ({meant}?)' if meant else ''}; it has {listed(known, most=20)}."
            )


def remember_names(driftline: Driftline, model: str, names: Mapping[str, str]) -> None:
    """Keep names for every later file of the model. Raises NotPossible, StoreFailed."""
    check_names(driftline.registry.champion(model).contract, names)
    driftline.column_names.remember(model, names)
