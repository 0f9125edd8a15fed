"""The files of a version, written so that the same rows give the same bytes."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from monitoring.contract import Contract, Value

_ROWS_A_GROUP = 65_536


def order_columns(rows: pa.Table, contract: Contract) -> pa.Table:
    """The columns of a reference or a training file: features, id, timestamp, target, as far as the rows have them."""
    names = (*contract.feature_names, contract.id, contract.timestamp, contract.target.name)
    return rows.select([name for name in names if name is not None and name in rows.column_names])


def write_rows(rows: pa.Table, file: Path) -> None:
    """Writes a Parquet file without anything that varies: no pandas or Arrow metadata, one fixed compression."""
    pq.write_table(
        rows.combine_chunks().replace_schema_metadata(None),
        file,
        row_group_size=_ROWS_A_GROUP,
        version="2.6",
        compression="zstd",
        compression_level=15,
        use_dictionary=True,
        write_statistics=True,
        store_schema=False,
    )


def write_value(value: Value, file: Path) -> None:
    """Writes a contract or a manifest as indented JSON, non-ASCII text as it is."""
    file.write_text(value.model_dump_json(indent=2) + "\n", encoding="utf-8", newline="\n")
