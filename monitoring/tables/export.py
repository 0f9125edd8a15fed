"""Tables that leave: the template of columns, the rows that were set aside. Safe to open in a spreadsheet."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

import pyarrow as pa

from monitoring.contract import Contract
from monitoring.tables.formulas import escape_formula
from monitoring.tables.report import ReadReport
from monitoring.tables.schema import conforming_schema
from monitoring.tables.xlsx_writer import XlsxWriter


def write_template(contract: Contract) -> str:
    """The header line of a file that meets the contract: id and time first, then the inputs; no rows."""
    return as_csv(_template(contract), ())


def template_xlsx(contract: Contract) -> bytes:
    """The same as an Excel workbook; the column of times shows days and hours."""
    types = conforming_schema(contract, id=True, timestamp=True, target=False)
    buffer = io.BytesIO()
    with XlsxWriter(buffer, pa.schema([types.field(name) for name in _template(contract)]), label="The template"):
        pass
    return buffer.getvalue()


def _template(contract: Contract) -> list[str]:
    return [*filter(None, (contract.id, contract.timestamp)), *contract.feature_names]


def misfit_rows_csv(report: ReadReport) -> str:
    """The rows that were set aside and those that were scored although a value did not fit, in the order of the file:
    number, line, what became of them, why, and their cells as they came. The first of each kind, as kept."""
    return as_csv(*_misfit_rows(report))


def misfit_rows_xlsx(report: ReadReport) -> bytes:
    """The same as an Excel workbook, every cell as text."""
    return as_xlsx(*_misfit_rows(report), label="The rows that did not fit")


def _misfit_rows(report: ReadReport) -> tuple[list[str], list[list[str]]]:
    kept = [(row, "set aside") for row in report.refused_rows] + [(row, "scored") for row in report.flawed_rows]
    files = {file: place for place, file in enumerate(dict.fromkeys(row.file for row, _ in kept))}
    several = any(files)
    names = list(dict.fromkeys(name for row, _ in kept for name, _ in row.cells))
    rows = []
    for row, fate in sorted(kept, key=lambda pair: (files[pair[0].file], pair[0].row)):
        cells = dict(row.cells)
        line = "" if row.line is None else str(row.line)
        found = [str(row.row), line, fate, row.reason, *(cells.get(name, "") for name in names)]
        rows.append([row.file or "", *found] if several else found)
    return [*(["file"] if several else []), "row", "line", "fate", "reason", *names], rows


def as_csv(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A header and rows of text as CSV, every cell kept from being a formula."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([escape_formula(name) for name in header])
    writer.writerows([escape_formula(cell) for cell in row] for row in rows)
    return text.getvalue()


def as_xlsx(header: Sequence[str], rows: Iterable[Sequence[str]], *, label: str) -> bytes:
    """A header and rows of text as an Excel workbook, every cell kept from being a formula.

    Raises:
        NotPossible: there are more rows or columns, or longer texts, than a sheet holds.
    """
    columns = list(zip(*rows, strict=True)) or [() for _ in header]
    schema = pa.schema([pa.field(name, pa.string()) for name in header])
    buffer = io.BytesIO()
    with XlsxWriter(buffer, schema, label=label) as writer:
        writer.write_batch(pa.record_batch([pa.array(column, pa.string()) for column in columns], schema=schema))
    return buffer.getvalue()
