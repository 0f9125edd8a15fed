"""Rows that meet a contract as files that are read again as they were: CSV, Excel, Parquet."""

from __future__ import annotations

from contextlib import AbstractContextManager
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet

from monitoring.tables.formulas import escape_formulas
from monitoring.tables.xlsx_writer import XlsxWriter

SUFFIXES = (".csv", ".xlsx", ".parquet")


class RowWriter(Protocol):
    """Takes record batches of one schema."""

    def write_batch(self, batch: Any) -> None:
        """Write some rows. Raises NotPossible when the format cannot hold them."""


def open_writer(path: Path, schema: Any, *, label: str) -> AbstractContextManager[RowWriter]:
    """A writer of rows into `path`, whose name ends in one of `SUFFIXES`; they are all there when its block ends.

    Args:
        path: the file.
        schema: the columns: text, numbers, whole numbers and times without zone.
        label: what the person calls the file, for sentences.

    Raises:
        NotPossible: there are more columns than the format can hold.
    """
    suffix = path.suffix.lower()
    if suffix == ".csv":
        return CsvWriter(path, schema)
    if suffix == ".xlsx":
        return XlsxWriter(path, schema, label=label)
    writer: AbstractContextManager[RowWriter] = pyarrow.parquet.ParquetWriter(path, schema, compression="zstd")
    return writer


class CsvWriter:
    """Writes CSV: times as text, whole seconds without a fraction, formulas quoted."""

    def __init__(self, path: Path, schema: Any) -> None:
        fields = [pa.field(f.name, pa.string()) if pa.types.is_timestamp(f.type) else f for f in schema]
        self._schema = pa.schema(fields)
        self._writer = pyarrow.csv.CSVWriter(str(path), self._schema)

    def __enter__(self) -> CsvWriter:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._writer.close()

    def write_batch(self, batch: Any) -> None:
        """Write some rows."""
        self._writer.write_batch(pa.record_batch(list(map(_as_csv, batch.columns)), schema=self._schema))


def _as_csv(column: Any) -> Any:
    if pa.types.is_timestamp(column.type):
        return pc.replace_substring_regex(column.cast(pa.string()), r"\.0+$", "")
    return escape_formulas(column) if pa.types.is_string(column.type) else column
