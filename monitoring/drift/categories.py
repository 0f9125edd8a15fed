"""The two-sample test of categories, grouped so that it holds its level, and their distance without its noise. Pure.

X² and G: Pearson 1900, Wilks 1938.
"""

from __future__ import annotations

import numpy as np
from scipy.special import chdtrc, xlogy

from monitoring.drift.attainable import smallest_chi_square_p_value
from monitoring.drift.levels import group_levels
from monitoring.drift.measurement import Measurement
from monitoring.drift.pair import CategoryPair
from monitoring.profiles.grid import Floats, Ints


def measure_categories(pair: CategoryPair) -> Measurement:
    """Grouped chi-square p-value and noise-corrected total variation between the present values of both sides."""
    n, m = pair.reference.present, pair.batch.present
    _, reference, batch = pair.levels
    statistic, p_value = chi_square(pair.groups)
    (distance, effect), (low, high) = pair.variation, pair.effect_ends
    return Measurement(
        column=pair.column,
        role=pair.role,
        detector="chi2",
        statistic=statistic,
        statistic_low=statistic,
        statistic_high=statistic,
        p_value=p_value,
        smallest_p=smallest_chi_square_p_value(pair.groups.sum(axis=0), n, m),
        constant=bool(n and m) and np.count_nonzero(reference + batch) == 1,
        distance=distance,
        effect=effect,
        effect_low=low,
        effect_high=high,
        n_reference=n,
        n_batch=m,
        evidence=pair.shift,
    )


def grouped_chi_square(reference: Ints, batch: Ints) -> tuple[float, float, int]:
    """X², the larger p-value of X² and G, and the number of groups compared."""
    groups = group_levels(reference, batch)
    return *chi_square(groups), groups.shape[1]


def chi_square(observed: Floats) -> tuple[float, float]:
    """X² of counts (2, g), and the larger p-value of X² and G; with fewer than two groups nothing can be told."""
    if observed.shape[1] < 2:
        return 0.0, 1.0
    expected = observed.sum(axis=0) * observed.sum(axis=1, keepdims=True) / observed.sum()
    x2 = float(((observed - expected) ** 2 / expected).sum())
    g = float(2 * xlogy(observed, observed / expected).sum())
    freedom = observed.shape[1] - 1
    return x2, float(max(chdtrc(freedom, x2), chdtrc(freedom, g)))
