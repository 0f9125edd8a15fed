"""Sampling error of a distance between two samples, and the interval drawn from it. Pure."""

from __future__ import annotations

from math import ceil, inf, sqrt

UPPER = 0.8225
"""Half-width of the upper end, in units of S: the one-sided 5 % bound of the difference at one point."""
LOWER = 1.358
"""Half-width of the lower end for KS D, in units of S: the 5 % point of the Kolmogorov distribution."""


def sampling_scale(n: int, m: int) -> float:
    """S = sqrt(1/n + 1/m), infinite when a side is empty."""
    return sqrt(1 / n + 1 / m) if n and m else inf


def effect_interval(distance: float, effect: float, n: int, m: int) -> tuple[float, float]:
    """Ends of the 95 % interval of an effect: max(0, e - 1.358 S) and min(1, d + .8225 S).

    The upper end stands on the raw distance, which noise can only have enlarged; the bootstrap's lower end is wrong
    for KS, and the DKW inequality's twice as wide.
    """
    scale = sampling_scale(n, m)
    return max(0.0, effect - LOWER * scale), min(1.0, distance + UPPER * scale)


def rows_needed(distance: float, tolerance: float, n_reference: int) -> int | None:
    """Batch rows from which a distance as observed would lie below the tolerance for sure.

    None when no number of rows is enough: the distance reaches the tolerance, or the reference is too small.
    """
    if distance >= tolerance or not n_reference:
        return None
    room = ((tolerance - distance) / UPPER) ** 2 - 1 / n_reference
    return ceil(1 / room) if room > 0 else None
