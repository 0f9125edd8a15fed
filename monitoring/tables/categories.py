"""Categories as codes: each distinct text is looked at once, however many rows hold it.

Converting, scoring, counting and hashing all ask the same of a text, so that a column of categories goes from its file
to the end of a check as a dictionary and codes (`pyarrow.DictionaryArray`); whoever wants text decodes it.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from monitoring.contract import Contract
from monitoring.tables.conversion import Converted, is_text, without_missing
from monitoring.tables.formulas import unescape_formulas
from monitoring.tables.texts import convert_texts

CODED = pa.dictionary(pa.int32(), pa.string())
"""The type of a column of categories in a conforming batch."""


def convert_categories(raw: Any, *, known: Collection[str] = (), unquote: bool = False) -> Converted:
    """A column of categories as codes; a spelling of missing that is a known category is that category.

    With `unquote` the apostrophe before a formula, as exports put it there, is left out; `mended` counts them.
    """
    if not is_coded(raw):
        if not is_text(raw):
            raw = convert_texts(raw, known=known).values
        raw = raw.dictionary_encode()
    quoted = 0
    if unquote and unescape_formulas(raw.dictionary)[1]:
        text, quoted = unescape_formulas(raw.cast(pa.string()))
        raw = text.dictionary_encode()
    levels = without_missing(raw.dictionary, known=known)
    return Converted(raw if not levels.null_count else _without(raw, levels), mended={"quoted": quoted})


def is_coded(values: Any) -> bool:
    """Whether a column holds text as a dictionary and codes."""
    return bool(pa.types.is_dictionary(values.type) and pa.types.is_string(values.type.value_type))


def coded_schema(schema: Any, contract: Contract) -> Any:
    """The conforming schema with its categories as codes."""
    coded = set(contract.categorical)
    return pa.schema([pa.field(field.name, CODED) if field.name in coded else field for field in schema])


def _without(raw: Any, levels: Any) -> Any:
    """The codes `raw` without the levels that are null in `levels`."""
    valid = np.asarray(levels.is_valid().to_numpy(zero_copy_only=False), np.bool_)
    place = np.append(np.where(valid, np.cumsum(valid) - 1, -1), -1).astype(np.int32)
    codes = place[pc.fill_null(raw.indices, len(valid)).to_numpy(zero_copy_only=False)]
    return pa.DictionaryArray.from_arrays(pa.array(codes, mask=codes < 0), levels.drop_null())
