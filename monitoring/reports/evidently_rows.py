"""Rows as Evidently can take them: plain types, tame names, nothing that makes it lose a report."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from monitoring.contract import Contract, Kind
from monitoring.policy.verdict import Finding
from monitoring.reports.plain_text import distinct_plain, plain

MOST_CATEGORIES = 40
_OWN_NAMES = ("index", "level_0", "per", "mean", "std", "time")
"""Column names that Evidently's code uses itself when it draws a column over time."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column of the page: its finding, and its name as shown."""

    shown: str
    kind: Kind
    finding: Finding


@dataclass(frozen=True, slots=True)
class Sides:
    """Both sides with the same columns, and what had to be changed or left out, as sentences."""

    columns: tuple[Column, ...]
    reference: pd.DataFrame
    batch: pd.DataFrame
    notes: tuple[str, ...]


def prepare_sides(
    contract: Contract, reference_rows: pa.Table, batch_rows: pa.Table, findings: Sequence[Finding]
) -> Sides:
    """Rows of both sides for every column whose distribution was compared, in the order of the findings."""
    judged = {f.column: f for f in findings if f.detector in ("ks", "chi2")}
    names = distinct_plain(judged, avoid=_OWN_NAMES)
    columns: list[Column] = []
    reference: dict[str, NDArray[np.generic]] = {}
    batch: dict[str, NDArray[np.generic]] = {}
    notes: list[str] = []
    for name, finding in judged.items():
        column = Column(
            shown=names[name], kind="numeric" if finding.detector == "ks" else "categorical", finding=finding
        )
        why_not = _why_not(finding, reference_rows, batch_rows)
        if why_not:
            notes.append(f"{column.shown} is left out: {why_not}.")
            continue
        sides = _values(column.kind, reference_rows[name]), _values(column.kind, batch_rows[name])
        if column.kind == "categorical":
            sides, folded = _fold_categories(*sides)
            if folded:
                notes.append(f"{column.shown}: the {folded:,} rarest categories are drawn as one.")
        reference[column.shown], batch[column.shown] = sides
        columns.append(column)
    return Sides(
        tuple(columns),
        pd.DataFrame(reference),
        pd.DataFrame(batch, index=_times(contract, batch_rows)),
        tuple(notes),
    )


def _why_not(finding: Finding, reference_rows: pa.Table, batch_rows: pa.Table) -> str:
    """Why a column cannot be shown, '' when it can."""
    if finding.state == "not_applicable":
        return plain(finding.note, longest=200) if finding.note else "there was nothing to test"
    for rows, where in ((batch_rows, "file"), (reference_rows, "reference")):
        if finding.column not in rows.column_names:
            return f"the {where} does not have it"
        if not _present(rows[finding.column]):
            return f"the rows of the {where} drawn here have no value in it"
    return ""


def _present(values: pa.ChunkedArray) -> bool:
    if pa.types.is_floating(values.type):
        return bool(np.isfinite(_numbers(values)).any())
    return int(values.null_count) < len(values)


def _values(kind: Kind, values: pa.ChunkedArray) -> NDArray[np.generic]:
    if kind == "numeric":
        return _numbers(values)
    texts: NDArray[np.generic] = np.asarray(values.cast(pa.string()).to_pylist(), dtype=object)
    return texts


def _numbers(values: pa.ChunkedArray) -> NDArray[np.float64]:
    numbers = np.array(values.cast(pa.float64()).to_pandas(), dtype=np.float64)
    numbers[~np.isfinite(numbers)] = np.nan
    return numbers


def _fold_categories(
    reference: NDArray[np.generic], batch: NDArray[np.generic]
) -> tuple[tuple[NDArray[np.generic], NDArray[np.generic]], int]:
    """Both sides with tame names and all but the most frequent categories joined; how many were joined."""
    counts = pd.Series(np.concatenate([reference, batch])).dropna().value_counts()
    kept = list(counts.index[:MOST_CATEGORIES])
    folded = len(counts) - len(kept)
    rest = f"all others ({folded:,})"
    names = distinct_plain(kept, avoid=(rest,))

    def rename(values: NDArray[np.generic]) -> NDArray[np.generic]:
        return np.array([value if value is None else names.get(str(value), rest) for value in values], dtype=object)

    return (rename(reference), rename(batch)), folded


def _times(contract: Contract, rows: pa.Table) -> pd.Index:
    """The batch's times, so that Evidently draws a column over time; row numbers where there are none."""
    if contract.timestamp is None or contract.timestamp not in rows.column_names:
        return pd.RangeIndex(rows.num_rows)
    times = pd.DatetimeIndex(rows[contract.timestamp].to_pandas(), name="time")
    return times if times.nunique() > 1 else pd.RangeIndex(rows.num_rows)
