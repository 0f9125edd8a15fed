"""From measurements to findings: adjust for the number of tests, then name a state. Pure."""

from __future__ import annotations

import numpy as np

from monitoring.drift.compare import Compared, Comparison
from monitoring.drift.days import FEWEST_ROWS
from monitoring.drift.intervals import rows_needed
from monitoring.drift.multiplicity import CORRECTIONS
from monitoring.policy.drift_policy import DriftPolicy
from monitoring.policy.verdict import Finding, State

NOT_ENOUGH_DAYS = "needs {needed} days of data, has {has}"


def name_states(comparison: Comparison, policy: DriftPolicy) -> tuple[Finding, ...]:
    """A finding for every measurement, in the comparison's order."""
    tested = [i for i, item in enumerate(comparison.measured) if item.measurement.tested]
    rows = {i: item.measurement.p_value or 0.0 for i, item in enumerate(comparison.measured) if i in set(tested)}
    both = {i: _with_days(comparison.measured[i], p) for i, p in rows.items()}
    adjust = CORRECTIONS[policy.correction]
    adjusted_rows = dict(zip(tested, adjust(np.array([rows[i] for i in tested])).tolist(), strict=True))
    adjusted = dict(zip(tested, adjust(np.array([both[i] for i in tested])).tolist(), strict=True))
    return tuple(
        _finding(item, comparison, policy, adjusted.get(i), adjusted_rows.get(i), both.get(i))
        for i, item in enumerate(comparison.measured)
    )


def _with_days(item: Compared, p_rows: float) -> float:
    return max(p_rows, item.days.p_value) if item.days else p_rows


def _finding(
    item: Compared,
    comparison: Comparison,
    policy: DriftPolicy,
    adjusted: float | None,
    adjusted_rows: float | None,
    p_value: float | None,
) -> Finding:
    found, days = item.measurement, item.days
    tolerance = max(policy.floor, days.natural_variation) if days else policy.floor
    if adjusted is None or adjusted_rows is None:
        state, note = _untested(item), ""
    else:
        state = _state(item, comparison, policy, adjusted, adjusted_rows)
        note = _note(item, comparison, tolerance) if state == "undecided" else ""
    return Finding(
        column=found.column,
        role=found.role,
        detector=found.detector,
        state=state,
        statistic=found.statistic,
        p_value=p_value,
        p_adjusted=adjusted,
        p_rows=found.p_value if adjusted is not None else None,
        p_days=days.p_value if days else None,
        effect=found.effect,
        effect_low=found.effect_low,
        effect_high=found.effect_high,
        tolerance=tolerance,
        natural_variation=days.natural_variation if days else None,
        outside_every_block=item.outside_every_block,
        n_reference=found.n_reference,
        n_batch=found.n_batch,
        muted=found.column in policy.muted,
        note=note,
        evidence=found.evidence,
    )


def _untested(item: Compared) -> State:
    """A share shown for information, or a test that cannot reject because there is nothing in either side."""
    found = item.measurement
    nothing_to_see = found.p_value is not None and found.distance == 0 and found.n_reference and found.n_batch
    return "stable" if nothing_to_see else "not_applicable"


def _state(item: Compared, comparison: Comparison, policy: DriftPolicy, adjusted: float, rows: float) -> State:
    found, days = item.measurement, item.days
    may_ring = days is not None or not comparison.dated
    if may_ring and adjusted <= policy.alpha and found.effect >= policy.floor:
        return "drift"
    tolerance = max(policy.floor, days.natural_variation) if days else policy.floor
    if found.effect_high < tolerance:
        return "small" if rows <= policy.alpha else "stable"
    return "undecided"


def _note(item: Compared, comparison: Comparison, tolerance: float) -> str:
    """What would decide it."""
    found = item.measurement
    if comparison.dated and item.days is None:
        needed, has = comparison.days_needed, comparison.blocks_batch
        if needed is None:
            return "the reference has too few days to judge this"
        if not comparison.batch_dated:
            return "needs timestamps, to tell drift from day-to-day change"
        if not comparison.blocks_batch:
            return f"no day has the {FEWEST_ROWS} rows that it needs to be compared"
        return NOT_ENOUGH_DAYS.format(needed=needed * comparison.block_days, has=has * comparison.block_days)
    if found.distance >= tolerance:
        return f"larger than its tolerance, but with {found.n_batch:,} rows it may be chance: check again with more"
    needed = rows_needed(found.distance, tolerance, found.n_reference)
    return f"needs {needed:,} rows, has {found.n_batch:,}" if needed else "the reference is too small to judge this"
