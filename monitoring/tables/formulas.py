"""Text that a spreadsheet would take for a formula: quoted with an apostrophe when it leaves, read without it. Pure.

Quoting can be undone: text that already has apostrophes before a formula gets one more. So what was exported as CSV or
Excel is read again as it was, ids and categories among it.
"""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pyarrow.compute as pc

_SIGNS = "[=+\\-@\\t\\r\\n＝＋－＠]"
"""How a cell begins that a spreadsheet may take for a formula, also with the full-width signs of East Asia."""
_NUMBER = r"^[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?\z|^[+-]?inf\z"
_TO_QUOTE, _QUOTED = f"^'*{_SIGNS}", f"^'+{_SIGNS}"
_STARTS, _IS_NUMBER = re.compile(_SIGNS), re.compile(_NUMBER.replace(r"\z", r"\Z"))
_STARTS_TO_QUOTE = re.compile(_TO_QUOTE)


def is_formula(text: str) -> bool:
    """Whether a spreadsheet may take a cell with this text for a formula.

    >>> is_formula("=1+1"), is_formula("-3.5"), is_formula("'=1+1")
    (True, False, False)
    """
    return bool(_STARTS.match(text)) and not _IS_NUMBER.match(text)


def escape_formula(text: str) -> str:
    """`text` for a cell of a file that a spreadsheet may open: what would start a formula gets an apostrophe.

    >>> escape_formula("=1+1"), escape_formula("-3.5"), escape_formula("UA"), escape_formula("'=1+1")
    ("'=1+1", '-3.5', 'UA', "''=1+1")
    """
    if _STARTS_TO_QUOTE.match(text) and not _IS_NUMBER.match(text):
        return "'" + text
    return text


def escape_formulas(texts: Any) -> Any:
    """A `pyarrow` text column with an apostrophe before everything that would start a formula, see `escape_formula`."""
    formula = pc.and_(pc.match_substring_regex(texts, _TO_QUOTE), pc.invert(pc.match_substring_regex(texts, _NUMBER)))
    if not pc.any(formula).as_py():
        return texts
    return pc.if_else(formula, pc.binary_join_element_wise("'", texts, ""), texts)


def unescape_formulas(texts: Any) -> tuple[Any, int]:
    """A `pyarrow` text column without the apostrophes that `escape_formulas` puts there, and how many there were."""
    data = texts.buffers()[2]
    if data is None or not np.any(np.frombuffer(data, np.uint8) == ord("'")):
        return texts, 0
    quoted = pc.match_substring_regex(texts, _QUOTED)
    count = pc.sum(quoted).as_py() or 0
    if not count:
        return texts, 0
    return pc.if_else(pc.fill_null(quoted, False), pc.utf8_slice_codeunits(texts, 1), texts), int(count)
