"""Numbers: text or any numeric type → float64, whatever is no number told apart."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from monitoring.tables.conversion import Converted, Mask, as_mask, faults_of, is_text, without_missing

LARGEST = float(np.finfo(np.float32).max)
"""Models take float32: a number beyond this is infinite to them."""

_NUMBER = r"(?i)^[+-]?(?:\d+\.?\d*(?:e[+-]?\d+)?|\.\d+(?:e[+-]?\d+)?|inf(?:inity)?|nan)$"
_COMMA_NUMBER = r"(?i)^[+-]?(?:\d+(?:,\d*)?(?:e[+-]?\d+)?|,\d+(?:e[+-]?\d+)?|inf(?:inity)?|nan)$"
_GROUPED = r"^[+-]?[1-9]\d{0,2},\d{3}$"


@dataclass(frozen=True, slots=True)
class Decimals:
    """How a column writes its decimals.

    Attributes:
        comma: the file writes a decimal comma.
        certain: this column does so beyond doubt; else "1,234" may be a thousand and counts as no number.
    """

    comma: bool = False
    certain: bool = False


POINT = Decimals()


def convert_numbers(
    raw: Any, *, minimum: float | None = None, maximum: float | None = None, decimals: Decimals = POINT
) -> Converted:
    """A column of numbers as float64.

    What is no number and what is infinite (or beyond float32) becomes null; what lies outside [minimum, maximum]
    stays and is noted.
    """
    if is_text(raw):
        numbers, not_a_number = _parsed(raw, decimals)
    else:
        numbers, not_a_number = _as_float(raw), np.zeros(len(raw), np.bool_)
    values = np.asarray(numbers.to_numpy(zero_copy_only=False), dtype=np.float64)
    infinite = np.abs(values) > LARGEST
    missing = np.isnan(values) | infinite
    impossible = np.zeros(len(values), np.bool_)
    if minimum is not None:
        impossible |= values < minimum
    if maximum is not None:
        impossible |= values > maximum
    return Converted(
        pa.array(values, pa.float64(), mask=missing),
        faults_of(not_a_number=not_a_number, infinite=infinite, impossible=impossible & ~missing),
    )


def _parsed(text: Any, decimals: Decimals) -> tuple[Any, Mask]:
    """Text → (float64 with null for missing and unreadable, where it was unreadable)."""
    if not decimals.comma:
        try:
            return pc.cast(without_missing(text, trim=False), pa.float64()), np.zeros(len(text), np.bool_)
        except pa.ArrowInvalid:
            pass
    trimmed = without_missing(pc.utf8_trim_whitespace(text), trim=False)
    good = pc.match_substring_regex(trimmed, _COMMA_NUMBER if decimals.comma else _NUMBER)
    if decimals.comma:
        if not decimals.certain:
            good = pc.and_(good, pc.invert(pc.match_substring_regex(trimmed, _GROUPED)))
        trimmed = pc.replace_substring(trimmed, ",", ".")
    numbers = pc.cast(pc.if_else(good, trimmed, pa.scalar(None, pa.string())), pa.float64())
    return numbers, as_mask(pc.invert(good))


def _as_float(raw: Any) -> Any:
    if pa.types.is_boolean(raw.type):
        raw = raw.cast(pa.int8())
    return raw.cast(pa.float64(), safe=False)
