"""Whether probabilities mean what they say. Pure.

Two questions of Cox (Biometrika 45, 1958): do as many rows have the outcome as were predicted (the gap), and do the
probabilities spread as they should (the slope of a logistic regression of the outcomes on the predicted log odds: 1 is
right, below 1 the predictions are too bold, above 1 too timid)? Both intervals take whole days as what varies.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from monitoring.performance.estimate import Estimate, Floats, Integers, around, estimate_mean

_CLIP = 1e-6
_ROUNDS = 50
_SETTLED = 1e-10


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """How far predicted probabilities can be taken at their word.

    Attributes:
        gap: share of rows with the outcome minus the mean prediction; 0 is right.
        slope: slope of the outcomes on the predicted log odds; 1 is right; None where it cannot be estimated.
    """

    gap: Estimate
    slope: Estimate | None


def measure_calibration(labels: Floats, probabilities: Floats, days: Integers, confidence: float) -> Calibration:
    """The calibration of `probabilities` (n,) against `labels` (n,) of 0 and 1.

    Raises:
        NotPossible: too few days.
    """
    return Calibration(
        gap=estimate_mean(labels - probabilities, days, confidence),
        slope=_estimate_slope(labels, probabilities, days, confidence),
    )


def _estimate_slope(labels: Floats, probabilities: Floats, days: Integers, confidence: float) -> Estimate | None:
    inside = np.clip(probabilities, _CLIP, 1 - _CLIP)
    odds = np.log(inside / (1 - inside))
    if not 0 < labels.sum() < len(labels) or np.ptp(odds) < _CLIP:
        return None
    design = np.column_stack([np.ones_like(odds), odds])
    fitted = _fit(design, labels)
    if fitted is None:
        return None
    coefficients, information = fitted
    residuals = labels - _expit(design @ coefficients)
    names, place = np.unique(days, return_inverse=True)
    scores = np.column_stack([np.bincount(place, weights=residuals * column) for column in design.T])
    inverse = np.linalg.inv(information)
    count = len(names)
    covariance = count / (count - 1) * inverse @ (scores.T @ scores) @ inverse
    return around(float(coefficients[1]), float(np.sqrt(covariance[1, 1])), count, confidence)


def _fit(design: Floats, labels: Floats) -> tuple[Floats, Floats] | None:
    """Newton's method for a logistic regression; None when it does not settle (the classes are separated)."""
    coefficients = np.array([0.0, 1.0])
    for _ in range(_ROUNDS):
        expected = _expit(design @ coefficients)
        information = design.T @ (design * (expected * (1 - expected))[:, None])
        try:
            step = np.linalg.solve(information, design.T @ (labels - expected))
        except np.linalg.LinAlgError:
            return None
        coefficients = coefficients + step
        if not np.isfinite(coefficients).all() or np.abs(coefficients).max() > 1e3:
            return None
        if np.abs(step).max() < _SETTLED:
            return coefficients, information
    return None


def _expit(values: Floats) -> Floats:
    return 1 / (1 + np.exp(-np.clip(values, -700, 700)))
