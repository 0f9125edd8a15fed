"""Sampling error of a distance between two samples, and the interval drawn from it. Pure."""

from __future__ import annotations

from math import ceil, inf, log, sqrt

UPPER = 0.8225
"""Half-width of the upper end, in units of S: the one-sided 5 % bound of the difference at one point."""
LOWER = 1.358
"""Half-width of the lower end for KS D, in units of S: the 5 % point of the Kolmogorov distribution."""

MOST_TIMES = 100
"""Batch rows per row of the reference beyond which more of them tell nothing: it is the reference that is too small."""


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


def rows_needed(distance: float, effect: float, tolerance: float, *, n: int, m: int) -> int | None:
    """Batch rows from which a change as observed would lie below the tolerance for sure; sizes as in `sampling_scale`.

    The part of a distance that is noise, distance - effect, shrinks with S as its error does: wanted is the S from
    which effect + (noise / S_now + .8225) S < tolerance. None when no number of rows is enough: the effect reaches the
    tolerance, or the reference is too small.
    """
    if effect >= tolerance or not n or not m:
        return None
    scale = (tolerance - effect) / ((distance - effect) / sampling_scale(n, m) + UPPER)
    return _rows_for(scale**2, n)


def rows_to_tell(effect: float, level: float, *, n: int) -> int | None:
    """Batch rows from which an effect as observed would be beyond chance, about; None when the reference is too small.

    From the first term of Kolmogorov's limit, level = 2 exp(-2 e² / S²), which is more than a share needs.
    """
    if effect <= 0 or not n:
        return None
    return _rows_for(2 * effect**2 / log(2 / level), n)


def _rows_for(scale_squared: float, n: int) -> int | None:
    """Rows m with 1/n + 1/m below `scale_squared`; None where it takes more than a hundred times the reference."""
    room = scale_squared - 1 / n
    return ceil(1 / room) if room * MOST_TIMES * n >= 1 else None
