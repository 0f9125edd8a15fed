"""Measurements shown beside the tests: a statistic with its interval, and the share of rows that moved. Pure."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from monitoring.drift.categories import level_counts, measure_categories
from monitoring.drift.intervals import effect_interval
from monitoring.drift.measurement import Detector, Evidence, Measurement, ShareShift
from monitoring.drift.pair import CategoryPair, NumericPair, Pair
from monitoring.profiles.grid import Ints

Interval = tuple[float, float]


def shown_number(
    pair: NumericPair, detector: Detector, interval: Interval, *, scale: float = 1.0, p_value: float | None = None
) -> Measurement:
    """A statistic of a number, in an interval; its effect is KS D, as for every number."""
    gap, sizes = pair.gap, (pair.reference.present, pair.batch.present)
    found = _shown(pair, detector, interval, (gap.low, gap.high), sizes, pair.shift)
    return replace(found, scale=scale, p_value=p_value)


def shown_category(pair: CategoryPair, detector: Detector, statistic: float) -> Measurement:
    """A statistic of a category; effect and evidence are those of the test of categories."""
    return replace(
        measure_categories(pair),
        detector=detector,
        statistic=statistic,
        statistic_low=statistic,
        statistic_high=statistic,
        p_value=None,
        smallest_p=1.0,
        constant=False,
    )


def shown_share(pair: Pair, detector: Detector, shift: ShareShift, sizes: tuple[int, int]) -> Measurement:
    """The batch's share of `sizes` (n, m) rows with a property; its effect is the change of the share."""
    change = abs(shift.share_batch - shift.share_reference)
    return _shown(pair, detector, (shift.share_batch, shift.share_batch), (change, change), sizes, shift)


def _shown(
    pair: Pair, detector: Detector, statistic: Interval, distance: Interval, sizes: tuple[int, int], evidence: Evidence
) -> Measurement:
    n, m = sizes
    low, high = effect_interval(distance[1], distance[0], n, m)
    return Measurement(
        column=pair.column,
        role=pair.role,
        detector=detector,
        statistic=statistic[0],
        statistic_low=statistic[0],
        statistic_high=statistic[1],
        p_value=None,
        distance=distance[0],
        effect=distance[0],
        effect_low=low,
        effect_high=high,
        n_reference=n,
        n_batch=m,
        evidence=evidence,
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
