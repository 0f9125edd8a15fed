"""One raw batch → one batch that meets the contract; what does not fit is counted and set aside."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from monitoring.contract import Contract
from monitoring.tables.conversion import Converted, Mask, as_mask
from monitoring.tables.duplicates import Seen
from monitoring.tables.numbers import POINT, NumberStyle, convert_numbers
from monitoring.tables.outcomes import convert_outcomes
from monitoring.tables.reading_options import DateOrder
from monitoring.tables.source import RawBatch
from monitoring.tables.tally import Tally
from monitoring.tables.texts import convert_texts
from monitoring.tables.times import convert_times

_WORDS = {
    "not_a_number": "is not a number",
    "infinite": "is infinite or too large",
    "missing_not_allowed": "is missing",
}

Reasons = dict[int, list[str]]
"""Why rows are set aside, by their place in the batch."""


class Conformer:
    """Converts the batches of one reading.

    Args:
        contract: what the rows must have.
        schema: the conforming schema; its columns are those of every raw batch, in the same order.
        styles: how columns write their numbers, where they hold text.
        dates: the order of day, month and year in times that are not ISO 8601, None when nobody knows.
    """

    def __init__(
        self,
        contract: Contract,
        schema: Any,
        styles: Mapping[str, NumberStyle],
        dates: DateOrder | None = None,
    ) -> None:
        self._contract = contract
        self._schema = schema
        self._styles = styles
        self._dates = dates
        self._names: tuple[str, ...] = tuple(schema.names)
        self.tally = Tally()
        self.seen = Seen()

    def conform(self, raw: RawBatch) -> Any:
        """The rows of `raw` that meet the contract, as a `pyarrow.RecordBatch`."""
        converted = [self._convert(name, values) for name, values in zip(self._names, raw.columns, strict=True)]
        empty = _empty_rows(converted)
        reasons: Reasons = self._set_empty_aside(empty, raw)
        for name, values, result in zip(self._names, raw.columns, converted, strict=True):
            self._count_faults(name, values, result, raw.rows, empty, reasons)
            self.tally.note(name, result.noted)
        self.tally.rows += len(raw.rows)
        self.tally.refuse(self._names, raw, reasons)
        batch = pa.record_batch([result.values for result in converted], schema=self._schema)
        rows = raw.rows
        if reasons:
            keep = np.ones(len(rows), np.bool_)
            keep[list(reasons)] = False
            batch, rows = batch.filter(pa.array(keep)), rows[keep]
        self._look_at_rows(batch, rows)
        return batch

    def _convert(self, name: str, values: Any) -> Converted:
        contract = self._contract
        if name == contract.id:
            return convert_texts(values)
        if name == contract.timestamp:
            return convert_times(values, order=self._dates)
        if name == contract.target.name:
            return convert_outcomes(values, contract)
        feature = contract.feature(name)
        if feature.kind == "categorical":
            return convert_texts(values, known=feature.categories)
        style = self._styles.get(name, POINT)
        return convert_numbers(values, minimum=feature.minimum, maximum=feature.maximum, style=style)

    def _count_faults(
        self, name: str, values: Any, result: Converted, rows: NDArray[np.int64], empty: Mask, reasons: Reasons
    ) -> None:
        needed = name in self._contract.feature_names and not self._contract.feature(name).missing_allowed
        missing = _nulls(result.values) & ~empty if needed else np.zeros(len(rows), np.bool_)
        for fault in result.faults:
            aside = needed and fault.rule in _WORDS
            self._tell(name, fault.rule, values, rows, fault.where, reasons, aside=aside)
            missing[fault.where] = False
        if missing.any():
            self._tell(name, "missing_not_allowed", values, rows, np.flatnonzero(missing), reasons, aside=True)

    def _tell(
        self,
        name: str,
        rule: str,
        values: Any,
        rows: NDArray[np.int64],
        where: NDArray[np.int64],
        reasons: Reasons,
        *,
        aside: bool,
    ) -> None:
        self.tally.add(name, rule, values, rows, where, aside=aside)
        if aside:
            for place in where.tolist():
                reasons.setdefault(place, []).append(f"{name} {_WORDS[rule]}")

    def _set_empty_aside(self, empty: Mask, raw: RawBatch) -> Reasons:
        where = np.flatnonzero(empty)
        if len(where):
            self.tally.add("", "empty_row", raw.columns[0], raw.rows, where, aside=True)
        return {place: ["it is empty"] for place in where.tolist()}

    def _look_at_rows(self, batch: Any, rows: NDArray[np.int64]) -> None:
        contract = self._contract
        if contract.timestamp in self._names:
            self.tally.see_times(batch.column(contract.timestamp))
        if contract.id in self._names:
            ids = batch.column(contract.id)
            again = self.seen.repeated(ids)
            if len(again):
                self.tally.add(contract.id, "duplicate_id", ids, rows, again, aside=False)


def _nulls(values: Any) -> Mask:
    return as_mask(values.is_null())


def _empty_rows(converted: list[Converted]) -> Mask:
    """Rows without a single value, as spreadsheets leave them below a table."""
    empty: Mask = np.logical_and.reduce([_nulls(result.values) for result in converted])
    for result in converted:
        for fault in result.faults:
            empty[fault.where] = False
    return empty
