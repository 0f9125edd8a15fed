"""What a parsed column of delimited text may not hold."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from monitoring.errors import TableRefused
from monitoring.tables.categories import is_coded
from monitoring.tables.csv_parsing import NotAsItShouldBe
from monitoring.tables.numbers import LARGEST


def checked(values: Any, rows: NDArray[np.int64], *, label: str, foreign: str) -> Any:
    """The same column, unless it holds what no text holds: NUL bytes, or characters of another encoding.

    Args:
        values: the column.
        rows: the number of each of its rows.
        label: file and column as shown.
        foreign: the encoding in which not all of the text could be read, "" when all could.

    Raises:
        NotAsItShouldBe: it holds numbers whose spelling must be shown.
        TableRefused: it holds what no text holds.
    """
    if pa.types.is_floating(values.type):
        if np.any(np.abs(values.to_numpy(zero_copy_only=False)) > LARGEST) or pc.any(pc.is_nan(values)).as_py():
            raise NotAsItShouldBe
        return values
    if not pa.types.is_string(values.type) and not is_coded(values):
        return values
    data = (values.dictionary if is_coded(values) else values).buffers()[2]
    if data is not None and data.size and not np.frombuffer(data, np.uint8).all():
        raise TableRefused(f"{label} holds NUL bytes; save it as clean CSV in UTF-8.")
    if foreign:
        index = pc.index(pc.match_substring(values, "\N{REPLACEMENT CHARACTER}"), True).as_py()
        if index >= 0:
            raise TableRefused(
                f"{label} in row {rows[index]:,} is not written in the encoding {foreign.upper()}; save the file as "
                "CSV in UTF-8 and try again."
            )
    return values
