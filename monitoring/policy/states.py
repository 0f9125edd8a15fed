"""From measurements to findings: adjust for the number of tests, then name a state. Pure."""

from __future__ import annotations

import numpy as np

from monitoring.drift.compare import Compared, Comparison
from monitoring.drift.days import FEWEST_ROWS
from monitoring.drift.intervals import rows_needed, rows_to_tell
from monitoring.drift.multiplicity import CORRECTIONS
from monitoring.policy.drift_policy import DriftPolicy
from monitoring.policy.verdict import Finding, State

NEVER = (1.0, 1.0)
"""Adjusted p-values, of both tests and of rows alone, of a test that cannot reject."""
NOT_ENOUGH_DAYS = "needs {needed} days of data, has {has}"


def name_states(comparison: Comparison, policy: DriftPolicy) -> tuple[Finding, ...]:
    """A finding for every measurement, in the comparison's order."""
    counted = [item for item in comparison.measured if item.counted]
    adjust, weights = CORRECTIONS[policy.correction], np.array([_weight(item, policy) for item in counted])
    rows = np.array([_p_rows(item) for item in counted])
    both = np.array([_p_value(item) for item in counted])
    pairs = zip(adjust(both, weights).tolist(), adjust(rows, weights).tolist(), strict=True)
    return tuple(
        _finding(item, comparison, policy, next(pairs) if item.counted else NEVER) for item in comparison.measured
    )


def _p_rows(item: Compared) -> float:
    return 1.0 if item.measurement.p_value is None else item.measurement.p_value


def _p_value(item: Compared) -> float:
    return max(_p_rows(item), item.days.p_value) if item.days else _p_rows(item)


def _weight(item: Compared, policy: DriftPolicy) -> float:
    return policy.weights.get(item.measurement.column, 1.0)


def _finding(item: Compared, comparison: Comparison, policy: DriftPolicy, adjusted: tuple[float, float]) -> Finding:
    found, days = item.measurement, item.days
    tolerance = max(policy.floor, days.natural_variation) if days else policy.floor
    state = _state(item, comparison, policy, adjusted, tolerance)
    told = item.tested and state != "not_applicable" and not found.constant
    return Finding(
        column=found.column,
        role=found.role,
        detector=found.detector,
        state=state,
        statistic=found.statistic,
        p_value=_p_value(item) if told else None,
        p_adjusted=adjusted[0] if told else None,
        p_rows=_p_rows(item) if told else None,
        p_days=days.p_value if days else None,
        effect=found.effect,
        effect_low=found.effect_low,
        effect_high=found.effect_high,
        tolerance=tolerance,
        natural_variation=days.natural_variation if days else None,
        outside_every_block=item.outside_every_block,
        n_reference=found.n_reference,
        n_batch=found.n_batch,
        weight=_weight(item, policy),
        muted=found.column in policy.muted,
        note=_note(item, comparison, policy, tolerance) if state == "undecided" else "",
        evidence=found.evidence,
    )


def _state(
    item: Compared, comparison: Comparison, policy: DriftPolicy, adjusted: tuple[float, float], tolerance: float
) -> State:
    """The state from the adjusted p-values, of both tests and of rows alone; a test not counted never rings."""
    found, days = item.measurement, item.days
    if not item.tested or not found.n_reference or not found.n_batch:
        return "not_applicable"
    if found.constant:
        return "stable"
    may_ring = days is not None or not comparison.dated
    if may_ring and adjusted[0] <= policy.alpha and found.effect >= policy.floor:
        return "drift"
    if found.effect_high < tolerance:
        return "small" if adjusted[1] <= policy.alpha else "stable"
    return "undecided"


def _note(item: Compared, comparison: Comparison, policy: DriftPolicy, tolerance: float) -> str:
    """What would decide it."""
    found = item.measurement
    if item.counted and item.days is None and comparison.dated:
        return _days_note(item, comparison)
    sizes = {"n": found.n_reference, "m": found.n_batch}
    if found.effect < tolerance:
        needed = rows_needed(found.distance, found.effect, tolerance, **sizes)
        return f"needs {needed:,} rows, has {found.n_batch:,}" if needed else "the reference is too small to judge this"
    more = rows_to_tell(found.effect, policy.alpha * item.level / comparison.level, n=found.n_reference)
    if more is None:
        return "larger than its tolerance, but the reference is too small to tell it from chance"
    chance = f"larger than its tolerance, but with {found.n_batch:,} rows it may be chance"
    return f"{chance}: about {more:,} would tell" if more > found.n_batch else f"{chance}: check again with more"


def _days_note(item: Compared, comparison: Comparison) -> str:
    needed, has = item.days_needed, comparison.blocks_batch
    if needed is None:
        return "the reference has too few days to judge this"
    if not comparison.batch_dated:
        return "needs timestamps, to tell drift from day-to-day change"
    if not has:
        return f"no day has the {FEWEST_ROWS} rows that it needs to be compared"
    return NOT_ENOUGH_DAYS.format(needed=needed * comparison.block_days, has=has * comparison.block_days)
