"""Which rows are trained on and which are held out: whole days, by one rule for every version and all time.

Of the uploads every third whole day is held out: never trained on by any version. Those days of the newest upload are
the gate's rows; all of them join the new version's reference. A row without a time is held out by a hash of its id, or
of its features when it has no id either.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from monitoring.contract import Contract
from monitoring.errors import ModelRefused, NotPossible
from monitoring.retraining.gate import LEAST_DAYS
from monitoring.retraining.names import (
    NO_DAY,
    Booleans,
    Integers,
    find_blocks,
    find_same_days,
    find_shared,
    list_contents,
    list_ids,
    unite,
)
from monitoring.tables.schema import conforming_schema

EVERY = 3
LEAST_GATE_ROWS = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """Rows by what they are for; no row and no whole day is for two things.

    Attributes:
        training: rows to fit the challenger to, all labelled: the champion's and those of the uploads.
        added: how many of them come from the uploads.
        gate: labelled held-out rows of the newest upload, which neither version was trained on.
        gate_days: the block of days of each of them (n,); None when one of them has no time.
        reference: the champion's reference and all held-out rows of all uploads, labelled or not.
        held_out_days: the days that those held-out rows come from, ISO dates, sorted.
    """

    training: pa.Table
    added: int
    gate: pa.Table
    gate_days: Integers | None
    reference: pa.Table
    held_out_days: tuple[str, ...]


def split_rows(training: pa.Table, reference: pa.Table, sources: Sequence[pa.Table], contract: Contract) -> Split:
    """Splits uploads into rows to train on, and rows to compare on and refer to.

    Args:
        training: the rows that the champion was trained on.
        reference: the champion's reference.
        sources: rows of the uploads, oldest first; a row that comes twice counts as it came last.
        contract: tells id, timestamp and target, and how long a block is.

    Raises:
        NotPossible: nothing is left to train on, or the newest upload holds too little to compare versions on.
        ModelRefused: a row would be both trained on and held out (never, unless this module is wrong).
    """
    base = _keep_labelled(complete(training, contract), contract)
    known = complete(reference, contract)
    uploads = [complete(source, contract) for source in sources]
    rows = unite(uploads, contract)
    held_out = _hold_out(rows, base, contract)
    gate = _keep_dated(_keep_labelled(_hold_out(unite(uploads[-1:], contract), base, contract), contract), contract)
    labelled = unite([_keep_labelled(upload, contract) for upload in uploads], contract)
    free = labelled.filter(pa.array(~is_held_out(labelled, contract)))
    added = _without(_without(free, known, contract), held_out, contract)
    _require_enough(labelled, added, gate, contract)
    fitted = unite([base, added], contract)
    prove_disjoint(fitted, held_out, contract)
    prove_disjoint(fitted, gate, contract)
    prove_disjoint(added, known, contract)
    days = find_blocks(gate, contract)
    return Split(
        training=fitted,
        added=added.num_rows,
        gate=gate,
        gate_days=None if (days == NO_DAY).any() else days,
        reference=unite([known, held_out], contract),
        held_out_days=_list_days(held_out, contract),
    )


def is_held_out(rows: pa.Table, contract: Contract) -> Booleans:
    """Whether each row (n,) is on a held-out day; for a row without a time, whether the hash of its name says so."""
    blocks = find_blocks(rows, contract)
    held: Booleans = blocks % EVERY == 0
    without = np.flatnonzero(blocks == NO_DAY)
    if len(without):
        timeless = rows.take(pa.array(without))
        names = pc.coalesce(list_ids(timeless, contract), list_contents(timeless, contract))
        held[without] = [_hash(name) % EVERY == 0 for name in names.to_pylist()]
    return held


def prove_disjoint(training: pa.Table, kept_away: pa.Table, contract: Contract) -> None:
    """Raises ModelRefused when a row or a whole day is on both sides: the last guard, whatever the split above did."""
    both = find_shared(training, kept_away, contract) | find_same_days(training, kept_away, contract)
    if both.any():
        raise ModelRefused(
            f"{int(both.sum()):,} rows to train on are also among the rows kept away from training, or of their "
            "days: nothing was trained."
        )


def _keep_dated(rows: pa.Table, contract: Contract) -> pa.Table:
    """The rows with a time where there are any: one row without would have the gate take all as independent."""
    dated = find_blocks(rows, contract) != NO_DAY
    return rows.filter(pa.array(dated)) if dated.any() else rows


def complete(rows: pa.Table, contract: Contract) -> pa.Table:
    """`rows` with every column that the contract names, in its types; columns that they lack are all missing."""
    schema = conforming_schema(contract, id=True, timestamp=True, target=True)
    columns = [
        rows[field.name].cast(field.type) if field.name in rows.column_names else pa.nulls(rows.num_rows, field.type)
        for field in schema
    ]
    return pa.table(columns, schema=schema)


def _hold_out(rows: pa.Table, base: pa.Table, contract: Contract) -> pa.Table:
    """The held-out rows among `rows`, but for those that the champion was trained on before the rule could hold."""
    return _without(rows.filter(pa.array(is_held_out(rows, contract))), base, contract)


def _without(rows: pa.Table, others: pa.Table, contract: Contract) -> pa.Table:
    """`rows` but for those that are among `others` or of a day of theirs."""
    both = find_shared(rows, others, contract) | find_same_days(rows, others, contract)
    return rows.filter(pa.array(~both))


def _keep_labelled(rows: pa.Table, contract: Contract) -> pa.Table:
    return rows.filter(pc.is_valid(rows[contract.target.name]))


def _require_enough(labelled: pa.Table, added: pa.Table, gate: pa.Table, contract: Contract) -> None:
    if not labelled.num_rows:
        raise NotPossible(
            f"None of the rows has a known outcome ('{contract.target.name}'): add a file with labels first."
        )
    if not added.num_rows:
        raise NotPossible("No labelled row is left to train on: all are held out, or known to the version in use.")
    days = np.unique(find_blocks(gate, contract))
    days = days[days != NO_DAY]
    if len(days) and len(days) < LEAST_DAYS:
        raise NotPossible(
            f"Versions are compared on {LEAST_DAYS} whole days or more that neither was trained on; the newest "
            f"file has {len(days)} (every third day is held out). Choose a file that covers more days."
        )
    if gate.num_rows < LEAST_GATE_ROWS:
        raise NotPossible(
            f"Versions are compared on {LEAST_GATE_ROWS} labelled rows or more that neither was trained on; the newest "
            f"file has {gate.num_rows:,}. Choose a file with more rows, or wait for more labels."
        )
    if len(pc.unique(gate[contract.target.name])) < 2:
        raise NotPossible(f"All {gate.num_rows:,} rows to compare versions on have the same outcome: they cannot tell.")


def _list_days(rows: pa.Table, contract: Contract) -> tuple[str, ...]:
    if contract.timestamp is None:
        return ()
    days = pc.unique(rows[contract.timestamp].cast(pa.date32())).drop_null().to_pylist()
    return tuple(day.isoformat() for day in sorted(days))


def _hash(name: str) -> int:
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big")
