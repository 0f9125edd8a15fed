"""Which reader a file needs: told by its bytes, never by its name."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial
from pathlib import Path

from monitoring.contract import Contract
from monitoring.errors import TableRefused
from monitoring.tables.archive import SeveralTables
from monitoring.tables.arrow_source import ArrowSource
from monitoring.tables.csv_source import CsvSource
from monitoring.tables.formats import PARQUET, compression_of, foreign_format, is_arrow, is_json, is_zip
from monitoring.tables.json_source import JsonSource
from monitoring.tables.limits import LIMITS, Limits
from monitoring.tables.matching import Matching, Names, Wanted, labels_columns, match_columns
from monitoring.tables.opening import TextFile
from monitoring.tables.packed_file import PackedFile
from monitoring.tables.parquet_source import ParquetSource
from monitoring.tables.reading_options import FOUND_OUT, ReadOptions
from monitoring.tables.sheet_headers import likelier_line, line_advice, sheet_advice
from monitoring.tables.sheet_source import SheetSource
from monitoring.tables.source import Expected, Source


def expected_columns(contract: Contract, names: Names | None = None) -> Expected:
    """What a file of rows for this contract may hold: its inputs, id, time and outcome, also under names given."""
    others = [other for other in (contract.id, contract.timestamp, contract.target.name) if other is not None]
    times = [contract.timestamp] if contract.timestamp is not None else []

    def all_names(columns: Iterable[str]) -> tuple[str, ...]:
        return _all_names(columns, names)

    every = [*contract.feature_names, *others]
    return Expected(
        names=all_names(every),
        numeric=all_names(contract.numeric),
        times=all_names(times),
        categories=all_names(contract.categorical),
        needed=tuple(all_names([name]) for name in contract.feature_names),
        given=len(all_names(every)) - len(every),
    )


def expected_labels(contract: Contract, names: Names | None = None) -> Expected:
    """What a file of outcomes for this contract holds: ids and outcomes, also under names given."""
    needed = tuple(_all_names([column.name], names) for column in labels_columns(contract))
    every = tuple(name for one in needed for name in one)
    return Expected(names=every, needed=needed, given=len(every) - len(needed), argument="--labels-")


def _all_names(columns: Iterable[str], names: Names | None) -> tuple[str, ...]:
    """Columns under every name that they may have in a file."""
    wanted = list(columns)
    return (*wanted, *(there for there, name in (names or {}).items() if name in wanted))


def open_matched(
    path: Path,
    wanted: Sequence[Wanted],
    *,
    name: str,
    expected: Expected,
    names: Names | None,
    options: ReadOptions,
    limits: Limits,
) -> tuple[Source, Matching]:
    """Open a file and find the columns that are wanted in it.

    Args:
        path: the file.
        wanted: the columns.
        name: what people call the file.
        expected: columns that may be found in it.
        names: columns of the file that a person gave other names.
        options: what a person says about how the file is written.
        limits: how much it may unpack to.

    Raises:
        TableRefused: the file is no table, has no header or misses a needed column.
    """
    source = open_source(path, name=name, expected=expected, options=options, limits=limits)
    advice = partial(reading_advice, source, expected, options)
    return source, match_columns(source.header, wanted, file_name=name, names=names, advice=advice)


def reading_advice(source: Source, expected: Expected, options: ReadOptions) -> str:
    """What can be said of a file whose header names few of the columns that are needed, in sentences.

    Args:
        source: the file.
        expected: columns that may be found in it.
        options: what was said about it.
    """
    others, complete = source.other_sheets() if isinstance(source, SheetSource) else ((), ())
    sentences = [sheet_advice(others, complete, expected.argument)]
    if len(complete) != 1 and isinstance(source, (CsvSource, SheetSource)):
        likelier = likelier_line(source.first_rows(), source.header, expected)
        if likelier is not None or options.header_line is None:
            sentences.append(line_advice(likelier, expected.argument))
    return " ".join(filter(None, sentences))


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
        packed = PackedFile(path, name=name, options=options, limits=limits)
    except SeveralTables as error:
        raise SeveralTables(error.label, error.members, expected.argument) from error
    book = packed.book
    if book:
        return SheetSource(packed, book, expected=expected, options=options)
    start = packed.start
    if start.startswith(PARQUET):
        return ParquetSource(packed, expected=expected)
    if is_arrow(start):
        return ArrowSource(packed, expected=expected)
    if is_zip(start) or compression_of(start):
        kind = compression_of(start) or "zip"
        raise TableRefused(
            f"{packed.label} holds a {kind} file inside a {packed.compression} file; unpack it and send the table "
            "itself."
        )
    return _open_text(packed, expected, options)


def _open_text(packed: PackedFile, expected: Expected, options: ReadOptions) -> Source:
    foreign = foreign_format(packed.start)
    if foreign is None:
        text = TextFile(packed, encoding=options.encoding)
        foreign = foreign_format(text.head)
        if foreign is None and is_json(text.head):
            return JsonSource(text, expected=expected, options=options)
        if foreign is None:
            return CsvSource(text, expected=expected, options=options)
    raise TableRefused(
        f"{packed.label} is no CSV file: it looks like {foreign}; save the table as CSV, Excel (.xlsx) or Parquet."
    )
