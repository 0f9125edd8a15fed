"""Numbers: text or any numeric type → float64, whatever is no number told apart."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from monitoring.tables.conversion import Converted, Mask, Mend, as_mask, faults_of, is_text, without_missing
from monitoring.tables.reading_options import Decimal, Thousands

LARGEST = float(np.finfo(np.float32).max)
"""Models take float32: a number beyond this is infinite to them."""

SPACES = " \N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}\N{THIN SPACE}"
APOSTROPHES = "'\N{RIGHT SINGLE QUOTATION MARK}"
_GROUPED_BY_COMMA = r"^[+-]?[1-9]\d{0,2},\d{3}$"


@dataclass(frozen=True, slots=True)
class NumberStyle:
    """How a column writes its numbers.

    Attributes:
        decimal: the decimal mark.
        thousands: what may stand between groups of three digits, "" for nothing.
        certain: the column uses this decimal mark beyond doubt; else "1,234" may be a thousand and is no number.
    """

    decimal: Decimal = "."
    thousands: Thousands = ""
    certain: bool = True

    @property
    def group_marks(self) -> str:
        """Every character that may stand between groups of three digits."""
        return {" ": SPACES, "'": APOSTROPHES}.get(self.thousands, self.thousands)


POINT = NumberStyle()


def convert_numbers(
    raw: Any,
    *,
    minimum: float | None = None,
    maximum: float | None = None,
    infinite_allowed: bool = False,
    style: NumberStyle = POINT,
    typed: Mask | None = None,
) -> Converted:
    """A column of numbers as float64.

    What is no number becomes null, and so does what is infinite (or beyond float32) unless that is allowed; what lies
    outside [minimum, maximum] stays and is a fault all the same. Where `typed` is true, text stands for a number that
    had no spelling: `style` is not about it.
    """
    mended: dict[Mend, int] = {}
    if is_text(raw):
        numbers, not_a_number, mended["grouped"] = _spelled(raw, style, typed)
    else:
        numbers, not_a_number = _as_float(raw)
        mended["flag"] = len(raw) - raw.null_count if pa.types.is_boolean(raw.type) else 0
    values = np.asarray(numbers.to_numpy(zero_copy_only=False), dtype=np.float64)
    infinite = np.abs(values) > (np.inf if infinite_allowed else LARGEST)
    missing = np.isnan(values) | infinite
    impossible = np.zeros(len(values), np.bool_)
    if minimum is not None:
        impossible |= values < minimum
    if maximum is not None:
        impossible |= values > maximum
    return Converted(
        pa.array(values, pa.float64(), mask=missing),
        faults_of(not_a_number=not_a_number, infinite=infinite, impossible=impossible & ~missing),
        mended,
    )


def _spelled(text: Any, style: NumberStyle, typed: Mask | None) -> tuple[Any, Mask, int]:
    """The same as `_parsed`, but for what stands for typed numbers: that is as programs write it."""
    if typed is None or not typed.any():
        return _parsed(text, style)
    nothing = pa.scalar(None, pa.string())
    numbers, bad, grouped = _parsed(pc.if_else(pa.array(typed), nothing, text), style)
    others, also_bad, _ = _parsed(pc.if_else(pa.array(typed), text, nothing), POINT)
    return pc.coalesce(numbers, others), bad | also_bad, grouped


def _parsed(text: Any, style: NumberStyle) -> tuple[Any, Mask, int]:
    """Text → (float64 with null for missing and unreadable, where it was unreadable, how many were grouped)."""
    if style.decimal == ".":
        try:
            numbers = pc.cast(without_missing(text, trim=False), pa.float64())
            if not pc.any(pc.is_nan(numbers)).as_py():  # "nan(x)" parses, and is no spelling of missing
                return numbers, np.zeros(len(text), np.bool_), 0
        except pa.ArrowInvalid:
            pass
    trimmed = without_missing(pc.utf8_trim_whitespace(text), trim=False)
    good = pc.match_substring_regex(trimmed, _number_pattern(style.decimal))
    if style.decimal == "," and style.thousands != "." and not style.certain:
        good = pc.and_(good, pc.invert(pc.match_substring_regex(trimmed, _GROUPED_BY_COMMA)))
    grouped = np.zeros(len(text), np.bool_)
    if style.thousands:
        groups = pc.match_substring_regex(trimmed, _grouped_pattern(style))
        grouped = as_mask(groups)
        good = pc.or_(good, groups)
        bare = pc.replace_substring_regex(trimmed, f"[{style.group_marks}]", "")
        trimmed = pc.if_else(groups, bare, trimmed)
    if style.decimal == ",":
        trimmed = pc.replace_substring(trimmed, ",", ".")
    numbers = pc.cast(pc.if_else(good, trimmed, pa.scalar(None, pa.string())), pa.float64())
    return numbers, as_mask(pc.invert(good)), int(grouped.sum())


def _number_pattern(decimal: str) -> str:
    mark = re.escape(decimal)
    return rf"(?i)^[+-]?(?:\d+(?:{mark}\d*)?(?:e[+-]?\d+)?|{mark}\d+(?:e[+-]?\d+)?|inf(?:inity)?|nan)$"


def _grouped_pattern(style: NumberStyle) -> str:
    return rf"^[+-]?[1-9]\d{{0,2}}(?:[{style.group_marks}]\d{{3}})+(?:{re.escape(style.decimal)}\d*)?$"


def _as_float(raw: Any) -> tuple[Any, Mask]:
    """A typed column → (float64 with null for missing and for what is no number, where it was none).

    A flag is 0 or 1. A date, a time or a span of time is no number, however it is stored.
    """
    if pa.types.is_temporal(raw.type):
        return pa.nulls(len(raw), pa.float64()), as_mask(raw.is_valid())
    if pa.types.is_boolean(raw.type):
        raw = raw.cast(pa.int8())
    return raw.cast(pa.float64(), safe=False), np.zeros(len(raw), np.bool_)
