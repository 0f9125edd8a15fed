"""All detectors, as values. Adding one is one file with a `measure` function and one line here. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from monitoring.drift.categories import measure_categories
from monitoring.drift.days import KS_DISTANCE, MISSING_DISTANCE, VARIATION_DISTANCE, Distance
from monitoring.drift.ks import measure_ks
from monitoring.drift.measurement import Detector as Code
from monitoring.drift.measurement import Measurement
from monitoring.drift.missing import measure_missing
from monitoring.drift.pair import CategoryPair, NumericPair, Pair
from monitoring.drift.shares import measure_constant, measure_out_of_range, measure_unseen


@dataclass(frozen=True, slots=True)
class Detector:
    """A detector.

    Attributes:
        code: its stable name.
        measure: looks at a column; None when there is nothing to say.
        inputs_only: whether it looks at inputs only, not at predictions and targets.
        distance: what the day test exchanges; None for shares that are shown, not tested.
    """

    code: Code
    measure: Callable[[Pair], Measurement | None]
    inputs_only: bool
    distance: Distance | None


def _numbers(measure: Callable[[NumericPair], Measurement]) -> Callable[[Pair], Measurement | None]:
    return lambda pair: measure(pair) if isinstance(pair, NumericPair) else None


def _categories(measure: Callable[[CategoryPair], Measurement]) -> Callable[[Pair], Measurement | None]:
    return lambda pair: measure(pair) if isinstance(pair, CategoryPair) else None


DETECTORS: tuple[Detector, ...] = (
    Detector("ks", _numbers(measure_ks), inputs_only=False, distance=KS_DISTANCE),
    Detector("chi2", _categories(measure_categories), inputs_only=False, distance=VARIATION_DISTANCE),
    Detector("missing", measure_missing, inputs_only=True, distance=MISSING_DISTANCE),
    Detector("unseen", _categories(measure_unseen), inputs_only=True, distance=None),
    Detector("out_of_range", _numbers(measure_out_of_range), inputs_only=True, distance=None),
    Detector("constant", measure_constant, inputs_only=True, distance=None),
)
