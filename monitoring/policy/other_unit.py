"""When numbers look like those of another unit rather than of a changed world. Pure.

A season can bring numbers anywhere, so that a conversion which merely brings them nearer tells nothing. Two things do:
converted, they fit in place and spread; or they are a grid of rounded numbers that only converted is the known one.
"""

from __future__ import annotations

from math import log

from monitoring.drift.converted import Converted
from monitoring.drift.measurement import NumericShift
from monitoring.policy.drift_policy import DriftPolicy
from monitoring.policy.verdict import Finding

FEWEST_ROWS = 30
"""Values from which a unit is told."""
NEARER = 3.0
"""How many times nearer a column that fits lies when it is converted."""
ALIKE = 1.67
"""How many times as wide as the reference, or as narrow, a column that fits may be."""
FAR = 5.0
"""Spreads of the reference between the medians that no season explains."""
FEWEST_DIFFERENT = 20
"""Different values from which a fit says something: flags and small numbers fit many things."""
HEAVIEST = 0.5
"""Largest share of one value with which it does."""
CHANCE = 1e-6
"""Largest probability that converted values fall on known ones by chance."""
ON_GRID = 0.9
"""Share of the converted values within the known range that are known ones."""
OFF_GRID = 0.5
"""Largest share of the values as they are that are."""
UNLIKELY = 0.01
"""Probability of falling on known values by chance above which rounded numbers do not lie on them."""
WIDEST = 2.5
"""How many times as wide as the reference, or as narrow, a column on its grid may be: a season narrows it."""


def in_another_unit(
    finding: Finding, shift: NumericShift, policy: DriftPolicy, *, dated: bool, many_days: bool = True
) -> bool:
    """Whether a column that moved looks like one in another unit.

    Where too few days are there to be exchanged, single days must do: the column lies further off than any of them.

    Args:
        finding, shift: of the column, and what was measured.
        policy: whether to look at all.
        dated: whether the reference knows days.
        many_days: whether there are about as many days as the reference has: a few days of any world are narrower.
    """
    found = shift.converted
    if found is None or not policy.broken_unit or finding.detector != "ks" or finding.n_batch < FEWEST_ROWS:
        return False
    few_days = dated and finding.p_days is None
    if finding.state != "drift" and not (few_days and finding.outside_every_block):
        return False
    if found.on_grid >= ON_GRID and found.chance_usual <= CHANCE:
        return False
    usual = found.block if few_days else finding.tolerance
    return _on_the_grid(found) or _fits(found, usual, finding.effect, tell_spread=many_days and not few_days)


def _on_the_grid(found: Converted) -> bool:
    """The values are known ones when they are converted, and are not as they are."""
    known = found.on_grid_converted >= ON_GRID and found.on_grid <= OFF_GRID
    return known and found.chance <= CHANCE and _alike(found.spread_converted, WIDEST)


def _fits(found: Converted, usual: float, gap: float, *, tell_spread: bool) -> bool:
    """Converted, it lies where the reference lies, within its `usual` distance; as it is, with its `gap`, it does not.

    Where the medians lie so far apart as no season brings them, that is enough; else it must be as wide, too. Numbers
    that would be known ones in the right unit, as they are rounded, but are not, do not fit.
    """
    if found.rounded and found.chance > UNLIKELY:
        return False
    if found.different < FEWEST_DIFFERENT or found.heaviest > HEAVIEST or found.gap > usual:
        return False
    if found.apart >= FAR and _alike(found.spread_converted, WIDEST):
        return True
    better = _alike(found.spread_converted, ALIKE) and _misfit(found.spread_converted) < _misfit(found.spread)
    return tell_spread and better and found.gap * NEARER <= gap


def _alike(spread: float, most: float) -> bool:
    return 1 / most <= spread <= most


def _misfit(spread: float) -> float:
    return abs(log(spread)) if spread > 0 else float("inf")


def unit_sentence(column: str, shift: NumericShift) -> str:
    """'temp: the values look like °C instead of °F (median 10.6 where 37 is usual, 51.1 converted)'"""
    found = shift.converted
    assert found is not None
    usual, seen, then = map(_figure, (shift.median_reference, found.median, found.median_converted))
    if found.unit:
        looks = f"the values look like {found.unit} instead of {found.usual}"
    else:
        times, size = (1 / found.factor, "large") if found.factor < 1 else (found.factor, "small")
        looks = f"the values look {times:,.0f} times too {size}"
    return f"{column}: {looks} (median {seen} where {usual} is usual, {then} converted)"


def _figure(value: float) -> str:
    """A number of a column in four digits.

    >>> [_figure(x) for x in (36.9612, -0.00012345, 1_234_567.0, 280.2)]
    ['36.96', '-0.0001234', '1,235,000', '280.2']
    """
    rounded = float(f"{value:.4g}")
    return f"{rounded:,.0f}" if abs(rounded) >= 1_000 else f"{rounded:g}"
