"""One raw batch → one batch that meets the contract; what does not fit is counted and set aside."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from monitoring.contract import Contract
from monitoring.tables.categories import coded_schema, convert_categories
from monitoring.tables.conversion import Converted, Mask, as_mask
from monitoring.tables.duplicates import Seen
from monitoring.tables.numbers import POINT, NumberStyle, convert_numbers
from monitoring.tables.outcomes import convert_outcomes
from monitoring.tables.reading_options import DateOrder
from monitoring.tables.source import RawBatch
from monitoring.tables.tally import Reasons, Tally
from monitoring.tables.texts import convert_texts
from monitoring.tables.times import convert_times

RULE_WORDS = {
    "empty_row": "it is empty",
    "not_a_number": "{column} is not a number",
    "infinite": "{column} is infinite or too large",
    "missing_not_allowed": "{column} is missing",
    "impossible": "{column} is impossible",
    "bad_timestamp": "{column} is not a time",
    "bad_label": "{column} is not an outcome",
    "duplicate_id": "{column} is that of an earlier row",
}
"""What is wrong with a row, for each rule that values break; `field_count` is found before there are values."""
_NO_VALUE = ("not_a_number", "infinite", "missing_not_allowed")
"""Rules whose breaking leaves no value: a row cannot be scored where the contract needs one."""


@dataclass(frozen=True, slots=True)
class ConformedBatch:
    """Rows that meet the contract.

    Attributes:
        rows: a `pyarrow.RecordBatch` in the conforming schema, its categories as codes.
        not_numbers: for numeric columns, how many of the missing values of these rows came as text that is no number.
    """

    rows: Any
    not_numbers: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class _Breach:
    """Values of one column of a batch that broke one rule; `column` is '' for the whole row."""

    column: str
    rule: str
    where: NDArray[np.int64]
    values: Any
    aside: bool


class Conformer:
    """Converts the batches of one reading.

    Args:
        contract: what the rows must have.
        schema: the conforming schema; its columns are those of every raw batch, in the same order.
        styles: how columns write their numbers, where they hold text.
        dates: the order of day, month and year in times that are not ISO 8601, None when nobody knows.
        seen: the ids so far; new when there are none.
        unquote: whether an apostrophe before a formula is no part of a text.
    """

    def __init__(
        self,
        contract: Contract,
        schema: Any,
        styles: Mapping[str, NumberStyle],
        dates: DateOrder | None = None,
        seen: Seen | None = None,
        *,
        unquote: bool = False,
    ) -> None:
        self._contract = contract
        self._schema = coded_schema(schema, contract)
        self._styles = styles
        self._dates = dates
        self._unquote = unquote
        self._names: tuple[str, ...] = tuple(schema.names)
        self.tally = Tally()
        self.seen = seen or Seen()

    def conform(self, raw: RawBatch) -> ConformedBatch:
        """The rows of `raw` that meet the contract."""
        converted = [self._convert(name, values) for name, values in zip(self._names, raw.columns, strict=True)]
        breaches = self._breaches(converted, raw)
        reasons = _reasons(breach for breach in breaches if breach.aside)
        keep = np.ones(len(raw.rows), np.bool_)
        batch = pa.record_batch([result.values for result in converted], schema=self._schema)
        if reasons:
            keep[list(reasons)] = False
            batch = batch.filter(pa.array(keep))
        breaches += self._repeated_ids(batch, raw, np.flatnonzero(keep))
        self._count(converted, raw, breaches)
        if self._contract.timestamp in self._names:
            self.tally.see_times(batch.column(self._contract.timestamp))
        self.tally.refuse(self._names, raw, reasons)
        self._keep_flawed(raw, breaches, keep)
        return ConformedBatch(batch, _not_numbers(breaches, keep))

    def _convert(self, name: str, values: Any) -> Converted:
        contract = self._contract
        if name == contract.id:
            return convert_texts(values, unquote=self._unquote)
        if name == contract.timestamp:
            return convert_times(values, order=self._dates)
        if name == contract.target.name:
            return convert_outcomes(values, contract)
        feature = contract.feature(name)
        if feature.kind == "categorical":
            return convert_categories(values, known=feature.categories, unquote=self._unquote)
        return convert_numbers(
            values,
            minimum=feature.minimum,
            maximum=feature.maximum,
            infinite_allowed=feature.infinite_allowed,
            style=self._styles.get(name, POINT),
        )

    def _breaches(self, converted: list[Converted], raw: RawBatch) -> list[_Breach]:
        empty = _empty_rows(converted)
        breaches = []
        if empty.any():
            breaches.append(_Breach("", "empty_row", np.flatnonzero(empty), raw.columns[0], aside=True))
        for name, values, result in zip(self._names, raw.columns, converted, strict=True):
            needed = name in self._contract.feature_names and not self._contract.feature(name).missing_allowed
            missing = _nulls(result.values) & ~empty if needed else np.zeros(len(empty), np.bool_)
            for fault in result.faults:
                aside = needed and fault.rule in _NO_VALUE
                breaches.append(_Breach(name, fault.rule, fault.where, values, aside))
                missing[fault.where] = False
            if missing.any():
                breaches.append(_Breach(name, "missing_not_allowed", np.flatnonzero(missing), values, aside=True))
        return breaches

    def _repeated_ids(self, batch: Any, raw: RawBatch, kept: NDArray[np.int64]) -> list[_Breach]:
        """Ids among the rows kept that came before; labels cannot tell such rows apart."""
        column = self._contract.id
        if column is None or column not in self._names:
            return []
        again = self.seen.repeated(batch.column(column))
        values = raw.columns[self._names.index(column)]
        return [_Breach(column, "duplicate_id", kept[again], values, aside=False)] if len(again) else []

    def _count(self, converted: list[Converted], raw: RawBatch, breaches: Iterable[_Breach]) -> None:
        self.tally.rows += len(raw.rows)
        for breach in breaches:
            self.tally.add(breach.column, breach.rule, breach.values, raw.rows, breach.where, aside=breach.aside)
        for name, result in zip(self._names, converted, strict=True):
            self.tally.note(name, result.mended)

    def _keep_flawed(self, raw: RawBatch, breaches: Iterable[_Breach], keep: Mask) -> None:
        """Keep the first rows that are scored although a value did not fit."""
        most = self.tally.flawed_wanted
        if most <= 0:
            return
        kept = [(breach, breach.where[keep[breach.where]][:most]) for breach in breaches if not breach.aside]
        flaws = _reasons(_Breach(b.column, b.rule, where, b.values, aside=False) for b, where in kept)
        self.tally.keep_flawed(self._names, raw, flaws)


def _reasons(breaches: Iterable[_Breach]) -> Reasons:
    reasons: Reasons = {}
    for breach in breaches:
        why = RULE_WORDS[breach.rule].format(column=breach.column)
        for place in breach.where.tolist():
            reasons.setdefault(place, []).append(why)
    return reasons


def _not_numbers(breaches: Iterable[_Breach], keep: Mask) -> dict[str, int]:
    counts = {b.column: int(keep[b.where].sum()) for b in breaches if b.rule == "not_a_number"}
    return {column: count for column, count in counts.items() if count}


def _nulls(values: Any) -> Mask:
    return as_mask(values.is_null())


def _empty_rows(converted: list[Converted]) -> Mask:
    """Rows without a single value, as spreadsheets leave them below a table."""
    empty: Mask = np.logical_and.reduce([_nulls(result.values) for result in converted])
    for result in converted:
        for fault in result.faults:
            empty[fault.where] = False
    return empty
