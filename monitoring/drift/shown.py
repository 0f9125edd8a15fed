"""Measurements shown beside the tests: a statistic with its interval, and the share of rows that moved. Pure."""

from __future__ import annotations

import numpy as np

from monitoring.drift.categories import level_counts, measure_categories
from monitoring.drift.intervals import effect_interval
from monitoring.drift.measurement import Detector, Measurement
from monitoring.drift.pair import CategoryPair, NumericPair, Pair
from monitoring.profiles.grid import Ints

Interval = tuple[float, float]


def shown_number(
    pair: NumericPair, detector: Detector, interval: Interval, *, scale: float = 1.0, p_value: float | None = None
) -> Measurement:
    """A statistic of a number, in an interval; its effect is KS D, as for every number."""
    n, m = pair.reference.present, pair.batch.present
    gap = pair.gap
    low, high = effect_interval(gap.high, gap.low, n, m)
    return Measurement(
        column=pair.column,
        role=pair.role,
        detector=detector,
        statistic=interval[0],
        statistic_low=interval[0],
        statistic_high=interval[1],
        scale=scale,
        p_value=p_value,
        distance=gap.low,
        effect=gap.low,
        effect_low=low,
        effect_high=high,
        n_reference=n,
        n_batch=m,
        evidence=pair.shift,
    )


def shown_category(pair: CategoryPair, detector: Detector, statistic: float) -> Measurement:
    """A statistic of a category; effect and evidence are those of the test of categories."""
    tested = measure_categories(pair)
    return Measurement(
        column=pair.column,
        role=pair.role,
        detector=detector,
        statistic=statistic,
        statistic_low=statistic,
        statistic_high=statistic,
        p_value=None,
        distance=tested.distance,
        effect=tested.effect,
        effect_low=tested.effect_low,
        effect_high=tested.effect_high,
        n_reference=tested.n_reference,
        n_batch=tested.n_batch,
        evidence=tested.evidence,
    )


def bin_counts(pair: Pair) -> tuple[Ints, Ints]:
    """Counts of both sides in the bins of a binned distance.

    Numbers: about a tenth of the reference in each bin, cut at values of the reference, so that the counts are exact
    whatever the grid. Categories: each level of either side, unseen ones too. Bins without a row on either side are
    left out.
    """
    if isinstance(pair, NumericPair):
        cuts = pair.reference.tenths
        reference, batch = (
            np.diff(np.concatenate(([0], side.upto[cuts], side.upto[-1:]))) for side in (pair.reference, pair.batch)
        )
    else:
        _, reference, batch = level_counts(pair.grid, pair.reference, pair.batch)
    filled = reference + batch > 0
    return reference[filled], batch[filled]
