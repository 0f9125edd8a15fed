"""One raw batch → one batch that meets the contract; what does not fit is counted and set aside."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from monitoring.contract import Contract
from monitoring.errors import TableRefused
from monitoring.tables.categories import coded_schema, convert_categories
from monitoring.tables.conversion import Converted, Mask, Mend, as_mask, without_faulty
from monitoring.tables.duplicates import Hashed, Seen
from monitoring.tables.numbers import POINT, NumberStyle, convert_numbers
from monitoring.tables.outcomes import convert_outcomes
from monitoring.tables.quoting import shown
from monitoring.tables.reading_options import DateOrder
from monitoring.tables.source import RawBatch
from monitoring.tables.tally import Reasons, Tally
from monitoring.tables.texts import convert_texts
from monitoring.tables.times import convert_times
from monitoring.tables.typed_columns import is_bytes

RULE_WORDS = {
    "empty_row": "it is empty",
    "no_result": "{column} is a formula without a stored result",
    "cell_error": "{column} is an error of the spreadsheet",
    "not_text": "{column} holds half of a character, which is no text",
    "not_a_number": "{column} is not a number",
    "infinite": "{column} is infinite or too large",
    "missing_not_allowed": "{column} is missing",
    "impossible": "{column} is impossible",
    "bad_timestamp": "{column} is not a time",
    "bad_label": "{column} is not an outcome",
    "duplicate_id": "{column} is that of an earlier row",
}
"""What is wrong with a row, for each rule that values break; `field_count` is found before there are values."""
_NO_NUMBER = ("not_a_number", "cell_error", "no_result", "not_text")
_NO_VALUE = (*_NO_NUMBER, "infinite", "missing_not_allowed")
"""Rules whose breaking leaves no value: a row cannot be scored where the contract needs one."""


@dataclass(frozen=True, slots=True)
class ConformedBatch:
    """Rows that meet the contract.

    Attributes:
        rows: a `pyarrow.RecordBatch` in the conforming schema, its categories as codes.
        not_numbers: for numeric columns, how many of the missing values of these rows came as what is no number.
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


@dataclass(frozen=True, slots=True)
class Conformed:
    """What became of one raw batch, before it is counted with those before it.

    Attributes:
        batch: the rows that meet the contract.
        raw: the rows as they came.
        keep: (n,) which of them those of the batch are.
        breaches: what was wrong, but for repeated ids.
        reasons: what is wrong with the rows that are set aside.
        mended: for each column how many values were mended without harm.
        ids: the hashes of the ids, None without the column.
        times: smallest and largest time, None without the column or any value.
    """

    batch: ConformedBatch
    raw: RawBatch
    keep: Mask
    breaches: tuple[_Breach, ...]
    reasons: Reasons
    mended: Mapping[str, Mapping[Mend, int]]
    ids: Hashed | None
    times: tuple[datetime, datetime] | None


class Conformer:
    """Converts the batches of one reading, by any number of threads, and counts them one after the other.

    Args:
        contract: what the rows must have.
        schema: the conforming schema; its columns are those of every raw batch, in the same order.
        styles: how columns write their numbers, where they hold text.
        dates: the order of day, month and year in times that are not ISO 8601, None when nobody knows.
        seen: the ids so far; new when there are none.
        unquote: whether an apostrophe before a formula is no part of a text.
        label: the file's name as shown.
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
        label: str = "",
    ) -> None:
        self._label = label
        self._contract = contract
        self._schema = coded_schema(schema, contract)
        self._styles = styles
        self._dates = dates
        self._unquote = unquote
        self._names: tuple[str, ...] = tuple(schema.names)
        self.tally = Tally()
        self.seen = seen or Seen()

    def conform(self, raw: RawBatch) -> Conformed:
        """The rows of `raw` that meet the contract. Changes nothing here: threads may do it side by side.

        Raises:
            TableRefused: a column is of a type that cannot be converted.
        """
        converted = [self._checked(place, name, raw) for place, name in enumerate(self._names)]
        breaches = self._breaches(converted, raw)
        reasons = _reasons(breach for breach in breaches if breach.aside)
        keep = np.ones(len(raw.rows), np.bool_)
        batch = pa.record_batch([result.values for result in converted], schema=self._schema)
        if reasons:
            keep[list(reasons)] = False
            batch = batch.filter(pa.array(keep))
        contract = self._contract
        return Conformed(
            batch=ConformedBatch(batch, _not_numbers(breaches, keep, contract)),
            raw=raw,
            keep=keep,
            breaches=tuple(breaches),
            reasons=reasons,
            mended={name: result.mended for name, result in zip(self._names, converted, strict=True)},
            ids=Hashed.of(batch.column(contract.id)) if contract.id in self._names else None,
            times=_span(batch.column(contract.timestamp)) if contract.timestamp in self._names else None,
        )

    def settle(self, conformed: Conformed) -> None:
        """Count a batch; to be called once for each, in the order of the file."""
        raw, tally = conformed.raw, self.tally
        breaches = [*conformed.breaches, *self._repeated_ids(conformed)]
        tally.rows += len(raw.rows)
        for breach in breaches:
            tally.add(breach.column, breach.rule, breach.values, raw.rows, breach.where, aside=breach.aside)
        for name, mended in conformed.mended.items():
            tally.note(name, mended)
        tally.see_times(conformed.times)
        tally.refuse(self._names, raw, conformed.reasons)
        self._keep_flawed(raw, breaches, conformed.keep)

    def _checked(self, place: int, name: str, raw: RawBatch) -> Converted:
        """A column in its conforming type, with the faults that its format tells itself."""
        known = raw.faults.get(place, ())
        result = self._convert(name, without_faulty(raw.columns[place], known), raw.typed.get(place))
        return replace(result, faults=(*known, *result.faults)) if known else result

    def _convert(self, name: str, values: Any, typed: Mask | None) -> Converted:
        """A column in its conforming type. Raises TableRefused where its own type does not allow it."""
        try:
            return self._converted(name, values, typed)
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError, pa.ArrowTypeError) as error:
            held = f"bytes ({values.type})" if is_bytes(values.type) else shown(str(values.type))
            raise TableRefused(
                f"{self._label}: {shown(name)} holds {held}, not {self._wanted(name)}; "
                f"write it as {self._wanted(name)}."
            ) from error

    def _wanted(self, name: str) -> str:
        """What a column may hold, in words."""
        if name == self._contract.timestamp:
            return "times"
        return "numbers" if name in self._contract.numeric else "text or numbers"

    def _converted(self, name: str, values: Any, typed: Mask | None) -> Converted:
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
            typed=typed,
        )

    def _breaches(self, converted: list[Converted], raw: RawBatch) -> list[_Breach]:
        empty = _empty_rows(converted)
        breaches = []
        if empty is not None:
            breaches.append(_Breach("", "empty_row", np.flatnonzero(empty), raw.columns[0], aside=True))
        for name, values, result in zip(self._names, raw.columns, converted, strict=True):
            needed = name in self._contract.feature_names and not self._contract.feature(name).missing_allowed
            for fault in result.faults:
                breaches.append(_Breach(name, fault.rule, fault.where, values, needed and fault.rule in _NO_VALUE))
            if needed and result.values.null_count:
                missing = _nulls(result.values)
                missing[[] if empty is None else empty] = False
                for fault in result.faults:
                    missing[fault.where] = False
                if missing.any():
                    breaches.append(_Breach(name, "missing_not_allowed", np.flatnonzero(missing), values, aside=True))
        return breaches

    def _repeated_ids(self, conformed: Conformed) -> list[_Breach]:
        """Ids among the rows kept that came before; labels cannot tell such rows apart."""
        column = self._contract.id
        if column is None or conformed.ids is None:
            return []
        again = self.seen.repeated(conformed.ids)
        if not len(again):
            return []
        values = conformed.raw.columns[self._names.index(column)]
        return [_Breach(column, "duplicate_id", np.flatnonzero(conformed.keep)[again], values, aside=False)]

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


def _not_numbers(breaches: Iterable[_Breach], keep: Mask, contract: Contract) -> dict[str, int]:
    counts: dict[str, int] = {}
    for breach in breaches:
        if breach.rule in _NO_NUMBER and breach.column in contract.numeric:
            counts[breach.column] = counts.get(breach.column, 0) + int(keep[breach.where].sum())
    return {column: count for column, count in counts.items() if count}


def _span(times: Any) -> tuple[datetime, datetime] | None:
    """The smallest and the largest of the times, if there are any."""
    span = pc.min_max(times).as_py()
    return None if span["min"] is None else (span["min"], span["max"])


def _nulls(values: Any) -> Mask:
    return as_mask(values.is_null())


def _empty_rows(converted: list[Converted]) -> Mask | None:
    """Rows without a single value, as spreadsheets leave them below a table; None where there are none."""
    if not all(result.values.null_count for result in converted):
        return None
    empty: Mask = np.logical_and.reduce([_nulls(result.values) for result in converted])
    for result in converted:
        for fault in result.faults:
            empty[fault.where] = False
    return empty if empty.any() else None
