"""Outcomes: 0/1, true/false, yes/no or the classes' names → 0.0 and 1.0."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from monitoring.contract import Contract
from monitoring.tables.conversion import Converted, as_mask, faults_of, is_text, without_missing

_WORDS = {"true": 1.0, "t": 1.0, "yes": 1.0, "y": 1.0, "false": 0.0, "f": 0.0, "no": 0.0, "n": 0.0}


def convert_outcomes(raw: Any, contract: Contract) -> Converted:
    """A column of outcomes as float64: 1 for the positive class; `mended` counts the values that came as words."""
    text = raw if is_text(raw) else _as_text(raw)
    present = pc.utf8_lower(without_missing(pc.utf8_trim_whitespace(text), trim=False))
    words, numbers = _spellings(contract)
    spellings = pa.array([*words, *numbers], pa.string())
    meanings = pa.array([*words.values(), *numbers.values()], pa.float64())
    index = pc.index_in(_without_fraction(present), value_set=spellings)
    known = as_mask(pc.is_valid(index))
    noted = int(as_mask(pc.less(index, len(words))).sum())
    bad = as_mask(pc.is_valid(present)) & ~known
    return Converted(meanings.take(index), faults_of(bad_label=bad), {"word": noted if is_text(raw) else 0})


def _spellings(contract: Contract) -> tuple[dict[str, float], dict[str, float]]:
    positive = contract.target.positive.casefold().strip()
    words = {**_WORDS, positive: 1.0, f"not {positive}": 0.0}
    negative_class, positive_class = contract.classes
    return words, {str(negative_class): 0.0, str(positive_class): 1.0}


def _without_fraction(text: Any) -> Any:
    return pc.replace_substring_regex(text, r"^([+-]?\d+)\.0*$", r"\1")


def _as_text(raw: Any) -> Any:
    if pa.types.is_floating(raw.type):
        values = np.asarray(raw.cast(pa.float64()).to_numpy(zero_copy_only=False), dtype=np.float64)
        raw = pa.array(values, pa.float64(), mask=np.isnan(values))
    return raw.cast(pa.string())
