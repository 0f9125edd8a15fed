"""Categories and ids: text that stays as it comes, missing told apart from the word for it."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from monitoring.tables.conversion import Converted, is_text, without_missing
from monitoring.tables.formulas import unescape_formulas


def convert_texts(raw: Any, *, known: Collection[str] = (), unquote: bool = False) -> Converted:
    """A column as text; a spelling of missing that is a known category is that category.

    With `unquote` the apostrophe before a formula, as exports put it there, is left out; `mended` counts them.
    """
    if not is_text(raw):
        return Converted(without_missing(_as_text(raw), known=known))
    text, quoted = unescape_formulas(raw) if unquote else (raw, 0)
    return Converted(without_missing(text, known=known), mended={"quoted": quoted})


def _as_text(raw: Any) -> Any:
    """Whole numbers without a fraction: an integer column with gaps often arrives as floats."""
    if pa.types.is_floating(raw.type):
        raw = raw.cast(pa.float64())
        values = np.asarray(raw.to_numpy(zero_copy_only=False), dtype=np.float64)
        raw = pa.array(values, pa.float64(), mask=np.isnan(values))
        finite = values[np.isfinite(values)]
        if len(finite) == 0 or bool(np.all((finite == np.floor(finite)) & (np.abs(finite) < 2**53))):
            infinite = pc.is_inf(raw)
            raw = pc.if_else(infinite, pa.scalar(None, pa.float64()), raw).cast(pa.int64())
    return raw.cast(pa.string())
