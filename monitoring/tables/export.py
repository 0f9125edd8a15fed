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


def refused_rows_csv(report: ReadReport) -> str:
    """The rows that were set aside, with their number and the reason, as CSV."""
    names = list(dict.fromkeys(name for row in report.refused_rows for name, _ in row.cells))
    rows = []
    for refused in report.refused_rows:
        cells = dict(refused.cells)
        rows.append([str(refused.row), refused.reason, *(cells.get(name, "") for name in names)])
    return as_csv(["row", "reason", *names], rows)


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
