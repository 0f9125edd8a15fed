"""Tables that leave as text: the template of columns, the rows that were set aside. Safe to open in a spreadsheet."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any

import pyarrow.compute as pc

from monitoring.contract import Contract
from monitoring.tables.quoting import FORMULA_START, PLAIN_NUMBER, escape_formula
from monitoring.tables.report import ReadReport


def write_template(contract: Contract) -> str:
    """The header line of a file that meets the contract: id and time first, then the inputs; no rows."""
    names = [*filter(None, (contract.id, contract.timestamp)), *contract.feature_names]
    return as_csv(names, ())


def misfit_rows_csv(report: ReadReport) -> str:
    """The rows that were set aside and those that were scored although a value did not fit, in the order of the file:
    number, line, what became of them, why, and their cells as they came. The first of each kind, as kept."""
    kept = [(row, "set aside") for row in report.refused_rows] + [(row, "scored") for row in report.flawed_rows]
    names = list(dict.fromkeys(name for row, _ in kept for name, _ in row.cells))
    rows = []
    for row, fate in sorted(kept, key=lambda pair: pair[0].row):
        cells = dict(row.cells)
        line = "" if row.line is None else str(row.line)
        rows.append([str(row.row), line, fate, row.reason, *(cells.get(name, "") for name in names)])
    return as_csv(["row", "line", "fate", "reason", *names], rows)


def as_csv(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A header and rows of text as CSV, every cell kept from being a formula."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([escape_formula(name) for name in header])
    writer.writerows([escape_formula(cell) for cell in row] for row in rows)
    return text.getvalue()


def escape_formulas(texts: Any) -> Any:
    """A `pyarrow` text column with an apostrophe before everything that would start a formula, see `escape_formula`."""
    formula = pc.and_(
        pc.match_substring_regex(texts, FORMULA_START), pc.invert(pc.match_substring_regex(texts, PLAIN_NUMBER))
    )
    if not pc.any(formula).as_py():
        return texts
    return pc.if_else(formula, pc.binary_join_element_wise("'", texts, ""), texts)
