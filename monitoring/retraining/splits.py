"""Which rows are trained on and which are held out: whole days, by one rule for every version and all time.

Of the uploads every third whole day is held out: never trained on by any version. Those days of the newest upload are
the gate's newest window, with the held-out days before them where the upload has few: a day or a week is no window. All
that were held out before are its frozen hold-out, and all of them are the new version's reference. A row without a time
is held out by a hash of its id, or of its features when it has no id either.

The last days of an upload whose outcomes are only beginning to be known are not matured: rows of which the outcome is
known early are not like the others (a delay of an hour is known sooner than that nothing happened). They are neither
trained on nor compared on.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from monitoring.contract import Contract
from monitoring.errors import ModelRefused, NotPossible
from monitoring.performance.estimate import LEAST_DAYS
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
from monitoring.retraining.request import TrainingData
from monitoring.tables.schema import conforming_schema

EVERY = 3
WINDOW_DAYS = 10
"""Held-out days that the newest window should have; one month has as many."""
LEAST_GATE_ROWS = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """Rows by what they are for; no row and no whole day is for two things.

    Attributes:
        training: rows that a challenger may be fitted to, all labelled: those behind the versions so far and those of
            the uploads. `select_rows` takes some of them.
        added: how many of them come from the uploads.
        gate: labelled held-out rows of the newest window, which neither version was trained on.
        gate_days: the block of days of each of them (n,); None when one of them has no time.
        hold_out: labelled rows held out before them, of other days; empty where there are none.
        hold_out_days: the block of days of each of them (n,); None when one of them has no time.
        reference: the champion's reference and all held-out rows of all uploads, labelled or not.
        held_out_days: the days that those held-out rows come from, ISO dates, sorted.
    """

    training: pa.Table
    added: int
    gate: pa.Table
    gate_days: Integers | None
    hold_out: pa.Table
    hold_out_days: Integers | None
    reference: pa.Table
    held_out_days: tuple[str, ...]


def split_rows(training: pa.Table, reference: pa.Table, sources: Sequence[pa.Table], contract: Contract) -> Split:
    """Splits uploads into rows to train on, and rows to compare on and refer to.

    Args:
        training: the rows that the champion and the versions before it were trained on.
        reference: the champion's reference.
        sources: rows of the uploads, oldest first; a row that comes twice counts as it came last.
        contract: tells id, timestamp and target, and how long a block is.

    Raises:
        NotPossible: nothing is left to train on, or the newest upload holds too little to compare versions on.
        ModelRefused: a row would be both trained on and held out (never, unless this module is wrong).
    """
    base = _keep_labelled(complete(training, contract), contract)
    known = complete(reference, contract)
    _refuse_leak(base, known, contract)
    uploads = [complete(source, contract) for source in sources]
    matured = [_forget_immature(upload, contract) for upload in uploads]
    rows = unite(uploads, contract)
    held_out = _hold_out(rows, base, contract)
    matured_rows = unite(matured, contract)
    newest = _hold_out(unite(matured[-1:], contract), base, contract)
    gate = _choose_window(newest, _hold_out(matured_rows, base, contract), contract)
    labelled = unite([_keep_labelled(upload, contract) for upload in matured], contract)
    free = labelled.filter(pa.array(~is_held_out(labelled, contract)))
    added = _without(_without(free, known, contract), held_out, contract)
    _require_enough(labelled, added, gate, contract)
    fitted = unite([base, added], contract)
    reference_rows = unite([known, held_out], contract)
    old = _keep_dated(_keep_labelled(reference_rows, contract), contract)
    hold_out = _without(_without(old, gate, contract), fitted, contract)
    for kept_away in (held_out, gate, hold_out):
        prove_disjoint(fitted, kept_away, contract)
    prove_disjoint(added, known, contract)
    return Split(
        training=fitted,
        added=added.num_rows,
        gate=gate,
        gate_days=_days_of(gate, contract),
        hold_out=hold_out,
        hold_out_days=_days_of(hold_out, contract),
        reference=reference_rows,
        held_out_days=_list_days(held_out, contract),
    )


def select_rows(split: Split, data: TrainingData, drift_began: str | None, contract: Contract) -> pa.Table | None:
    """The rows of `split.training` that `data` names; None where they cannot be told: no times, or no known begin."""
    if data.kind == "all":
        return split.training
    if contract.timestamp is None:
        return None
    days = split.training[contract.timestamp].cast(pa.date32()).cast(pa.int32())
    if data.kind == "recent":
        newest = pc.max(days).as_py()
        first = None if newest is None or data.days is None else newest - data.days + 1
    else:
        first = None if drift_began is None else (date.fromisoformat(drift_began) - date(1970, 1, 1)).days
    return None if first is None else split.training.filter(pc.fill_null(pc.greater_equal(days, first), False))


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


def _forget_immature(rows: pa.Table, contract: Contract) -> pa.Table:
    """`rows` without the outcomes of the last days, as far as these have less than half of the usual share of them."""
    days = find_blocks(rows, contract)
    known = pc.is_valid(rows[contract.target.name]).to_numpy().astype(np.float64)
    names, place = np.unique(days, return_inverse=True)
    shares = np.bincount(place, weights=known) / np.bincount(place) if len(names) else np.empty(0)
    usual = np.median(shares[shares > 0]) if (shares > 0).any() else 0.0
    last = len(names)
    while last and names[last - 1] != NO_DAY and shares[last - 1] < usual / 2:
        last -= 1
    if last == len(names):
        return rows
    outcome = pc.if_else(pa.array(place < last), rows[contract.target.name], pa.scalar(None, pa.float64()))
    return rows.set_column(rows.schema.get_field_index(contract.target.name), contract.target.name, outcome)


def _choose_window(newest: pa.Table, held_out: pa.Table, contract: Contract) -> pa.Table:
    """Labelled rows of the newest window: those of the newest upload, and of the held-out days before them while these
    are fewer than `WINDOW_DAYS`."""
    rows = _keep_dated(_keep_labelled(newest, contract), contract)
    days = np.unique(find_blocks(rows, contract))
    if not len(days) or days[0] == NO_DAY or len(days) >= WINDOW_DAYS:
        return rows
    others = _keep_labelled(held_out, contract)
    blocks = find_blocks(others, contract)
    before = np.setdiff1d(np.unique(blocks[(blocks != NO_DAY) & (blocks < days[-1])]), days)
    added = before[len(before) - min(len(before), WINDOW_DAYS - len(days)) :]
    return unite([others.filter(pa.array(np.isin(blocks, added))), rows], contract)


def _days_of(rows: pa.Table, contract: Contract) -> Integers | None:
    days = find_blocks(rows, contract)
    return None if (days == NO_DAY).any() else days


def _refuse_leak(base: pa.Table, known: pa.Table, contract: Contract) -> None:
    """Rows held out long ago that a version was trained on all the same: whatever is compared on them means nothing."""
    trained, held = list_ids(base, contract), list_ids(known, contract)
    both = pc.sum(pc.and_(pc.is_valid(held), pc.is_in(held, trained.drop_null()))).as_py() or 0
    if both:
        raise ModelRefused(
            f"{both:,} rows of the reference are also among the rows that a version was trained on, so versions cannot "
            "be compared on them: nothing was trained. Put a version with a clean reference into use first."
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
            f"None of the rows has a known outcome ('{contract.target.name}'): add a file with outcomes first."
        )
    if not added.num_rows:
        raise NotPossible(
            "No row with an outcome is left to train on: all are held out, or known to the version in use."
        )
    days = np.unique(find_blocks(gate, contract))
    days = days[days != NO_DAY]
    if len(days) and len(days) < LEAST_DAYS:
        raise NotPossible(
            f"Versions are compared on {LEAST_DAYS} whole days or more that neither was trained on; there "
            f"{'is' if len(days) == 1 else 'are'} {len(days)} (every third day is held out). Check more days with "
            "their outcomes first."
        )
    if gate.num_rows < LEAST_GATE_ROWS:
        raise NotPossible(
            f"Versions are compared on {LEAST_GATE_ROWS} rows or more with an outcome that neither was trained on; "
            f"there are {gate.num_rows:,}. Choose a file with more rows, or wait for more outcomes."
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
