"""Which reader a file needs: told by its bytes, never by its name."""

from __future__ import annotations

from pathlib import Path

from monitoring.contract import Contract
from monitoring.errors import TableRefused
from monitoring.tables.csv_source import CsvSource
from monitoring.tables.formats import PARQUET
from monitoring.tables.limits import LIMITS, Limits
from monitoring.tables.parquet_source import ParquetSource
from monitoring.tables.quoting import shown
from monitoring.tables.reading_options import FOUND_OUT, ReadOptions
from monitoring.tables.source import Expected, Source


def expected_columns(contract: Contract) -> Expected:
    """What a file of rows for this contract may hold: its inputs, id, time and outcome."""
    others = [other for other in (contract.id, contract.timestamp, contract.target.name) if other is not None]
    return Expected(
        names=(*contract.feature_names, *others),
        numeric=contract.numeric,
        times=(contract.timestamp,) if contract.timestamp is not None else (),
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
