"""Proof that an exported model predicts what the trained one predicts.

An export can succeed, load, and be wrong on every row, or only on rows with a missing value or an unseen category. So
the same rows are scored by the framework and from the file: as they are, with values taken away, with categories
replaced.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from monitoring.contract import Contract
from monitoring.errors import DriftlineError, ModelRefused
from monitoring.registry.manifest import Compared, Parity

TOLERANCE = 1e-5
ROWS = 3_000

Score = Callable[[pa.Table], NDArray[np.float64]]
"""Probability of the positive class for each row of a conforming table."""

_UNSEEN = ("never seen before", "naïve ✈", "?")


def prove_parity(trained: Score, exported: Score, rows: pa.Table, contract: Contract) -> Parity:
    """Scores up to `ROWS` evenly spaced `rows` both ways, in three groups, and returns the largest differences.

    Args:
        trained: scores with the framework that trained the model.
        exported: scores with the exported file, through the same code that will score production rows.
        rows: conforming rows; the more natural missing values and rare categories among them, the better.
        contract: tells which columns may miss and which are categories.

    Raises:
        ModelRefused: the largest difference of a group exceeds `TOLERANCE`, or a side fails on it.
    """
    real = rows.take(pa.array(np.unique(np.linspace(0, rows.num_rows - 1, ROWS).astype(np.int64))))
    missing, unseen = take_values_away(real, contract), replace_categories(real, contract)
    return Parity(
        real=_compare(trained, exported, real, "real rows"),
        missing=_compare(trained, exported, missing, "rows with missing values") if missing else None,
        unseen=_compare(trained, exported, unseen, "rows with unseen categories") if unseen else None,
        tolerance=TOLERANCE,
    )


def take_values_away(rows: pa.Table, contract: Contract) -> pa.Table | None:
    """`rows` with one of the columns that may miss emptied in each, in turn, and all of them in every last of a round.

    None when no column may miss.
    """
    names = [feature.name for feature in contract.features if feature.missing_allowed]
    return _change_in_turn(rows, names, lambda column, _: pa.nulls(len(column), column.type))


def replace_categories(rows: pa.Table, contract: Contract) -> pa.Table | None:
    """`rows` with one category replaced by one the model never saw in each, in turn, and all in every last of a round.

    The replacements are unknown text, among them known categories in the other case. None without categorical columns.
    """

    rounds = np.arange(rows.num_rows) // (len(contract.categorical) + 1)

    def replace(column: pa.Array, name: str) -> pa.Array:
        known = set(contract.feature(name).categories)
        values = []
        for place, value in zip(rounds % (len(_UNSEEN) + 1), column.to_pylist(), strict=True):
            respelled = (value or "").swapcase()
            values.append(_UNSEEN[place - 1] if place or not respelled or respelled in known else respelled)
        return pa.array(values, column.type)

    return _change_in_turn(rows, list(contract.categorical), replace)


def _change_in_turn(rows: pa.Table, names: list[str], change: Callable[[pa.Array, str], pa.Array]) -> pa.Table | None:
    if not names:
        return None
    turn = np.arange(rows.num_rows) % (len(names) + 1)
    for place, name in enumerate(names):
        column = rows[name].combine_chunks()
        changed = pa.array((turn == place) | (turn == len(names)))
        values = pa.compute.if_else(changed, change(column, name), column)
        rows = rows.set_column(rows.schema.get_field_index(name), name, values)
    return rows


def _compare(trained: Score, exported: Score, rows: pa.Table, group: str) -> Compared:
    try:
        difference = float(np.max(np.abs(trained(rows) - exported(rows))))
    except Exception as error:
        reason = str(error) if isinstance(error, DriftlineError) else type(error).__name__
        raise ModelRefused(f"The exported model cannot score {group} ({reason}): the version was not kept.") from error
    if not difference <= TOLERANCE:
        raise ModelRefused(
            f"The exported model differs from the trained one by up to {difference:.2g} on {group}; at most "
            f"{TOLERANCE:g} is rounding. The version was not kept."
        )
    return Compared(rows=rows.num_rows, largest_difference=difference)
