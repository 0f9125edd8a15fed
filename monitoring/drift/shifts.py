"""Which way a number moved and how far: mean and median, in the column's unit. Pure.

The statistic has the sign of the change. A median is the smallest value up to which at least half of the values lie.
"""

from __future__ import annotations

from monitoring.drift.measurement import Measurement
from monitoring.drift.pair import NumericPair
from monitoring.drift.quantiles import quantile_of
from monitoring.drift.shown import shown_number


def measure_mean_shift(pair: NumericPair) -> Measurement:
    """Mean of the batch less that of the reference."""
    both = pair.reference.present and pair.batch.present
    shift = pair.batch.mean - pair.reference.mean if both else 0.0
    return shown_number(pair, "mean_shift", (shift, shift), scale=pair.spread)


def measure_median_shift(pair: NumericPair) -> Measurement:
    """Median of the batch less that of the reference, which is always exact; the middle where counts leave it open."""
    interval = (0.0, 0.0)
    if pair.reference.present and pair.batch.present:
        median, (low, high) = quantile_of(pair.ordered, 0.5), pair.median_bounds
        interval = (low - median, high - median)
    return shown_number(pair, "median_shift", interval, middle=True, scale=pair.spread)
