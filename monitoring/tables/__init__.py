"""Bytes → typed record batches that meet the contract, and a report of everything that did not."""

from monitoring.tables.export import misfit_rows_csv, write_template
from monitoring.tables.formulas import escape_formula
from monitoring.tables.labels import Join, Joined, Labels, count_labelled, join_labels, read_labels
from monitoring.tables.reader import RowReader, read_rows
from monitoring.tables.schema import conforming_schema

__all__ = [
    "Join",
    "Joined",
    "Labels",
    "RowReader",
    "conforming_schema",
    "count_labelled",
    "escape_formula",
    "join_labels",
    "misfit_rows_csv",
    "read_labels",
    "read_rows",
    "write_template",
]
