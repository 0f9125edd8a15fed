"""All detectors, as values. Adding one is one file with a `measure` function and one line here. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from monitoring.drift.categories import measure_categories
from monitoring.drift.cramer_von_mises import measure_cramer_von_mises
from monitoring.drift.days import KS_DISTANCE, MISSING_DISTANCE, VARIATION_DISTANCE, Distance
from monitoring.drift.duplicates import measure_duplicates
from monitoring.drift.jensen_shannon import measure_jensen_shannon
from monitoring.drift.ks import measure_ks
from monitoring.drift.measurement import Detector as Code
from monitoring.drift.measurement import Measurement
from monitoring.drift.missing import measure_missing
from monitoring.drift.pair import CategoryPair, NumericPair, Pair, RowPair
from monitoring.drift.population_stability import measure_population_stability
from monitoring.drift.shares import measure_constant, measure_out_of_range, measure_unseen
from monitoring.drift.shifts import measure_mean_shift, measure_median_shift
from monitoring.drift.wasserstein import measure_wasserstein


@dataclass(frozen=True, slots=True)
class Detector:
    """A detector.

    Attributes:
        code: its stable name.
        measure: looks at a column, or at whole rows; None when there is nothing to say.
        inputs_only: whether it looks at inputs only, not at predictions and targets.
        distance: what the day test exchanges; None for what is shown, not tested.
        default: whether it belongs to the plan of every check; the others are measured when asked for.
        symmetric: whether exchanging reference and batch leaves the statistic as it is.
        signed: whether it has the direction of the change; exchanging the sides turns its sign.
    """

    code: Code
    measure: Callable[[Pair | RowPair], Measurement | None]
    inputs_only: bool
    distance: Distance | None = None
    default: bool = False
    symmetric: bool = False
    signed: bool = False


def _columns(measure: Callable[[Pair], Measurement | None]) -> Callable[[Pair | RowPair], Measurement | None]:
    return lambda pair: None if isinstance(pair, RowPair) else measure(pair)


def _rows(measure: Callable[[RowPair], Measurement | None]) -> Callable[[Pair | RowPair], Measurement | None]:
    return lambda pair: measure(pair) if isinstance(pair, RowPair) else None


def _numbers(measure: Callable[[NumericPair], Measurement]) -> Callable[[Pair | RowPair], Measurement | None]:
    return lambda pair: measure(pair) if isinstance(pair, NumericPair) else None


def _categories(measure: Callable[[CategoryPair], Measurement]) -> Callable[[Pair | RowPair], Measurement | None]:
    return lambda pair: measure(pair) if isinstance(pair, CategoryPair) else None


DETECTORS: tuple[Detector, ...] = (
    Detector("ks", _numbers(measure_ks), inputs_only=False, distance=KS_DISTANCE, default=True, symmetric=True),
    Detector(
        "chi2",
        _categories(measure_categories),
        inputs_only=False,
        distance=VARIATION_DISTANCE,
        default=True,
        symmetric=True,
    ),
    Detector("missing", _columns(measure_missing), inputs_only=True, distance=MISSING_DISTANCE, default=True),
    Detector("unseen", _categories(measure_unseen), inputs_only=True, default=True),
    Detector("out_of_range", _numbers(measure_out_of_range), inputs_only=True, default=True),
    Detector("constant", _columns(measure_constant), inputs_only=True, default=True),
    Detector("duplicates", _rows(measure_duplicates), inputs_only=False, default=True),
    Detector("wasserstein", _numbers(measure_wasserstein), inputs_only=False, symmetric=True),
    Detector("cvm", _numbers(measure_cramer_von_mises), inputs_only=False, symmetric=True),
    Detector("psi", _columns(measure_population_stability), inputs_only=False),
    Detector("js", _columns(measure_jensen_shannon), inputs_only=False),
    Detector("mean_shift", _numbers(measure_mean_shift), inputs_only=False, signed=True),
    Detector("median_shift", _numbers(measure_median_shift), inputs_only=False, signed=True),
)
"""All of them."""
DEFAULT_PLAN: tuple[Detector, ...] = tuple(detector for detector in DETECTORS if detector.default)
"""What every check measures: the tests that a correction counts, and the shares that tell a broken feed."""
