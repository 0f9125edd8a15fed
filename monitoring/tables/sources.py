"""Which reader a file needs: told by its bytes, never by its name."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from monitoring.contract import Contract
from monitoring.errors import TableRefused
from monitoring.tables.csv_source import CsvSource
from monitoring.tables.formats import PARQUET
from monitoring.tables.limits import LIMITS, Limits
from monitoring.tables.matching import Names
from monitoring.tables.parquet_source import ParquetSource
from monitoring.tables.quoting import shown
from monitoring.tables.reading_options import FOUND_OUT, ReadOptions
from monitoring.tables.source import Expected, Source


def expected_columns(contract: Contract, names: Names | None = None) -> Expected:
    """What a file of rows for this contract may hold: its inputs, id, time and outcome, also under names given."""
    others = [other for other in (contract.id, contract.timestamp, contract.target.name) if other is not None]
    times = [contract.timestamp] if contract.timestamp is not None else []
    given = names or {}

    def all_names(columns: Iterable[str]) -> tuple[str, ...]:
        wanted = list(columns)
        return (*wanted, *(there for there, name in given.items() if name in wanted))

    return Expected(
        names=all_names([*contract.feature_names, *others]), numeric=all_names(contract.numeric), times=all_names(times)
    )


def open_source(
    path: Path,
    *,
    name: str,
    expected: Expected,
    options: ReadOptions = FOUND_OUT,
    limits: Limits = LIMITS,
) -> Source:
    """Open a file by what it is, not by its name.

    Args:
        path: the file.
        name: what the person calls it.
        expected: columns that may be found in it, under all the names they may have there.
        options: what the person says about it.
        limits: how much it may unpack to.

    Raises:
        TableRefused: it is no table that can be read.
    """
    try:
        with path.open("rb") as file:
            start = file.read(len(PARQUET))
    except OSError as error:
        raise TableRefused(f"{shown(name, 120)} cannot be opened: {error.strerror}.") from error
    if start == PARQUET:
        return ParquetSource(path, name=name)
    return CsvSource(path, name=name, expected=expected, options=options)
