"""What all conversions of a column share: the spellings of missing, the faults of values, what comes out."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

MISSING = (
    *("", "NA", "N/A", "n/a", "n.a.", "<NA>", "#N/A", "#N/A N/A", "#NA"),
    *("NaN", "nan", "NAN", "-NaN", "-nan", "1.#QNAN", "-1.#QNAN", "1.#IND", "-1.#IND", "NaT"),
    *("null", "Null", "NULL", "(null)", "<null>", r"\N", "None", "-", "--", "."),
)
"""How spreadsheets, databases and programs spell a missing value; white space around it does not matter. A word that
may as well be a category ("none", "unknown", "?") is none of them."""

Mask = NDArray[np.bool_]

Mend = Literal["zone", "typed_zone", "word", "grouped", "flag", "quoted"]
"""What was mended without harm: a time zone was dropped that text had, or that a typed column had; a word was read as
an outcome; thousands separators were left out of a number; a typed true or false became 1 or 0; an apostrophe before a
formula was left out, as exports put it there."""


@dataclass(frozen=True, slots=True)
class Fault:
    """Values of one column that broke one rule.

    Attributes:
        rule: code of the rule, see `monitoring.tables.report.Problem`.
        where: places in the batch.
    """

    rule: str
    where: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Converted:
    """A column in its conforming type and what was wrong with it.

    Attributes:
        values: the `pyarrow.Array`; null is missing.
        faults: what was wrong.
        mended: how many values were mended without harm, and in which way.
    """

    values: Any
    faults: tuple[Fault, ...] = ()
    mended: Mapping[Mend, int] = field(default_factory=dict)


def without_missing(text: Any, *, known: Collection[str] = (), trim: bool = True) -> Any:
    """A text column with null for each spelling of missing, unless the spelling is a known value.

    Without `trim` only spellings without white space around them are found, which is faster.
    """
    spellings = pa.array([spelling for spelling in MISSING if spelling not in known], pa.string())
    missing = pc.is_in(pc.utf8_trim_whitespace(text) if trim else text, value_set=spellings)
    if not pc.any(missing).as_py():
        return text
    return pc.if_else(missing, pa.scalar(None, pa.string()), text)


def without_faulty(values: Any, faults: Collection[Fault]) -> Any:
    """A text column with null where it is known to hold no value."""
    if not faults:
        return values
    faulty = np.zeros(len(values), np.bool_)
    for fault in faults:
        faulty[fault.where] = True
    return pc.if_else(pa.array(faulty), pa.scalar(None, values.type), values)


def is_text(values: Any) -> bool:
    """Whether a raw column holds text."""
    return bool(pa.types.is_string(values.type))


def as_mask(booleans: Any) -> Mask:
    """A boolean column as numpy, null as False."""
    return np.asarray(pc.fill_null(booleans, False).to_numpy(zero_copy_only=False), dtype=np.bool_)


def faults_of(**rules: Mask) -> tuple[Fault, ...]:
    """One fault for each rule that some value broke."""
    return tuple(Fault(rule, np.flatnonzero(mask).astype(np.int64)) for rule, mask in rules.items() if mask.any())
