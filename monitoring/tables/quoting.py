"""Text from files inside our own sentences: shortened, on one line, harmless. Pure."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence


def shown(text: str, length: int = 40) -> str:
    """`text` as it may stand in a sentence: one line, no control or direction marks, at most `length` characters.

    >>> shown("two\\nlines")
    'two lines'
    >>> shown("A" * 100, length=5)
    'AAAA…'
    """
    start = text[: length + 1]
    visible = "".join(" " if c.isspace() else c for c in start if c.isspace() or unicodedata.category(c)[0] != "C")
    return visible if len(start) <= length else visible[: length - 1] + "…"


def listed(names: Sequence[str], most: int = 5, *, total: int | None = None) -> str:
    """Names in a sentence, the first few of many (of `total`, when not all are given).

    >>> listed(["a", "b"])
    'a, b'
    >>> listed([str(i) for i in range(1200)], most=2)
    '0, 1 and 1,198 more'
    """
    first = ", ".join(shown(name) for name in names[:most])
    count = total or len(names)
    return first if count <= most else f"{first} and {count - most:,} more"


def counted(count: int, one: str, many: str | None = None) -> str:
    """A count with its noun.

    >>> counted(1, "row"), counted(2500, "row")
    ('1 row', '2,500 rows')
    """
    return f"{count:,} {one if count == 1 else many or one + 's'}"
