"""Measurements shown beside the tests: a statistic with its interval, and the share of rows that moved. Pure."""

from __future__ import annotations

from monitoring.drift.intervals import effect_interval
from monitoring.drift.measurement import Detector, Measurement, ShareShift
from monitoring.drift.pair import CategoryPair, NumericPair, Pair

Interval = tuple[float, float]


def shown_number(
    pair: NumericPair,
    detector: Detector,
    interval: Interval,
    *,
    middle: bool = False,
    scale: float = 1.0,
    p_value: float | None = None,
) -> Measurement:
    """A statistic of a number, in an interval of which the least is told, or the `middle` where it has a sign; its
    effect is KS D, as for every number."""
    return Measurement(
        column=pair.column,
        role=pair.role,
        detector=detector,
        statistic=(interval[0] + interval[1]) / 2 if middle else interval[0],
        statistic_low=interval[0],
        statistic_high=interval[1],
        scale=scale,
        p_value=p_value,
        distance=pair.gap.low,
        effect=pair.gap.low,
        effect_low=pair.effect_ends[0],
        effect_high=pair.effect_ends[1],
        n_reference=pair.reference.present,
        n_batch=pair.batch.present,
        evidence=pair.shift,
    )


def shown_category(pair: CategoryPair, detector: Detector, statistic: float) -> Measurement:
    """A statistic of a category; effect and evidence are those of the test of categories."""
    return Measurement(
        column=pair.column,
        role=pair.role,
        detector=detector,
        statistic=statistic,
        statistic_low=statistic,
        statistic_high=statistic,
        p_value=None,
        distance=pair.variation[0],
        effect=pair.variation[1],
        effect_low=pair.effect_ends[0],
        effect_high=pair.effect_ends[1],
        n_reference=pair.reference.present,
        n_batch=pair.batch.present,
        evidence=pair.shift,
    )


def shown_share(
    pair: Pair,
    detector: Detector,
    shift: ShareShift,
    sizes: tuple[int, int],
    *,
    p_value: float | None = None,
    smallest_p: float = 1.0,
    constant: bool = False,
) -> Measurement:
    """The batch's share of `sizes` (n, m) rows with a property; its effect is the change of the share."""
    change = abs(shift.share_batch - shift.share_reference)
    low, high = effect_interval(change, change, *sizes)
    return Measurement(
        column=pair.column,
        role=pair.role,
        detector=detector,
        statistic=shift.share_batch,
        statistic_low=shift.share_batch,
        statistic_high=shift.share_batch,
        p_value=p_value,
        smallest_p=smallest_p,
        constant=constant,
        distance=change,
        effect=change,
        effect_low=low,
        effect_high=high,
        n_reference=sizes[0],
        n_batch=sizes[1],
        evidence=shift,
    )
